"""A saved reply: its gaps are filled in, and it is copied with links that lead anywhere."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser
CONFIG = """site_name: Help
{site_url}theme: {{name: material, features: [content.action.edit]}}
markdown_extensions: [toc: {{permalink: true}}, attr_list, tables]
plugins: [kbgen: {{offline: {offline}, collector: "http://127.0.0.1:9"}}]
use_directory_urls: {urls}
"""
REPLY = """---
tags: [reply]
related: [refunds]
---
# Refund is on its way

Hello {first_name},

the money for **{order}** is on its way; see [Refunds](../refunds.md#when){ .md-button }.
In {order} you find `{code}` too.

- one {order}
- two

| Sum | Day |
|---|---|
| 5 | 9 |

## Kind regards

{agent name}
"""
COPIED = """() => new Promise((resolve) => {
    window.addEventListener('copy', ({ clipboardData: data }) =>
        resolve([data.getData('text/html'), data.getData('text/plain')]), { once: true });
    document.querySelector('.kb-reply button').click();
})"""


@pytest.fixture
def make_site(tmp_path: Path, build_site: Callable[[Path], Path]) -> Callable[..., Path]:
    def make(site_url: str = "", *, offline: bool = False) -> Path:
        (tmp_path / "docs" / "replies").mkdir(parents=True)
        (tmp_path / "docs" / "index.md").write_text("# Home\n\nBraces {order} are no gaps.\n")
        (tmp_path / "docs" / "refunds.md").write_text("# Refunds\n\n## When\n\nSoon.\n")
        (tmp_path / "docs" / "replies" / "refund.md").write_text(REPLY)
        url = f"site_url: {site_url}\n" if site_url else ""
        config = CONFIG.format(
            site_url=url, offline=str(offline).lower(), urls=str(not offline).lower()
        )
        (tmp_path / "mkdocs.yml").write_text(config)
        return build_site(tmp_path)

    return make


def test_gaps_are_filled_in_and_the_reply_is_copied(
    page: Page, make_site: Callable[..., Path], serve_dir: Callable[..., str]
) -> None:
    page.goto(f"{serve_dir(make_site('https://help.example.com/kb/'))}replies/refund/")
    box = page.get_by_role("group", name="Saved reply")
    expect(box.get_by_role("textbox")).to_have_count(3)
    box.get_by_label("first name").fill("Ana")
    box.get_by_label("order").fill(" <b>17 ")
    expect(page.locator("article")).to_contain_text("Hello Ana,")
    html, text = page.evaluate(COPIED)
    assert html == (
        "<p>Hello Ana,</p>\n<p>the money for <strong>&lt;b&gt;17</strong> is on its way; see "
        '<a href="https://help.example.com/kb/refunds/#when">Refunds</a>.\n'
        "In &lt;b&gt;17 you find <code>{code}</code> too.</p>\n"
        "<ul>\n<li>one &lt;b&gt;17</li>\n<li>two</li>\n</ul>\n"
        "<table>\n<thead>\n<tr>\n<th>Sum</th>\n<th>Day</th>\n</tr>\n</thead>\n"
        "<tbody>\n<tr>\n<td>5</td>\n<td>9</td>\n</tr>\n</tbody>\n</table>\n"
        "<h2>Kind regards</h2>\n<p>{agent name}</p>"
    )
    assert text == (
        "Hello Ana,\n\nthe money for <b>17 is on its way; see "
        "Refunds (https://help.example.com/kb/refunds/#when).\nIn <b>17 you find {code} too.\n\n"
        "- one <b>17\n\n- two\n\nSum Day\n\n5 9\n\nKind regards\n\n{agent name}"
    )
    expect(box.get_by_role("status")).to_have_text("Copied")
    box.get_by_label("order").fill("")
    expect(box.get_by_role("status")).to_be_empty()
    expect(page.locator("article")).to_contain_text("the money for {order} is")


def test_from_a_folder_with_the_keyboard_alone(page: Page, make_site: Callable[..., Path]) -> None:
    page.goto((make_site(offline=True) / "replies" / "refund.html").as_uri())
    page.get_by_label("first name").focus()
    page.keyboard.type("Bo")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy reply")).to_be_focused()
    page.evaluate(
        "addEventListener('copy', (e) => { window.html = e.clipboardData.getData('text/html'); })"
    )
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert page.evaluate("window.html").startswith("<p>Hello Bo,</p>")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_reply_keeps_wcag(
    new_context: Callable[..., BrowserContext],
    make_site: Callable[..., Path],
    serve_dir: Callable[..., str],
    scheme: str,
) -> None:
    page = new_context(color_scheme=scheme, viewport={"width": 390, "height": 800}).new_page()
    page.goto(f"{serve_dir(make_site())}replies/refund/")
    expect(page.get_by_label("order")).to_be_visible()
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    result = Axe().run(page, options=options)
    assert result.violations_count == 0, result.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_other_articles_are_as_they_are(
    page: Page, make_site: Callable[..., Path], serve_dir: Callable[..., str]
) -> None:
    page.goto(serve_dir(make_site()))
    expect(page.locator(".kb-reply, .kb-gap")).to_have_count(0)
    assert "kb-reply" not in page.content()

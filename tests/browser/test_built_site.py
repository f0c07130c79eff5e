"""The reader's side on a site as `kbgen build` makes it: Material, the real engine, real pages."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
ARTICLES = {
    "index": "# Help centre\n\nWelcome. [Sign in](guide/sign-in.md)\n",
    "guide/sign-in": """---
tags: [account]
questions: [Why can I not log in?]
---
# Sign in

Open the page and enter your password.

## Two steps

A code comes by mail.
""",
    "guide/password": """---
tags: [account, security]
---
# Reset your password

Choose *forgotten* on the sign in page.

## By mail

The link in the message lets you choose a new password.
""",
    "billing/invoice": "# Download an invoice\n\nInvoices are under billing. Pay by card.\n",
    "limits": "# Throttling\n\nSet `timeoutMs` since v2.13.4. Single sign on. Go on in an hour.\n",
}
CONFIG = """site_name: Example help
theme:
  name: material
  font: false
  features: [navigation.instant, navigation.tabs]
  palette:
    - {{media: "(prefers-color-scheme: light)", scheme: default, primary: indigo}}
    - {{media: "(prefers-color-scheme: dark)", scheme: slate, primary: indigo}}
plugins:
  - {plugin}
site_url: {site_url}
"""


def write(folder: Path, plugin: str, site_url: str) -> None:
    """Write a small knowledge base as its authors do."""
    for name, text in ARTICLES.items():
        file = folder / "docs" / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "synonyms.yml").write_text("en: [[sso, single sign on, token of an hour]]\n")
    (folder / "mkdocs.yml").write_text(CONFIG.format(plugin=plugin, site_url=site_url))


def run(folder: Path, *command: str) -> None:
    arguments = [sys.executable, "-m", *command]
    result = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kb")
    plugin = 'kbgen: {collector: "http://127.0.0.1:9", contact: "mailto:help@example.com"}'
    write(folder, plugin, "http://127.0.0.1/")
    run(folder, "kbgen", "build")
    return folder / "site"


@pytest.fixture
def home(page: Page, built: Path, serve_dir: Callable[..., str]) -> Page:
    page.goto(serve_dir(built))
    return page


def search(page: Page, query: str) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(query)
    page.locator(".kb-option, .kb-none").first.wait_for()


def test_the_search_stands_in_the_header_in_place_of_materials(home: Page) -> None:
    button = home.locator(".md-header .kb-open")
    expect(button).to_be_visible()
    expect(home.locator(".md-search__input")).to_have_count(0)
    button.click()
    expect(home.get_by_role("combobox", name="Search")).to_be_focused()


def test_nothing_moves_while_the_page_loads(page: Page, built: Path, serve_dir: Any) -> None:
    page.add_init_script(
        """window.shift = 0; new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) window.shift += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });"""
    )
    page.goto(serve_dir(built) + "guide/sign-in/")
    page.locator(".kb-vote").wait_for()
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") < 0.01


def test_a_search_opens_the_right_article_with_marks(home: Page) -> None:
    search(home, "reset password mail")
    first = home.get_by_role("option").first
    expect(first).to_contain_text("Reset your password")
    expect(first.locator(".kb-title mark")).to_have_text(["Reset", "password"])
    first.click()
    home.wait_for_url("**/guide/password/**")
    expect(home.locator("article mark").first).to_be_visible()
    assert home.locator("mark").count() == home.locator("article mark").count()


@pytest.mark.parametrize(
    ("query", "marks"),
    [
        ("throttling hour", ["Throttling", "hour"]),
        ("throttling", ["Throttling"]),
        ("timeout", ["timeout"]),
        ("timeoutMs v2.13.4", ["timeoutMs", "2.13.4"]),
        ("sso", ["Single", "sign", "hour"]),
    ],
)
def test_the_page_has_the_marks_that_the_result_has(
    home: Page, query: str, marks: list[str]
) -> None:
    search(home, query)
    first = home.get_by_role("option").first
    assert first.locator("mark").all_inner_texts() == marks
    first.click()
    home.wait_for_url("**/limits/**")
    expect(home.locator("article mark")).to_have_text(marks)


def test_a_misspelled_word_is_read_as_the_word_it_resembles(home: Page) -> None:
    search(home, "reset pasword")
    expect(home.get_by_text("Showing results for")).to_contain_text("password")
    expect(home.get_by_role("option").first).to_contain_text("Reset your password")
    home.get_by_role("button", name="Search instead for").click()
    expect(home.get_by_text("In no article:")).to_contain_text("pasword")


def test_a_question_of_the_front_matter_finds_its_article(home: Page) -> None:
    search(home, "why can i not log in")
    expect(home.get_by_role("option").first).to_contain_text("Sign in")


def test_results_can_be_narrowed_to_a_section_of_the_site(home: Page) -> None:
    search(home, "page pay")
    expect(home.get_by_role("option")).to_have_count(3)
    home.get_by_role("group", name="Section").get_by_role("button", name="Billing").click()
    expect(home.get_by_role("option")).to_have_count(1)


def test_a_nonsense_word_finds_nothing_and_offers_help(home: Page) -> None:
    search(home, "qzxvwk")
    expect(home.locator(".kb-none")).to_contain_text("Nothing found for")
    expect(home.get_by_role("link", name="Contact support")).to_be_visible()
    expect(home.get_by_label("What were you looking for?")).to_be_visible()


HOSTILE = [
    "a" * 10_000,
    "ab " * 3_000,
    "\x00\x07\x1b",
    "<img src=x onerror=alert(1)>",
    "[(.*+?^${}|\\",
    "\u202epassword\u2066",
    '"unclosed AND OR NOT (',
    "title:sign^1e999 [a TO z]",
    "__proto__ constructor toString",
    "%00%ff &lt;b&gt;",
]


def test_no_query_breaks_the_dialog_or_becomes_markup(home: Page) -> None:
    home.evaluate(
        """() => { const search = kb.search; window.answered = 0;
        kb.search = (q, options) => search(q, options)
          .finally(() => (window.answered += options.limit === 10)); }"""
    )
    for count, query in enumerate(HOSTILE, 1):
        home.evaluate("query => kb.open(query)", query)
        home.wait_for_function("count => window.answered === count", arg=count)
        assert home.locator(".kb-option, .kb-none").count() > 0, query
    home.evaluate("kb.open('half \\ud800 a \\udfff character')")
    home.wait_for_function("count => window.answered > count", arg=len(HOSTILE))
    assert home.locator("dialog :is(img, script, b)").count() == 0
    expect(home.get_by_role("alert")).to_have_count(0)


def test_a_wrong_address_offers_the_article_it_meant(
    page: Page, built: Path, serve_dir: Callable[..., str]
) -> None:
    page.goto(serve_dir(built) + "old/reset-password.html")
    expect(page.get_by_role("heading", name="Perhaps you were looking for")).to_be_visible()
    page.get_by_role("link", name="Reset your password").click()
    page.wait_for_url("**/guide/password/**")


def test_when_nothing_is_found_articles_that_come_near_are_offered(home: Page) -> None:
    search(home, "downloadificator")
    expect(home.locator(".kb-none")).to_contain_text("Nothing found for")
    expect(home.get_by_role("heading", name="Closest articles")).to_be_visible()
    expect(home.get_by_role("link", name="Download an invoice")).to_be_visible()


def test_it_works_from_a_file(page: Page, built: Path) -> None:
    page.goto((built / "index.html").as_uri())
    search(page, "invoice")
    expect(page.get_by_role("option").first).to_contain_text("Download an invoice")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_we_add(
    built: Path, serve_dir: Any, new_context: Callable[..., Any], scheme: str
) -> None:
    page = new_context(color_scheme=scheme).new_page()
    page.goto(serve_dir(built) + "guide/password/")
    page.locator(".kb-vote .kb-button").nth(1).click()
    search(page, "password")
    page.keyboard.press("ArrowDown")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    for part in (".kb-vote", ".kb-dialog", ".kb-open"):
        outcome = Axe().run(
            page, context=part, options={"runOnly": {"type": "tag", "values": tags}}
        )
        assert outcome.response["violations"] == [], part


def test_a_strict_policy_is_enough_and_no_request_leaves(
    page: Page, built: Path, serve_dir: Any
) -> None:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'"
    )
    asked: list[str] = []
    refused: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: refused.append(message.text))
    home = serve_dir(built, headers={"Content-Security-Policy": policy})
    page.goto(home)
    search(page, "password")
    expect(page.get_by_role("option").first).to_be_visible()
    ours = [text for text in refused if "kb-" in text or "/search/" in text]
    assert ours == []
    assert [
        url for url in asked if not url.startswith((home, "data:", "http://127.0.0.1:9/"))
    ] == []


@pytest.mark.parametrize("generator", ["mkdocs", "zensical"])
def test_a_site_that_swaps_pages_in_place_asks_on_each_article_and_counts_each_view(
    page: Page, tmp_path: Path, serve_dir: Any, collector: Any, generator: str
) -> None:
    home = serve_dir(tmp_path / "site")
    write(tmp_path, "search: {enabled: false}", home)
    run(tmp_path, generator, "build")
    run(tmp_path, "kbgen", "index", "site", "--collector", collector.url)
    page.goto(home)
    page.locator(".kb-vote").wait_for()
    page.evaluate("window.same = true")
    search(page, "sign in")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/guide/sign-in/**")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("article mark").first).to_be_visible()
    expect(page.locator(".kb-vote")).to_have_count(1)
    assert page.evaluate("window.same") is True
    page.get_by_role("button", name="Yes").click()
    [vote] = collector.wait_for("vote")
    assert (vote["page"], vote["q"]) == ("guide/sign-in", "sign in")
    page.goto("about:blank")
    views = collector.wait_for("view", 2)
    assert [view["page"] for view in views] == ["index", "guide/sign-in"]
    assert views[1]["from"] == "search"

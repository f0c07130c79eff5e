"""The widget on pages that kbgen did not build, and the vote without any script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from kbgen_feedback import widget
from kbgen_search.browser import dialog

pytestmark = pytest.mark.browser
FOREIGN = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Foreign</title>
<script defer src="{collector}/v1/embed/embed.js" {attributes}></script></head>
<body><main><h1>Foreign</h1><p>{text}</p></main></body></html>"""


@pytest.fixture
def foreign(tmp_path: Path, collector: Any, serve_dir: Callable[..., str]) -> Callable[..., str]:
    """Writes a page of a site with one script tag and gives its address."""

    def write(lang: str = "en", text: str = "Text.", attributes: str = "") -> str:
        folder = tmp_path / "foreign" / "how-to"
        folder.mkdir(parents=True, exist_ok=True)
        values = {"lang": lang, "text": text, "attributes": attributes}
        (folder / "index.html").write_text(FOREIGN.format(collector=collector.url, **values))
        return serve_dir(folder.parent) + "how-to/index.html"

    return write


def test_one_script_tag_is_enough(page: Page, foreign: Callable[..., str], collector: Any) -> None:
    page.goto(foreign(lang="es-MX"))
    page.get_by_role("group", name="¿Le resultó útil esta página?").wait_for()
    page.get_by_role("button", name="Sí").click()
    [vote] = collector.wait_for("vote")
    assert (vote["page"], vote["locale"]) == ("how-to", "es-MX")
    assert len(vote["revision"]) == 12
    button = page.get_by_role("button", name="Sí")
    assert button.evaluate("one => getComputedStyle(one).borderRadius") != "0px"


def test_a_page_may_name_itself(page: Page, foreign: Callable[..., str], collector: Any) -> None:
    named = 'data-page="faq/billing" data-revision="feedfeedfeed" data-locale="fr"'
    page.goto(foreign(attributes=named))
    page.get_by_role("button", name="Oui").click()
    [vote] = collector.wait_for("vote")
    assert (vote["page"], vote["revision"]) == ("faq/billing", "feedfeedfeed")


def test_the_revision_follows_the_text(
    page: Page, foreign: Callable[..., str], collector: Any
) -> None:
    revisions = []
    for text in ("One.", "One.", "Two."):
        page.goto(foreign(text=text))
        page.get_by_text("Was this page helpful?").wait_for()
        revisions.append(page.locator('meta[name="kb:revision"]').get_attribute("content"))
    assert revisions[0] == revisions[1] != revisions[2]


@pytest.fixture
def plain(
    tmp_path: Path, collector: Any, serve_dir: Callable[..., str], new_context: Callable[..., Any]
) -> Page:
    """An article with the form, in a browser that runs no scripts."""
    form = widget.form_html("guide/start", "0123456789ab", "en", collector.url + "/")
    style = {**dialog.files(), **widget.files()}
    for name in ("kb-dialog.css", "kb-widget.css"):
        (tmp_path / name).write_bytes(style[name])
    (tmp_path / "index.html").write_text(
        "<!doctype html><html lang=en><title>x</title><link rel=stylesheet href=kb-dialog.css>"
        f"<link rel=stylesheet href=kb-widget.css><main><h1>x</h1>{form}</main>"
    )
    context: BrowserContext = new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(serve_dir(tmp_path) + "index.html")
    return page


def test_without_scripts_a_yes_is_one_click(plain: Page, collector: Any) -> None:
    plain.get_by_role("button", name="Yes").click()
    expect(plain).to_have_title("Thanks")
    assert collector.forms == [
        {
            "page": ["guide/start"],
            "revision": ["0123456789ab"],
            "locale": ["en"],
            "value": ["yes"],
            "comment": [""],
            "website": [""],
        }
    ]


def test_without_scripts_a_no_takes_reasons(plain: Page, collector: Any) -> None:
    expect(plain.get_by_label("Leave this field empty")).not_to_be_in_viewport()
    plain.get_by_text("What was the problem?").first.click()
    plain.get_by_label("Information is missing").check()
    plain.get_by_label("It is hard to understand").check()
    plain.get_by_label("What should we change?").fill("All of it")
    plain.get_by_role("button", name="Send").click()
    expect(plain).to_have_title("Thanks")
    [form] = collector.forms
    assert form["value"] == ["no"]
    assert form["reasons"] == ["hard_to_understand", "missing_information"]
    assert form["comment"] == ["All of it"]


def test_what_goes_into_the_form_is_escaped() -> None:
    form = widget.form_html('a"><script>', "r", "en", 'https://x.example/"><script>')
    assert "<script" not in form


def test_the_script_takes_the_place_of_the_form(
    page: Page, make_page: Callable[..., Path], serve_dir: Callable[..., str], collector: Any
) -> None:
    form = widget.form_html("index", "0123456789ab", "en", collector.url)
    page.goto(serve_dir(make_page("index", form, collector=collector.url)) + "index.html")
    expect(page.get_by_role("button", name="Yes")).to_have_count(1)
    expect(page.locator("form.kb-form")).to_have_count(0)

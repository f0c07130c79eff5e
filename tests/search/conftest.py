"""Indexes made of a few articles, and a real Chromium with the search engine in a page."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kbgen_search import assets, browser_index, indexing
from kbgen_search.articles import Article, Packed, Section
from kbgen_search.engine import Engine
from kbgen_search.synonyms import Synonym

PAGE = """<!doctype html><html lang="{locale}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' file:">
<meta name="kb:base" content="./"><meta name="kb:locale" content="{locale}">
<script src="kb-search.js"></script></head><body></body></html>"""

Search = Callable[..., Any]


def article(name: str, title: str, text: str = "", **more: Any) -> Article:
    """Return an article with one paragraph before its first heading."""
    lead = Section("", 0, "", (), text)
    sections = Packed.of((lead, *more.pop("sections", ())))
    return Article(name, f"{name}/", title, more.pop("locale", "en"), packed=sections, **more)


def section(heading: str, text: str, code: str = "") -> Section:
    """Return a second-level section."""
    anchor = heading.lower().replace(" ", "-")
    return Section(anchor, 2, heading, (), text, code)


HEADED = (
    article("printer", "Printers", sections=(
        section("Error codes", "Which of them, 4711 say, need help."),
        section("Error 4711", "Switch it off and on."),
    )),
    article("parts", "Roihu partitions", sections=(
        section("Roihu CPU", "Nodes without a GPU."),
        section("GPU", "Cards of each GPU node."),
    )),
)  # fmt: skip


def engine_of(
    folder: Path, articles: Sequence[Article], synonyms: Sequence[Synonym] = ()
) -> Engine:
    """Index the articles and open the index."""
    indexing.update(articles, folder, synonyms=synonyms)
    return Engine.open(folder)


def site_of(
    folder: Path, articles: Sequence[Article], synonyms: Sequence[Synonym] = (), locale: str = "en"
) -> Path:
    """Write a page with the search engine and the browser index of the articles."""
    browser_index.write(browser_index.parts(articles, synonyms=synonyms), folder)
    (folder / "kb-search.js").write_bytes(assets.engine())
    page = folder / "index.html"
    page.write_text(PAGE.format(locale=locale), "utf-8")
    return page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a page that fails the test when anything is written to its console."""
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    page.close()
    assert [line for line in said if "ERR_FILE_NOT_FOUND" not in line] == []


@pytest.fixture
def kb_search(page: Page, tmp_path: Path) -> Search:
    """Give a function that makes a site of articles and returns its `kb.search`."""

    def open_site(articles: Sequence[Article], **options: Any) -> Search:
        page.goto(site_of(tmp_path / "site", articles, **options).as_uri())
        return lambda text, **wishes: page.evaluate(
            "([text, wishes]) => kb.search(text, wishes)", [text, wishes]
        )

    return open_site

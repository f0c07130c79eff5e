"""Nothing that a reader types, and no broken index, ends in a traceback or an exception."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from kbgen_search.engine import Engine
from kbgen_search.errors import KbError

from .conftest import article, engine_of, section, site_of

ARTICLES = [
    article("reset", "Reset <b>your</b> password", "Use <script>alert(1)</script> & wait."),
    article("plan", "Plans", "Prices of plans.", sections=(section("Monthly", "By the month."),)),
]
ODD = [
    "x" * 10_000,
    "password " * 2_000,
    "\x00\x01\x1f\x7f",
    "\ud800 password \udfff",
    ".*+?^${}()|[]\\",
    "<img src=x onerror=alert(1)>",
    "\u202epassword\u202c \u200f",
    "' OR 1=1 --",
    'title:"[(*~ AND',
    "__proto__ constructor toString hasOwnProperty",
    "\U0001f511" * 300,
    "ـ" * 50,
    "\u0301\u0301",
    "%00%ff ../../etc/passwd",
    "1" * 500,
    "a" * 63 + "\u00e9" * 3,
    "--- -- - ''' ’’ ::",
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_queries_are_answered(tmp_path: Path, text: str) -> None:
    response = engine_of(tmp_path, ARTICLES).search(text)
    assert response.query == text
    assert response.took_ms < 2000


@pytest.mark.browser
def test_odd_queries_are_answered_alike_in_the_browser(
    kb_search: Callable[..., Any], tmp_path: Path
) -> None:
    engine = engine_of(tmp_path / "index", ARTICLES)
    search = kb_search(ARTICLES)
    for text in ODD:
        if "\ud800" in text:
            continue
        assert [hit["page"] for hit in search(text)["results"]] == [
            hit.page for hit in engine.search(text).results
        ], text[:40]


@pytest.mark.browser
def test_lone_surrogates_are_answered_in_the_browser(
    kb_search: Callable[..., Any], page: Page
) -> None:
    kb_search(ARTICLES)
    found = page.evaluate(r"kb.search('\ud800 password \udfff').then(found => found.total)")
    assert found == 1


def test_snippets_hold_the_text_as_it_is(tmp_path: Path) -> None:
    result = engine_of(tmp_path, ARTICLES).search("script").results[0]
    assert result.snippet == "Use <script>alert(1)</script> & wait."
    assert [result.snippet[start:end] for start, end in result.highlights] == ["script", "script"]


@pytest.mark.parametrize("name", ["locales.json", "en/catalogue.msgpack"])
def test_a_damaged_index_is_named(tmp_path: Path, name: str) -> None:
    engine_of(tmp_path, ARTICLES)
    (tmp_path / name).write_bytes(b"\xc1 not an index")
    with pytest.raises(KbError, match=r"damaged.*run `kbgen build` again"):
        Engine.open(tmp_path).search("password")


def test_a_missing_whoosh_index_is_named(tmp_path: Path) -> None:
    engine_of(tmp_path, ARTICLES)
    for file in (tmp_path / "en" / "whoosh").glob("*.toc"):
        file.unlink()
    with pytest.raises(KbError, match="search index cannot be read"):
        Engine.open(tmp_path).search("password")


def test_no_index_is_said_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(KbError, match=r"no search index here yet\. run `kbgen build`"):
        Engine.open(tmp_path)


@pytest.mark.parametrize(
    "query", ["title:(a", '"x', "foo:bar", "a AND", "OR b", "???", "(NOT)", "body:)("]
)
def test_mistakes_in_whoosh_syntax_are_one_clear_line(tmp_path: Path, query: str) -> None:
    engine = engine_of(tmp_path, ARTICLES)
    with pytest.raises(KbError) as raised:
        engine.search_whoosh(query)
    assert query in str(raised.value)
    assert "\n" not in str(raised.value)


def test_whoosh_syntax_finds_by_field_phrase_wildcard_and_fuzzy_word(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, ARTICLES)
    for query in ('"b password"', "title:passwords", "pass*", "pasword~", "reset NOT plan"):
        assert [hit.page for hit in engine.search_whoosh(query).results] == ["reset"], query
    assert engine.search_whoosh("id:[a TO q]").results[0].page == "plan"


def broken_search(page: Page, site: Path) -> str:
    page.goto(site.as_uri())
    return str(page.evaluate("kb.search('password').catch(problem => problem.message)"))


def shard(site: Path, kind: str) -> Path:
    return next((site.parent / "search" / "en").glob(f"{kind}*.js"))


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["t", "w", "s", "f", "d/", "index"])
def test_a_missing_shard_is_told(page: Page, tmp_path: Path, kind: str) -> None:
    site = site_of(tmp_path, ARTICLES)
    shard(site, kind).unlink()
    assert broken_search(page, site).startswith("The search index is incomplete: en/")


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["t", "w", "f", "d/"])
def test_an_emptied_shard_is_told(page: Page, tmp_path: Path, kind: str) -> None:
    site = site_of(tmp_path, ARTICLES)
    shard(site, kind).write_bytes(b"")
    assert "is damaged: en/" in broken_search(page, site)


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["t", "w", "s", "d/", "index"])
def test_a_truncated_shard_is_told_and_nothing_is_thrown(
    page: Page, tmp_path: Path, kind: str
) -> None:
    site = site_of(tmp_path, ARTICLES)
    file = shard(site, kind)
    file.write_bytes(file.read_bytes()[:-20])
    assert "is damaged: en/" in broken_search(page, site)


@pytest.mark.browser
def test_an_index_of_another_version_is_told(page: Page, tmp_path: Path) -> None:
    site = site_of(tmp_path, ARTICLES)
    file = tmp_path / "search" / "en" / "index.js"
    file.write_text(file.read_text("utf-8").replace('"v":1', '"v":99'), "utf-8")
    assert "another version of kbgen" in broken_search(page, site)


@pytest.mark.browser
def test_a_shard_that_comes_back_is_used(page: Page, tmp_path: Path) -> None:
    site = site_of(tmp_path, ARTICLES)
    file = shard(site, "t")
    content = file.read_bytes()
    file.unlink()
    assert "incomplete" in broken_search(page, site)
    file.write_bytes(content)
    assert page.evaluate("kb.search('password').then(found => found.total)") == 1


@pytest.mark.browser
def test_a_page_that_names_no_encoding_is_searched(page: Page, tmp_path: Path) -> None:
    accents = [article("menü", "Menü öffnen", "Über das Menü – „Einstellungen“.", locale="de")]
    site = site_of(tmp_path, accents, locale="de")
    bare = site.read_text("utf-8").replace('<meta charset="utf-8">', "")
    site.write_text(bare, "utf-8")
    page.goto(site.as_uri())
    assert page.evaluate("document.characterSet") == "windows-1252"
    title = page.evaluate("kb.search('men\\u00fc').then(found => found.results[0].title)")
    assert title == "Menü öffnen"

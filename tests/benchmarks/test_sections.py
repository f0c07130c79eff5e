from __future__ import annotations

from pathlib import Path

from benchmarks.sections import Link, Opened, links_in, opened

from kbgen_search import indexing
from kbgen_search.articles import Article, Packed, Section
from kbgen_search.engine import Engine


def test_links_of_articles_are_read_once_but_not_those_in_code(tmp_path: Path) -> None:
    docs = tmp_path / "en"
    docs.mkdir()
    (docs / "a.md").write_text(
        "# A\n\nSee [the *refund*\nform](b.md#form), [B page](b.md), [home](../index.md), "
        "![a picture](c.md), [elsewhere](https://example.com/d.md).\n\n"
        "```md\n[in code](b.md)\n```\n\nAgain the [B page](b.md).\n",
        encoding="utf-8",
    )
    assert links_in(tmp_path) == [
        Link("the refund form", "en/b.md", "form"),
        Link("B page", "en/b.md", ""),
        Link("home", "index.md", ""),
    ]


def test_what_the_search_opens_is_compared_with_where_links_lead(tmp_path: Path) -> None:
    sections = Section("", 0, "", (), "Money."), Section("form", 2, "Form", (), "Fill it in.")
    article = Article("b", "b/", "Refund", "en", packed=Packed.of(sections))
    indexing.update([article], tmp_path)
    links = [Link("form", "b.md", "form"), Link("form", "b.md", ""), Link("zebra", "b.md", "")]
    assert opened(Engine.open(tmp_path), links) == Opened(right=1, found=2)

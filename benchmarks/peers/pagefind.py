"""Pagefind: its index made by its own program, its search run in a real Chromium."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import browser
from benchmarks.judged import Doc
from benchmarks.peers import node
from benchmarks.peers.base import Rank

ASK = """async (queries) => {
  const pagefind = await import('/pagefind/pagefind.js')
  await pagefind.init()
  const ranked = []
  for (const query of queries) {
    const found = await pagefind.search(query)
    const best = await Promise.all(found.results.slice(0, 10).map((hit) => hit.data()))
    ranked.push(best.map((hit) => hit.raw_url ?? hit.url))
  }
  return ranked
}"""


def page(title: str, text: str, lang: str) -> str:
    """Return a page as a site generator would write it: a heading and paragraphs."""
    parts = "".join(f"<p>{html.escape(part)}</p>" for part in text.split("\n\n"))
    name = html.escape(title)
    return (
        f"<!doctype html><html lang='{lang}'><head><title>{name}</title></head>"
        f"<body><main><h1>{name}</h1>{parts}</main></body></html>"
    )


def build(docs: Sequence[Doc], folder: Path) -> float:
    """Index documents into `folder`/pagefind; returns seconds. Page `at` has the url `d{at}/`."""
    pages = [
        {"url": f"d{at}/", "content": page(doc.title, doc.text, doc.lang)}
        for at, doc in enumerate(docs)
    ]
    done: dict[str, Any] = node.run(
        "pagefind.js", {"pages": pages, "out": str(folder / "pagefind")}
    )
    return float(done["ms"]) / 1000


def index(docs: Sequence[Doc], lang: str, folder: Path) -> Rank:
    """Return a ranker: Pagefind's own defaults, titles as headings."""
    build(docs, folder)
    (folder / "index.html").write_text(page("", "", lang), encoding="utf-8")

    def rank(queries: Sequence[str]) -> list[list[str]]:
        with browser.served(folder) as address, browser.opened(address) as tab:
            ranked: list[list[str]] = tab.evaluate(ASK, list(queries))
        return [[docs[_at(url)].id for url in urls] for urls in ranked]

    return rank


def _at(url: str) -> int:
    return int(url.strip("/").lstrip("d"))

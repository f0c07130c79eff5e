"""kbgen's own search over judged documents, as `kbgen search` answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.judged import Doc
from benchmarks.peers.base import Rank
from kbgen_search.articles import Article, Packed, Section
from kbgen_search.engine import Engine
from kbgen_search.indexing import update


def article(doc: Doc, at: int = 0) -> Article:
    """Return a document as an article of one section; its address tells nothing of its content."""
    section = Section(anchor="", level=1, heading="", path=(), text=doc.text, code="")
    own = Packed.of([section])
    return Article(id=doc.id, url=f"d{at}/", title=doc.title, locale=doc.lang, packed=own)


def index(docs: Sequence[Doc], lang: str, folder: Path) -> Rank:
    """Return a ranker over an index made in `folder`."""
    update([article(doc, at) for at, doc in enumerate(docs)], folder)
    engine = Engine.open(folder)

    def rank(query: str) -> list[str]:
        return [hit.page for hit in engine.search(query, lang=lang, limit=10).results]

    return lambda queries: [rank(query) for query in queries]

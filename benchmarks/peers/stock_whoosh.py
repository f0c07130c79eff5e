"""Whoosh as its manual shows it: BM25F, the language's analyzer, OR with a reward for coverage.

Queries are given as bare words: a question mark would otherwise be read as a wildcard, and cost
this peer up to a fifth of its score on questions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from whoosh import fields
from whoosh import index as whoosh_index
from whoosh.analysis.analyzers import LanguageAnalyzer
from whoosh.lang import languages
from whoosh.qparser.default import MultifieldParser
from whoosh.qparser.syntax import OrGroup

from benchmarks.judged import Doc
from benchmarks.peers.base import Rank

COVERAGE = 0.9
WORD = re.compile(r"\w+")
OPERATORS = {"AND", "OR", "NOT", "ANDNOT", "ANDMAYBE", "REQUIRE", "TO"}


def index(docs: Sequence[Doc], lang: str, folder: Path) -> Rank:
    """Return a ranker over title and whole page; English rules where Whoosh has no others."""
    analyzer = LanguageAnalyzer(lang if lang in languages else "en")
    text = fields.TEXT(analyzer=analyzer)
    schema = fields.Schema(id=fields.ID(stored=True), title=text, text=text)
    ix = whoosh_index.create_in(str(folder), schema)
    writer = ix.writer(limitmb=256)
    for doc in docs:
        writer.add_document(id=doc.id, title=doc.title, text=f"{doc.title}\n{doc.text}")
    writer.commit()
    group = OrGroup.factory(COVERAGE)
    parser = MultifieldParser(["title", "text"], schema, group=group)
    searcher = ix.searcher()

    def rank(query: str) -> list[str]:
        parsed = parser.parse(_bare(query))
        return [hit["id"] for hit in searcher.search(parsed, limit=10)]

    return lambda queries: [rank(query) for query in queries]


def _bare(query: str) -> str:
    return " ".join(word.lower() if word in OPERATORS else word for word in WORD.findall(query))

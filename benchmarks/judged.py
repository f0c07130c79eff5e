"""Judged collections on disk: documents, queries in several spellings, and relevance grades.

A set is a folder with `docs.jsonl` ({id, title, text, lang?} a line), `queries.jsonl`
({id, text, lang?}), `qrels.tsv` (query id, document id, grade) and, beside them, any number of
`queries_VARIANT.jsonl`, the same queries misspelled or without their accents.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_LANG = "en"


@dataclass(frozen=True)
class Doc:
    """One document of a judged set."""

    id: str
    title: str
    text: str
    lang: str


@dataclass(frozen=True)
class Query:
    """One query; `clean` is the right spelling where the text is a misspelled variant of it."""

    id: str
    text: str
    lang: str
    clean: str


@dataclass(frozen=True)
class Collection:
    """One language of one judged set: what a searcher indexes, and what it is asked."""

    name: str
    lang: str
    docs: tuple[Doc, ...]
    variants: Mapping[str, tuple[Query, ...]]
    relevant: Mapping[str, Mapping[str, float]]

    @property
    def label(self) -> str:
        """The set's name and language, unique within a run."""
        return f"{self.name} {self.lang}"


def collections(folder: Path, limit: int | None = None) -> Iterator[Collection]:
    """Yield every set under `folder`, a collection a language, at most `limit` queries each.

    Queries without a relevant document are left out: no ranking could be right or wrong on them.
    """
    for path in sorted(folder.glob("*/docs.jsonl")):
        yield from _by_language(path.parent, limit)


def _by_language(folder: Path, limit: int | None) -> Iterator[Collection]:
    docs = [_doc(line) for line in _lines(folder / "docs.jsonl")]
    relevant = _grades(folder / "qrels.tsv")
    variants = {
        _variant(path): [query for query in map(_query, _lines(path)) if query.id in relevant]
        for path in sorted(folder.glob("queries*.jsonl"))
    }
    for lang in sorted({query.lang for query in variants["clean"]}):
        yield Collection(
            folder.name,
            lang,
            tuple(doc for doc in docs if doc.lang == lang),
            _of_language(variants, lang, limit),
            relevant,
        )


def _of_language(
    variants: Mapping[str, list[Query]], lang: str, limit: int | None
) -> dict[str, tuple[Query, ...]]:
    chosen = {
        name: tuple(query for query in queries if query.lang == lang)[:limit]
        for name, queries in variants.items()
    }
    return {name: queries for name, queries in chosen.items() if queries}


def _variant(path: Path) -> str:
    """Name a queries file: `queries_typo_es.jsonl` is "typo", `queries.jsonl` is "clean"."""
    parts = path.stem.split("_")
    return parts[1] if len(parts) > 1 else "clean"


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _doc(line: Mapping[str, str]) -> Doc:
    return Doc(line["id"], line["title"], line["text"], line.get("lang", DEFAULT_LANG))


def _query(line: Mapping[str, str]) -> Query:
    clean = line.get("clean", line["text"])
    return Query(line["id"], line["text"], line.get("lang", DEFAULT_LANG), clean)


def _grades(path: Path) -> dict[str, dict[str, float]]:
    grades: dict[str, dict[str, float]] = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines():
        query, doc, grade = line.split("\t")
        if float(grade) > 0:
            grades[query][doc] = float(grade)
    return dict(grades)

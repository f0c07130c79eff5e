"""The search workers of Material for MkDocs and Zensical, fed what their builds feed them."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from benchmarks.judged import Doc
from benchmarks.peers import node
from benchmarks.peers.base import Rank

Setup = dict[str, Any]
ZENSICAL_SEPARATOR = r"""[\s\-_,:!=\[\]()\\"`/]+|\.(?!\d)"""
TITLE_BOOST, TAGS_BOOST = 1e3, 1e6
PIPELINE = "trimmer, stopWordFilter, stemmer"


def material_lunr(docs: Sequence[Doc], lang: str, folder: Path) -> Rank:
    """Return a ranker: Material's lunr worker with the theme's own settings for the language."""
    setup: Setup = {
        "config": _material_config(lang),
        "docs": [_material_doc(at, doc) for at, doc in enumerate(docs)],
        "options": {"suggest": False},
    }
    return _ranker(_worker("material"), setup, docs, wrap=False)


def zensical_search(docs: Sequence[Doc], lang: str, folder: Path) -> Rank:
    """Return a ranker: Zensical's worker over one item an article, as its build writes them."""
    setup: Setup = {
        "config": {"lang": [lang], "separator": ZENSICAL_SEPARATOR},
        "items": [_zensical_item(at, doc) for at, doc in enumerate(docs)],
    }
    return _ranker(_worker("zensical"), setup, docs, wrap=True)


def _templates(package: str) -> Path:
    return Path(str(files(package))) / "templates"


def _worker(package: str) -> Path:
    home = _templates(package) / "assets/javascripts/workers"
    (script,) = home.glob("search.*.min.js")
    return script


def _ranker(script: Path, setup: Setup, docs: Sequence[Doc], wrap: bool) -> Rank:
    def rank(queries: Sequence[str]) -> list[list[str]]:
        asked = [{"input": query} if wrap else query for query in queries]
        given = {"script": str(script), "setup": setup, "queries": asked}
        ranked = node.run("worker.js", given)
        return [[docs[_at(place)].id for place in places] for places in ranked]

    return rank


def _place(at: int) -> str:
    return f"d{at}/"


def _at(place: str) -> int:
    return int(place.strip("d/"))


def _paragraphs(text: str) -> str:
    parts = re.split(r"\n\s*\n", text)
    return "".join(f"<p>{html.escape(part)}</p>" for part in parts)


def _material_doc(at: int, doc: Doc) -> dict[str, str]:
    return {"location": _place(at), "title": html.escape(doc.title), "text": _paragraphs(doc.text)}


def _zensical_item(at: int, doc: Doc) -> dict[str, Any]:
    title = html.escape(doc.title)
    text = _paragraphs(doc.text)
    place = _place(at)
    return {
        "location": place,
        "level": 1,
        "title": title,
        "text": text,
        "path": [title],
        "tags": [],
    }


def _material_config(lang: str) -> Setup:
    pipeline = _translated(lang, "pipeline", PIPELINE)
    return {
        "lang": [_translated(lang, "lang", "en")],
        "separator": _translated(lang, "separator", r"[\s\-]+"),
        "pipeline": [step for step in re.split(r"\s*,\s*", pipeline.strip()) if step],
        "fields": {
            "title": {"boost": TITLE_BOOST},
            "text": {"boost": 1.0},
            "tags": {"boost": TAGS_BOOST},
        },
    }


def _translated(lang: str, name: str, fallback: str) -> str:
    """Return one `search.config` string of the theme's translation of a language."""
    home = _templates("material") / "partials/languages"
    for code in (lang, "en"):
        text = (home / f"{code}.html").read_text(encoding="utf-8")
        found = re.search(rf'"search\.config\.{name}": "((?:[^"\\]|\\.)*)"', text)
        if found:
            return found[1].replace("\\\\", "\\")
    return fallback

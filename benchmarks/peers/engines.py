"""The table of engines that can be compared; each is imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module

from benchmarks.peers.base import Index

OURS = "kbgen"
ENGINES = {
    OURS: "benchmarks.peers.ours:index",
    "bm25": "benchmarks.peers.bm25:index",
    "whoosh": "benchmarks.peers.stock_whoosh:index",
    "minisearch": "benchmarks.peers.node:minisearch",
    "material": "benchmarks.peers.themes:material_lunr",
    "zensical": "benchmarks.peers.themes:zensical_search",
    "pagefind": "benchmarks.peers.pagefind:index",
}


def engine(name: str) -> Index:
    """Return the index function of an engine; KeyError when there is none of that name."""
    module, attribute = ENGINES[name].split(":")
    index: Index = getattr(import_module(module), attribute)
    return index

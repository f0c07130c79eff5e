"""Do Python and the browser give the same answers? Every query of the judged sets, in Chromium.

    python -m benchmarks.conformance --corpora DIR [--limit 100]

Each collection is indexed twice; each query is asked of `kbgen_search.engine` and of `kb.search` in
a page. Prints, for each spelling of each collection, how many queries have the same ten articles
in the same order, and how many have the same answer to the last field (time taken apart). Exits
with 1 when an order differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import browser, judged, tables
from benchmarks.judged import Collection, Query
from benchmarks.peers.ours import article
from kbgen_search import assets, browser_index, indexing
from kbgen_search.engine import Engine

PAGE = (
    '<!doctype html><meta charset="utf-8"><meta name="kb:base" content="./">'
    '<script src="kb-search.js"></script>'
)
ASK = """async (queries) => {
  const found = [];
  for (const [text, lang] of queries) found.push(await kb.search(text, { lang }));
  return found;
}"""
BATCH = 50


def site(collection: Collection, folder: Path) -> Engine:
    """Write both indexes and a page that searches; return the engine."""
    articles = [article(doc, at) for at, doc in enumerate(collection.docs)]
    indexing.update(articles, folder / "index")
    browser_index.write(browser_index.parts(articles, index_dir=folder / "index"), folder)
    (folder / "kb-search.js").write_bytes(assets.engine())
    (folder / "index.html").write_text(PAGE, "utf-8")
    return Engine.open(folder / "index")


def theirs(page: Any, queries: Sequence[Query]) -> Iterator[dict[str, Any]]:
    """Yield what the page answers."""
    for start in range(0, len(queries), BATCH):
        batch = queries[start : start + BATCH]
        yield from page.evaluate(ASK, [[query.text, query.lang] for query in batch])


def same(engine: Engine, query: Query, answer: dict[str, Any]) -> tuple[bool, bool]:
    """Tell whether the order is the same, and whether all of the answer is."""
    response = engine.search(query.text, query.lang)
    ours = msgspec.json.decode(msgspec.json.encode(response)) | {"took_ms": 0}
    order = [[hit["page"] for hit in one["results"]] for one in (ours, answer)]
    return order[0] == order[1], ours == answer | {"took_ms": 0}


def compare(collection: Collection) -> Iterator[list[tables.Cell]]:
    """Yield a row for each spelling of a collection."""
    with tempfile.TemporaryDirectory() as home:
        engine = site(collection, Path(home))
        with browser.opened((Path(home) / "index.html").as_uri()) as page:
            for variant, queries in collection.variants.items():
                pairs = zip(queries, theirs(page, queries), strict=True)
                found = [same(engine, query, answer) for query, answer in pairs]
                orders, answers = (sum(column) for column in zip(*found, strict=True))
                yield [f"{collection.label} {variant}", len(found), orders, answers]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 when an order differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conformance", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder that holds ir/")
    parser.add_argument("--limit", type=int, help="at most so many queries a language")
    options = parser.parse_args(arguments)
    found = [
        row
        for collection in judged.collections(options.corpora / "ir", options.limit)
        for row in compare(collection)
    ]
    print(tables.table(["set", "queries", "same order", "same answer"], found))
    return int(any(row[1] != row[2] for row in found))


if __name__ == "__main__":
    sys.exit(main())

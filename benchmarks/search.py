"""Relevance of kbgen's search and of its peers on judged queries, in one run.

    python -m benchmarks.search --corpora DIR [--engines kbgen,whoosh] [--sets csc] [--limit 400]

DIR holds `ir/SET/` folders (see `benchmarks.judged`). Prints nDCG@10 a set, language and engine,
the share of it that misspelled and accentless queries keep, and the means of all measures.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import judged, metrics, tables
from benchmarks.judged import Collection, Query
from benchmarks.metrics import Scores
from benchmarks.peers.base import Rank
from benchmarks.peers.engines import ENGINES, OURS, engine

CLEAN = "clean"


@dataclass(frozen=True)
class Row:
    """One engine on one collection in one spelling; `kept` is its nDCG over that of the same
    queries spelled rightly (1 for the right spelling itself)."""

    set: str
    variant: str
    engine: str
    queries: int
    scores: Scores
    kept: float


def measure(collection: Collection, name: str) -> list[Row]:
    """Return one engine's row for each spelling of a collection's queries."""
    with tempfile.TemporaryDirectory() as folder:
        rank = engine(name)(collection.docs, collection.lang, Path(folder))
        clean = _scored(rank, collection, collection.variants[CLEAN])
        rows = [Row(collection.label, CLEAN, name, len(clean), _mean(clean), 1.0)]
        for variant, queries in collection.variants.items():
            if variant != CLEAN:
                rows.append(_variant_row(rank, collection, name, variant, queries))
    return rows


def _variant_row(
    rank: Rank, collection: Collection, name: str, variant: str, queries: Sequence[Query]
) -> Row:
    right = {query.id: query for query in collection.variants[CLEAN]}
    both = [query for query in queries if query.id in right]
    given = _mean(_scored(rank, collection, both))
    base = _mean(_scored(rank, collection, [right[query.id] for query in both]))
    kept = given.ndcg / base.ndcg if base.ndcg else 0.0
    return Row(collection.label, variant, name, len(both), given, kept)


def _scored(rank: Rank, collection: Collection, queries: Sequence[Query]) -> dict[str, Scores]:
    ranked = rank([query.text for query in queries])
    return {
        query.id: metrics.score(ids, collection.relevant[query.id])
        for query, ids in zip(queries, ranked, strict=True)
    }


def _mean(scores: Mapping[str, Scores]) -> Scores:
    return metrics.mean(list(scores.values()))


def by_set(rows: Iterable[Row], engines: Sequence[str]) -> str:
    """Return the nDCG@10 table: a line a set, with kbgen over the best peer of that set."""
    lines = []
    for name, found in _grouped(row for row in rows if row.variant == CLEAN).items():
        values = [found[each].scores.ndcg if each in found else None for each in engines]
        peers = [row.scores.ndcg for each, row in found.items() if each != OURS]
        ratio = found[OURS].scores.ndcg / max(peers) if OURS in found and peers else None
        lines.append([name, next(iter(found.values())).queries, *values, ratio])
    means = [_column_mean([line[at] for line in lines]) for at in range(2, len(engines) + 2)]
    lines.append(["mean of sets", None, *means, None])
    return tables.table(["nDCG@10", "queries", *engines, "kbgen / best peer"], lines)


def _grouped(rows: Iterable[Row]) -> dict[str, dict[str, Row]]:
    grouped: dict[str, dict[str, Row]] = {}
    for row in rows:
        grouped.setdefault(row.set, {})[row.engine] = row
    return grouped


def _column_mean(values: Sequence[tables.Cell]) -> float | None:
    numbers = [value for value in values if isinstance(value, float)]
    return sum(numbers) / len(numbers) if numbers else None


def by_variant(rows: Iterable[Row], engines: Sequence[str]) -> str:
    """Return the table of what misspelled and accentless queries keep of their nDCG@10."""
    kept: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        if row.variant != CLEAN:
            kept.setdefault((row.set, row.variant), {})[row.engine] = row
    lines = [
        [name, variant, *(found[each].kept if each in found else None for each in engines)]
        for (name, variant), found in kept.items()
    ]
    return tables.table(["share of nDCG@10 kept", "queries", *engines], lines)


def by_engine(rows: Sequence[Row], engines: Sequence[str]) -> str:
    """Return the table of all measures: an engine a line, means over the sets' means."""
    names = list(asdict(metrics.mean([])))
    lines: list[list[tables.Cell]] = []
    for name in engines:
        mine = [row.scores for row in rows if row.engine == name and row.variant == CLEAN]
        lines.append([name, *asdict(metrics.mean(mine)).values()])
    return tables.table(["mean of sets", *names], lines)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder that holds ir/")
    parser.add_argument("--engines", default=",".join(ENGINES), help="which, by comma")
    parser.add_argument("--sets", default="", help="only sets whose name contains this")
    parser.add_argument("--limit", type=int, default=400, help="queries a language (0: all)")
    parser.add_argument("--json", type=Path, help="write all figures to this file too")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; returns the exit code."""
    options = _options(arguments)
    engines = options.engines.split(",")
    rows: list[Row] = []
    for collection in judged.collections(options.corpora / "ir", options.limit or None):
        if options.sets not in collection.label:
            continue
        for name in engines:
            rows += measure(collection, name)
            print(f"measured {name} on {collection.label}", file=sys.stderr)
    print(by_set(rows, engines), by_variant(rows, engines), by_engine(rows, engines), sep="\n\n")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

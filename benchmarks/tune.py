"""A reproducible search for the ranking's weights on judged queries.

    python -m benchmarks.tune --corpora DIR [--rounds 2] [--queries 60] [--seed 1]

The articles are indexed in memory (`benchmarks.memory`) and searched by the engine itself.
Coordinate search: in a random order (fixed seed), each weight tries steps around its value and
keeps what is best on the mean nDCG@10 over all sets, each set counting alike so that no large one
decides. A third of the queries, chosen by a hash of their id, is held back: the search never sees
their scores, which are printed at the end beside those it was tuned on.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks import judged, metrics, tables
from benchmarks.judged import Collection, Query
from benchmarks.memory import Memory
from benchmarks.peers.ours import article
from kbgen_search.ranking import Weights

HELD_BACK = 3  # every third query, by hash, is never tuned on
STEPS = (0.0, 0.5, 0.8, 1.25, 2.0)  # factors tried on each weight
GAIN = 1e-4  # a smaller gain of the mean does not move a weight
TUNED = (
    *("title", "title_share", "title_length", "body_length", "long_texts", "saturation", "stop"),
    *("exact_title", "joined", "known_prefix", "compound", "typo"),
)


@dataclass(frozen=True)
class Task:
    """One indexed collection with the queries of one part of the split."""

    label: str
    memory: Memory
    queries: Sequence[Query]
    relevant: Mapping[str, Mapping[str, float]]


def held_back(query_id: str) -> bool:
    """Tell whether a query belongs to the part that is never tuned on."""
    return int(hashlib.sha256(query_id.encode()).hexdigest(), 16) % HELD_BACK == 0


def tasks(
    collections: Sequence[tuple[Collection, Memory]], held: bool, most: int
) -> Iterator[Task]:
    """Yield a task for each spelling of each collection that has queries in this part."""
    for one, memory in collections:
        for variant, queries in one.variants.items():
            part = [query for query in queries if held_back(query.id) == held][:most]
            if part:
                yield Task(f"{one.label} {variant}", memory, part, one.relevant)


def memory(collection: Collection) -> Memory:
    """Return a collection's documents, indexed."""
    pages = [article(doc, number) for number, doc in enumerate(collection.docs)]
    return Memory(pages, collection.lang)


def quality(task: Task, weights: Weights) -> float:
    """Return the mean nDCG@10 of one task."""
    shelf = task.memory.shelf(weights)
    total = 0.0
    for query in task.queries:
        pages = [one.record.id for one in shelf.search(query.text, 10).found]
        total += metrics.ndcg(pages, task.relevant[query.id])
    return total / len(task.queries)


def objective(work: Sequence[Task], weights: Weights) -> float:
    """Return the mean over tasks, each counting alike."""
    return sum(quality(task, weights) for task in work) / len(work)


def candidates(weights: Weights, name: str) -> Iterator[Weights]:
    """Yield the weights with one of them changed by each step."""
    value = getattr(weights, name)
    for step in STEPS:
        changed = round(value * step, 3) if value else round(step / 4, 3)
        if name.endswith("_length"):
            changed = min(changed, 0.95)  # at 1 an empty field would divide by nothing
        if changed != value:
            yield Weights(**{**msgspec.structs.asdict(weights), name: changed})


def climb(work: Sequence[Task], weights: Weights, rounds: int, seed: int) -> Weights:
    """Return the best weights that coordinate search finds from a start."""
    best, chance = objective(work, weights), random.Random(seed)
    for _ in range(rounds):
        names, before = [name for name in TUNED if hasattr(weights, name)], best
        for name in chance.sample(names, len(names)):
            for tried in candidates(weights, name):
                reached = objective(work, tried)
                if reached > best + GAIN:
                    best, weights = reached, tried
            print(f"{best:.4f} {name}={getattr(weights, name)}", file=sys.stderr)
        if best <= before + GAIN:
            break
    return weights


def report(tuned: Sequence[Task], held: Sequence[Task], before: Weights, after: Weights) -> str:
    """Return the table of old and new scores on both parts of the split."""
    lines: list[list[tables.Cell]] = []
    parts = {task.label: task for task in held}
    for task in tuned:
        kept = parts.get(task.label)
        values: list[tables.Cell] = [quality(task, before), quality(task, after)]
        values += [quality(kept, before), quality(kept, after)] if kept else [None, None]
        lines.append([task.label, *values])
    header = ["nDCG@10", "tuned on: before", "after", "held back: before", "after"]
    return tables.table(header, lines)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tune", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder that holds ir/")
    parser.add_argument("--rounds", type=int, default=2, help="passes over all weights")
    parser.add_argument("--queries", type=int, default=60, help="queries a set, at most")
    parser.add_argument("--seed", type=int, default=1, help="of the order of the weights")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Index, search for weights, print them and the scores; returns the exit code."""
    options = _options(arguments)
    collections = [(one, memory(one)) for one in judged.collections(options.corpora / "ir")]
    tuned = list(tasks(collections, False, options.queries))
    held = list(tasks(collections, True, options.queries))
    before = Weights()
    after = climb(tuned, before, options.rounds, options.seed)
    print(report(tuned, held, before, after))
    changed = {k: v for k, v in msgspec.structs.asdict(after).items() if v != getattr(before, k)}
    print("\nchanged weights:", changed or "none")
    return 0


if __name__ == "__main__":
    sys.exit(main())

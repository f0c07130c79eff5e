"""How long `kbgen search` takes: one query with the interpreter's start, and each of many.

    python -m benchmarks.latency --corpora DIR [--articles 1000] [--queries 200] [--repeat 9]

Articles are the English documents of the judged sets, the queries are theirs. Seconds are those of
a clock, and of the processor (user and system), which hardly depend on what else the machine does.
Measure with an installed package: without its compiled modules Python compiles them each time.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import judged, tables
from benchmarks.peers.ours import article
from kbgen_search.articles import Article
from kbgen_search.indexing import update

Spent = tuple[float, float]


def articles(collections: Iterable[judged.Collection], most: int) -> list[Article]:
    """Return the first so many documents as articles with ids of their own."""
    docs = [doc for one in collections for doc in one.docs][:most]
    return [replace(article(doc, at), id=f"a{at}") for at, doc in enumerate(docs)]


def run(home: Path, *words: str) -> Spent:
    """Return the milliseconds by clock and by processor that a `kbgen` command takes."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "kbgen", *words]
    subprocess.run(command, cwd=home, check=True, stdout=subprocess.DEVNULL)
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return (ended - started) * 1000, spent * 1000


def medians(home: Path, repeat: int, *words: str) -> Spent:
    """Return the medians of several runs, after one that warms what is cached."""
    run(home, *words)
    clock, processor = zip(*(run(home, *words) for _ in range(repeat)), strict=True)
    return statistics.median(clock), statistics.median(processor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder that holds ir/")
    parser.add_argument("--articles", type=int, default=1000, help="how many")
    parser.add_argument("--queries", type=int, default=200, help="how many in a file")
    parser.add_argument("--repeat", type=int, default=9, help="runs of each")
    options = parser.parse_args(arguments)
    found = [one for one in judged.collections(options.corpora / "ir") if one.lang == "en"]
    texts = [query.text for one in found for query in one.variants["clean"]]
    texts = texts[:: max(1, len(texts) // options.queries)][: options.queries]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        update(articles(found, options.articles), home / ".kbgen" / "index")
        lines = [json.dumps({"id": str(at), "text": text}) for at, text in enumerate(texts)]
        (home / "queries.jsonl").write_text("\n".join(lines), "utf-8")
        one = medians(home, options.repeat, "search", "password")
        help_text = medians(home, options.repeat, "--help")
        many = medians(home, min(options.repeat, 3), "search", "--queries", "queries.jsonl")
    each = [(total - first) / len(texts) for total, first in zip(many, one, strict=True)]
    rows: list[list[tables.Cell]] = [
        ["kbgen --help", *help_text],
        ["kbgen search WORD", *one],
        ["a query of --queries", *each],
    ]
    print(tables.table(["milliseconds, median", "clock", "processor"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())

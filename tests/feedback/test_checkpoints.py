"""SQLite's log under a writer that never rests: no commit copies it, and it does not grow."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from feedback_events import day, view

from kbgen_feedback.events import decode
from kbgen_feedback.store import checkpoints
from kbgen_feedback.store import writer as writing
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import Batch
from kbgen_feedback.store.writer import Writer


def a_batch(start: int) -> Batch:
    lines = (msgspec.json.encode(view("a", day(0), f"r{start + i}")) for i in range(200))
    return Batch([decode(line) for line in lines])  # type: ignore[misc]


async def press(writer: Writer, n: int) -> None:
    """Eight senders who never wait for each other."""

    async def one(number: int) -> None:
        for start in range(n):
            await writer.submit(a_batch((start * 8 + number) * 200))

    await asyncio.gather(*(one(number) for number in range(8)))


def test_the_log_begins_anew_though_events_never_stop(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "EVERY_S", 0.01)
    monkeypatch.setattr(checkpoints, "MOST_PAGES", 200)
    monkeypatch.setattr(writing, "LINGER_S", 0)
    monkeypatch.setattr(writing, "MOST_AT_ONCE", 200)
    writer = Writer(sqlite_store, 100_000)
    writer.start()
    with ThreadPoolExecutor(1) as pool:  # where no browser's loop runs
        pool.submit(asyncio.run, press(writer, 13)).result()
    log = (tmp_path / "one.sqlite3-wal").stat().st_size
    with sqlite_store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == 20_800
    writer.stop()
    assert log < 10_000_000, "without the writer's help it is 18 and more"


def test_connections_copy_the_log_themselves_when_the_writer_has_ended(sqlite_store: Store) -> None:
    writer = Writer(sqlite_store, 10)
    writer.start()
    writer.stop()
    sqlite_store.engine.dispose()
    with sqlite_store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() == 1000

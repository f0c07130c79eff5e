"""SQLite's write-ahead log, carried over into the database beside the writer: no answer waits."""

import logging
import sqlite3
import threading
from contextlib import closing, suppress
from typing import Any

from sqlalchemy import PoolProxiedConnection, event
from sqlalchemy.exc import DBAPIError

from kbgen_feedback.store.database import Store

log = logging.getLogger("kbgen.collector")

EVERY_S = 1.0  # between two checkpoints under load
MOST_PAGES = 16_384  # of the log, 64 MiB: from here on the writer helps to empty it


class Checkpoints:
    """Copies the log by a thread of its own, and lets it begin anew before it grows too long.

    By default SQLite does this within a commit, which then takes two more syncs. A log can only
    begin anew when nothing was written since it was copied, and under load something always was:
    so the writer copies the little that is left, between two of its transactions. Elsewhere than
    on SQLite nothing is done.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._needed = store.engine.dialect.name == "sqlite"
        self._too_long = False
        self._news = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kbgen-checkpoints", daemon=True)

    def start(self) -> None:
        """Take the work over from the connections of this store."""
        if self._needed:
            event.listen(self.store.engine, "connect", _leave_the_log)
            self.store.engine.dispose()
            self._thread.start()

    def committed(self) -> None:
        """Hear from the writer that it is between two transactions."""
        self._news.set()
        if self._too_long:
            self._copy()
            self._too_long = False

    def stop(self) -> None:
        """Leave the work to the connections again."""
        if self._needed:
            self._end.set()
            self._news.set()
            self._thread.join()
            event.remove(self.store.engine, "connect", _leave_the_log)

    def _run(self) -> None:
        while not self._end.is_set():
            self._news.wait()
            self._news.clear()
            self._too_long = self._copy() > MOST_PAGES
            self._end.wait(EVERY_S)

    def _copy(self) -> int:
        """Copy what is in the log and no reader still needs elsewhere; return its pages."""
        try:
            with closing(self.store.engine.raw_connection()) as connection:
                return _pragma(connection, "wal_checkpoint(PASSIVE)")[1]
        except (sqlite3.Error, DBAPIError) as error:
            log.warning("no checkpoint", extra={"fields": {"error": type(error).__name__}})
            return 0


def empty_log(store: Store) -> None:
    """Empty SQLite's log, in which deleted text stands until it is written over.

    When somebody reads or writes just now it is left for another time, within a tenth of a second.
    """
    if store.engine.dialect.name != "sqlite":
        return
    with closing(store.engine.raw_connection()) as connection:
        (patience,) = _pragma(connection, "busy_timeout")
        _pragma(connection, "busy_timeout = 100")
        with suppress(sqlite3.OperationalError):
            _pragma(connection, "wal_checkpoint(TRUNCATE)")
        _pragma(connection, f"busy_timeout = {patience}")


def _pragma(connection: PoolProxiedConnection, words: str) -> tuple[int, ...]:
    """Return the row of numbers with which SQLite answers."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA {words}")
    return tuple(cursor.fetchall()[0])


def _leave_the_log(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA wal_autocheckpoint = 0")

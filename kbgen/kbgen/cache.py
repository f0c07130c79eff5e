"""The build cache: results by the hash of what they were made from, in one SQLite file.

Some of it is pickled, so a cache must not be taken from elsewhere. It may be deleted at any time.
"""

import os
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from kbgen.fingerprints import FileState
from kbgen_search.scratch import open_scratch

FORMAT = 4
MOST_BLOCKS = 10_000
# Large pages for large values, in a table that is not sorted by hash: so each is written once.
# Mapped into memory, they are read in half of the time.
SCHEMA = """
PRAGMA page_size = 16384;
PRAGMA mmap_size = 1073741824;
CREATE TABLE IF NOT EXISTS pages (key BLOB PRIMARY KEY, facts BLOB, body BLOB);
CREATE TABLE IF NOT EXISTS blocks (key BLOB PRIMARY KEY, block TEXT);
CREATE TABLE IF NOT EXISTS outputs (site TEXT PRIMARY KEY, records BLOB) WITHOUT ROWID;
"""


class Record(msgspec.Struct, frozen=True, array_like=True):
    """A file of the site as the last build left it; `key` is the hash of what it was made from.

    `extras` are the paths of files that the page needs beside it.
    """

    key: bytes
    size: int
    mtime_ns: int
    inode: int
    extras: tuple[str, ...] = ()

    @property
    def state(self) -> FileState:
        """Return what tells that the file has not been touched since."""
        return self.size, self.mtime_ns, self.inode


class Cache:
    """The cache of a project, open for reading and writing."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / f"build-{FORMAT}.sqlite3"
        if not self.file.exists():
            _forget(folder.glob("build-*.sqlite3"))
        self._connection = open_scratch(self.file, SCHEMA)
        self._readers: dict[int, sqlite3.Connection] = {os.getpid(): self._connection}

    def facts(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the encoded facts of the pages among `keys` that are kept."""
        wanted = set(keys)
        rows = self._connection.execute("SELECT key, facts FROM pages")
        return {key: facts for key, facts in rows if key in wanted}

    def body(self, key: bytes) -> bytes:
        """Return the pickled body of the page kept under `key`; KeyError when there is none.

        A forked process may ask, too: SQLite wants each process to have a connection of its own.
        """
        process = os.getpid()
        if process not in self._readers:
            self._readers[process] = open_scratch(self.file, SCHEMA)
        reader = self._readers[process]
        row = reader.execute("SELECT body FROM pages WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        body: bytes = row[0]
        return body

    def blocks(self) -> dict[bytes, str]:
        """Return all coloured blocks of code that are kept, by key."""
        return dict(self._connection.execute("SELECT key, block FROM blocks").fetchall())

    def block(self, key: bytes) -> str | None:
        """Return the coloured block of code kept under `key`; None when there is none.

        Only for the process that has opened the cache: to others it is locked while that writes.
        """
        query = "SELECT block FROM blocks WHERE key = ?"
        found = self._connection.execute(query, (key,)).fetchone()
        return found[0] if found else None

    def put(self, key: bytes, facts: bytes, body: bytes, blocks: Mapping[bytes, str]) -> None:
        """Keep a page: encoded facts and pickled body, and blocks of code that it is the first to
        have. It is on disk after `commit`.
        """
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN")
        self._connection.execute(
            "INSERT OR REPLACE INTO pages VALUES (?, ?, ?)", (key, facts, body)
        )
        self._connection.executemany("INSERT OR IGNORE INTO blocks VALUES (?, ?)", blocks.items())

    def commit(self) -> None:
        """Let other processes see what was put in."""
        self._connection.commit()

    def keep_only(self, keys: set[bytes]) -> None:
        """Commit; forget pages that the newest build did not use, once they outnumber the rest,
        and the oldest blocks of code beyond MOST_BLOCKS.
        """
        self.commit()
        kept = {row[0] for row in self._connection.execute("SELECT key FROM pages")}
        if len(kept) > 2 * len(keys) + 100:
            with self._connection:
                stale = [(key,) for key in kept - keys]
                self._connection.executemany("DELETE FROM pages WHERE key = ?", stale)
        with self._connection:
            old = "DELETE FROM blocks WHERE rowid <= (SELECT max(rowid) FROM blocks) - ?"
            self._connection.execute(old, (MOST_BLOCKS,))

    def records(self, site: Path) -> dict[str, Record]:
        """Return what the last build wrote into the folder `site`, by path."""
        row = self._connection.execute(
            "SELECT records FROM outputs WHERE site = ?", (str(site),)
        ).fetchone()
        return msgspec.msgpack.decode(row[0], type=dict[str, Record]) if row else {}

    def set_records(self, site: Path, records: Mapping[str, Record]) -> None:
        """Note what this build wrote into the folder `site`."""
        row = (str(site), msgspec.msgpack.encode(records))
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO outputs VALUES (?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _forget(files: Iterable[Path]) -> None:
    """Remove the caches of other versions: nothing else would."""
    for file in files:
        file.unlink()

"""SQLite files that hold what can be made again: quick to write, and made anew when damaged."""

import sqlite3
from pathlib import Path


def open_scratch(path: Path, schema: str) -> sqlite3.Connection:
    """Open the file, or begin it with the statements of `schema`; a damaged one is begun anew.

    Raises:
        sqlite3.OperationalError: no room, no right to write: nothing that starting anew mends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connected(path, schema)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        path.unlink()
        return _connected(path, schema)


def _connected(path: Path, schema: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(schema)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection

"""Files that hold what can be made again: quick to write, and made anew when damaged."""

import sqlite3
from pathlib import Path
from typing import TypeVar

import msgspec

Kept = TypeVar("Kept", bound=msgspec.Struct)


def load_scratch(path: Path, kind: type[Kept]) -> Kept | None:
    """Return what `save_scratch` wrote, None when there is nothing, or nothing of this kind."""
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def save_scratch(path: Path, value: msgspec.Struct) -> None:
    """Write a value in one step, so that no reader sees half of it."""
    replace_file(path, msgspec.msgpack.encode(value))


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one step: a reader sees the old one or the new one."""
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)


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

"""Hashes of what a result depends on."""

import os
import sys
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGES = ("kbgen", "kbgen_search", "kbgen_feedback")


def of(*values: Any) -> bytes:
    """Return the hash of `values`, equal for equal values in every process."""
    return blake2b(_stable(values).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def of_bytes(content: bytes) -> bytes:
    """Return the hash of `content`."""
    return blake2b(content, digest_size=16).digest()


def of_file(path: str | os.PathLike[str]) -> bytes:
    """Return the hash of a file's content, b"" when it cannot be read."""
    try:
        return of_bytes(Path(path).read_bytes())
    except OSError:
        return b""


def stat_of(path: str | os.PathLike[str]) -> tuple[int, int, int, int] | None:
    """Return what changes when a file is written: size, times, inode; None when it is not there."""
    try:
        stat = os.stat(path)  # noqa: PTH116 (thousands of times: pathlib costs as much again)
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def tree(folders: Iterable[Path], suffixes: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    """Return path and state of every file below `folders` whose name ends in one of `suffixes`."""
    found = []
    for folder in folders:
        for parent, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if name != "__pycache__")
            paths = (f"{parent}{os.sep}{name}" for name in sorted(files))
            found += [(path, stat_of(path)) for path in paths if path.endswith(suffixes or ("",))]
    return found


def programs() -> bytes:
    """Return the hash of the installed software: Python, packages by version, our own code."""
    installed = [
        sorted(path.name for path in Path(entry).glob("*.*-info"))
        for entry in sys.path
        if entry.endswith("-packages")
    ]
    specs = [find_spec(name) for name in PACKAGES]
    own = [Path(spec.origin).parent for spec in specs if spec and spec.origin]
    return of(sys.version, installed, tree(own, (".py", ".html", ".json", ".js", ".css")))


def _stable(value: Any) -> str:
    if isinstance(value, Mapping):
        items = sorted((_stable(key), _stable(item)) for key, item in value.items())
        return "{" + ",".join(f"{key}:{item}" for key, item in items) + "}"
    if isinstance(value, set | frozenset):
        return "s(" + ",".join(sorted(map(_stable, value))) + ")"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_stable, value)) + "]"
    if callable(value):
        module, name = getattr(value, "__module__", ""), getattr(value, "__qualname__", "")
        return f"<{module}.{name or type(value).__qualname__}>"
    if isinstance(value, str | bytes | int | float | bool | None):
        return repr(value)
    if hasattr(value, "__dict__"):
        return f"<{type(value).__qualname__} {_stable(vars(value))}>"
    return repr(value)

"""Hashes of what a result depends on."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from operator import attrgetter
from pathlib import Path
from stat import S_ISLNK, S_ISREG
from typing import Any

import msgspec

from kbgen.files import unreadable
from kbgen_search import hashing

FileState = tuple[int, int, int]
"""Size, time of the last change in ns, inode: what differs when a file has been written to."""
VALUES = (str, bytes, int, float, list, tuple, set, frozenset, dict)


def of(*values: Any) -> bytes:
    """Return the hash of `values`, equal for equal values in every process."""
    try:
        stable = msgspec.json.encode(values, enc_hook=_plain, order="deterministic")
    except (TypeError, UnicodeError):  # keys that are no text, half of a surrogate pair
        stable = _stable(values).encode()
    return hashing.of(stable)


def of_bytes(content: bytes) -> bytes:
    """Return the hash of `content`."""
    return hashing.of(content)


def of_file(path: str | os.PathLike[str]) -> bytes:
    """Return the hash of a file's content, b"" when it cannot be read."""
    try:
        return of_bytes(Path(path).read_bytes())
    except OSError:
        return b""


def of_folder(path: str | os.PathLike[str]) -> bytes:
    """Return the hash of the names in a folder, b"" when it cannot be listed."""
    try:
        return of(sorted(os.listdir(path)))  # noqa: PTH208
    except OSError:
        return b""


def of_answer(path: str | os.PathLike[str]) -> bytes:
    """Return what one may learn of a path without opening it: whether it is there, and what it is.

    Of a file also size and time, of a link also what it leads to.
    """
    found: list[object] = []
    for ask in (os.lstat, os.stat):
        try:
            status = ask(path)
        except (OSError, ValueError):  # a path may hold what no path can
            break
        is_file = S_ISREG(status.st_mode)
        found.append((status.st_mode, is_file and (status.st_size, status.st_mtime_ns)))
        if not S_ISLNK(status.st_mode):
            break
    return repr(found).encode()


def stat_of(path: str | os.PathLike[str]) -> tuple[int, int, int, int] | None:
    """Return what changes when a file is written: size, times, inode; None when it is not there."""
    try:
        stat = os.stat(path)  # noqa: PTH116 (thousands of times: pathlib costs as much again)
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def tree(folders: Iterable[Path], suffixes: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    """Return path and state of every file below `folders` whose name ends in one of `suffixes`.

    Links are followed, as MkDocs does, but not back to where they are.
    Raises KbError for a folder that cannot be read: its files would vanish from the site.
    """
    found: list[tuple[str, Any]] = []
    for folder in map(os.fspath, folders):
        _add_below(folder, (os.path.realpath(folder),), suffixes or ("",), found)
    return found


def _add_below(
    folder: str, way: tuple[str, ...], ends: tuple[str, ...], found: list[tuple[str, Any]]
) -> None:
    """Add the files below a folder, in order; `way` are the real folders from the first to it."""
    for entry in _entries(folder):
        if not _is_folder(entry):
            if entry.name.endswith(ends):
                found.append((entry.path, stat_of(entry)))
        elif entry.name != "__pycache__":
            real = os.path.realpath(entry) if entry.is_symlink() else f"{way[-1]}/{entry.name}"
            if real in way:
                found.append((entry.path, None))
            else:
                _add_below(entry.path, (*way, real), ends, found)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(folder), key=attrgetter("name"))
    except PermissionError as error:
        if os.path.basename(folder).startswith("."):  # noqa: PTH119
            return []  # MkDocs leaves it out, too
        raise unreadable(Path(folder), error) from error
    except OSError:  # it is not there
        return []


def below(folder: str, prefix: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield every file below a folder, links among them, with its path from there."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from below(entry.path, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry


def states(folder: Path) -> dict[str, FileState]:
    """Return the state of every file below `folder` by its path from there.

    Of a folder that is not there, or not to be read, nothing is known.
    """
    with suppress(OSError):
        found = ((path, stat_of(entry)) for path, entry in below(os.fspath(folder)))
        return {path: (stat[0], stat[1], stat[3]) for path, stat in found if stat}
    return {}


def contents(folders: Iterable[Path], suffixes: tuple[str, ...] = ()) -> list[tuple[str, bytes]]:
    """Return path and hash of every file below `folders` whose name ends in one of `suffixes`."""
    return [(path, of_file(path)) for path, _ in tree(folders, suffixes)]


def _stable(value: Any) -> str:
    try:
        return json.dumps(value, default=_plain, sort_keys=True)
    except TypeError:  # keys of several types, which cannot be sorted
        return json.dumps(_with_text_keys(value), default=_plain, sort_keys=True)


def _plain(value: Any) -> Any:
    """Return what JSON has no word for as lists and texts that differ when the values do."""
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, set | frozenset):
        return ["set", sorted(map(_stable, value))]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, partial):
        return ["partial", value.func, value.args, value.keywords]
    if name := getattr(value, "__qualname__", ""):
        return ["code", str(getattr(value, "__module__", "")), name, _bound(value)]
    slots = getattr(value, "__slots__", ())
    if slots:
        return [type(value).__qualname__, [getattr(value, name, None) for name in slots]]
    state = getattr(value, "__dict__", None)
    return [type(value).__qualname__, repr(value) if state is None else state]


def _bound(code: Any) -> list[Any]:
    """Return what a function goes by besides its arguments, of the values around it."""
    cells = getattr(code, "__closure__", None) or ()
    return [value for cell in cells if isinstance(value := _content(cell), VALUES)]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # it has none yet
        return ""


def _with_text_keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [[repr(key), _with_text_keys(item)] for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [_with_text_keys(item) for item in value]
    return value

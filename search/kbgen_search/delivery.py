"""Files into a folder of the site: what differs is written, our own that are not named are removed.

The folder may have pages of the site's own: they are left alone.
"""

import os
import re
from collections.abc import Container, Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from kbgen_search import hashing
from kbgen_search.errors import KbError
from kbgen_search.scratch import replace_file

DIRECTORY = "index.js"
_OUR_NAMES = re.compile(r"(?:[^/]+/)?(?:index|d/\d+|[twlfs][a-z2-7]{7})\.js")
_OUR_BEGINNINGS = (b"kb.", b"(function(){var BaseStemmer;")  # earlier stemmers had the second


class Written(msgspec.Struct, frozen=True):
    """How many files a folder has, how many were written and removed, and the bytes of all."""

    files: int = 0
    written: int = 0
    removed: int = 0
    size: int = 0

    def __add__(self, other: "Written") -> "Written":
        """Return the figures of two folders together."""
        return Written(
            self.files + other.files,
            self.written + other.written,
            self.removed + other.removed,
            self.size + other.size,
        )


class Receipt(msgspec.Struct, frozen=True):
    """What a folder was last made from, and the sizes of its files by name."""

    made_from: bytes
    folder: str
    sizes: dict[str, int]


def is_delivered(folder: Path, receipt: Path, made_from: bytes) -> Written | None:
    """Return the figures of a folder that was made from just this, None for any other."""
    try:
        found = msgspec.msgpack.decode(receipt.read_bytes(), type=Receipt)
    except (OSError, msgspec.DecodeError):
        return None
    sizes = _sizes(folder)
    if found != Receipt(made_from, str(folder.resolve()), sizes):
        return None
    return Written(len(sizes), size=sum(sizes.values()))


def note(folder: Path, receipt: Path, made_from: bytes) -> None:
    """Note what a folder was made from."""
    found = Receipt(made_from, str(folder.resolve()), _sizes(folder))
    receipt.parent.mkdir(parents=True, exist_ok=True)
    receipt.write_bytes(msgspec.msgpack.encode(found))


def deliver(files: Mapping[str, bytes], folder: Path, keeping: Container[str] = ()) -> Written:
    """Bring our files in a folder to exactly these; the directory, which names the others, is last.

    Folders in it named in `keeping` are left alone, and so are files that are not ours.

    Raises:
        KbError: a file that is not ours has the name of one of these.
    """
    there = _sizes(folder)
    changed = [name for name in files if not (name in there and _holds(folder / name, files[name]))]
    _refuse_foreign(folder / name for name in changed if name in there)
    for parent in {(folder / name).parent for name in files if name not in there}:
        parent.mkdir(parents=True, exist_ok=True)
    for name in sorted(changed, key=lambda name: (name == DIRECTORY, name)):
        # One that may be in use is replaced at once. Nothing yet asks for a new one.
        put = replace_file if name in there else Path.write_bytes
        put(folder / name, files[name])
    others = (name for name in there if name not in files and _folder_of(name) not in keeping)
    stale = [name for name in others if is_our_name(name) and _is_ours(folder / name)]
    for name in stale:
        (folder / name).unlink()
    return Written(len(files), len(changed), len(stale), sum(map(len, files.values())))


def is_our_name(name: str) -> bool:
    """Tell whether the index may have a file of this name in the folder of the search."""
    return bool(_OUR_NAMES.fullmatch(name))


def foreign(file: Path | str) -> KbError:
    """Return the error for a file that is not the index's, but has the name of one of its own."""
    message = "the search needs a file of this name, and this one is not its own"
    return KbError(message, file=file, remedy="rename it")


def _refuse_foreign(files: Iterable[Path]) -> None:
    for file in files:
        if not _is_ours(file):
            raise foreign(file)


def _is_ours(file: Path) -> bool:
    """Tell whether a file begins as ours do, even if its writing was cut short."""
    with file.open("rb") as stream:
        start = stream.read(max(map(len, _OUR_BEGINNINGS)))
    return start.startswith(_OUR_BEGINNINGS) or any(
        one.startswith(start) for one in _OUR_BEGINNINGS
    )


def _folder_of(name: str) -> str:
    return name.partition("/")[0]


@cache
def program() -> bytes:
    """Return the hash of this package's own files, by which a newer one makes all anew."""
    files = sorted(Path(__file__).parent.rglob("*"))
    own = [path.read_bytes() for path in files if path.suffix in (".py", ".js", ".txt")]
    return hashing.of(b"".join(own))


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except FileNotFoundError:
        return False


def _sizes(folder: Path, prefix: str = "") -> dict[str, int]:
    """Return the sizes of all files in a folder and those below, by name."""
    found: dict[str, int] = {}
    if folder.is_dir():
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                found |= _sizes(folder / entry.name, f"{prefix}{entry.name}/")
            elif entry.is_file():  # no link that leads nowhere, or to a folder
                found[prefix + entry.name] = entry.stat().st_size
    return found

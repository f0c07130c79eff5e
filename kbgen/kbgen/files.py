"""Files written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EDQUOT, EEXIST, EFBIG, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOSPC, ENOTDIR, EROFS
from pathlib import Path

from kbgen_search.errors import KbError

IN_THE_WAY = "name another folder, or remove the file that is in its place"
UNWRITABLE = {
    ENOSPC: "free some space",
    EROFS: "name a folder of another disk",
    EEXIST: IN_THE_WAY,
    ENOTDIR: IN_THE_WAY,
    ENAMETOOLONG: "give a shorter name",
}
UNREADABLE = {
    ENOENT: "add it, or remove what leads to it",
    EISDIR: "put a file in its place",
    ELOOP: "remove the link, which leads back to where it is",
}


def write(path: Path, content: bytes) -> None:
    """Put `content` at `path` so that a reader sees the old file or the new one, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_bytes(content)
            draft.replace(path)
        except OSError:
            with suppress(OSError):  # such as a name that is too long: nothing was made
                draft.unlink()
            raise


def write_changed(path: Path, content: bytes) -> bool:
    """Write `content` unless it is there already; tell whether it had to be written."""
    try:
        if path.read_bytes() == content:
            return False
    except OSError:
        pass
    write(path, content)
    return True


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise a KbError for what the disk refuses while `path` is written inside the block."""
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from error


def refuse_name(path: str | Path) -> None:
    """Refuse what has no place in an address, nor in a list of files.

    Raises:
        KbError: the bytes of the path are not UTF-8.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        shown = os.fsencode(path).decode("utf-8", "replace")
        raise KbError("its name is not UTF-8", file=shown, remedy="rename it") from error


def unwritable(path: Path, error: OSError) -> KbError:
    """Return the error for a file that cannot be written: full disk, no permission."""
    remedy = UNWRITABLE.get(error.errno or 0, "give this user the right to write there")
    return KbError(f"cannot write: {error.strerror or error}", file=path, remedy=remedy)


def unreadable(path: Path, error: OSError) -> KbError:
    """Return the error for a file or folder that cannot be read: no permission, nothing there."""
    if error.errno == ELOOP:  # the path goes round in it many times
        path = next((one for one in reversed((path, *path.parents)) if one.is_symlink()), path)
    remedy = UNREADABLE.get(error.errno or 0, "give this user the right to read it")
    return KbError(f"cannot read: {error.strerror or error}", file=path, remedy=remedy)


def refused(error: OSError, home: Path) -> KbError:
    """Return the error for what the disk refuses to a build that keeps its own files in `home`.

    An error that names no file is one of writing: opening names the file.
    """
    path = Path(error.filename or home)
    full = error.errno in (ENOSPC, EROFS, EDQUOT, EFBIG)
    writes = full or path == home or home in path.parents
    return unwritable(path, error) if writes else unreadable(path, error)


def content(path: Path) -> bytes:
    """Return the content of a file; KbError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error

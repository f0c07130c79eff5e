"""Files written whole or not at all."""

import os
from errno import ENOSPC, EROFS
from pathlib import Path

from kbgen_search.errors import KbError


def write(path: Path, content: bytes) -> None:
    """Put `content` at `path` so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise unwritable(path, error) from error


def write_changed(path: Path, content: bytes) -> bool:
    """Write `content` unless it is there already; tell whether it had to be written."""
    try:
        if path.read_bytes() == content:
            return False
    except OSError:
        pass
    write(path, content)
    return True


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
    remedies = {ENOSPC: "free some space", EROFS: "name a folder of another disk"}
    remedy = remedies.get(error.errno or 0, "give this user the right to write there")
    return KbError(f"cannot write: {error.strerror or error}", file=path, remedy=remedy)

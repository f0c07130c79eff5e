"""One build of a project at a time."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EACCES
from pathlib import Path

from kbgen.files import unwritable

WAITING = "another build of this project is running; waiting for it to end"


@contextmanager
def held(folder: Path, waiting: Callable[[], None], name: str = "lock") -> Iterator[None]:
    """Hold the project's lock inside the block; call `waiting` when another process has it.

    If that returns, the lock is waited for. The system frees it when its holder ends, however it
    ends.
    """
    file = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise unwritable(Path(error.filename or file), error) from error
    if not os.access(folder, os.W_OK | os.X_OK):  # it was, when the lock was made
        os.close(descriptor)
        raise unwritable(folder, PermissionError(EACCES, os.strerror(EACCES)))
    try:
        if not _lock(descriptor, block=False):
            waiting()
            _lock(descriptor, block=True)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, block: bool) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        return _lock_windows(descriptor, block)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if block else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _lock_windows(descriptor: int, block: bool) -> bool:
    import msvcrt

    try:
        mode = msvcrt.LK_LOCK if block else msvcrt.LK_NBLCK  # type: ignore[attr-defined]
        msvcrt.locking(descriptor, mode, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    return True

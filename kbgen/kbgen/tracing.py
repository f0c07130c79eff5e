"""What a piece of work reads, seen by Python's audit events, and what it asks of files.

No event tells that somebody asks whether a file is there. Python's own ways to ask all end in a few
functions of `os`, which are replaced by noting ones while something is watched.
"""

import os
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from types import BuiltinFunctionType, ModuleType
from typing import Any

import msgspec

IGNORED = (".pyc", ".so", ".pth")
LISTINGS = ("os.listdir", "os.scandir")
OUTSIDE = ("socket.connect", "subprocess.Popen", "os.posix_spawn", "os.system")
HEARD = frozenset(("open", *LISTINGS, *OUTSIDE))
ASKING = ("stat", "lstat", "access")
# On Windows these ask the system themselves; elsewhere they are Python, and call os.stat.
SHORT_CUTS = ("exists", "lexists", "isfile", "isdir", "islink", "isjunction")


@cache
def process_tracer() -> "Tracer":
    """Return this process's tracer; audit hooks cannot be removed, so there is but one."""
    names: tuple[Any, ...] = ("stdlib", "platstdlib", "purelib", "platlib")
    tracer = Tracer((*(sysconfig.get_path(name) for name in names), "/proc/", "/dev/"))
    sys.addaudithook(tracer.hear)
    return tracer


class Seen(msgspec.Struct):
    """What a piece of work has read: files, missing ones included, and the folders it listed.

    `asked` are the paths it asked about, as by `Path.exists`. `outside` tells whether it asked
    another program or another machine, whose answers may change.
    """

    files: set[str] = msgspec.field(default_factory=set)
    folders: set[str] = msgspec.field(default_factory=set)
    asked: set[str] = msgspec.field(default_factory=set)
    outside: bool = False

    def __or__(self, other: "Seen") -> "Seen":
        """Return what either has read or asked."""
        return Seen(
            self.files | other.files,
            self.folders | other.folders,
            self.asked | other.asked,
            self.outside or other.outside,
        )

    @property
    def unread(self) -> set[str]:
        """Return the paths asked about that are no files read: of those the content tells all."""
        return {one for one in self.asked if one not in self.files or not Path(one).is_file()}


class Tracer(msgspec.Struct):
    """Notes what is read and asked while it is watching."""

    roots: tuple[str, ...]
    seen: Seen = msgspec.field(default_factory=Seen)
    watching: bool = False
    _noting: list[tuple[Any, str, Any, Any]] = msgspec.field(default_factory=list)
    _mine: set[threading.Thread] = msgspec.field(default_factory=set)
    _helpers: set[threading.Thread] = msgspec.field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the noting functions; each is as good as the one it stands in for."""
        for module, name in _questions():
            ask = getattr(module, name)
            noting = _noting(ask, self._hear_question)
            for known in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
                if ask in known:
                    known.add(noting)
            self._noting.append((module, name, ask, noting))
        start = threading.Thread.start
        self._noting.append((threading.Thread, "start", start, _noting(start, self._hear_start)))

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """Note a file that is being opened, a folder being listed; few other events matter."""
        if not self.watching or event not in HEARD or not self._is_mine():
            return
        if event == "open":
            self._note(args[0], self.seen.files)
        elif event in LISTINGS:
            self._note(args[0], self.seen.folders)
        else:
            self.seen.outside = True

    def _hear_question(self, name: Any) -> None:
        if self.watching and self._is_mine():
            self._note(name, self.seen.asked)

    def _hear_start(self, thread: threading.Thread) -> None:
        if self._is_mine():
            self._mine.add(thread)

    def _note(self, name: Any, places: set[str]) -> None:
        if isinstance(name, str | bytes | os.PathLike):
            path = os.path.abspath(os.fsdecode(name))  # noqa: PTH100 (keeps links)
            if not path.endswith(IGNORED) and not path.startswith(self.roots):
                places.add(path)

    def _is_mine(self) -> bool:
        """Tell whether this thread does the work; others may be a server's."""
        return threading.current_thread() in self._mine

    @contextmanager
    def watch(self) -> Iterator[Seen]:
        """Collect what is read inside the block, by this thread and by those it starts.

        Such threads may have been started in an earlier block.
        """
        mine = threading.current_thread()
        self._mine = {mine, *self._helpers}
        self.seen, self.watching = Seen(), True
        for module, name, _, noting in self._noting:
            setattr(module, name, noting)
        try:
            yield self.seen
        finally:
            self.watching = False
            for module, name, ask, _ in self._noting:
                setattr(module, name, ask)
            self._helpers = (self._mine - {mine}) & set(threading.enumerate())
            # Python itself lists the folders that it looks for modules in.
            searched = {os.path.abspath(entry) for entry in sys.path}  # noqa: PTH100
            self.seen.folders -= searched
            self.seen.asked -= searched


def _questions() -> Iterator[tuple[ModuleType, str]]:
    yield from ((os, name) for name in ASKING)
    for name in SHORT_CUTS:
        if isinstance(getattr(os.path, name, None), BuiltinFunctionType):
            yield os.path, name


def _noting(ask: Callable[..., Any], note: Callable[[Any], None]) -> Callable[..., Any]:
    @wraps(ask)
    def noting(path: Any, *args: Any, **options: Any) -> Any:
        if options.get("dir_fd") is None:
            note(path)
        return ask(path, *args, **options)

    return noting

"""What a piece of work reads, seen by Python's audit events."""

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

IGNORED = (".pyc", ".so", ".pth")
LISTINGS = ("os.listdir", "os.scandir")
OUTSIDE = ("socket.connect", "subprocess.Popen", "os.posix_spawn", "os.system")


@cache
def process_tracer() -> "Tracer":
    """Return this process's tracer; audit hooks cannot be removed, so there is but one."""
    names: tuple[Any, ...] = ("stdlib", "platstdlib", "purelib", "platlib")
    tracer = Tracer((*(sysconfig.get_path(name) for name in names), "/proc/", "/dev/"))
    sys.addaudithook(tracer.hear)
    return tracer


@dataclass
class Seen:
    """What a piece of work has read: files, missing ones included, and the folders it listed.

    `outside` tells whether it asked another program or another machine, whose answers may change.
    """

    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    outside: bool = False


@dataclass
class Tracer:
    """Notes what is read while it is watching."""

    roots: tuple[str, ...]
    seen: Seen = field(default_factory=Seen)
    watching: bool = False

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """Note a file that is being opened, a folder being listed; few other events matter."""
        if not self.watching:
            return
        if event == "open":
            self._note(args[0], self.seen.files)
        elif event in LISTINGS:
            self._note(args[0], self.seen.folders)
        elif event in OUTSIDE:
            self.seen.outside = True

    def _note(self, name: Any, places: set[str]) -> None:
        if isinstance(name, str | bytes | Path):
            path = os.path.abspath(os.fsdecode(name))  # noqa: PTH100 (keeps links)
            if not path.endswith(IGNORED) and not path.startswith(self.roots):
                places.add(path)

    @contextmanager
    def watch(self) -> Iterator[Seen]:
        """Collect what is read inside the block."""
        self.seen, self.watching = Seen(), True
        try:
            yield self.seen
        finally:
            self.watching = False
            # Python itself lists the folders that it looks for modules in.
            self.seen.folders -= {os.path.abspath(entry) for entry in sys.path}  # noqa: PTH100

"""Which files a piece of work reads, seen by Python's audit events."""

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

IGNORED = (".py", ".pyc", ".so", ".pth")


@cache
def process_tracer() -> "Tracer":
    """Return this process's tracer; audit hooks cannot be removed, so there is but one."""
    names: tuple[Any, ...] = ("stdlib", "platstdlib", "purelib", "platlib")
    tracer = Tracer((*(sysconfig.get_path(name) for name in names), "/proc/", "/dev/"))
    sys.addaudithook(tracer.hear)
    return tracer


@dataclass
class Tracer:
    """Notes the files that are opened for reading while it is watching."""

    roots: tuple[str, ...]
    opened: set[str] = field(default_factory=set)
    watching: bool = False

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """Note a file that is being opened; other events do not matter."""
        if self.watching and event == "open" and isinstance(args[0], str | bytes | Path):
            path = os.path.abspath(os.fsdecode(args[0]))  # noqa: PTH100 (keeps links)
            if not path.endswith(IGNORED) and not path.startswith(self.roots):
                self.opened.add(path)

    @contextmanager
    def watch(self) -> Iterator[set[str]]:
        """Collect the files opened inside the block, missing ones included."""
        self.opened, self.watching = set(), True
        try:
            yield self.opened
        finally:
            self.watching = False

"""Which files a piece of work reads, seen by Python's audit events."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

IGNORED = (".py", ".pyc", ".so", ".pth")


@dataclass
class Tracer:
    """Notes the files that are opened for reading while it is watching."""

    roots: tuple[str, ...]
    opened: set[str] = field(default_factory=set)
    watching: bool = False

    def install(self) -> None:
        """Begin to hear audit events; they can be ignored later, but not unheard."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self.watching and event == "open" and isinstance(args[0], str | bytes | Path):
            path = os.path.abspath(os.fsdecode(args[0]))
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

"""How far a build is: a bar on a terminal, a line a stage elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import msgspec

from kbgen.clock import Clock

Progress = Callable[[str, int, int], None]


@contextmanager
def shown(quiet: bool) -> Iterator[Progress]:
    """Give a function that shows stage, done and total; with `quiet` it shows nothing."""
    if quiet or sys.stderr is None:  # it is closed
        yield lambda stage, done, total: None
    elif sys.stderr.isatty():
        with _bar() as show:
            yield show
    else:
        yield Lines(sys.stderr)


class Lines(msgspec.Struct):
    """Plain lines for logs: one when a stage begins that has work to do, one when it is done."""

    stream: TextIO
    _clocks: dict[str, Clock] = msgspec.field(default_factory=dict)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Print a line when `stage` begins or ends."""
        if stage not in self._clocks:
            self._clocks[stage] = Clock()
            self._say(f"{stage}: {total} pages")
        if done == total:
            seconds = self._clocks[stage].seconds
            rate = f", {total / seconds:.0f} pages/s" if seconds > 1 else ""
            self._say(f"{stage}: done in {seconds:.1f} s{rate}")

    def _say(self, line: str) -> None:
        print(line, file=self.stream, flush=True)


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

    columns = (
        TextColumn("{task.description:>7}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}
        clocks: dict[str, Clock] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total, rate="")
                clocks[stage] = Clock()
            rate = f"{done / max(clocks[stage].seconds, 0.001):.0f} pages/s" if done else ""
            bar.update(tasks[stage], completed=done, rate=rate)

        yield show

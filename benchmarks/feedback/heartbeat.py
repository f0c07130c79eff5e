"""What the machine itself did during a load, beside the server: pauses, and syncs of its disk.

A stall of the server says nothing unless one knows whether other programs could run and whether
the disk took their data at that moment.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

EVERY_S = 0.1


@dataclass
class Heartbeat:
    """Seconds since the start, and how long a wait came too late or a sync took, ten a second."""

    began: float = field(default_factory=time.perf_counter)
    late: list[tuple[float, float]] = field(default_factory=list)
    syncs: list[tuple[float, float]] = field(default_factory=list)

    def worst(self, start: float, end: float) -> dict[str, float]:
        """Return the longest pause and the longest sync between two moments, in ms."""
        return {"machine_late_ms": longest(self.late, start, end)} | {
            "disk_sync_ms": longest(self.syncs, start, end)
        }


def longest(beats: list[tuple[float, float]], start: float, end: float) -> float:
    """Return the longest beat, in ms, of those that touch the time from `start` to `end`."""
    inside = (took for at, took in beats if at <= end and at + took >= start)
    return round(1000 * max(inside, default=0.0), 1)


@contextmanager
def beating(folder: Path) -> Iterator[Heartbeat]:
    """Give a heartbeat that goes on while the block runs; it syncs a small file in the folder."""
    beat, done = Heartbeat(), threading.Event()

    def pulse() -> None:
        with (folder / "heartbeat").open("wb", buffering=0) as file:
            while not done.is_set():
                one(beat, file.fileno())

    thread = threading.Thread(target=pulse)
    thread.start()
    try:
        yield beat
    finally:
        done.set()
        thread.join()


def one(beat: Heartbeat, file: int) -> None:
    """Wait a moment, then write and sync a few bytes; note how long each took."""
    asked = time.perf_counter()
    time.sleep(EVERY_S)
    woke = time.perf_counter()
    beat.late.append((asked - beat.began, max(0.0, woke - asked - EVERY_S)))
    os.pwrite(file, b"x" * 4096, 0)
    os.fsync(file)
    beat.syncs.append((woke - beat.began, time.perf_counter() - woke))

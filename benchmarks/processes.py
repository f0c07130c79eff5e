"""Wall time and memory of a command and all that it starts."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

INTERVAL = 0.1  # seconds between two looks at the memory
MEBI = 2**20


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds of wall time, and the peak of resident memory in MiB."""

    seconds: float
    mebibytes: float


class CommandError(Exception):
    """A measured command ended with another exit code than it may."""


def run(
    command: Sequence[str],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    allowed: Sequence[int] = (0,),
) -> Cost:
    """Run a command to its end, its output kept quiet; return its cost.

    Memory is the sum over the process and its children of their proportional sets (a page that
    several share counts once), sampled, so that a peak shorter than 0.1 s may be missed.

    Raises:
        CommandError: with the end of the output, when the exit code is not an allowed one.
    """
    with tempfile.TemporaryFile("w+") as output:
        started, peak = time.perf_counter(), 0
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=output, stderr=output)
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            time.sleep(INTERVAL)
        seconds = time.perf_counter() - started
        if process.returncode not in allowed:
            output.seek(0)
            said = output.read()[-2000:]
            raise CommandError(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return Cost(seconds, peak / MEBI)


def _resident(pid: int) -> int:
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(map(_share, family))


def _share(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0

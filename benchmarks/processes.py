"""Wall time and memory of a command and all that it starts, kbgen's own as installed."""

from __future__ import annotations

import compileall
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

import kbgen
import kbgen_feedback
import kbgen_search

INTERVAL = 0.25  # seconds between two looks at the memory, each of which costs some milliseconds
MEBI = 2**20


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds of wall time and of the processors (user and system), and the
    peak of resident memory in MiB.
    """

    seconds: float
    mebibytes: float
    processor: float = 0.0


class CommandError(Exception):
    """A measured command ended with another exit code than it may."""


def compile_ours() -> None:
    """Compile kbgen's modules, as pip does with those of every tool that it installs."""
    for package in (kbgen, kbgen_feedback, kbgen_search):
        compileall.compile_dir(package.__path__[0], quiet=1)


def run(
    command: Sequence[str],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    allowed: Sequence[int] = (0,),
    watch: bool = True,
) -> Cost:
    """Run a command to its end, its output kept quiet; return its cost.

    Memory is the sum over the process and its children of their proportional sets (a page that
    several share counts once), sampled, so that a short peak may be missed. Looking takes time from
    the command, the more the more processes it has; without `watch` memory is 0.

    Raises:
        CommandError: with the end of the output, when the exit code is not an allowed one.
    """
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=output, stderr=output)
        with _watched(process.pid if watch else 0) as peak:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in allowed:
            output.seek(0)
            said = output.read()[-2000:]
            raise CommandError(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return Cost(seconds, max(peak) / MEBI, usage.ru_utime + usage.ru_stime)


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """Give a list that is filled with the memory of a process and its children, in bytes."""
    found, over = [0], threading.Event()
    if not pid:
        yield found
        return

    def look() -> None:
        found.append(_resident(pid))
        while not over.wait(INTERVAL):
            found.append(_resident(pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


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

"""libfaketime for one process: its wall clock steps when a file says so; the machine's does not."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

DEFAULT = Path(tempfile.gettempdir()) / "kbgen-faketime"


def install(folder: Path) -> Path:
    """Return the library, from a virtual environment of its own made when it is not there."""
    if not (folder / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pattern = "lib/*/site-packages/libfaketime/vendor/libfaketime/src/libfaketime.so.1"
    if not list(folder.glob(pattern)):
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--quiet", "install", "libfaketime"]
        subprocess.run(pip, check=True)
    return next(folder.glob(pattern))


def environment(library: Path, steps: Path) -> dict[str, str]:
    """Return what a process needs to follow the clock of the file; monotonic time stays true."""
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(steps),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def step(steps: Path, offset: str) -> None:
    """Set the clock's offset in seconds, with its sign."""
    steps.write_text(f"{offset}\n", "ascii")

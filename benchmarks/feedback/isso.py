"""Isso, the comment server of PyPI, in a virtual environment of its own, as its users run it."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.feedback.processes import HOST, Server, free_port

PACKAGES = ("isso", "gunicorn", "gevent")
WORKERS = 2
CONFIGURATION = """
[general]
dbpath = {database}
host = http://{host}/
[server]
listen = http://{host}:{port}/
[guard]
enabled = false
[moderation]
enabled = false
"""


def install(folder: Path) -> Path:
    """Return the Python of a virtual environment with Isso in it, made when it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    if not (folder / "bin" / "isso").exists():
        subprocess.run([str(python), "-m", "pip", "--quiet", "install", *PACKAGES], check=True)
    return python


def version(python: Path) -> str:
    """Return the version of Isso that is measured."""
    code = "from importlib.metadata import version; print(version('isso'))"
    return subprocess.check_output([str(python), "-c", code], text=True).strip()


def standalone(python: Path, folder: Path) -> Server:
    """Return Isso as `isso run` serves it (on gevent)."""
    return server(folder, (str(python.parent / "isso"), "-c", "isso.cfg", "run"), free_port())


def under_gunicorn(python: Path, folder: Path) -> Server:
    """Return Isso under gunicorn with a worker a core, as its manual deploys it."""
    port = free_port()
    command = (str(python), "-m", "gunicorn", "--bind", f"{HOST}:{port}", "--workers")
    return server(folder, (*command, str(WORKERS), "--preload", "isso.run"), port)


def server(folder: Path, command: tuple[str, ...], port: int) -> Server:
    """Return Isso on an empty database in the folder; not started yet."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "isso.cfg"
    settings.write_text(
        CONFIGURATION.format(database=folder / "comments.db", host=HOST, port=port), "utf-8"
    )
    environment = {"ISSO_SETTINGS": str(settings)}
    return Server(
        command, port, "/latest?limit=1", folder, environment, None, frozenset({200, 404})
    )


def comments() -> Callable[[], tuple[bytes, list[str]]]:
    """Return a maker of comment posts, each with a text of its own."""
    numbers = itertools.count()

    def make() -> tuple[bytes, list[str]]:
        text = f"This did not help me, number {next(numbers)}."
        return json.dumps({"text": text, "author": "Reader", "title": "Article"}).encode(), []

    return make

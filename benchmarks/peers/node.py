"""npm packages under comparison, installed once into a cache folder from the kept lock file."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from benchmarks.judged import Doc
from benchmarks.peers.base import Rank

SOURCES = Path(__file__).parent.parent / "node"


def packages() -> Path:
    """Return the folder in which the npm packages stand, installing them when they do not."""
    lock = (SOURCES / "package-lock.json").read_bytes()
    home = user_cache_path("kbgen-benchmarks") / hashlib.sha256(lock).hexdigest()[:12]
    if not (home / "complete").exists():
        home.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCES / name, home)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=home, check=True)
        (home / "complete").touch()
    return home


def run(script: str, given: object) -> Any:
    """Return what one of the scripts in `node/` answers to a JSON value on its stdin."""
    home = packages()
    shutil.copy(SOURCES / script, home)
    done = subprocess.run(
        ["node", script],
        cwd=home,
        input=json.dumps(given).encode(),
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


def minisearch(docs: Sequence[Doc], lang: str, folder: Path) -> Rank:
    """Return a ranker: MiniSearch with OR, title boost 3, prefixes, and fuzzy .2."""
    plain = [asdict(doc) for doc in docs]

    def rank(queries: Sequence[str]) -> list[list[str]]:
        ranked: list[list[str]] = run("minisearch.js", {"docs": plain, "queries": list(queries)})
        return ranked

    return rank

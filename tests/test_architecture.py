"""The rooms import in one direction, and each stands without the ones above it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {
    "kbgen": ROOT / "kbgen" / "kbgen",
    "kbgen_search": ROOT / "search" / "kbgen_search",
    "kbgen_feedback": ROOT / "feedback" / "kbgen_feedback",
}
FORBIDDEN = {
    "kbgen_search": {"kbgen", "kbgen_feedback", "mkdocs"},
    "kbgen_feedback": {"kbgen", "mkdocs"},
    "kbgen": set(),
}


def imported_packages(file: Path) -> set[str]:
    """Top-level names of every import in `file`, also those inside functions."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    wrong = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file in ROOMS[room].rglob("*.py")
        for name in imported_packages(file) & FORBIDDEN[room]
    }
    assert not wrong


@pytest.mark.parametrize(("library", "home"), [("whoosh", "kbgen_search"), ("mkdocs", "kbgen")])
def test_only_one_module_knows_an_ageing_upstream(library: str, home: str) -> None:
    users = [file for file in ROOMS[home].rglob("*.py") if library in imported_packages(file)]
    assert len(users) == 1, users


def test_the_collector_runs_without_mkdocs() -> None:
    code = "import sys, kbgen_feedback.app; sys.exit('mkdocs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_searching_does_not_load_what_only_builds_need() -> None:
    code = (
        "import sys, kbgen.cli.search; "
        "sys.exit(any(name in sys.modules for name in ('mkdocs', 'bs4', 'sqlalchemy', 'starlette')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

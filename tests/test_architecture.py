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
PLUGIN_API = ("mkdocs.config", "mkdocs.exceptions", "mkdocs.plugins", "mkdocs.structure")


def imported_modules(file: Path) -> set[str]:
    """Every module that `file` imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
    return found


def uses(file: Path, library: str) -> bool:
    return library in {module.split(".")[0] for module in imported_modules(file)}


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    wrong = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file in ROOMS[room].rglob("*.py")
        for name in {module.split(".")[0] for module in imported_modules(file)} & FORBIDDEN[room]
    }
    assert not wrong


def test_few_modules_know_whoosh() -> None:
    users = {file.name for file in ROOMS["kbgen_search"].rglob("*.py") if uses(file, "whoosh")}
    assert users == {"whoosh_store.py", "whoosh_syntax.py"}


def test_only_the_bridge_goes_beyond_what_mkdocs_documents_for_plugins() -> None:
    beyond = {
        f"{file.relative_to(ROOMS['kbgen'])} imports {module}"
        for file in ROOMS["kbgen"].rglob("*.py")
        for module in imported_modules(file)
        if module.startswith("mkdocs.") and not module.startswith(PLUGIN_API)
    }
    # It compiles templates while the bridge is being loaded.
    beyond.remove("compiling.py imports mkdocs.theme")
    assert {line for line in beyond if not line.startswith("mkdocs_bridge/")} == set()


def loaded_by(module: str) -> set[str]:
    """Return the modules that a new process has loaded once it has imported this one."""
    code = f"import sys, {module}; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_collector_runs_without_mkdocs() -> None:
    assert "mkdocs" not in loaded_by("kbgen_feedback.app")


def test_searching_does_not_load_what_only_builds_need() -> None:
    heavy = {"mkdocs", "bs4", "sqlalchemy", "starlette"}
    assert heavy & loaded_by("kbgen.cli.search") == set()


def test_flags_do_not_load_what_only_servers_and_other_databases_need() -> None:
    heavy = {"mkdocs", "starlette", "httpx", "whoosh", "sqlalchemy.dialects.postgresql"}
    assert heavy & loaded_by("kbgen.cli.flags") == set()

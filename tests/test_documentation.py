"""Whatever a user can type or set stands in the documentation, and the documentation builds."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kbgen.cli import cli

ROOT = Path(__file__).parent.parent
REFERENCE = "\n".join(
    page.read_text("utf-8") for page in sorted((ROOT / "docs" / "reference").rglob("*.md"))
)


def commands(group: click.Group, path: str = "kbgen") -> Iterator[tuple[str, click.Command]]:
    """Every command under `group` with the words one types to reach it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


COMMANDS = dict(commands(cli))


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_is_in_the_reference(path: str) -> None:
    assert re.search(rf"`{path}\b", REFERENCE), f"docs/reference/ does not name `{path}`"


@pytest.mark.parametrize("path", COMMANDS)
def test_each_option_of_a_command_is_in_the_reference(path: str) -> None:
    options = {
        option
        for parameter in COMMANDS[path].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    }
    missing = {option for option in options if f"{option}" not in REFERENCE}
    assert not missing


@pytest.mark.parametrize("path", COMMANDS)
def test_a_commands_help_shows_an_example(path: str) -> None:
    command = COMMANDS[path]
    if isinstance(command, click.Group):
        return
    help_text = command.get_help(click.Context(command, info_name=path))
    assert re.search(r"(?i)example", help_text)


def test_each_dependency_has_a_line_that_says_what_it_is_for() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.S | re.M)
    assert block
    names = re.findall(r'"([a-z0-9-]+)', block.group(1))
    page = (ROOT / "docs" / "developers" / "dependencies.md").read_text("utf-8")
    assert [name for name in names if f"`{name}`" not in page] == []


def test_the_projects_own_knowledge_base_builds_strictly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kbgen", "build", "--strict", "-d", str(tmp_path / "site")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "site" / "kb-manifest.json").is_file()

"""Whatever a user can type or set stands in the documentation, and the documentation builds."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import msgspec
import pytest

from kbgen import frontmatter
from kbgen.cli import cli
from kbgen.frontmatter import FrontMatter
from kbgen.settings import PluginOptions
from kbgen_feedback import events, settings, wording
from kbgen_feedback.lifecycle import STATES
from kbgen_feedback.reasons import REASONS
from kbgen_search.responses import Response, Result

ROOT = Path(__file__).parent.parent
PAGES = {
    page.stem: page.read_text("utf-8") for page in sorted((ROOT / "docs/reference").rglob("*.md"))
}
REFERENCE = "\n".join(PAGES.values())
ROOMS = ("kbgen/kbgen", "search/kbgen_search", "feedback/kbgen_feedback")


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


def section(page: str, heading: str) -> str:
    """The part of a page under a heading of the second level; "" when there is none."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    return found[1] if found else ""


def section_of(path: str) -> str:
    """What the reference says of a command: its own section, else that of its group."""
    sections = (section(page, f"`{path}`") for page in PAGES.values())
    group = path.rpartition(" ")[0]
    return next(filter(None, sections), "") or (section_of(group) if group else "")


@pytest.mark.parametrize("path", COMMANDS)
def test_each_option_of_a_command_is_in_its_own_section(path: str) -> None:
    options = {
        option
        for parameter in COMMANDS[path].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    }
    text = section_of(path)
    assert [option for option in sorted(options) if f"`{option}`" not in text] == []


def test_the_reference_names_no_option_that_is_gone() -> None:
    known = {opt for one in COMMANDS.values() for param in one.params for opt in param.opts}
    named = set(re.findall(r"^\|.*", REFERENCE, re.M))
    options = {option for line in named for option in re.findall(r"`(--[a-z-]+)`", line)}
    assert options <= known


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_has_an_example_in_the_reference(path: str) -> None:
    if not isinstance(COMMANDS[path], click.Group):
        assert re.search(rf"^\$ {path.removesuffix(' list')}\b", section_of(path), re.M)


@pytest.mark.parametrize("path", COMMANDS)
def test_a_commands_help_shows_an_example(path: str) -> None:
    command = COMMANDS[path]
    if isinstance(command, click.Group):
        return
    help_text = command.get_help(click.Context(command, info_name=path))
    assert re.search(r"(?i)example", help_text)


def typed_lines() -> Iterator[str]:
    """Every `$ kbgen ...` of the documentation, continued lines joined, without comments."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text("utf-8").replace("\\\n", " ")
        yield from re.findall(r"^\$ (?:\S+/)?(kbgen [^#>|&\n]+)", text, re.M)


@pytest.mark.parametrize("line", sorted(set(typed_lines())))
def test_a_command_line_in_the_documentation_can_be_typed(line: str) -> None:
    words = shlex.split(line)
    path = max((path for path in COMMANDS if words[: len(path.split())] == path.split()), key=len)
    options = {option for one in COMMANDS[path].params for option in one.opts}
    if path == "kbgen flags":
        options |= {option for one in COMMANDS["kbgen flags list"].params for option in one.opts}
    typed = {word.split("=")[0] for word in words if word.startswith("-") and word != "-"}
    assert typed - {"--help"} <= options


def is_row(page: str, name: str) -> bool:
    """Tell whether a table of the page explains `name`."""
    return bool(re.search(rf"^\| (?:`[^`]+`, )*`{re.escape(name)}`", page, re.M))


@pytest.mark.parametrize("option", [name for name, _ in PluginOptions._schema])
def test_each_option_of_the_plugin_is_explained(option: str) -> None:
    assert is_row(section(PAGES["settings"], "Plugin options"), option)


@pytest.mark.parametrize("name", FrontMatter.__struct_fields__)
def test_each_field_of_the_front_matter_is_explained(name: str) -> None:
    assert is_row(section(PAGES["settings"], "Front matter"), name)
    assert is_row((ROOT / "docs/writers/front-matter.md").read_text("utf-8"), name)


@pytest.mark.parametrize("row", settings.table(), ids=lambda row: row[0])
def test_each_setting_of_the_collector_is_explained(row: tuple[str, object, str]) -> None:
    assert settings.line(*row) in PAGES["collector-settings"]


@pytest.mark.parametrize("kind", get_args(events.Event))
def test_each_field_of_an_event_is_explained(kind: type[msgspec.Struct]) -> None:
    text = section(PAGES["formats"], "Events")
    row = re.search(rf"^\| `{kind.__struct_config__.tag}` .*", text, re.M)
    assert row
    common = events.Base.__struct_fields__
    names = dict(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))
    own = [encoded for name, encoded in names.items() if name not in common]
    assert [name for name in own if f"`{name}`" not in row[0]] == []
    assert [name for name in common if f"`{name}`" not in text] == []


@pytest.mark.parametrize("word", [*REASONS, *wording.KINDS, *STATES])
def test_each_reason_kind_and_state_is_named(word: str) -> None:
    assert f"`{word}`" in PAGES["formats"]


@pytest.mark.parametrize("kind", wording.KINDS)
def test_each_kind_of_flag_is_explained_to_editors(kind: str) -> None:
    page = (ROOT / "docs/editors/flags.md").read_text("utf-8")
    assert re.search(rf"^\| {wording.KINDS[kind]} \| `{kind}` \|", page, re.M)


@pytest.mark.parametrize("name", sorted({*Response.__struct_fields__, *Result.__struct_fields__}))
def test_each_field_of_an_answer_is_shown(name: str) -> None:
    assert f'"{name}"' in section(PAGES["formats"], "Answers of the search")


@pytest.mark.parametrize("room", ROOMS)
def test_the_map_of_the_code_is_complete(room: str) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    found = re.search(rf"^### `{room}`(.*?)(?=^##)", text, re.M | re.S)
    assert found
    mapped = {name.rstrip("/") for name in re.findall(r"`([a-z_]+/?)`", found[1])}
    folder = ROOT / room
    modules = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    packages = {init.parent.name for init in folder.glob("*/__init__.py")}
    assert (modules | packages) - mapped == set()
    there = {path.stem for path in folder.iterdir()}
    assert {name for name in mapped - there if "_" in name} == set()


def test_each_dependency_has_a_line_that_says_what_it_is_for() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.S | re.M)
    assert block
    names = re.findall(r'"([a-z0-9-]+)', block.group(1))
    page = (ROOT / "docs" / "developers" / "dependencies.md").read_text("utf-8")
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.stem)
def test_each_page_says_what_it_answers(page: Path) -> None:
    matter = FrontMatter.of(frontmatter.read(page.read_text("utf-8")))
    assert matter.title
    assert matter.description
    assert matter.questions


def test_the_projects_own_knowledge_base_builds_strictly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kbgen", "build", "--strict", "-d", str(tmp_path / "site")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "site" / "kb-manifest.json").is_file()

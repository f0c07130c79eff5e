"""Whatever is wrong with the database, every command says so in one line."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from feedback_events import day, vote
from sqlalchemy import Engine, create_engine, event, text

from kbgen.cli import cli
from kbgen_feedback.findings import Finding
from kbgen_feedback.flagbook import save
from kbgen_feedback.lifecycle import Flag, Step, described
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import database
from kbgen_feedback.store.database import address, open_store
from kbgen_feedback.transfer import import_lines
from kbgen_search.errors import KbError

COMMANDS = [
    ("collect", "--port", "8499"),
    ("feedback", "import", "events.jsonl"),
    ("feedback", "export", "out.jsonl"),
    ("feedback", "copy", "copy.sqlite3"),
    ("feedback", "stats"),
    ("feedback", "purge"),
    ("flags", "list"),
    ("flags", "show", "u-1"),
    ("flags", "assign", "u-1", "ana"),
    ("flags", "claim", "u-1"),
    ("flags", "resolve", "u-1"),
    ("flags", "dismiss", "u-1", "--reason", "x"),
    ("flags", "merge", "u-1", "u-2"),
    ("flags", "export"),
    ("report",),
]


def filled(path: Path) -> Path:
    with closing(open_store(str(path))) as store:
        line = b'{"id":"00000000-0000-4000-8000-000000000001","type":"view","page":"a",'
        import_lines(store, [line + b'"at":"2026-09-01T12:00:00Z"}'], Settings())
    return path


def missing_folder(folder: Path) -> str:
    return str(folder / "none" / "x.sqlite3")


def no_database(folder: Path) -> str:
    (folder / "notes.txt").write_text("these are notes, and no database " * 40)
    return str(folder / "notes.txt")


def newer(folder: Path) -> str:
    path = filled(folder / "newer.sqlite3")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("insert into schema_version values (99)")
        connection.commit()
    return str(path)


def read_only(folder: Path) -> str:
    return f"sqlite:///file:{filled(folder / 'ro.sqlite3')}?mode=ro&uri=true"


def nobody_there(_: Path) -> str:
    return "postgresql://kb:secret@127.0.0.1:1/kb"


def bad_address(_: Path) -> str:
    return "postgresql://kb:secret@127.0.0.1:port/kb"


def locked(folder: Path) -> str:
    return str(filled(folder / "locked.sqlite3"))


TROUBLES: list[tuple[Callable[[Path], str], str]] = [
    (missing_folder, "x.sqlite3"),
    (no_database, "it is no database"),
    (newer, "has version 99"),
    (nobody_there, "nothing answers there"),
    (bad_address, "the address of the database cannot be read"),
    (locked, "it is locked"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(database, "LOCK_S", 0.02)
    (tmp_path / "events.jsonl").write_text("")
    return tmp_path


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(("make", "says"), TROUBLES, ids=[make.__name__ for make, _ in TROUBLES])
def test_every_command_says_what_is_wrong_in_one_line(
    folder: Path, words: tuple[str, ...], make: Callable[[Path], str], says: str
) -> None:
    url = make(folder)
    with closing(sqlite3.connect(folder / "locked.sqlite3")) as other:
        other.execute("begin exclusive")
        error = CliRunner().invoke(cli, [*words, "--database", url]).exception
    assert isinstance(error, KbError), error
    assert says in str(error)
    assert "\n" not in str(error)
    assert "secret" not in str(error)


WRITERS = [words for words in COMMANDS if words[1:2] not in [("export",), ("stats",), ("copy",)]]


@pytest.mark.parametrize("words", [w for w in WRITERS if "u-1" not in w], ids=" ".join)
def test_a_command_that_must_write_says_that_it_may_not(
    folder: Path, words: tuple[str, ...]
) -> None:
    (folder / "events.jsonl").write_text(json.dumps(vote("a", day(0), "r", "no")))
    error = CliRunner().invoke(cli, [*words, "--database", read_only(folder)]).exception
    assert isinstance(error, KbError), error
    assert "cannot be written to" in str(error)


@pytest.mark.parametrize("body", ["{", "7", '["a"]'])
def test_a_record_that_cannot_be_read_is_one_clear_line(tmp_path: Path, body: str) -> None:
    path = filled(tmp_path / "kb.sqlite3")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("update events set body = ?", [body])
        connection.commit()
    error = CliRunner().invoke(cli, ["feedback", "export", "-", "--database", str(path)]).exception
    assert isinstance(error, KbError), error
    assert "kb.sqlite3 holds a record that cannot be read" in str(error)


FLAG = {
    "site": "default",
    "id": "u-1",
    "kind": "unhelpful",
    "page": "a",
    "locale": "en",
    "state": "open",
    "since": 1_700_000_000_000,
    "changed": 1_700_000_000_000,
    "finding": json.dumps(
        {
            "tier": "flag",
            "confidence": 0.9,
            "n": 9,
            "wasted": 1.0,
            "needs_more": None,
            "evidence": {"yes": 3, "no": 37},
        }
    ),
}


@pytest.mark.parametrize(
    "damage",
    [
        {"since": "soon"},
        {"since": 10**18},
        {"queries": "7"},
        {"finding": "[]"},
        {"proof": '"x"'},
        {"kind": "strange"},
        {"state": "strange"},
    ],
    ids=str,
)
def test_a_flag_that_nobody_can_have_written_is_one_clear_line(
    tmp_path: Path, damage: dict[str, object]
) -> None:
    path = filled(tmp_path / "kb.sqlite3")
    show = ["flags", "show", "u-1", "--database", str(path)]
    with closing(sqlite3.connect(path)) as connection:
        names, marks = ", ".join(FLAG), ", ".join("?" * len(FLAG))
        connection.execute(f"insert into flags ({names}) values ({marks})", list(FLAG.values()))
        connection.commit()
        assert CliRunner().invoke(cli, show).exit_code == 0
        for name, value in damage.items():
            connection.execute(f"update flags set {name} = ?", [value])
        connection.commit()
    error = CliRunner().invoke(cli, show).exception
    assert isinstance(error, KbError), error
    assert "kb.sqlite3 holds a record that cannot be read" in str(error)


@pytest.mark.parametrize("at", ["soon", 10**18])
def test_a_history_that_nobody_can_have_written_is_one_clear_line(
    tmp_path: Path, at: object
) -> None:
    path = tmp_path / "kb.sqlite3"
    finding = Finding("unhelpful", "a", "en", "flag", 0.9, 40, 3.0, evidence={"yes": 3, "no": 37})
    with closing(open_store(str(path))) as store:
        flag = replace(Flag("u-1", *finding.key, "open", 1, 1), finding=described(finding))
        save(store, [Step(flag, "open")], "kbgen", 1)
    words = ["flags", "show", "u-1", "--database", str(path)]
    assert "1970-01-01 00:00  kbgen: open" in CliRunner().invoke(cli, words).output
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("update history set at = ?", [at])
        connection.commit()
    error = CliRunner().invoke(cli, words).exception
    assert isinstance(error, KbError), error
    assert "kb.sqlite3 holds a record that cannot be read" in str(error)


@pytest.fixture
def full_disk() -> Iterator[Callable[[], None]]:
    """Let SQLite files grow no further, from the call on."""

    def limit(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    def begin() -> None:
        event.listen(Engine, "connect", limit)

    yield begin
    event.remove(Engine, "connect", limit)


def test_a_full_disk_in_the_middle_of_an_import_is_one_line_and_undone(
    folder: Path, full_disk: Callable[[], None]
) -> None:
    path = filled(folder / "full.sqlite3")
    votes = [json.dumps(vote("a", day(0), f"r{i}", "no", comment="x" * 900)) for i in range(300)]
    (folder / "events.jsonl").write_text("\n".join(votes))
    full_disk()
    words = ["feedback", "import", "events.jsonl", "--database", str(path)]
    error = CliRunner().invoke(cli, words).exception
    assert isinstance(error, KbError)
    assert "the disk is full" in str(error)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select count(*) from events").fetchone() == (1,)


def test_a_full_disk_under_an_export_is_one_line(folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    path = filled(folder / "x.sqlite3")
    error = (
        CliRunner()
        .invoke(cli, ["feedback", "export", "/dev/full", "--database", str(path)])
        .exception
    )
    assert isinstance(error, KbError)
    assert "No space left" in str(error)


def test_a_server_that_goes_away_in_the_middle_is_one_line(folder: Path, new_postgres: str) -> None:
    """The command's connection is ended by the server while it works."""
    killer = create_engine(address(new_postgres), isolation_level="AUTOCOMMIT")

    def kill(connection: Any, *_: Any) -> None:
        if connection.engine.url != killer.url or connection.engine is killer:
            return
        own = connection.connection.dbapi_connection.info.backend_pid
        with killer.connect() as other:
            other.execute(text(f"select pg_terminate_backend({own})"))

    open_store(new_postgres).close()
    event.listen(Engine, "before_cursor_execute", kill)
    try:
        found = CliRunner().invoke(cli, ["report", "--database", new_postgres])
    finally:
        event.remove(Engine, "before_cursor_execute", kill)
        killer.dispose()
    assert isinstance(found.exception, KbError), found.exception
    assert "\n" not in str(found.exception)

"""The commands an operator types: events in and out, flags, report, settings."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from feedback_events import day, event, manifest, search, view, vote

from kbgen.cli import cli
from kbgen_feedback import settings as settings_module
from kbgen_feedback.settings import Rules, Settings, load, table
from kbgen_search.errors import KbError

DOCS = Path(__file__).parents[2] / "docs"
NOW = datetime.now(UTC)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `kbgen` with these words in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def command(*words: str) -> Result:
        return CliRunner().invoke(cli, list(words), catch_exceptions=True)

    return command


def write(path: Path, events: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(one) + "\n" for one in events), "utf-8")
    return str(path)


def everything() -> list[dict[str, Any]]:
    """One of each kind, with every field."""
    return [
        view("a", day(0), "r1", visit="v", printed=True, copied=True),
        search("größe ändern", day(0), "r1", ["a", "b"], ["b"], settled_by="enter", page="a"),
        search("x", day(0), "r2", [], results=0, previewed=True),
        vote("a", day(0), "r1", "no", reasons=["other"], comment="ü\nz", q="x", token="t"),
        vote("b", day(0), "r2", "yes", net="n1", agent="a1", held="limit.votes"),
        event("wanted", day(0), reader="r3", q="x", text="nothing fits", page="a"),
        event(
            "notfound",
            day(0),
            reader="r3",
            path="/old/" + "x" * 190 + "/" + "y" * 190,
            referrer="/from",
        ),
        event("contact", day(0), reader="r3", page="a", queries=["x", "y"]),
    ]


def test_what_goes_in_comes_out_again(run: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "in.jsonl", everything())
    assert "8 lines: 8 new, 0 known" in run("feedback", "import", file).output
    assert "8 lines: 0 new, 8 known" in run("feedback", "import", file).output
    run("feedback", "export", "out.jsonl")
    run("feedback", "import", "out.jsonl", "--database", "second.sqlite3")
    run("feedback", "export", "again.jsonl", "--database", "second.sqlite3")
    out = (tmp_path / "out.jsonl").read_text("utf-8")
    assert out == (tmp_path / "again.jsonl").read_text("utf-8")
    given = {one["id"]: one for one in everything_of(tmp_path / "in.jsonl")}
    for one in everything_of(tmp_path / "out.jsonl"):
        asked = given[one["id"]]
        one["at"] = asked["at"]
        assert one == {key: value for key, value in asked.items() if value != ""}


def everything_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_bad_lines_are_named_and_the_others_kept(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    good = json.dumps(view("a", day(0), "r"))
    file.write_text(f"{good}\nnot json\n\n{good[:-1]}\n" + json.dumps({"type": "zzz"}) + "\n")
    result = run("feedback", "import", str(file))
    assert isinstance(result.exception, KbError)
    assert "bad.jsonl:2" in str(result.exception)
    assert "1 new" in result.output
    assert json.loads(run("feedback", "stats", "--json").output)["events"] == 1


def test_imported_votes_that_nobody_could_have_read_for_do_not_count(
    run: Any, tmp_path: Path
) -> None:
    hasty, read = vote("a", day(0), "r1", "no", dwell_ms=900), vote("a", day(0), "r2", "no")
    write(tmp_path / "e.jsonl", [hasty, read])
    run("feedback", "import", "e.jsonl")
    found = json.loads(run("feedback", "stats", "--json").output)
    assert (found["votes"], found["votes_held"]) == ({"no": 1}, {"quick": 1})


def test_flags_as_json(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "e.jsonl", [vote("a", day(0), f"r{i}", "no") for i in range(12)])
    run("feedback", "import", "e.jsonl")
    found = json.loads(run("flags", "--json", "--as-of", "2026-09-02").output)
    (row,) = [one for one in found["flags"] if one["kind"] == "unhelpful"]
    assert (found["as_of"], row["page"], row["tier"], row["state"]) == (
        "2026-09-02",
        "a",
        "flag",
        "open",
    )
    assert json.loads(run("flags", "--json", "--as-of", "2026-08-31").output)["flags"] == []


def test_flags_know_the_site_that_lies_in_the_project(run: Any, tmp_path: Path) -> None:
    votes = [vote("a", day(0), f"r{i}", "no", locale="ar") for i in range(12)]
    write(tmp_path / "e.jsonl", votes)
    run("feedback", "import", "e.jsonl")
    manifest(tmp_path / "site", {"id": "a", "locale": "ar", "title": "Alif"})
    (row,) = json.loads(run("flags", "--json", "--as-of", "2026-09-02").output)["flags"]
    assert (row["page"], row["locale"]) == ("a", "ar")
    manifest(tmp_path / "else", {"id": "a", "locale": "fa", "title": "Alef"})
    found = run("flags", "--json", "--as-of", "2026-09-02", "--site", str(tmp_path / "else"))
    assert [row["locale"] for row in json.loads(found.output)["flags"]] == ["fa"]


def test_the_life_of_a_flag_from_the_command_line(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "e.jsonl", [vote("a", NOW, f"r{i}", "no") for i in range(12)])
    run("feedback", "import", "e.jsonl")
    listed = run("flags").output
    name = listed.split()[0]
    assert "12 of 12 votes say that it did not help" in listed
    assert run("flags", "assign", name, "ana").output == f"{name}: assigned\n"
    assert run("flags", "claim", name).output == f"{name}: claimed\n"
    shown = run("flags", "show", name).output
    assert "assigned ana" in shown
    assert shown.endswith(": fix claimed\n")
    assert run("flags", "dismiss", name, "--reason", "test").output == f"{name}: dismissed\n"
    assert "0 flags" in run("flags", "list").output
    missing = run("flags", "show", "u-none")
    assert isinstance(missing.exception, KbError)


def test_what_no_two_readers_typed_alike_is_shown_nowhere(run: Any, tmp_path: Path) -> None:
    typed = ("cancel for anna", "anna cancelled", "cancelling anna", "cancel anna now")
    write(tmp_path / "e.jsonl", [search(q, NOW, q, [], results=0) for q in typed])
    run("feedback", "import", "e.jsonl")
    assert "Missing article: (rare queries) [en]" in run("flags").output
    for words in (("list", "--json"), ("export",), ("export", "--format", "markdown")):
        told = run("flags", *words).output
        assert "cg-" in told
        assert "anna" not in told


def test_a_missing_article_is_called_as_readers_called_it(run: Any, tmp_path: Path) -> None:
    asked = [search("cancel subscriptions", NOW, f"r{i}", [], results=0) for i in range(4)]
    write(tmp_path / "e.jsonl", asked)
    run("feedback", "import", "e.jsonl")
    assert "Missing article: cancel subscriptions [en]" in run("flags").output
    said = run("flags", "export", "--format", "markdown").output
    assert "**Missing article: cancel subscriptions**" in said


def test_the_report_counts_what_happened(run: Any, tmp_path: Path) -> None:
    events = [
        search("refund", day(0), "a", ["p"], ["p"]),
        view("p", day(0.0001), "a", 90),
        search("dark mode", day(0), "b", [], results=0),
        vote("p", day(0), "a", "yes"),
        vote("p", day(0), "b", "no"),
        vote("p", day(0), "c", "yes"),
        view("p", day(0), "d", locale="fr"),
        view("p", day(0), "bot", held="bot.declared"),
    ]
    write(tmp_path / "e.jsonl", events)
    run("feedback", "import", "e.jsonl")
    made = json.loads(run("report", "--weeks", "2", "--as-of", "2026-09-03", "--json").output)
    week = made["weeks"][1]
    assert (week["views"], week["searches"], week["nothing"]) == (2, 2, 1)
    assert (week["search_success"], week["helpful"]) == (0.5, 0.6667)
    assert made["weeks"][0]["search_success"] is None
    assert made["locales"]["fr"]["views"] == 1
    assert made["busiest_hours"][0] == {"hour": "Tuesday 12:00", "events": 4}
    run("report", "--as-of", "2026-09-03", "--html", "r.html")
    assert "50 %" in (tmp_path / "r.html").read_text("utf-8")


def test_purge_says_what_it_did(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "e.jsonl", [view("a", day(0), "r")])
    run("feedback", "import", "e.jsonl")
    assert "deleted 1 raw event," in run("feedback", "purge").output


def test_a_misspelled_command_of_flags_is_called_one(run: Any) -> None:
    assert "No such command 'lst'" in run("flags", "lst").output


def test_a_copy_is_a_backup(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "e.jsonl", everything())
    run("feedback", "import", "e.jsonl")
    assert run("feedback", "copy", "backup.sqlite3").exit_code == 0
    stats = [
        run("feedback", "stats", "--json", *to).output
        for to in ((), ("--database", "backup.sqlite3"))
    ]
    assert stats[0] == stats[1]


def test_a_damaged_database_is_not_taken_for_the_copys(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "e.jsonl", [view("a", day(0), f"reader {n}") for n in range(3000)])
    run("feedback", "import", "e.jsonl")
    file = tmp_path / "kbgen-feedback.sqlite3"
    content = bytearray(file.read_bytes())
    for at in range(len(content) // 2, len(content) - 4096, 4096):
        content[at : at + 200] = b"\x07" * 200
    file.write_bytes(content)
    said = str(run("feedback", "copy", "backup.sqlite3").exception)
    assert said == (
        "the database kbgen-feedback.sqlite3: it is damaged. "
        "restore a backup, or try sqlite3's .recover"
    )


def test_a_copy_that_cannot_be_ended_is_told_of_its_target(run: Any, tmp_path: Path) -> None:
    write(tmp_path / "e.jsonl", [view("a", day(0), "r")])
    run("feedback", "import", "e.jsonl")
    run("feedback", "copy", "backup.sqlite3")
    with closing(sqlite3.connect(tmp_path / "backup.sqlite3")) as connection:
        connection.execute("insert into memory values ('default', 'reading', 'x', x'00')")
        connection.execute(
            "create trigger full before delete on memory "
            "begin select raise(abort, 'database or disk is full'); end"
        )
        connection.commit()
    said = str(run("feedback", "copy", "backup.sqlite3").exception)
    assert said.startswith("the database backup.sqlite3: the disk is full")


@pytest.mark.parametrize(
    "words", [("feedback", "export"), ("feedback", "copy"), ("report", "--html")]
)
def test_the_database_itself_is_never_written_over(
    run: Any, tmp_path: Path, words: tuple[str, ...]
) -> None:
    write(tmp_path / "e.jsonl", everything())
    run("feedback", "import", "e.jsonl")
    before = run("feedback", "stats", "--json").output
    refused = run(*words, "./kbgen-feedback.sqlite3")
    assert "this is the database itself" in str(refused.exception)
    assert run("feedback", "stats", "--json").output == before


@pytest.mark.parametrize(
    "words",
    [("feedback", "copy", "to.sqlite3"), ("feedback", "stats"), ("flags",), ("report",)],
)
def test_a_database_that_is_not_there_is_not_made_by_who_only_reads(
    run: Any, tmp_path: Path, words: tuple[str, ...]
) -> None:
    refused = run(*words, "--database", "mistyped.sqlite3")
    assert "there is no database mistyped.sqlite3" in str(refused.exception)
    assert list(tmp_path.iterdir()) == []


class TestSettings:
    """One table of settings: file, environment, flags."""

    def test_flags_win_over_the_environment_and_that_over_the_file(self, tmp_path: Path) -> None:
        file = tmp_path / "feedback.toml"
        file.write_text('port = 1\nhost = "h"\nflag_n = 7\norigins = ["https://a.example"]\n')
        found = load(
            file,
            {"KBGEN_PORT": "2", "KBGEN_ORIGINS": "https://b.example, http://c.example"},
            port=3,
        )
        assert (found.port, found.host, found.rules.flag_n) == (3, "h", 7)
        assert found.origins == ("https://b.example", "http://c.example")

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("prot = 1", "unknown setting 'prot'"),
            ('port = "many"', "'many' is no value for the setting 'port'"),
            ("port = [", "not valid TOML"),
            ("allow_null_origin = 3", "'3' is no value"),
            ("port = 8541.9", "'8541.9' is no value"),
            ("flag_n = true", "'True' is no value"),
            ("flag_n = inf", "'inf' is no value"),
            ("database = true", "'True' is no value"),
        ],
    )
    def test_a_mistake_is_one_clear_line(self, tmp_path: Path, text: str, says: str) -> None:
        file = tmp_path / "feedback.toml"
        file.write_text(text)
        with pytest.raises(KbError, match=says) as error:
            load(file, {})
        assert str(file) in str(error.value)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("trusted_proxies", "10.0.0.0/8, the proxy"),
            ("trusted_proxies", "10.0.0.0/99"),
            ("origins", "docs.example.com"),
            ("origins", "https://docs.example.com/handbook/"),
            ("raw_days", "-1"),
            ("port", "70000"),
            ("port", "0"),
            ("flag_confidence", "nan"),
            ("flag_confidence", "90"),
            ("flag_n", "inf"),
            ("flag_n", "1.5"),
            ("prior_no", "0"),
            ("vague_share", "1.5"),
            ("refresh_s", "0"),
            ("desk_session_h", "0"),
            ("query_chars", "1000"),
            ("host", ""),
        ],
    )
    def test_what_cannot_be_meant_is_refused_at_the_start(self, name: str, value: str) -> None:
        with pytest.raises(KbError) as error:
            load(None, {f"KBGEN_{name.upper()}": value})
        assert name in str(error.value) or "port" in str(error.value)
        assert "\n" not in str(error.value)

    def test_settings_that_contradict_each_other_are_refused(self) -> None:
        with pytest.raises(KbError, match="raw_days is 3, late_days 7"):
            load(None, {"KBGEN_RAW_DAYS": "3"})

    def test_every_setting_is_documented_with_its_default(self) -> None:
        page = (DOCS / "reference" / "collector-settings.md").read_text("utf-8")
        for name, default, help_ in table():
            assert settings_module.line(name, default, help_) in page, name

    def test_every_default_has_its_type(self) -> None:
        for one in (Settings(), Rules()):
            for name, kind in type(one).__annotations__.items():
                if kind in (int, float, str, bool):
                    assert type(getattr(one, name)) in (kind, int), name

import json
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kbgen.cli import COMMANDS, cli
from kbgen_feedback import flagbook
from kbgen_feedback.lifecycle import Flag, Step
from kbgen_feedback.store.database import open_store
from kbgen_search import indexing

from .conftest import article, section

ARTICLES = [
    article("reset", "Reset your password", sections=(section("By mail", "A link comes."),)),
    article("plan", "Change your plan", "Upgrade at any time."),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    indexing.update(ARTICLES, tmp_path / ".kbgen" / "index")
    (tmp_path / "mkdocs.yml").write_text("site_name: Help\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def kbgen(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kbgen", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_articles_are_listed(project: Path) -> None:
    out = run("search", "link", "comes").output
    assert " 1. Reset your password › By mail" in out
    assert "reset/#by-mail" in out


def test_a_correction_is_told(project: Path) -> None:
    assert run("search", "reset yuor passwrod").output.startswith("Read as “reset your password”;")
    assert "Read as" not in run("search", "--exact", "reset yuor passwrod").output


def test_json_has_the_fields_of_the_contract(project: Path) -> None:
    found = json.loads(run("search", "--json", "-n", "1", "your plan").output)
    assert {"query", "lang", "total", "took_ms", "results", "suggestions"} <= found.keys()
    assert {"page", "url", "title", "section", "score", "snippet"} <= found["results"][0].keys()
    assert [hit["page"] for hit in found["results"]] == ["plan"]


def test_queries_in_a_file_are_answered_a_line_each(project: Path) -> None:
    Path("q.jsonl").write_text('{"id":"1","text":"plan"}\n\n{"id":"2","text":"reset"}\n', "utf-8")
    lines = [json.loads(line) for line in run("search", "--queries", "q.jsonl").output.splitlines()]
    assert [(line["id"], line["results"][0]["page"]) for line in lines] == [
        ("1", "plan"),
        ("2", "reset"),
    ]


def test_nothing_found_is_said(project: Path) -> None:
    assert run("search", "zzqqxx").output == "Nothing found for 'zzqqxx'.\n"


def test_queries_are_measured(project: Path) -> None:
    Path("q.jsonl").write_text('{"id":"1","text":"plan"}\n', "utf-8")
    Path("qrels.tsv").write_text("1\tplan\t1\n", "utf-8")
    found = run("evaluate", "--queries", "q.jsonl", "--qrels", "qrels.tsv", "--json").output
    assert json.loads(found)["ndcg_10"] == 1.0
    assert (
        "success_3     1.0"
        in run("evaluate", "--queries", "q.jsonl", "--qrels", "qrels.tsv").output
    )


def test_replay_fails_while_a_search_test_does(project: Path) -> None:
    Path("search-tests.yml").write_text("- query: reset\n  page: reset\n", "utf-8")
    passed = run("replay")
    assert (passed.exit_code, passed.output.splitlines()[0]) == (0, "1 of 1 search tests pass.")
    Path("search-tests.yml").write_text("- query: reset\n  page: plan\n", "utf-8")
    failed = run("replay")
    assert failed.exit_code == 1
    assert failed.output.startswith("search-tests.yml:1: search for “reset” does not find plan")
    Path("search-tests.yml").write_text("- query: reset\n  page: plann\n", "utf-8")
    told = "search-tests.yml:1: there is no article `plann`; did you mean `plan`?\n"
    assert run("replay").output.startswith(told)


def test_the_index_is_found_from_a_folder_below_and_by_the_configuration(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = project / "docs" / "account"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    Path("q.jsonl").write_text('{"id":"1","text":"plan"}\n', "utf-8")
    Path("qrels.tsv").write_text("1\tplan\t1\n", "utf-8")
    measure = ("evaluate", "--queries", "q.jsonl", "--qrels", "qrels.tsv", "--json")
    for where in ((), ("-f", str(project / "mkdocs.yml"))):
        assert "plan/" in run("search", "plan", *where).output
        assert json.loads(run(*measure, *where).output)["success_1"] == 1.0
        assert run("replay", *where).output == "0 of 0 search tests pass.\n"


def test_a_project_that_was_never_built_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = project / "other"
    inner.mkdir()
    (inner / "mkdocs.yml").write_text("site_name: Other\n", "utf-8")
    monkeypatch.chdir(inner)
    done = kbgen("search", "plan")
    assert done.returncode == 2
    assert "there is no search index here yet. run `kbgen build`" in done.stderr


def test_help_lists_every_command_by_its_own_summary() -> None:
    context = click.Context(cli)
    for name, (_, summary) in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(200) == summary
    code = (
        "import sys; from kbgen.cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: print(sorted({'whoosh', 'mkdocs', 'msgspec'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_queries_of_fixed_flags_are_replayed_from_the_database(project: Path) -> None:
    def flag(name: str, page: str, claimed: int | None, *queries: str) -> Step:
        key = ("hard_to_find", page, "en", "")
        return Step(Flag(name, *key, "open", 1, 1, claimed=claimed, queries=queries))

    with closing(open_store("x.sqlite3")) as store:
        fixed = flag("htf-1", "reset", 5, "reset", "plan")
        flagbook.save(store, [fixed, flag("htf-2", "plan", None, "nothing like it")], "me", 1)
    done = run("replay", "--database", "x.sqlite3", "--json")
    found = [(one["id"], one["text"], one["passed"]) for one in json.loads(done.output)["searches"]]
    assert found == [("htf-1", "reset", True), ("htf-1", "plan", False)]
    assert done.exit_code == 1


def test_failed_searches_are_replayed(project: Path) -> None:
    Path("f.jsonl").write_text('{"text":"pasword"}\n{"text":"plan","page":"plan"}\n', "utf-8")
    found = json.loads(run("replay", "--queries", "f.jsonl", "--json").output)
    assert [search["passed"] for search in found["searches"]] == [False, True]


@pytest.mark.parametrize(
    "query", ["pas*", "PAS*d", "p?ssword", "*word", "title:p*w?rd", "*ssw* NOT plan*"]
)
def test_wildcards_stand_for_letters_of_words(project: Path, query: str) -> None:
    found = json.loads(run("search", "--syntax", "whoosh", query, "--json").output)
    assert [result["page"] for result in found["results"]] == ["reset"]
    nothing = json.loads(run("search", "--syntax", "whoosh", "zq*", "--json").output)
    assert nothing["results"] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["search", "-f", "none.yml", "x"], "none.yml: there is no such file"),
        (["replay", "-f", "none.yml"], "none.yml: there is no such file"),
        (["replay", "--queries", "."], "is a directory"),
        (["search", "--queries", "bad.jsonl"], "bad.jsonl:2: not a query"),
        (["search", "--syntax", "whoosh", "title:(a"], "a parenthesis is missing"),
        (["search", "--syntax", "whoosh", "record:1"], "there is no field record, but area, aud"),
        (["search"], "give either a QUERY or --queries FILE"),
        (
            ["evaluate", "--queries", "bad.jsonl", "--qrels", "bad.jsonl"],
            "bad.jsonl:1: not a judgement",
        ),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(
    project: Path, words: list[str], message: str
) -> None:
    Path("bad.jsonl").write_text('{"text":"plan"}\n{"words":1}\n', "utf-8")
    done = kbgen(*words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("place", [".kbgen", ".kbgen/index"])
def test_a_file_in_the_place_of_the_index_is_no_index(project: Path, place: str) -> None:
    shutil.rmtree(place)
    Path(place).write_text("a file")
    for words in (["search", "plan"], ["replay"]):
        done = kbgen(*words)
        assert done.returncode == 2
        assert done.stderr.endswith("there is no search index here yet. run `kbgen build`\n")


def test_what_cannot_be_read_is_one_clear_line(project: Path) -> None:
    words = Path(".kbgen/index/en/vocabulary.msgpack")
    words.unlink()
    words.mkdir()
    done = kbgen("search", "pasword")
    assert done.returncode == 2
    assert "vocabulary.msgpack: cannot read: Is a directory" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_search_loads_neither_mkdocs_nor_a_parser_of_html_or_yaml(project: Path) -> None:
    code = (
        "import sys; from kbgen.cli import cli\n"
        "cli(['search', 'reset'], standalone_mode=False)\n"
        "print([name for name in ('mkdocs', 'bs4', 'lxml', 'yaml', 'markdown', 'rich', 'jinja2')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"

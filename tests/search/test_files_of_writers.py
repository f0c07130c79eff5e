"""`synonyms.yml` and `search-tests.yml`: read as meant, mistakes told with their line."""

from pathlib import Path

import pytest

from kbgen_search import searchtests, synonyms
from kbgen_search.analysis import Analyzer
from kbgen_search.errors import KbError
from kbgen_search.searchtests import SearchTest
from kbgen_search.synonyms import Synonym

from .conftest import article, engine_of

ARTICLES = [article("reset", "Reset your password"), article("plan", "Change your plan")]


def write(folder: Path, text: str) -> Path:
    path = folder / "file.yml"
    path.write_text(text, "utf-8")
    return path


def test_synonyms_are_groups_or_one_way_by_language(tmp_path: Path) -> None:
    path = write(tmp_path, "en:\n- [a, b c]\n- x: y\n- p: [q, r]\nall:\n- [k8s, kubernetes]\n")
    found = synonyms.load(path)
    assert found[:3] == (
        Synonym("a", "b c", "en"),
        Synonym("b c", "a", "en"),
        Synonym("x", "y", "en"),
    )
    assert {(one.said, one.meant) for one in found[3:5]} == {("p", "q"), ("p", "r")}
    assert {one.language for one in found[5:]} == {"all"}


def test_rules_are_those_of_the_language_in_its_terms() -> None:
    found = [Synonym("2FA", "two-factor logins", "en"), Synonym("dos", "two", "es")]
    assert synonyms.rules(found, Analyzer("en")) == [(("2", "fa"), ("two", "factor", "login"))]


def test_no_file_means_none(tmp_path: Path) -> None:
    assert synonyms.load(tmp_path / "none.yml") == ()
    assert searchtests.load(tmp_path / "none.yml") == ()
    assert synonyms.load(write(tmp_path, "")) == ()


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- [a, b]", 1, "not `key: value`"),
        ("en:\n- [a, b]\n- just words\n", 3, "not `key: value`"),
        ("en:\n- x: {y: z}\n", 2, "not a text"),
        ("en: words\n", 1, "not a list"),
        ("en:\n- [a, b\n", 3, "not YAML"),
        ("en:\n- ['', b]\n", 2, "not a text"),
    ],
)
def test_mistakes_in_synonyms_are_told(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(KbError, match=message) as raised:
        synonyms.load(write(tmp_path, text))
    assert raised.value.line == line
    assert raised.value.remedy


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KbError, match=r"cannot read: Is a directory"):
        searchtests.load(tmp_path)


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "file.yml").write_bytes(b"en:\n- [caf\xe9, bar]\n")
    with pytest.raises(KbError, match=r"not UTF-8 text\. save it as UTF-8"):
        synonyms.load(tmp_path / "file.yml")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- query: a\n", 1, "a test needs `query` and `page`"),
        ("- query: a\n  page: b\n- query: c\n  page: d\n  tops: 1\n", 5, "unknown key `tops`"),
        ("- query: a\n  page: b\n  top: none\n", 3, "`top: none` is not a number above 0"),
        ("- query: a\n  page: b\n  top: 0\n", 3, "not a number above 0"),
        ("query: a\n", 1, "not a list"),
        ("- a\n", 1, "not `key: value`"),
    ],
)
def test_mistakes_in_search_tests_are_told(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    with pytest.raises(KbError, match=message) as raised:
        searchtests.load(write(tmp_path, text))
    assert raised.value.line == line


def test_search_tests_pass_or_tell_what_came_instead(tmp_path: Path) -> None:
    engine = engine_of(tmp_path / "index", ARTICLES)
    path = write(
        tmp_path, "- query: reset\n  page: reset\n- query: your\n  page: reset\n  top: 1\n"
    )
    failed = list(searchtests.failures(searchtests.load(path), engine))
    assert [failure.test.line for failure in failed] == [3]
    assert "it is number 2; first is plan" in str(failed[0])
    missing = next(searchtests.failures([SearchTest("zzqqxx", "reset")], engine))
    assert str(missing).endswith("among the first 3: it is not found")

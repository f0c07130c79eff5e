"""The articles of a build, and how much an edit changed."""

from pathlib import Path

import pytest
from feedback_events import manifest

from kbgen.revisions import fingerprints
from kbgen_feedback.catalog import articles, register, revisions
from kbgen_feedback.manifest import changed_share, read
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store
from kbgen_search.errors import KbError


def sketch(text: str) -> str:
    return fingerprints(text).sketch


TEXT = " ".join(f"word{i}" for i in range(1000))


def edited(share: float) -> str:
    words = TEXT.split()
    start = int(len(words) * (1 - share))
    return " ".join([*words[:start], *(f"new{i}" for i in range(len(words) - start))])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_the_share_of_changed_text_is_read_from_two_builds_sketches(share: float) -> None:
    found = changed_share(sketch(TEXT), sketch(edited(share)))
    assert found == pytest.approx(share, abs=0.15)


def test_a_small_edit_is_minor_a_rewrite_is_major() -> None:
    assert (changed_share(sketch(TEXT), sketch(edited(0.03))) or 0) <= 0.2
    assert (changed_share(sketch(TEXT), sketch(edited(0.6))) or 0) > 0.2


@pytest.mark.parametrize(("before", "after"), [("", "AAAA"), ("AAAA", ""), ("?", "AAAA")])
def test_without_sketches_nobody_knows(before: str, after: str) -> None:
    assert changed_share(before, after) is None


def test_an_article_is_found_in_the_readers_language_else_in_the_sites(tmp_path: Path) -> None:
    rows = [{"id": "a", "locale": "en", "title": "A"}, {"id": "a", "locale": "fr", "title": "B"}]
    found = read(manifest(tmp_path, *rows, default_locale="en"))
    titles = [getattr(found.find("a", locale), "title", "") for locale in ("fr", "en", "de")]
    assert titles == ["B", "A", "A"]
    assert found.find("b", "en") is None
    assert found.origin() == "https://docs.example.com"


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2}', '{"format": 1, "articles": [{}]}'])
def test_a_file_that_is_no_manifest_is_one_clear_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "kb-manifest.json").write_text(text)
    with pytest.raises(KbError, match="manifest"):
        read(tmp_path)
    with pytest.raises(KbError, match="no built site"):
        read(tmp_path / "nowhere")


def test_builds_are_remembered_with_how_much_they_changed(store: Store, tmp_path: Path) -> None:
    first = {"id": "a", "revision": "r1", "sketch": sketch(TEXT)}
    second = {"id": "a", "revision": "r2", "sketch": sketch(edited(0.5))}
    assert register(store, read(manifest(tmp_path, first)), 1) == 1
    assert register(store, read(manifest(tmp_path, first)), 2) == 0
    assert register(store, read(manifest(tmp_path, second, {"id": "b"})), 3) == 2
    assert revisions(store) == {"a": {"r1", "r2"}, "b": {"r1"}}
    assert [(row.page, row.revision) for row in articles(store)] == [("a", "r2"), ("b", "r1")]
    with store.read() as connection:
        rows = connection.execute(schema.revisions.select()).all()
    changed = {
        row.revision: row.changed for row in rows if row.site == store.site and row.page == "a"
    }
    assert changed["r1"] is None
    assert changed["r2"] == pytest.approx(0.5, abs=0.2)

"""Failed searches on the newest build: asked of it once, as long as it stays as it is."""

from dataclasses import replace
from pathlib import Path

import pytest

from kbgen_feedback.replay import searching
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_search import indexing
from kbgen_search.articles import Article, Packed, Section
from kbgen_search.engine import Engine


def article(name: str, text: str) -> Article:
    packed = Packed.of([Section("", 0, "", (), text)])
    return Article(name, f"{name}/", name.capitalize(), "en", packed=packed)


def ask(store: Store, settings: Settings, *queries: str) -> list[list[str]]:
    with searching(store, settings) as search:
        assert search is not None
        return [list(search(query, "en")) for query in queries]


def test_answers_are_kept_until_there_is_another_index(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(Settings(), index=str(tmp_path / "index"))
    refunds, plans = article("refunds", "Money back."), article("plans", "Free and paid money.")
    indexing.update([refunds], tmp_path / "index")
    assert ask(store, settings, "money", "paid") == [["refunds"], []]
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "pages", lambda *_: pytest.fail("asked again"))
        assert ask(store, settings, "money") == [["refunds"]]
        assert ask(store, settings, "paid") == [[]]
    assert ask(store, settings, "money", "back") == [["refunds"], ["refunds"]]
    indexing.update([refunds, plans], tmp_path / "index")
    assert ask(store, settings, "paid") == [["plans"]]


def test_without_an_index_that_can_be_read_nothing_is_asked(store: Store, tmp_path: Path) -> None:
    for name in ("nowhere", "damaged"):
        (tmp_path / "damaged").mkdir(exist_ok=True)
        with searching(store, replace(Settings(), index=str(tmp_path / name))) as search:
            assert search is None

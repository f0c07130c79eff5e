from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks import judged


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    home = tmp_path / "faq"
    home.mkdir()
    lines = {
        "docs.jsonl": [
            {"id": "a", "title": "Login", "text": "Sign in"},
            {"id": "b", "title": "Anmelden", "text": "So geht es", "lang": "de"},
        ],
        "queries.jsonl": [
            {"id": "1", "text": "log in"},
            {"id": "2", "text": "anmelden", "lang": "de"},
            {"id": "3", "text": "nobody judged this"},
        ],
        "queries_typo.jsonl": [{"id": "1", "text": "lgo in", "clean": "log in"}],
        "queries_noaccent_de.jsonl": [{"id": "2", "text": "anmelden", "lang": "de"}],
    }
    for name, rows in lines.items():
        (home / name).write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    (home / "qrels.tsv").write_text("1\ta\t1\n1\tb\t0\n2\tb\t2\n", encoding="utf-8")
    return tmp_path


def test_each_language_is_searched_by_itself(corpus: Path) -> None:
    german, english = judged.collections(corpus)
    assert (german.label, english.label) == ("faq de", "faq en")
    assert [doc.id for doc in english.docs] == ["a"]
    assert [query.id for query in german.variants["clean"]] == ["2"]


def test_queries_without_judgement_are_left_out(corpus: Path) -> None:
    _, english = judged.collections(corpus)
    assert [query.id for query in english.variants["clean"]] == ["1"]
    assert english.relevant["1"] == {"a": 1.0}


def test_spellings_stand_beside_the_queries_they_vary(corpus: Path) -> None:
    german, english = judged.collections(corpus)
    assert set(german.variants) == {"clean", "noaccent"}
    assert english.variants["typo"][0].clean == "log in"

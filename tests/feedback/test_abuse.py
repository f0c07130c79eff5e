"""Attacks that must move no flag: each is counted under its name."""

import csv
import io
from typing import Any

import pytest
from feedback_events import day, event, fill, search, vote
from sqlalchemy import func, select

from kbgen_feedback import abuse, export, listing, refresh, totals, webhook
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store
from kbgen_search.errors import KbError

SETTINGS = Settings()
LAST = 20_000


def flags(store: Store, at: float) -> list[dict[str, Any]]:
    found = listing.as_of(store, SETTINGS, int(day(at).timestamp()) // 86400)["flags"]
    return [row for row in found if row["kind"] == "unhelpful"]


def held(store: Store) -> dict[str, int]:
    v = schema.votes.c
    with store.read() as connection:
        query = select(v.held, func.count()).where(v.site == store.site).group_by(v.held)
        return {row[0]: row[1] for row in connection.execute(query)}


def brigade(n: int, at: float, **fields: Any) -> list[dict[str, Any]]:
    return [vote("a", day(at), f"b{i}", "no", **fields) for i in range(n)]


def test_texts_that_a_database_has_no_place_for_do_no_harm(store: Store) -> None:
    long = ["ΐ" * 199, "İ" * 150 + " x" * 20]
    asked = [search("abc", day(0), f"r{n}", ["x\0"], ["x\0"]) for n in range(3)]
    asked += [search(q, day(0), f"r{n}", [], results=0) for q in long for n in range(4)]
    fill(store, [*asked, event("wanted", day(0), page="p\0", q="abc", text="so\0 dark")])
    document = listing.as_of(store, SETTINGS, int(day(1).timestamp()) // 86400)
    assert {row["kind"] for row in document["flags"]} == {"content_gap"}
    assert "\0" not in str(totals.stats(store)) + str(document)


@pytest.mark.parametrize("mark", ["net", "agent"])
def test_a_brigade_from_one_network_or_browser_is_held_for_an_editor(
    store: Store, mark: str
) -> None:
    fill(store, [vote("a", day(i), f"r{i}", "yes") for i in range(10)])
    fill(store, brigade(200, 10, **{mark: "same"}))
    fill(store, [vote("a", day(10), "honest", "no", net="other", agent="other")])
    assert flags(store, 11) == []
    assert held(store) == {"": 11, "burst": 200}
    (waiting,) = abuse.held_back(store)
    assert (waiting.page, waiting.why, waiting.n) == ("a", "burst", 200)
    assert totals.stats(store)["by_type"] == {"vote": 11}


def test_a_brigade_of_one_browser_mostly_from_one_network_is_held_as_a_whole(store: Store) -> None:
    one = [vote("a", day(10), f"b{i}", "no", net="n1", agent="same") for i in range(140)]
    two = [vote("a", day(10), f"c{i}", "no", net=f"m{i}", agent="same") for i in range(60)]
    fill(store, [*one, *two, vote("a", day(10), "honest", "no", net="x", agent="y")])
    assert flags(store, 11) == []
    assert held(store) == {"": 1, "burst": 200}


def test_what_is_usual_is_kept_until_earlier_days_have_other_votes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, real = [], abuse._Usual._counted
    monkeypatch.setattr(abuse._Usual, "_counted", lambda *given: read.append(given) or real(*given))
    for n in range(2):
        fill(store, [vote("a", day(10), f"{n}-{i}", "no", net="n1", agent="b1") for i in range(5)])
        fill(store, [vote("a", day(10), f"o{n}-{i}", "no", net=f"{n}-{i}") for i in range(10)])
        flags(store, 11)
    assert len(read) == 1
    fill(store, [vote("a", day(9), f"e{i}", "no") for i in range(20)])
    fill(store, brigade(60, 10, net="office"))
    flags(store, 11)
    assert len(read) == 2
    assert held(store) == {"": 110}


def test_an_editor_may_release_them_for_good(store: Store) -> None:
    fill(store, brigade(40, 10, net="office"))
    assert flags(store, 11) == []
    (waiting,) = abuse.held_back(store)
    assert abuse.release(store, waiting) == 40
    fill(store, [vote("b", day(10), "x", "yes")])
    assert [row["page"] for row in flags(store, 11)] == ["a"]


def test_or_keep_them_out(store: Store) -> None:
    fill(store, brigade(40, 10, net="office"))
    flags(store, 11)
    (waiting,) = abuse.held_back(store)
    assert abuse.discard(store, waiting) == 40
    assert abuse.held_back(store) == []
    assert flags(store, 11) == []


def test_many_readers_from_everywhere_are_no_brigade(store: Store) -> None:
    votes = [
        vote("a", day(10), f"r{i}", "no", net=f"n{i % 9}", agent=f"a{i % 7}") for i in range(40)
    ]
    fill(store, votes)
    assert [row["page"] for row in flags(store, 11)] == ["a"]


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_usual_for_an_article_is_no_brigade(store: Store, at_once: bool) -> None:
    every_day = [
        vote("a", day(i), f"r{i} {j}", "yes", net=f"n{j}") for i in range(9) for j in range(9)
    ]
    busy = [vote("a", day(9), f"x{j}", "no", net="school") for j in range(40)]
    brigade = [vote("b", day(9), f"y{j}", "no", net="school") for j in range(40)]
    for events in [every_day + busy + brigade] if at_once else [every_day, busy, brigade]:
        fill(store, events)
        refresh.bring_up(store, SETTINGS)
    assert [(one.page, one.n) for one in abuse.held_back(store)] == [("b", 40)]


def test_a_reader_who_votes_all_day_is_quarantined(store: Store) -> None:
    fill(store, [vote("a", day(1), "hog", "no", token=f"t{i}") for i in range(15)])
    assert flags(store, 2) == []
    assert held(store) == {"hog": 15}


def test_a_reader_who_votes_on_all_articles_is_quarantined(store: Store) -> None:
    fill(store, [vote(f"p{i}", day(1), "hog", "no") for i in range(7)])
    refresh.bring_up(store, SETTINGS)
    assert held(store) == {"hog": 7}


def test_what_such_readers_voted_in_a_day_is_one_decision(store: Store) -> None:
    hogs = [vote(f"p{i}", day(1), f"hog{n}", "no") for i in range(7) for n in range(2)]
    burst = [vote("p1", day(1), f"b{i}", "no", net="n", agent="a") for i in range(40)]
    fill(store, [*hogs, *burst])
    refresh.bring_up(store, SETTINGS)
    hog, flood = abuse.held_back(store)
    assert (hog.n, hog.articles, hog.readers) == (14, 7, 2)
    assert (flood.page, flood.n) == ("p1", 40)
    assert abuse.discard(store, hog) == 14
    assert abuse.held_back(store) == [flood]


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "https://169.254.169.254/latest",
        "https://localhost/x",
        "https://hooks.example.com.evil.example/x",
        "https://evil.example/?hooks.example.com",
        "https://user@hooks.example.com/x",
        "file:///etc/passwd",
        "gopher://hooks.example.com",
    ],
)
def test_webhooks_go_nowhere_else(url: str) -> None:
    with pytest.raises(KbError, match="webhook"):
        webhook.check_target(url, ("hooks.example.com",))
    webhook.check_target("https://hooks.example.com/services/x", ("hooks.example.com",))


ROW = {
    "id": "cg-1",
    "kind": "content_gap",
    "page": None,
    "locale": "en",
    "subject": "x",
    "state": "open",
    "tier": "flag",
    "confidence": 0.95,
    "n": 3,
    "evidence": {"searches": 3, "reader_days": 3},
    "wasted_visits_per_week": 1.0,
    "needs_more": 0,
    "owner": "",
    "since": "2026-09-01",
}


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_no_cell_of_a_spreadsheet_is_a_formula(typed: str) -> None:
    line = export.as_csv([{**ROW, "owner": typed, "queries": [typed]}])
    (_, row) = csv.reader(io.StringIO(line))
    assert [cell for cell in row if cell.lstrip()[:1] in {"=", "+", "-", "@", "＝"}] == []
    assert sum("'" in cell for cell in row) == 2


def test_a_spreadsheet_that_parts_cells_at_semicolons_finds_no_formula_either() -> None:
    text = export.as_csv([{**ROW, "queries": ["x;=HYPERLINK(1)", "=2+2"]}])
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.lstrip('"').startswith("=")]


def test_markdown_and_chats_show_what_was_typed_as_text() -> None:
    typed = "[click](https://evil.example) <!channel> @here **b** `c` <script>"
    line = export.as_markdown([{**ROW, "queries": [typed]}])
    for markup in ("[click]", "<!channel>", "@here", "**b**", "`c`", "<script>", "https://evil"):
        assert markup not in line


def test_search_tests_are_data_whatever_was_typed() -> None:
    import yaml

    typed = 'a: b\n- "c" # d !!python/object:x'
    row = {**ROW, "kind": "hard_to_find", "page": "a", "queries": [typed]}
    (test,) = yaml.safe_load(export.as_search_tests([row], {}, 3))
    assert test == {"query": typed, "page": "a", "top": 3, "locale": "en"}

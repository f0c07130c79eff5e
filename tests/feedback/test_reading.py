"""Readings that use what was kept say the same as those that begin from nothing."""

import gc
import os
import random
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from feedback_events import START, event, fill, search, view, vote
from msgspec import json
from sqlalchemy import delete, select, update

from kbgen_feedback import (
    abuse,
    additions,
    catalog,
    changes,
    flagbook,
    gather,
    listing,
    memory,
    parts,
    reading,
    refresh,
    retention,
    words,
)
from kbgen_feedback.evidence import Evidence
from kbgen_feedback.manifest import Article, Manifest
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.store.record import DAY_MS

SETTINGS = Settings()
PAGES = ("invoice", "refund", "plan", "team")
WORDS = (
    *(
        "refund",
        "refnd",
        "refund order",
        "money back",
        "invoice",
        "bill",
        "invoices",
        "change plan",
    ),
    *("plan change", "export data", "exprot data", "sso", "sso login", "invite"),
)


def day(n: float) -> datetime:
    """Midnight (UTC) of a day, counted from the first of September 2026."""
    return START + timedelta(days=n - 0.5)


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def happening(
    rng: random.Random, at: float, n: int, who: str, span: float = 0.95
) -> list[dict[str, Any]]:
    """Some visits around a day: searches, readings, votes, requests for help, dead addresses."""
    events: list[dict[str, Any]] = []
    for i in range(n):
        reader, when = f"{who}{rng.randrange(n)}", at + rng.uniform(-span / 10, span)
        for _ in range(rng.randrange(1, 6)):
            page, q = rng.choice(PAGES), rng.choice(WORDS)
            shown = rng.sample(PAGES, 3)
            opened = shown[:1] if rng.random() < 0.5 else []
            kinds = (
                search(q, day(when), reader, shown, opened),
                view(page, day(when), reader, rng.choice((2, 20, 90))),
                vote(page, day(when), reader, rng.choice(("yes", "no")), reasons=["hard_to_find"]),
                event("contact", day(when), reader=reader, queries=[q]),
                event("notfound", day(when), reader=reader, path=f"/old/{i % 3}"),
            )
            events.append(rng.choices(kinds, (8, 6, 3, 1, 1))[0])
            when += rng.choice((0.0001, 0.002, 0.015, 0.03))
    return events


def build(store: Store) -> None:
    """A build whose articles have titles: on them rest the meanings of readers' words."""
    titles = ("Export invoices", "Refund order", "Change plan", "Invite colleagues")
    told = [
        Article(page, f"/{page}", title, "en", "r1")
        for page, title in (*zip(PAGES, titles, strict=True), *TAUGHT.items())
    ]
    catalog.register(
        store, Manifest(articles={(one.id, one.locale): one for one in told}), ms(day(-1))
    )


TAUGHT = {
    f"{verb}-{noun}": f"{verb} {noun}"
    for verb in ("archive", "draw", "renew")
    for noun in ("label", "folder", "chart")
}


def taught(word: str, at: float) -> list[dict[str, Any]]:
    """Readers who typed a word beside articles' whole titles; and one word in place of another."""
    asked = [(page, f"{word} {title}") for page, title in TAUGHT.items()]
    events: list[dict[str, Any]] = []
    for page, q in [*asked, ("archive-label", "stash label"), ("archive-chart", "stash chart")]:
        for number in range(2):
            reader, when = f"{word}-{len(events)}", at + number / 50
            events += [
                search(q, day(when), reader, [page], [page]),
                view(page, day(when + 0.0001), reader, 90),
            ]
    return events


def from_nothing(store: Store, at: float) -> dict[str, Any]:
    """The flags of a day with everything forgotten that can be made again."""
    with store.write() as connection:
        connection.execute(delete(schema.memory))
        for table in schema.SUMS:
            connection.execute(delete(table).where(table.c.site == store.site))
        blank = {"summed": 0, "made_with": ""}
        mine = schema.days.c.site == store.site
        connection.execute(update(schema.days).where(mine).values(blank))
    return listing.as_of(store, SETTINGS, ms(day(at)) // DAY_MS)


def incremental(store: Store, at: float) -> dict[str, Any]:
    return listing.as_of(store, SETTINGS, ms(day(at)) // DAY_MS)


def check_stream(stores: list[Store], seed: int, rounds: int) -> None:
    """Let events come in, mostly of today, some late; each reading must be the one from nothing."""
    rng = random.Random(seed)
    today = 0.0
    for store in stores:
        build(store)
    for number in range(rounds):
        late = rng.choice((0.0, 0.0, 0.0, 1.0, 2.5, 6.0))
        events = happening(rng, today - late, rng.randrange(3, 25), f"{number}-")
        events += taught(("wanna", "gonna")[number % 2], today - late)
        documents = []
        for store in stores:
            fill(store, events)
            documents += [incremental(store, today), incremental(store, today)]
            documents.append(from_nothing(store, today))
        assert all(one == documents[0] for one in documents)
        today += rng.choice((0.0, 0.3, 1.0, 1.0, 9.0))
    assert documents[0]["flags"]
    for store in stores:
        learned = reading.read(store, ms(day(today)) // DAY_MS, SETTINGS).judged.sought
        assert learned.learned.idle
        assert learned.learned.meanings


@pytest.mark.parametrize("seed", range(4))
def test_a_reading_says_the_same_whatever_was_kept(sqlite_store: Store, seed: int) -> None:
    check_stream([sqlite_store], seed, 8)


def test_a_reading_says_the_same_on_both_databases(sqlite_store: Store, new_postgres: str) -> None:
    other = open_store(new_postgres)
    check_stream([sqlite_store, other], 100, 4)
    other.close()


def test_the_evidence_is_the_same_wherever_the_past_ends(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(3)
    for at in (0, 1, 2, 3, 20, 40, 41):
        fill(store, happening(rng, at, 25, f"{at}-"))
    refresh.bring_up(store, SETTINGS)
    found = []
    for days in (1, 2, 3, 25, 28):
        monkeypatch.setattr(gather, "OPEN_DAYS", days)
        memory.forget(store)
        made = gather.gather(store, ms(day(41)) // DAY_MS, SETTINGS)
        assert made == gather.gather(store, made.as_of, SETTINGS)
        found.append(made)
    assert all(one == found[0] for one in found)
    assert found[0].openers
    for name in ("ended", "failed", "lost", "asked"):
        assert any(getattr(one, name) for one in found[0].typed), name


def test_failures_are_of_late_for_four_weeks(store: Store) -> None:
    fill(store, [search("dark mode", day(0.5 + i / 10), f"r{i}", []) for i in range(3)])
    refresh.bring_up(store, SETTINGS)
    first = ms(day(0.5)) // DAY_MS
    late, old = (gather.gather(store, first + n, SETTINGS).typed for n in (27, 28))
    assert [(one.q, one.failed and one.failed.n, one.lost) for one in late] == [("dark mode", 3, 3)]
    assert [(one.q, one.failed and one.failed.n, one.lost) for one in old] == [
        ("dark mode", None, 3)
    ]


CLUSTERED = """
from itertools import product
from kbgen_feedback.gaps import Row, clusters

ends = "ba be bi bo bu da de di do du ga ge gi go gu".split()
asked = [f"merge{one} share{two}" for one, two in product(ends, ends)]
rows = [Row(q, "en", tuple(q.split()), 1) for q in asked]
print(sorted(sorted(one.queries) for one in clusters(rows, 0.62)))
"""


def test_queries_are_grouped_alike_in_every_process() -> None:
    # The order of a set of texts is another in each process, unless it is told otherwise.
    said = {
        subprocess.run(
            [sys.executable, "-c", CLUSTERED],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in "123"
    }
    assert len(said) == 1


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[Any]:
    """Count the calls of a function that still does its work."""
    calls: list[Any] = []
    real = getattr(module, name)

    def spy(*given: Any, **named: Any) -> Any:
        calls.append(given)
        return real(*given, **named)

    monkeypatch.setattr(module, name, spy)
    return calls


def test_votes_held_back_today_leave_those_before_unread(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, happening(random.Random(1), 0, 20, "r"))
    incremental(store, 1)
    fill(store, [vote("plan", day(1.5), f"v{i}", "no", net="n", agent="a") for i in range(30)])
    read = counted(monkeypatch, gather._Reader, "votes")
    incremental(store, 1)
    assert abuse.held_back(store)
    today = ms(day(1)) // DAY_MS
    assert [since for _, since, _ in read] == [today]


def test_nothing_new_is_not_evaluated_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, happening(random.Random(1), 0, 40, "r"))
    first = listing.now(store, SETTINGS, ms(day(0.9)))
    judged = counted(monkeypatch, reading, "judge")
    again = listing.now(store, SETTINGS, ms(day(0.95)))
    # As text: a whole number that is kept does not come back as another.
    assert json.encode(again["flags"]) == json.encode(first["flags"])
    assert judged == []
    listing.now(store, SETTINGS, ms(day(1.5)))
    assert len(judged) == 1


def test_garbage_is_looked_for_again_after_a_refresh_that_failed(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []

    def fails(*_: Any) -> None:
        looked.append(gc.isenabled())
        raise OSError

    monkeypatch.setattr(refresh, "read", fails)
    with pytest.raises(OSError):
        refresh.refresh(sqlite_store, Settings(), ms(START))
    assert [*looked, gc.isenabled()] == [False, True]


def test_that_a_flag_is_still_seen_is_noted_once_an_hour(store: Store) -> None:
    fill(store, happening(random.Random(1), 0, 40, "r"))
    began = ms(day(0.5))
    listing.now(store, SETTINGS, began)
    first = flagbook.stamp(store)
    assert flagbook.flags(store)
    listing.now(store, SETTINGS, began + 60_000)
    assert flagbook.stamp(store) == first
    listing.now(store, SETTINGS, began + 3_600_000)
    assert flagbook.stamp(store) != first
    assert {flag.changed for flag in flagbook.flags(store)} == {began + 3_600_000}


def test_what_words_say_is_kept_with_the_findings(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(store)
    fill(store, taught("wanna", 0.3))
    refresh.bring_up(store, SETTINGS)
    as_of = ms(day(0.9)) // DAY_MS
    first = reading.read(store, as_of, SETTINGS).judged.sought
    judged = counted(monkeypatch, reading, "judge")
    again = reading.read(store, as_of, SETTINGS).judged.sought
    assert judged == []
    assert again.learned == first.learned
    assert again.learned.idle == {("en", "wanna")}
    assert again.words("wanna stash label", "en") == again.words("archive label", "en")


def test_new_events_of_today_leave_the_days_before_unread(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(5):
        fill(store, happening(random.Random(at), at, 30, f"{at}-"))
    incremental(store, 4)
    fill(store, happening(random.Random(9), 4, 5, "new"))
    read = counted(monkeypatch, gather._Reader, "with_queries")
    incremental(store, 4)
    assert [days.until - days.since for _, _, days in read] == [1]


def read_anew(store: Store, today: int) -> Evidence:
    """The evidence of a day when nothing is kept of it; what is kept stays as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "recall", lambda *_: None)
        patch.setattr(memory, "keep", lambda *_: None)
        return gather.gather(store, today, SETTINGS)


def kept(store: Store) -> dict[str, bytes]:
    m = schema.memory.c
    with store.read() as connection:
        query = select(m.name, m.made).where(m.site == store.site)
        return {row.name: row.made for row in connection.execute(query)}


@pytest.fixture
def many_queries(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Days whose queries are kept as those of a large site are; which queries are read of them."""
    monkeypatch.setattr(gather, "MANY_QUERIES", 0)
    return counted(monkeypatch, gather._Reader, "with_queries")


@pytest.mark.parametrize("seed", range(6))
def test_queries_that_did_not_change_today_are_those_that_were_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch, many_queries: list[Any], seed: int
) -> None:
    monkeypatch.setattr(gather, "MUCH_CHANGED", 3)
    monkeypatch.setattr(changes, "MOST", 20)
    monkeypatch.setattr(additions, "MOST_EVENTS", 90)
    rng = random.Random(seed)
    at, some = 3.3, 0
    fill(store, happening(rng, 1, 40, "before"))
    for number in range(16):
        late = rng.choice((0, 0, 0, 0, 0, 1))
        count = rng.choice((1, 1, 2, 3, 30))
        fill(store, happening(rng, at - late, count, f"{number % 3}-", 0.1))
        refresh.bring_up(store, SETTINGS)
        today = ms(day(at)) // DAY_MS
        if rng.random() < 0.2:
            continue  # sums are brought on, and nothing is read
        many_queries.clear()
        made = gather.gather(store, today, SETTINGS)
        some += many_queries[-1][2].texts is not None
        assert made == read_anew(store, today)
        at += rng.choice((0, 0, 0, 0.1))
    assert some > 3


def test_of_a_day_with_many_queries_only_those_that_changed_are_read(
    store: Store, many_queries: list[Any]
) -> None:
    fill(store, [search(q, day(0.5), f"r{n}", ["plan"]) for n, q in enumerate(WORDS)])
    incremental(store, 0)
    fill(store, [search("sso", day(0.6), "new", ["plan"], ["plan"])])
    refresh.bring_up(store, SETTINGS)
    many_queries.clear()
    today = ms(day(0)) // DAY_MS
    made = gather.gather(store, today, SETTINGS)
    assert [days.texts for _, _, days in many_queries] == [{"sso"}]
    assert made == read_anew(store, today)


def test_what_changed_is_not_known_of_a_day_that_was_made_as_a_whole_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch, many_queries: list[Any]
) -> None:
    today = ms(day(0)) // DAY_MS
    for n, q in enumerate(("sso", "plan", "team")):
        fill(store, [search(q, day(0.5 + n / 50), f"{q}{i}", ["plan"]) for i in range(3)])
        incremental(store, 0)
    for most, q in ((0, "refund"), (additions.MOST_EVENTS, "bill")):
        monkeypatch.setattr(additions, "MOST_EVENTS", most)
        fill(store, [search(q, day(0.7), q, ["plan"])])
        refresh.bring_up(store, SETTINGS)
    many_queries.clear()
    made = gather.gather(store, today, SETTINGS)
    assert [days.texts for _, _, days in many_queries] == [None]
    assert made == read_anew(store, today)


def test_of_a_small_day_nothing_is_kept(store: Store) -> None:
    fill(store, happening(random.Random(1), 0, 20, "r"))
    incremental(store, 0)
    assert gather.PAST in kept(store)
    assert gather.TODAY not in kept(store)


def test_what_is_kept_holds_no_text_that_is_past_its_time(
    store: Store, many_queries: list[Any]
) -> None:
    fill(store, happening(random.Random(1), 0, 20, "r"))
    incremental(store, 0)
    fill(store, happening(random.Random(2), 0, 20, "s"))
    incremental(store, 0)
    assert b"refund" in kept(store)[gather.TODAY]
    assert b"refund" in kept(store)[changes.NAME]
    retention.purge(store, SETTINGS, ms(day(200)))
    assert not [name for name, made in kept(store).items() if b"refund" in made]


@pytest.mark.parametrize("change", ["hold", "release", "again", "late", "words"])
def test_what_is_kept_of_days_before_is_not_used_when_they_changed(
    store: Store, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    first = vote("invoice", day(0.6), "one", "no", token="mine")
    flood = [vote("invoice", day(0.5), f"v{i}", "no", net="n", agent="a") for i in range(30)]
    fill(store, [*happening(random.Random(1), 0, 20, "r"), first, *flood])
    today = ms(day(2.5)) // DAY_MS
    refresh.bring_up(store, SETTINGS)
    before = gather.gather(store, today, SETTINGS)
    if change == "hold":
        abuse._hold(store, today - 2, abuse.v.page == "refund", "hog")
    elif change == "release":
        abuse.release(store, abuse.Held("burst", today - 2, "invoice", "en"))
    elif change == "again":
        fill(store, [vote("invoice", day(2.4), "one", "yes", token="mine")])
    elif change == "late":
        fill(store, happening(random.Random(2), 1, 3, "late"))
    elif change == "words":
        monkeypatch.setattr(parts, "fold", lambda q, _: tuple(q.split()))
        monkeypatch.setattr(words, "version", lambda: (0, "other"))
    refresh.bring_up(store, SETTINGS)
    after = gather.gather(store, today, SETTINGS)
    memory.forget(store)
    assert after == gather.gather(store, today, SETTINGS)
    assert after != before


@pytest.mark.parametrize("change", ["hold", "release", "build", "rules", "purge"])
def test_whatever_changes_the_evidence_makes_it_read_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    events = [vote("invoice", day(0.5), f"v{i}", "no", net="n", agent="a") for i in range(30)]
    fill(store, [*happening(random.Random(1), 0, 20, "r"), *events])
    incremental(store, 1)
    settings = SETTINGS
    if change == "hold":
        fill(store, [])
        monkeypatch.setattr(refresh, "bring_up", lambda *_: (0, 0))
        abuse._hold(store, ms(day(0)) // DAY_MS, abuse.v.page == "refund", "hog")
    elif change == "release":
        abuse.release(store, abuse.Held("burst", ms(day(0)) // DAY_MS, "invoice", "en"))
    elif change == "build":
        catalog.register(store, Manifest(), ms(day(1)))
    elif change == "rules":
        settings = Settings(query_days=60)
    elif change == "purge":
        retention.purge(store, settings, ms(day(200)))
    judged = counted(monkeypatch, reading, "judge")
    listing.as_of(store, settings, ms(day(1)) // DAY_MS)
    assert len(judged) == 1


def test_what_is_kept_is_found_only_under_what_it_was_made_of(store: Store) -> None:
    memory.keep(store, "one", "a", [1])
    with store.read() as connection:
        assert memory.recall(connection, store.site, "one", "b") is None
        assert memory.recall(connection, store.site, "one", "a") is not None
    memory.keep(store, "one", "b", [2])
    with store.read() as connection:
        assert memory.recall(connection, store.site, "one", "a") is None

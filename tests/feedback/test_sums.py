"""Daily sums: the same however the events are read, and in however many processes."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from feedback_events import day, event, fill, search, view, vote
from sqlalchemy import func, select, update

from kbgen_feedback import acts, sums
from kbgen_feedback.refresh import bring_up
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.sums import bring_up_to_date

RULES = Settings().rules
WORDS = ("refund", "refund order", "invoice", "change plan")


def readers(n: int, seed: int = 1) -> list[dict[str, Any]]:
    """Readers who search, read, vote, ask and come back, over three days and two midnights."""
    rng = random.Random(seed)
    events: list[dict[str, Any]] = []
    for i in range(n):
        at, who = rng.uniform(0, 2.5), f"r{i}"
        for _ in range(rng.randrange(1, 9)):
            page = rng.choice("abc")
            opened = [page] if rng.random() < 0.6 else []
            kinds = (
                search(rng.choice(WORDS), day(at), who, ["a", "b", "c"], opened),
                view(page, day(at), who, rng.choice((2, 20, 90)), printed=rng.random() < 0.1),
                vote(page, day(at), who, rng.choice(("yes", "no")), reasons=["hard_to_find"]),
                event("contact", day(at), reader=who, queries=[]),
                event("notfound", day(at), reader=who, path="/old"),
            )
            events.append(rng.choices(kinds, (6, 6, 1, 1, 1))[0])
            at += rng.choice((0.0001, 0.002, 0.015, 0.03))
    return events


def summed(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the sums, made anew."""
    with store.write() as connection:
        connection.execute(update(schema.days).values(summed=0, made_with=""))
    bring_up_to_date(store, RULES)
    with store.read() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in schema.SUMS
        }


@pytest.mark.parametrize("sweep_ms", [1, 10**12])
def test_sums_do_not_depend_on_when_readers_who_left_are_looked_for(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, sweep_ms: int
) -> None:
    fill(sqlite_store, readers(150))
    usual = summed(sqlite_store)
    assert all(usual[name] for name in ("views", "searches", "finds", "activity", "notfound"))
    monkeypatch.setattr(acts, "SWEEP_MS", sweep_ms)
    assert summed(sqlite_store) == usual


def test_several_processes_make_the_same_sums(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_store, readers(60))
    alone = summed(sqlite_store)
    monkeypatch.setattr(sums, "MANY_EVENTS", 1)
    assert summed(sqlite_store) == alone
    assert sums.stale_days(sqlite_store) == []


def test_days_summed_in_other_processes_are_looked_through_for_floods(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sums, "MANY_EVENTS", 1)
    flood = [vote("a", day(0), f"v{i}", "no", net="n", agent="a") for i in range(30)]
    fill(sqlite_store, [*readers(20), *flood])
    assert bring_up(sqlite_store, Settings())[1] >= 30


def test_two_collectors_may_sum_the_same_day_at_the_same_time(store: Store) -> None:
    other = open_store(store.engine.url.render_as_string(hide_password=False), store.site)
    fill(store, readers(60))
    usual = summed(store)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            with store.write() as connection:
                connection.execute(update(schema.days).values(summed=0, made_with=""))
            list(pool.map(lambda one: bring_up_to_date(one, RULES), (store, other)))
    other.close()
    assert summed(store) == usual


def test_sums_of_both_databases_are_the_same(store: Store, sqlite_store: Store) -> None:
    events = readers(40, seed=2)
    found = []
    for one in (store, sqlite_store):
        fill(one, events)
        whole = summed(one)
        mine = {
            name: [row[1:] for row in rows if row[0] == one.site] for name, rows in whole.items()
        }
        found.append({name: sorted(map(str, rows)) for name, rows in mine.items()})
    assert found[0] == found[1]


def test_activity_and_views_are_what_sql_counts(store: Store) -> None:
    unseen = event("view", day(0.6), page="a", reader="unseen")
    bot = view("a", day(0.7), "bot", held="bot")
    fill(store, [*readers(80, seed=3), unseen, bot])
    usual = summed(store)
    e, ms = schema.events.c, 86_400_000
    on, hour, n = e.at // ms, (e.at % ms) // 3_600_000, func.count()
    dwell = func.count(e.dwell_ms), func.coalesce(func.sum(e.dwell_ms), 0)
    events = select(e.site, on, hour, e.type, e.locale, e.held, n)
    viewed = select(e.site, on, e.page, e.locale, e.revision, e.source, n, *dwell)
    queries = {
        "activity": events.group_by(e.site, on, hour, e.type, e.locale, e.held),
        "views": viewed.where(e.type == "view", e.held == "").group_by(
            e.site, on, e.page, e.locale, e.revision, e.source
        ),
    }
    with store.read() as connection:
        for name, query in queries.items():
            rows = connection.execute(query.where(e.site == store.site))
            mine = [row for row in usual[name] if row[0] == store.site]
            assert mine == sorted(map(tuple, rows), key=repr)


def test_addresses_that_a_scanner_tried_are_not_counted(store: Store) -> None:
    often = RULES.scanner_addresses
    scans = [event("notfound", day(0), reader="scan", path=f"/x{i}") for i in range(often)]
    twice = [event("notfound", day(0.1), reader="one", path="/x0") for _ in range(2)]
    other = event("notfound", day(0.2), reader="two", path="/x0")
    fill(store, [*scans, *twice, other])
    rows = [row[2:] for row in summed(store)["notfound"] if row[0] == store.site]
    assert rows == [("/x0", 3, 2)]

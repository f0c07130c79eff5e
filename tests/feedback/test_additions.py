"""Sums that are brought on by new events are those that reading the whole day makes."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from feedback_events import day, event, fill, search, view, vote
from sqlalchemy import select

from kbgen_feedback import additions, catalog, daysums, sums
from kbgen_feedback.daysums import Basis
from kbgen_feedback.manifest import Article, Manifest
from kbgen_feedback.retention import purge
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.sums import article_words, bring_up_to_date, stale_days
from kbgen_feedback.transfer import copy

RULES = Settings().rules
QUERIES = ("ref", "refund", "refund order", "invoice", "sso")
MIDNIGHT = 0.5  # days from noon
Rows = dict[tuple[str, int], list[tuple[Any, ...]]]


def visit(rng: random.Random, reader: str, at: float) -> list[dict[str, Any]]:
    """Some acts of one reader, from a time on; often several in one moment."""
    events: list[dict[str, Any]] = []
    for _ in range(rng.randrange(1, 7)):
        page, when = rng.choice("abc"), day(at)
        opened = [page] if rng.random() < 0.5 else []
        held = rng.choice(("", "", "", "bot.pace"))
        kinds = (
            search(rng.choice(QUERIES), when, reader, ["a", "b", "c"], opened),
            view(page, when, reader, rng.choice((2, 20, 90, 5000)), held=held),
            vote(page, when, reader, rng.choice(("yes", "no")), reasons=["hard_to_find"]),
            event("contact", when, reader=reader, queries=[]),
            event("notfound", when, reader=reader, path=f"/{rng.randrange(6)}"),
        )
        events.append(rng.choices(kinds, (8, 6, 1, 1, 3))[0])
        at += rng.choice((0, 0, 0.0001, 0.002, 0.02))
    return events


def there(store: Store) -> Rows:
    """The sums that are kept, by table and day."""
    with store.read() as connection:
        rows = [
            (table.name, tuple(row))
            for table in schema.SUMS
            for row in connection.execute(select(table).where(table.c.site == store.site))
        ]
    found: Rows = {}
    for name, (_, on, *row) in rows:
        found.setdefault((name, on), []).append(tuple(row))
    return {key: sorted(some) for key, some in found.items()}


def made(store: Store) -> Rows:
    """The sums that are made of all events now."""
    basis = Basis(article_words(store), RULES)
    with store.read() as connection:
        days = connection.scalars(select(schema.days.c.day).where(schema.days.c.site == store.site))
    found = {
        (table.name, on): sorted(map(tuple, rows))
        for on in days
        for table, _, rows in daysums.sums_of(store, on, basis).sums
    }
    return {key: rows for key, rows in found.items() if rows}


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The days that are summed as a whole."""
    days: list[int] = []
    real = sums.sum_day

    def spy(store: Store, basis: Basis, on: int) -> None:
        days.append(on)
        real(store, basis, on)

    monkeypatch.setattr(sums, "sum_day", spy)
    return days


@pytest.mark.parametrize("seed", range(6))
def test_sums_brought_on_are_those_of_the_whole_day(
    store: Store, whole: list[int], seed: int
) -> None:
    rng = random.Random(seed)
    spread = (2.5, 0.1)[seed % 2]  # around a midnight many visits reach across it
    events = [
        one
        for n in range(40)
        for one in visit(rng, f"r{n % 25}", MIDNIGHT + rng.uniform(-spread / 2, spread / 2))
    ]
    rng.shuffle(events)  # late ones, and early ones of visits known by their end
    while events:
        some, events = events[: len(events) // 3 + 1], events[len(events) // 3 + 1 :]
        fill(store, some)
        bring_up_to_date(store, RULES)
        assert there(store) == made(store)
        assert stale_days(store) == []
    assert len(whole) == len(set(whole)), "no day is read as a whole twice"


def test_what_was_typed_on_the_way_to_a_query_leaves_no_row(store: Store, whole: list[int]) -> None:
    fill(store, [search("ref", day(0), "r", ["a"]), search("sso", day(0), "other", ["b"])])
    bring_up_to_date(store, RULES)
    fill(store, [search("refund", day(0) + timedelta(seconds=1), "r", ["a"], ["a"])])
    whole.clear()
    bring_up_to_date(store, RULES)
    with store.read() as connection:
        mine = select(schema.searches.c.q).where(schema.searches.c.site == store.site)
        assert sorted(connection.scalars(mine)) == ["refund", "sso"]
    assert whole == []


def test_more_readers_than_are_looked_at_may_come_and_go(store: Store, whole: list[int]) -> None:
    fill(store, [search("sso", day(0), f"r{n}", ["a"]) for n in range(80)])
    bring_up_to_date(store, RULES)
    whole.clear()
    later = day(0) + timedelta(seconds=60)
    found = [search("sso", later, f"r{n}", ["a"], ["a"]) for n in range(0, 80, 2)]
    read = [view("a", later, f"r{n}", 300) for n in range(0, 80, 2)]
    fill(store, [*found, *read])
    bring_up_to_date(store, RULES)
    assert there(store) == made(store)
    assert whole == []


def test_much_that_is_new_is_read_as_a_whole_day(
    store: Store, whole: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(additions, "MOST_EVENTS", 3)
    for n in (2, 5):
        fill(store, [view("a", day(0), f"{n}-{i}") for i in range(n)])
        whole.clear()
        bring_up_to_date(store, RULES)
    assert len(whole) == 1
    assert there(store) == made(store)


def test_a_build_with_other_articles_is_another_basis(store: Store, whole: list[int]) -> None:
    asked = [search("sso", day(0), "r", ["a"], ["a"]), view("a", day(0.0001), "r", 40)]
    fill(store, asked)
    bring_up_to_date(store, RULES)
    article = Article("a", "/a", "A", "en", "r1", words=900)
    catalog.register(store, Manifest(articles={("a", "en"): article}), 0)
    whole.clear()
    fill(store, [view("b", day(0.3), "other")])
    bring_up_to_date(store, RULES)
    assert len(whole) == 1
    assert there(store) == made(store)


def test_two_collectors_may_bring_the_same_day_on(store: Store) -> None:
    other = open_store(store.engine.url.render_as_string(hide_password=False), store.site)
    rng = random.Random(7)
    for _ in range(6):
        fill(store, [one for n in range(20) for one in visit(rng, f"r{n}", rng.random())])
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda one: bring_up_to_date(one, RULES), (store, other)))
        bring_up_to_date(store, RULES)
        assert there(store) == made(store)
    other.close()


def test_events_that_come_while_a_day_is_summed_are_added_the_next_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, visit(random.Random(1), "r", 0))
    bring_up_to_date(store, RULES)
    fill(store, visit(random.Random(2), "r", 0.01))
    real = additions.of_readers

    def meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(additions, "of_readers", real)
        fill(store, visit(random.Random(3), "r", 0.02))
        return real(*given)

    monkeypatch.setattr(additions, "of_readers", meanwhile)
    bring_up_to_date(store, RULES)
    assert stale_days(store)
    bring_up_to_date(store, RULES)
    assert there(store) == made(store)


@pytest.mark.parametrize(
    ("reader", "at", "read"),
    [("someone", 0.001, False), ("late", 0.002, True), ("long", 0.002, True), ("noon", 0.1, False)],
)
def test_events_beside_a_day_are_looked_at_only_for_visits_across_midnight(
    store: Store, monkeypatch: pytest.MonkeyPatch, reader: str, at: float, read: bool
) -> None:
    asked = search("refund", day(MIDNIGHT - 0.3), "long", ["a"], ["a"])
    hours = view("a", day(MIDNIGHT - 0.29), "long", 0.28 * 86_400)
    late = search("refund", day(MIDNIGHT - 0.001), "late", ["a"], ["a"])
    fill(store, [asked, hours, late, search("sso", day(0), "noon", ["a"])])
    bring_up_to_date(store, RULES)
    looked: list[int] = []
    real = additions.of_readers

    def spy(connection: Any, site: str, on: int, *rest: Any) -> Any:
        looked.append(on)
        return real(connection, site, on, *rest)

    monkeypatch.setattr(additions, "of_readers", spy)
    fill(store, [view("a", day(MIDNIGHT + at), reader, 90)])
    bring_up_to_date(store, RULES)
    before = int(day(0).timestamp() // 86_400)
    assert (before in looked) == read
    assert there(store) == made(store)


def test_events_after_a_copy_into_a_database_with_its_own_are_summed(
    store: Store, sqlite_store: Store
) -> None:
    """The new collector had begun before the old one's events were copied to it."""
    old = open_store(sqlite_store.engine.url.database or "", store.site)
    for n in range(5):
        fill(old, visit(random.Random(n), f"r{n}", n / 10))
    fill(store, [view("a", day(3), "early")])
    for one in (old, store):
        bring_up_to_date(one, RULES)
    copy(old, store)
    old.close()
    fill(store, [view("b", day(0.3), "late")])
    bring_up_to_date(store, RULES)
    assert there(store) == made(store)


def test_a_day_whose_queries_lost_their_text_is_made_as_a_whole(
    store: Store, whole: list[int]
) -> None:
    fill(store, [search("sso", day(0), "r", ["a"])])
    bring_up_to_date(store, RULES)
    settings = Settings(raw_days=60, query_days=30)
    purge(store, settings, int(day(40).timestamp() * 1000))
    whole.clear()
    fill(store, [search("sso", day(0.01), "r", ["a"], ["a"])])
    bring_up_to_date(store, RULES)
    assert len(whole) == 1
    assert there(store) == made(store)

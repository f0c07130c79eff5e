"""Daily sums: made again for a day whenever the day got new events, in the database where it can.

Views, addresses and activity are summed by SQL; only the acts of readers who searched travel to
Python, where `sessions` judges them. A visit belongs to the day on which it began.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, case, delete, func, literal, select

from kbgen_feedback.acts import Words, reader_acts
from kbgen_feedback.found import Found, rows_of
from kbgen_feedback.settings import Rules
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.store.record import DAY_MS

MANY_EVENTS = 300_000  # to sum at once: from here on other processes are worth their start
MOST_WORKERS = 4


def stale_days(store: Store) -> list[tuple[int, int]]:
    """Return (day, version) of the days whose sums are behind, the oldest first."""
    days = schema.days.c
    query = select(days.day, days.version).where(
        days.site == store.site, days.version != days.summed, days.purged == 0
    )
    with store.read() as connection:
        return [(row.day, row.version) for row in connection.execute(query.order_by(days.day))]


def bring_up_to_date(store: Store, rules: Rules) -> int:
    """Make the sums of every day that is behind; return how many days there were."""
    stale = stale_days(store)
    words = article_words(store) if stale else {}
    for (day, version), found in zip(stale, _all_found(store, stale, words, rules), strict=True):
        write_sums(store, day, version, found, rules)
    return len(stale)


def _all_found(
    store: Store, stale: Sequence[tuple[int, int]], words: Words, rules: Rules
) -> Iterator[Found]:
    """Give what the sessions of each day tell; from several processes when there is much to do."""
    days = [day for day, _ in stale]
    if len(days) < 2 or _events_of(store, days) < MANY_EVENTS:
        yield from (found_on(store, day, words, rules) for day in days)
        return
    url = store.engine.url.render_as_string(hide_password=False)
    work = partial(_found_elsewhere, url, store.site, words, rules)
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, days)


def _events_of(store: Store, days: Sequence[int]) -> int:
    """Return about how many events these days have."""
    e = schema.events.c
    mine = (e.site == store.site) & (e.at >= min(days) * DAY_MS) & (e.at < (max(days) + 1) * DAY_MS)
    with store.read() as connection:
        some = select(e.at).where(mine).limit(MANY_EVENTS).subquery()
        return connection.scalar(select(func.count()).select_from(some)) or 0


def _found_elsewhere(url: str, site: str, words: Words, rules: Rules, day: int) -> Found:
    """Do `found_on` in another process, on a connection of its own."""
    store = _own_store(url, site)
    return found_on(store, day, words, rules)


@cache
def _own_store(url: str, site: str) -> Store:
    return open_store(url, site)


def article_words(store: Store) -> Words:
    """Return the length in words of each article."""
    query = select(schema.articles.c.page, schema.articles.c.words)
    with store.read() as connection:
        rows = connection.execute(query.where(schema.articles.c.site == store.site))
        return {row.page: row.words for row in rows}


def found_on(store: Store, day: int, words: Words, rules: Rules) -> Found:
    """Return what the sessions of one day tell."""
    found = Found()
    with store.read() as connection:
        for reader, acts in reader_acts(connection, store.site, day, words):
            found.add_reader(reader, day, acts, rules)
    return found


def write_sums(store: Store, day: int, version: int, found: Found, rules: Rules) -> None:
    """Make the sums of one day anew, in one transaction.

    `version` is the day's as read before its events: when more came in between, the day stays
    behind and is summed again.
    """
    with store.write() as connection:
        for table in schema.SUMS:
            connection.execute(delete(table).where(table.c.site == store.site, table.c.day == day))
        for table, query in sql_sums(store.site, day):
            _insert(connection, table, query)
        if _has_missing(connection, store.site, day):
            _insert(connection, schema.notfound, missing_addresses(store.site, day, rules))
        for table, rows in ((schema.searches, found.searches), (schema.finds, found.finds)):
            if rows:
                connection.execute(table.insert(), rows_of(store.site, day, rows))
        days = schema.days.c
        mine = (days.site == store.site) & (days.day == day)
        connection.execute(schema.days.update().where(mine).values(summed=version))


def _insert(connection: Connection, table: Table, query: Select[Any]) -> None:
    """Fill a table from a query, without the rows leaving the database."""
    names = list(query.selected_columns.keys())
    connection.execute(table.insert().from_select(names, query))


def _has_missing(connection: Connection, site: str, day: int) -> bool:
    """Return whether readers met missing addresses on a day whose activity is summed."""
    a = schema.activity.c
    query = select(a.n).where(a.site == site, a.day == day, a.type == "notfound").limit(1)
    return connection.scalar(query) is not None


def _on(site: str, day: int) -> ColumnElement[bool]:
    e = schema.events.c
    return (e.site == site) & (e.at >= day * DAY_MS) & (e.at < (day + 1) * DAY_MS)


def _key(site: str, day: int) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return literal(site).label("site"), literal(day).label("day")


def sql_sums(site: str, day: int) -> Iterator[tuple[Table, Select[Any]]]:
    """Give the tables that SQL alone can sum, and the query that does it."""
    e = schema.events.c
    hour = ((e.at % DAY_MS) // 3_600_000).label("hour")
    n = func.count().label("n")
    yield (
        schema.activity,
        select(*_key(site, day), hour, e.type, e.locale, e.held, n)
        .where(_on(site, day))
        .group_by(hour, e.type, e.locale, e.held),
    )
    dwell = (
        func.count(e.dwell_ms).label("dwell_n"),
        func.coalesce(func.sum(e.dwell_ms), 0).label("dwell_ms"),
    )
    yield (
        schema.views,
        select(*_key(site, day), e.page, e.locale, e.revision, e.source, n, *dwell)
        .where(_on(site, day), e.type == "view", e.held == "")
        .group_by(e.page, e.locale, e.revision, e.source),
    )


def missing_addresses(site: str, day: int, rules: Rules) -> Select[Any]:
    """Return the query for addresses that do not exist, without those that scanners tried."""
    e = schema.events.c
    who = case((e.reader != "", e.reader), else_=e.visit)
    missing = _on(site, day) & (e.type == "notfound") & (e.held == "")
    scanners = (
        select(who)
        .where(missing)
        .group_by(who)
        .having(func.count(e.page.distinct()) >= rules.scanner_addresses)
    )
    n = func.count().label("n")
    readers = func.count(who.distinct()).label("readers")
    return (
        select(*_key(site, day), e.page.label("path"), n, readers)
        .where(missing, who.not_in(scanners))
        .group_by(e.page)
    )

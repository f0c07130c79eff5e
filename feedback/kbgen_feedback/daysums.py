"""The sums of one day: read from its events, then written as a whole.

Views, addresses and activity are summed by SQL; only the acts of readers travel to Python, where
`sessions` judges those who searched. A visit belongs to the day on which it began.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, case, delete, func, select

from kbgen_feedback import found
from kbgen_feedback.acts import Words, reader_acts
from kbgen_feedback.found import Crossing, Found
from kbgen_feedback.midnight import may_cross
from kbgen_feedback.sessions import visits
from kbgen_feedback.settings import Rules
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, put
from kbgen_feedback.store.record import DAY_MS, day_of

Rows = Sequence[tuple[Any, ...]]
Sums = list[tuple[Table, tuple[str, ...], Rows]]
"""Tables, with the columns besides site and day, and their rows."""


class Stale(NamedTuple):
    """A day whose sums are behind, or may be since its neighbours changed."""

    day: int
    version: int
    summed: int
    near: int
    crossing: str


class Made(NamedTuple):
    """All sums of a day, and the fingerprint of its visits that reach across midnight."""

    sums: Sums
    crossing: str


def sums_of(store: Store, day: int, words: Words, rules: Rules) -> Made:
    """Return all sums of a day, as one state of the database has them."""
    made = Found()
    with store.read() as connection:
        sums = [_summed(connection, *one) for one in sql_sums(store.site, day, rules)]
        for reader, acts in reader_acts(connection, store.site, day, words, rules):
            made.add_reader(reader, day, acts, rules)
    sums += [
        (schema.searches, found.SEARCHES, made.searches()),
        (schema.finds, found.FINDS, made.finds()),
    ]
    return Made(sums, made.crossing.shown())


def crossing(store: Store, day: int, words: Words, rules: Rules) -> str:
    """Return the fingerprint of a day's visits across midnight, without summing the day."""
    made = Crossing()
    with store.read() as connection:
        if not may_cross(connection, store.site, day, rules):
            return made.shown()
        for reader, acts in reader_acts(connection, store.site, day, words, rules, beside=True):
            for visit in visits(acts, rules):
                if day_of(visit[0].at) != day_of(visit[-1].at):
                    made.add(reader, visit)
    return made.shown()


def _summed(
    connection: Connection, table: Table, query: Select[Any]
) -> tuple[Table, tuple[str, ...], Rows]:
    rows = [tuple(row) for row in connection.execute(query)]
    return table, tuple(query.selected_columns.keys()), rows


def write(store: Store, stale: Stale, made: Made) -> None:
    """Put these sums in the place of the day's former ones, in one transaction.

    `stale` is the day's state as read before its events: when more came in between, the day stays
    behind and is summed again.
    """
    day = stale.day
    with store.write() as connection:
        # First of all, so that another collector with the same day waits here for this one's end.
        note(store, connection, stale, made.crossing)
        for table, names, rows in made.sums:
            connection.execute(delete(table).where(table.c.site == store.site, table.c.day == day))
            if rows:
                whole = ((store.site, day, *row) for row in rows)
                put(connection, table.insert(), ("site", "day", *names), whole)


def note(store: Store, connection: Connection, stale: Stale, crossing: str) -> None:
    """Note that a day's sums know what there was when its state was read."""
    days = schema.days.c
    mine = (days.site == store.site) & (days.day == stale.day)
    known = {"summed": stale.version, "near_summed": stale.near, "crossing": crossing}
    connection.execute(schema.days.update().where(mine).values(**known))


def _on(site: str, day: int) -> ColumnElement[bool]:
    e = schema.events.c
    return (e.site == site) & (e.at >= day * DAY_MS) & (e.at < (day + 1) * DAY_MS)


def sql_sums(site: str, day: int, rules: Rules) -> Iterator[tuple[Table, Select[Any]]]:
    """Give the tables that SQL alone can sum, and the query that does it."""
    e = schema.events.c
    hour = ((e.at % DAY_MS) // 3_600_000).label("hour")
    n = func.count().label("n")
    yield (
        schema.activity,
        select(hour, e.type, e.locale, e.held, n)
        .where(_on(site, day))
        .group_by(hour, e.type, e.locale, e.held),
    )
    dwell = (
        func.count(e.dwell_ms).label("dwell_n"),
        func.coalesce(func.sum(e.dwell_ms), 0).label("dwell_ms"),
    )
    yield (
        schema.views,
        select(e.page, e.locale, e.revision, e.source, n, *dwell)
        .where(_on(site, day), e.type == "view", e.held == "")
        .group_by(e.page, e.locale, e.revision, e.source),
    )
    yield schema.notfound, missing_addresses(site, day, rules)


def missing_addresses(site: str, day: int, rules: Rules) -> Select[Any]:
    """Return the query for addresses that do not exist, without those that scanners tried."""
    e = schema.events.c
    who = case((e.reader != "", e.reader), else_=e.visit)
    # Read once, not once a use: such events are few, and have no index of their own.
    missing = (
        select(who.label("who"), e.page)
        .where(_on(site, day), e.type == "notfound", e.held == "")
        .cte("missing")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    m = missing.c
    scanners = (
        select(m.who)
        .group_by(m.who)
        .having(func.count(m.page.distinct()) >= rules.scanner_addresses)
    )
    readers = func.count(m.who.distinct()).label("readers")
    return (
        select(m.page.label("path"), func.count().label("n"), readers)
        .where(m.who.not_in(scanners))
        .group_by(m.page)
    )

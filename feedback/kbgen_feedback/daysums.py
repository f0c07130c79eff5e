"""The sums of one day: read from its events, then written as a whole.

One pass over the events, in order of time: `daycounts` counts what needs no sessions, `acts` tells
readers apart, `sessions` judges those who searched. A visit belongs to the day on which it began.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete

from kbgen_feedback import daycounts, found
from kbgen_feedback.acts import Words, around, beside, visits
from kbgen_feedback.daycounts import DayCounts
from kbgen_feedback.found import Crossing, Found
from kbgen_feedback.midnight import may_cross
from kbgen_feedback.settings import Rules
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, put, stream
from kbgen_feedback.store.record import day_of

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
    counts, made = DayCounts(), Found(day)
    with store.read() as connection:
        before, within, after = (stream(connection, one) for one in around(store.site, day))
        rows = chain(before, counts.counting(within), after)
        for visit in visits(rows, words, rules):
            made.add_visit(visit, rules)
    sums: Sums = [
        (schema.activity, daycounts.ACTIVITY, counts.activity()),
        (schema.views, daycounts.VIEWS, counts.views()),
        (schema.notfound, daycounts.NOTFOUND, counts.notfound(rules)),
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
        rows = stream(connection, beside(store.site, day))
        for visit in visits(rows, words, rules):
            if day_of(visit.began) != day_of(visit.last):
                made.add(visit)
    return made.shown()


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

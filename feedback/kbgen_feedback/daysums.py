"""The sums of one day: read from its events, then written as a whole.

One pass over the events, in order of time: `daycounts` counts what needs no sessions, `acts` tells
readers apart, `sessions` judges those who searched. A visit belongs to the day on which it began.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, update

from kbgen_feedback import daycounts, found
from kbgen_feedback.acts import Row, Words, around, visits
from kbgen_feedback.daycounts import DayCounts
from kbgen_feedback.found import Found
from kbgen_feedback.settings import Rules
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, put, stream
from kbgen_feedback.store.record import last_arrival

FORMAT = 1  # to be raised whenever other sums are made of the same events

Rows = Sequence[tuple[Any, ...]]
Sums = list[tuple[Table, tuple[str, ...], Rows]]
"""Tables, with the columns besides site and day, and their rows."""


@dataclass(frozen=True)
class Basis:
    """What sums are made by, besides events: the articles' lengths in words, and the rules."""

    words: Words
    rules: Rules

    @cached_property
    def mark(self) -> str:
        """What tells this basis from others, as 16 characters."""
        whole = msgspec.msgpack.encode((FORMAT, sorted(self.words.items()), self.rules))
        return blake2b(whole, digest_size=8).hexdigest()


class Stale(NamedTuple):
    """A day whose sums are behind, or may be since its neighbours changed: as `schema.days` says.

    What is newer than `summed`, of its own or `near`, the sums do not know.
    """

    day: int
    version: int
    near: int
    summed: int
    made_with: str


class Made(NamedTuple):
    """All sums of a day, of the events that had arrived until then."""

    sums: Sums
    until: int


def sums_of(store: Store, day: int, basis: Basis) -> Made:
    """Return all sums of a day."""
    with store.read() as connection:
        until = last_arrival(connection, store.site)
        before, within, after = (
            stream(connection, one) for one in around(connection, store.site, day, until)
        )
        return Made(summed(day, before, within, after, basis), until)


def summed(
    day: int, before: Iterable[Row], within: Iterable[Row], after: Iterable[Row], basis: Basis
) -> Sums:
    """Return the sums of events of a day, of the hour before it and of the hour after it.

    All are in order of time; only those of the day itself may be held back.
    """
    counts, made = DayCounts(), Found(day)
    rows = chain(before, counts.counting(within), after)
    for visit in visits(rows, basis.words, basis.rules):
        made.add_visit(visit, basis.rules)
    return [
        (schema.activity, daycounts.ACTIVITY, counts.activity()),
        (schema.views, daycounts.VIEWS, counts.views()),
        (schema.notfound, daycounts.NOTFOUND, counts.notfound(basis.rules)),
        (schema.searches, found.SEARCHES, made.searches()),
        (schema.finds, found.FINDS, made.finds()),
    ]


def write(store: Store, day: int, made: Made, basis: Basis) -> None:
    """Put these sums in the place of the day's former ones, in one transaction.

    When more events came in meanwhile the day stays behind, and is summed again.
    """
    with store.write() as connection:
        # First of all, so that another collector with the same day waits here for this one's end.
        note(connection, store.site, day, made.until, basis.mark)
        for table, names, rows in made.sums:
            connection.execute(delete(table).where(table.c.site == store.site, table.c.day == day))
            if rows:
                whole = ((store.site, day, *row) for row in rows)
                put(connection, table.insert(), ("site", "day", *names), whole)


def note(
    connection: Connection, site: str, day: int, until: int, mark: str, *only: ColumnElement[bool]
) -> bool:
    """Note what a day's sums are of: up to which arrival, on which basis.

    Return False, with nothing done, where it is not `only` so.
    """
    days = schema.days.c
    mine = update(schema.days).where(days.site == site, days.day == day, *only)
    return connection.execute(mine.values(summed=until, made_with=mark)).rowcount == 1


def forget(connection: Connection, *which: ColumnElement[bool]) -> None:
    """Have the sums of these days made as a whole when they are made the next time."""
    connection.execute(update(schema.days).where(*which).values(made_with=""))

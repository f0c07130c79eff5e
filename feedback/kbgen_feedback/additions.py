"""Bring a day's sums on by the events that came since, without reading the whole day again.

All sums of a day are sums over readers. So those of the few readers with new events are made twice,
of what is known of them now and of what was known then, and the difference is added.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import sub
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, select, update

from kbgen_feedback import changes, daysums
from kbgen_feedback.acts import AT, HELD, Row, newcomers, of_readers
from kbgen_feedback.daysums import Basis, Rows, Stale, Sums
from kbgen_feedback.found import listed
from kbgen_feedback.midnight import may_cross
from kbgen_feedback.settings import Rules
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, put, stream
from kbgen_feedback.store.record import DAY_MS, last_arrival

# With more that is new the whole day is about as soon read.
MOST_READERS, MOST_EVENTS = 15_000, 50_000
MARKS = "open_readers"

Key = tuple[Any, ...]
Counts = tuple[Any, ...]


@dataclass(frozen=True)
class Addition:
    """What one table's sums of a day get: counts to add, and marks in place of those there.

    `emptied` is whether a row may be left without any count.
    """

    table: Table
    counted: tuple[str, ...]
    counts: Mapping[Key, Counts]
    marks: Mapping[Key, str]
    emptied: bool


def bring_on(store: Store, stale: Stale, basis: Basis) -> bool:
    """Bring a day's sums up to date; return False, with nothing done, where that is not possible.

    So it is when they were made on another basis, when much is new, and when somebody else has
    summed the day meanwhile.
    """
    if not _may_change(store, stale, basis.rules):
        return _leave(store, stale)
    if stale.made_with != basis.mark:
        return False
    with store.read() as connection:
        until = last_arrival(connection, store.site)
        rows = _rows(connection, store.site, stale, until)
        if rows is None:
            return False
        additions = _additions(connection, store.site, stale, rows, basis)
    return _add(store, stale, until, additions)


def _may_change(store: Store, stale: Stale, rules: Rules) -> bool:
    if stale.version > stale.summed:
        return True
    with store.read() as connection:
        return may_cross(connection, store.site, stale.day, stale.summed, rules)


def _leave(store: Store, stale: Stale) -> bool:
    """Note that what came beside a day leaves its sums as they are; so they are not read again."""
    same = _of_day(schema.days, store.site, stale.day) & (schema.days.c.near == stale.near)
    with store.write() as connection:
        connection.execute(update(schema.days).where(same).values(near=0))
    return True


def _rows(connection: Connection, site: str, stale: Stale, until: int) -> Sequence[Row] | None:
    """Return all events of readers with new ones; None for too many."""
    new = newcomers(site, stale.day, stale.summed, until).limit(MOST_READERS + 1)
    readers = connection.scalars(new).all()
    if len(readers) > MOST_READERS:
        return None
    query = of_readers(connection, site, stale.day, until, readers).limit(MOST_EVENTS + 1)
    rows = list(stream(connection, query)) if readers else []
    return rows if len(rows) <= MOST_EVENTS else None


def _additions(
    connection: Connection, site: str, stale: Stale, rows: Sequence[Row], basis: Basis
) -> list[Addition]:
    """Return what the sums of each table get; `rows` are all events of readers with new ones."""
    now = _summed(stale.day, rows, basis)
    then = _summed(stale.day, [row for row in rows if row[-1] <= stale.summed], basis)
    additions = []
    for (table, names, new), (_, _, old) in zip(now, then, strict=True):
        key = _key(table)
        counted = tuple(one for one in names if one not in {*key, MARKS})
        (mine, marks), (before, gone) = (
            _parts(some, len(key), len(counted)) for some in (new, old)
        )
        kept = _kept(connection, table, _of_day(table, site, stale.day), marks, gone)
        emptied = bool(before.keys() - mine.keys())
        additions.append(Addition(table, counted, _differences(mine, before), kept, emptied))
    return additions


def _summed(day: int, rows: Iterable[Row], basis: Basis) -> Sums:
    """Return the sums of events in and around a day; the last column is their arrival."""
    start, end = day * DAY_MS, (day + 1) * DAY_MS
    before: list[Row] = []
    within: list[Row] = []
    after: list[Row] = []
    for *row, _ in rows:
        at, held = row[AT], row[HELD]
        if start <= at < end:
            within.append(row)
        elif not held:
            (before if at < start else after).append(row)
    return daysums.summed(day, before, within, after, basis)


def _key(table: Table) -> tuple[str, ...]:
    """Return the names of the columns by which a table's sums of a day are told apart."""
    return tuple(one.name for one in table.primary_key if one.name not in {"site", "day"})


def _parts(rows: Rows, key: int, counted: int) -> tuple[dict[Key, Counts], dict[Key, str]]:
    """Return the counts and the marks of rows, by key: of so many columns each, and at most one."""
    end = key + counted
    counts = {row[:key]: row[key:end] for row in rows}
    return counts, {row[:key]: row[end] for row in rows if len(row) > end and row[end]}


def _differences(now: Mapping[Key, Counts], then: Mapping[Key, Counts]) -> dict[Key, Counts]:
    """Return what must be added to the counts of then to have those of now."""
    found = {}
    for key in {**now, **then}:
        mine, before = now.get(key), then.get(key)
        if mine != before:
            none = (0,) * len(mine or before or ())
            found[key] = tuple(map(sub, mine or none, before or none))
    return found


def _kept(
    connection: Connection,
    table: Table,
    day: ColumnElement[bool],
    now: Mapping[Key, str],
    then: Mapping[Key, str],
) -> dict[Key, str]:
    """Return the marks to be kept, where they change."""
    changed = [key for key in {**now, **then} if now.get(key) != then.get(key)]
    if not changed:
        return {}
    marks = table.c[MARKS]
    query = select(*(table.c[name] for name in _key(table)), marks).where(day, marks != "")
    there = {tuple(key): text for *key, text in connection.execute(query)}
    return {
        key: listed((_set(there.get(key)) - _set(then.get(key))) | _set(now.get(key)))
        for key in changed
    }


def _set(text: str | None) -> frozenset[str]:
    return frozenset(text.split(",")) if text else frozenset()


def _add(store: Store, stale: Stale, until: int, additions: Sequence[Addition]) -> bool:
    """Add to the sums, if they are still as they were read."""
    with store.write() as connection:
        d = schema.days.c
        same = d.summed == stale.summed, d.made_with == stale.made_with
        if not daysums.note(connection, store.site, stale.day, until, stale.made_with, *same):
            return False
        for one in additions:
            _add_to(store, connection, stale.day, one)
        texts = {text for one in additions for text in _texts(one)}
        changes.note(store, connection, stale.day, stale.summed, until, texts)
    return True


def _texts(one: Addition) -> Iterator[str]:
    """Give the texts of queries whose sums change."""
    if "q" in one.table.c:
        place = _key(one.table).index("q")
        yield from (key[place] for key in (*one.counts, *one.marks))


def _add_to(store: Store, connection: Connection, day: int, one: Addition) -> None:
    key = _key(one.table)
    if one.counts:
        columns = ("site", "day", *key, *one.counted)
        rows = ((store.site, day, *which, *counts) for which, counts in one.counts.items())
        put(connection, store.add(one.table, *one.counted), columns, rows)
    if one.marks:
        mine = _of_day(one.table, store.site, day)
        which = and_(mine, *(one.table.c[name] == bindparam(f"its_{name}") for name in key))
        statement = update(one.table).where(which).values({MARKS: bindparam("marks")})
        names = (*(f"its_{name}" for name in key), "marks")
        changed = [dict(zip(names, (*its, kept), strict=True)) for its, kept in one.marks.items()]
        connection.execute(statement, changed)
    if one.emptied:
        empty = (one.table.c[name] == 0 for name in one.counted)
        connection.execute(delete(one.table).where(_of_day(one.table, store.site, day), *empty))


def _of_day(table: Table, site: str, day: int) -> ColumnElement[bool]:
    return and_(table.c.site == site, table.c.day == day)

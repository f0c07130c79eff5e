"""What a reading found out and the next one need not: kept by what it was made of.

A value is kept with the fingerprint of all that it depends on, and is found again only under the
same one; so it may be thrown away at any time, and is never out of date.
"""

from hashlib import blake2b
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, select

from kbgen_feedback import words
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import DAY_MS

CHANGED = "evidence changed"  # by a build
SUMS_CHANGED = "sums changed"  # otherwise than by summing: retention
FORMAT = 3  # to be raised whenever what is kept, or how findings are made from it, changes


def fingerprint(connection: Connection, site: str, as_of: int, settings: Settings) -> str:
    """Return what the evidence up to the day `as_of` depends on, as 32 characters."""
    d = schema.days.c
    days = _rows(connection, site, (d.day, d.summed, d.purged, d.held), as_of + 1)
    changes = _changes(connection, site, SUMS_CHANGED, CHANGED)
    return _digest(as_of, settings, days, changes)


def fingerprint_of_sums(
    connection: Connection, site: str, as_of: int, settings: Settings, before: int
) -> str:
    """Return what the evidence up to the day `as_of` takes from sums of days before another."""
    d = schema.days.c
    days = _rows(connection, site, (d.day, d.summed, d.purged), before)
    return _digest(as_of, settings, before, days, _changes(connection, site, SUMS_CHANGED))


def fingerprint_of_votes(
    connection: Connection, site: str, as_of: int, settings: Settings, before: int
) -> str:
    """Return what the evidence up to the day `as_of` takes from votes of days before another.

    A day that got a vote has another version. One that lost a vote, which was given again later,
    has not: so they are counted.
    """
    d, v = schema.days.c, schema.votes.c
    days = _rows(connection, site, (d.day, d.version, d.held), before)
    count = select(func.count()).where(v.site == site, v.at < before * DAY_MS)
    changes = _changes(connection, site, SUMS_CHANGED)
    return _digest(as_of, settings, before, days, changes, connection.scalar(count))


def _rows(
    connection: Connection, site: str, columns: tuple[ColumnElement[int], ...], before: int
) -> list[tuple[Any, ...]]:
    """Return these columns of the days before one."""
    d = schema.days.c
    query = select(*columns).where(d.site == site, d.day < before).order_by(d.day)
    return [tuple(row) for row in connection.execute(query)]


def _changes(connection: Connection, site: str, *names: str) -> list[tuple[str, str]]:
    f = schema.facts.c
    query = select(f.name, f.value).where(f.site == site, f.name.in_(names))
    return sorted((name, value) for name, value in connection.execute(query))


def _digest(as_of: int, settings: Settings, *parts: Any) -> str:
    whole = FORMAT, words.version(), as_of, settings.query_days, settings.rules, parts
    return blake2b(msgspec.msgpack.encode(whole), digest_size=16).hexdigest()


def changed(store: Store, connection: Connection, name: str = CHANGED) -> None:
    """Note that evidence changed by other means than new events: what was kept holds no more."""
    row = {"site": store.site, "name": name, "value": uuid4().hex}
    connection.execute(store.replace(schema.facts), [row])


def recall(connection: Connection, site: str, name: str, of: str) -> bytes | None:
    """Return what is kept under a name, if it was made of the same."""
    m = schema.memory.c
    query = select(m.made).where(m.site == site, m.name == name, m.of == of)
    made: bytes | None = connection.scalar(query)
    return made


def keep(store: Store, name: str, of: str, made: Any) -> None:
    """Keep a value, in the place of what was kept under that name before."""
    with store.write() as connection:
        put(store, connection, name, of, made)


def put(store: Store, connection: Connection, name: str, of: str, made: Any) -> None:
    """Keep a value as `keep` does, as a part of what else is written."""
    row = {"site": store.site, "name": name, "of": of, "made": msgspec.msgpack.encode(made)}
    connection.execute(store.replace(schema.memory), [row])


def clear(store: Store, connection: Connection) -> None:
    """Throw away what is kept for the site, as a part of what else is written."""
    connection.execute(delete(schema.memory).where(schema.memory.c.site == store.site))


def forget(store: Store) -> None:
    """Throw away what is kept for any site."""
    with store.write() as connection:
        connection.execute(delete(schema.memory))

"""What a reading found out and the next one need not: kept by what it was made of.

A value is kept with the fingerprint of all that it depends on, and is found again only under the
same one; so it may be thrown away at any time, and is never out of date.
"""

from hashlib import blake2b
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, delete, select

from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store

CHANGED = "evidence changed"  # a build, or votes held back or released
SUMS_CHANGED = "sums changed"  # otherwise than by summing: retention
FORMAT = 1  # to be raised whenever what is kept, or how findings are made from it, changes


def fingerprint(
    connection: Connection, site: str, as_of: int, settings: Settings, before: int | None = None
) -> str:
    """Return what the evidence up to the day `as_of` depends on, as 32 characters.

    With `before`, only what the sums of the days before that one depend on.
    """
    d, f = schema.days.c, schema.facts.c
    days = select(d.day, d.summed, d.purged).where(d.site == site, d.day <= as_of)
    if before is not None:
        days = days.where(d.day < before)
    names = (SUMS_CHANGED,) if before is not None else (SUMS_CHANGED, CHANGED)
    changed = select(f.name, f.value).where(f.site == site, f.name.in_(names))
    parts = (
        FORMAT,
        as_of,
        before,
        settings.query_days,
        settings.rules,
        [tuple(row) for row in connection.execute(days.order_by(d.day))],
        sorted(map(tuple, connection.execute(changed))),
    )
    return blake2b(msgspec.msgpack.encode(parts), digest_size=16).hexdigest()


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
    row = {"site": store.site, "name": name, "of": of, "made": msgspec.msgpack.encode(made)}
    with store.write() as connection:
        connection.execute(store.replace(schema.memory), [row])


def forget(store: Store) -> None:
    """Throw away what is kept for any site."""
    with store.write() as connection:
        connection.execute(delete(schema.memory))

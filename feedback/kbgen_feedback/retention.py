"""Delete what is past its time: raw events, the text of queries and comments, old sums."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, delete, func, select, tuple_, update

from kbgen_feedback import daysums, memory
from kbgen_feedback.readers import destroy_keys
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.checkpoints import empty_log
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import DAY_MS, day_of
from kbgen_feedback.sums import stale_days

PART = 2000  # rows deleted in one transaction


@dataclass(frozen=True)
class Purged:
    """How many rows were deleted, or lost their text."""

    events: int
    texts: int
    sums: int
    votes: int


def purge(store: Store, settings: Settings, now: int) -> Purged:
    """Delete what is past its time, after its sums are made; safe to repeat."""
    today = day_of(now)
    destroy_keys(store, now - 2 * settings.key_hours * 3_600_000)
    purged = Purged(
        events=_raw(store, today - settings.raw_days),
        texts=_texts(store, today - settings.query_days),
        sums=_sums(store, today - settings.aggregate_days),
        votes=_old_votes(store, today - settings.aggregate_days),
    )
    if purged != Purged(0, 0, 0, 0):
        with store.write() as connection:
            memory.changed(store, connection, memory.SUMS_CHANGED)
            memory.clear(store, connection)  # texts that are past their time are there, too
            # Their events, or the evening before them, are gone, or the text of their queries is.
            days, kept = schema.days.c, min(settings.raw_days, settings.query_days)
            daysums.forget(connection, days.site == store.site, days.day <= today - kept)
    empty_log(store)
    return purged


def _raw(store: Store, before: int) -> int:
    """Delete raw events of days that are summed; take the reader's mark off votes as old."""
    behind = {one.day for one in stale_days(store)}
    e, v = schema.events.c, schema.votes.c
    limit = min([before, *behind]) * DAY_MS
    deleted = _delete_in_parts(store, schema.events, (e.site == store.site) & (e.at < limit))
    with store.write() as connection:
        old_votes = (v.site == store.site) & (v.at < before * DAY_MS) & (v.reader != "")
        blank = {"reader": "", "net": "", "agent": ""}
        connection.execute(update(schema.votes).where(old_votes).values(blank))
        days = schema.days.c
        gone = (days.site == store.site) & (days.day < limit // DAY_MS)
        connection.execute(update(schema.days).where(gone).values(purged=1))
    return deleted


def _delete_in_parts(store: Store, table: Table, old: ColumnElement[bool]) -> int:
    """Delete the rows in many short transactions: on SQLite, new events wait for each."""
    key = list(table.primary_key)
    part = select(*key).where(old).limit(PART)
    total = 0
    while True:
        with store.write() as connection:
            statement = delete(table).where(tuple_(*key).in_(part))
            n = connection.execute(statement).rowcount
        total += n
        if n < PART:
            return total


def _texts(store: Store, before: int) -> int:
    """Fold the rows of old queries into one row a day and language, without their text."""
    s, f, v = schema.searches.c, schema.finds.c, schema.votes.c
    with store.write() as connection:
        total = 0
        for table, group in ((schema.searches, (s.locale,)), (schema.finds, (f.page, f.locale))):
            c = table.c
            old = (c.site == store.site) & (c.day < before) & (c.q != "")
            keys = (c.site, c.day, *group)
            sums = [
                one
                for one in c
                if one.name not in {*table.primary_key.columns.keys(), "open_readers"}
            ]
            folded = connection.execute(
                select(*keys, *(func.sum(one).label(one.name) for one in sums))
                .where(old)
                .group_by(*keys)
            )
            rows = [dict(row) | {"q": ""} for row in folded.mappings()]
            total += connection.execute(delete(table).where(old)).rowcount
            if rows:
                connection.execute(store.add(table, *(one.name for one in sums)), rows)
        texts = (
            (v.site == store.site) & (v.at < before * DAY_MS) & ((v.q != "") | (v.comment != ""))
        )
        total += connection.execute(
            update(schema.votes).where(texts).values(q="", comment="")
        ).rowcount
    return total


def _sums(store: Store, before: int) -> int:
    return sum(
        _delete_in_parts(store, table, (table.c.site == store.site) & (table.c.day < before))
        for table in (*schema.SUMS, schema.refused)
    )


def _old_votes(store: Store, before: int) -> int:
    v = schema.votes.c
    old = (v.site == store.site) & (v.at < before * DAY_MS)
    return _delete_in_parts(store, schema.votes, old)

"""Store a batch of events in one transaction, each event once whatever is sent again."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Insert, case, select

from kbgen_feedback.events import Event, Vote
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, put
from kbgen_feedback.store.rows import EVENTS, event_row, vote_row

DAY_MS = 86_400_000
_AT = EVENTS.index("at")
WINDOW_MS = 3_600_000  # a visit may reach this far into the day before or after


@dataclass(frozen=True)
class Batch:
    """What one request leaves behind: events to keep and counts of what was refused."""

    events: Sequence[Event] = ()
    refused: Mapping[tuple[int, str], int] = field(default_factory=dict)


def day_of(at_ms: int) -> int:
    """Return the number of days from 1970 to the day (UTC) of a time in milliseconds."""
    return at_ms // DAY_MS


def days_of(times: Iterable[int]) -> tuple[set[int], set[int]]:
    """Return the days of events at these times (ms), and the other days within an hour of one."""
    times = set(times)
    shifted = [(day_of(at), day_of(at + by)) for at in times for by in (-WINDOW_MS, WINDOW_MS)]
    return {day_of(at) for at in times}, {near for own, near in shifted if near != own}


def record(store: Store, connection: Connection, batches: Sequence[Batch]) -> int:
    """Write the batches; return how many of their events were new."""
    events = {event.id: event for batch in batches for event in batch.events}
    new = _store_events(store, connection, list(events.values())) if events else 0
    refused: Counter[tuple[int, str]] = Counter()
    for batch in batches:
        refused.update(batch.refused)
    _count_refused(store, connection, refused)
    return new


def _store_events(store: Store, connection: Connection, events: list[Event]) -> int:
    events.sort(key=_place)
    statement = store.insert(schema.events).on_conflict_do_nothing()
    arrived = _next_arrival(store, connection)
    votes = _unseen(store, connection, [event for event in events if isinstance(event, Vote)])
    rows = [event_row(store.site, event, arrived) for event in events]
    new = put(connection, statement, EVENTS, rows)
    _store_votes(store, connection, votes)
    _mark_days(store, connection, arrived, *days_of(row[_AT] for row in rows))
    return new if new >= 0 else len(events)


def _next_arrival(store: Store, connection: Connection) -> int:
    """Return the number of this transaction, in the order in which they end.

    Another with events of this site waits here for the end of this one: so all that arrived up to a
    number that is seen is seen, too, and no two wait for each other in a circle.
    """
    connection.execute(store.add(schema.arrivals, "last"), [{"site": store.site, "last": 1}])
    return last_arrival(connection, store.site)


def last_arrival(connection: Connection, site: str) -> int:
    """Return the number of the newest transaction that brought events; 0 for none."""
    arrivals = schema.arrivals.c
    return connection.scalar(select(arrivals.last).where(arrivals.site == site)) or 0


def _place(event: Event) -> tuple[datetime, UUID]:
    """Return where an event is to lie: rows in order of time are soonest read in that order."""
    return event.at, event.id


def _unseen(store: Store, connection: Connection, votes: list[Vote]) -> list[Vote]:
    """Return the votes whose event is not stored yet: a replayed one must not vote again."""
    ids = [vote.id.bytes for vote in votes]
    mine = (schema.events.c.site == store.site) & schema.events.c.id.in_(ids)
    seen = set(connection.scalars(select(schema.events.c.id).where(mine))) if ids else set()
    return [vote for vote in votes if vote.id.bytes not in seen]


def _store_votes(store: Store, connection: Connection, votes: list[Vote]) -> None:
    if not votes:
        return
    rows = [vote_row(store.site, vote) for vote in sorted(votes, key=lambda vote: vote.at)]
    rows.sort(key=lambda row: (row["page"], row["locale"], row["revision"], row["token"]))
    connection.execute(upsert_vote(store), rows)


def upsert_vote(store: Store) -> Insert:
    """Return the upsert by which the newest vote of a token, article and revision wins.

    A vote that is held back never takes the place of one that counts.
    """
    statement = store.insert(schema.votes)
    key = {column.name for column in schema.votes.primary_key}
    update = {c.name: statement.excluded[c.name] for c in schema.votes.c if c.name not in key}
    counts = (statement.excluded.held == "") | (schema.votes.c.held != "")
    newer = (statement.excluded.at >= schema.votes.c.at) & counts
    return statement.on_conflict_do_update(index_elements=sorted(key), set_=update, where=newer)


def _mark_days(
    store: Store, connection: Connection, arrived: int, own: set[int], beside: set[int]
) -> None:
    """Note that the sums of these days are behind, and that those beside them may be."""
    statement, days = store.insert(schema.days), schema.days.c
    newest = {
        name: case(
            (statement.excluded[name] > days[name], statement.excluded[name]), else_=days[name]
        )
        for name in ("version", "near")
    }
    upsert = statement.on_conflict_do_update(index_elements=["day", "site"], set_=newest)
    rows = [
        {
            "site": store.site,
            "day": day,
            "version": arrived if day in own else 0,
            "near": arrived if day in beside else 0,
        }
        for day in sorted(own | beside)
    ]
    connection.execute(upsert, rows)


def _count_refused(
    store: Store, connection: Connection, refused: Mapping[tuple[int, str], int]
) -> None:
    rows = [
        {"site": store.site, "day": day, "name": name[:64], "n": n}
        for (day, name), n in sorted(refused.items())
    ]
    if rows:
        connection.execute(store.add(schema.refused, "n"), rows)

"""Events in and out, a JSON line each; whole databases from one to another."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, TypeVar

import msgspec
from sqlalchemy import Connection, Row, RowMapping, Table, select, update

from kbgen_feedback import daysums, intake, memory
from kbgen_feedback.events import Event, Vote, decode, millis
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import Batch, day_of, record
from kbgen_feedback.store.rows import event_json

T = TypeVar("T")

CHUNK = 5000
LINE_BYTES = 65536


@dataclass(frozen=True)
class Imported:
    """What an import did; `refused` counts lines by the name of their fault."""

    lines: int
    new: int
    known: int
    refused: dict[str, int]
    first_fault: tuple[int, str] | None


def import_lines(store: Store, lines: Iterable[bytes], settings: Settings) -> Imported:
    """Store events from JSON lines; they are trusted to say when they were and whose.

    What an event's text may hold is redacted as on arrival. Events of days whose raw events were
    purged are refused: their day's sums could not be made again.
    """
    total = new = known = 0
    refused: Counter[str] = Counter()
    first: tuple[int, str] | None = None
    purged = _purged_days(store)
    for chunk in _chunks(enumerate(lines, start=1)):
        events: list[Event] = []
        for number, line in chunk:
            if not line.strip():
                continue
            total += 1
            event = _event(line, settings, purged)
            if isinstance(event, str):
                refused[event] += 1
                first = first or (number, event)
            else:
                events.append(event)
        with store.write() as connection:
            stored = record(store, connection, [Batch(events)])
        new, known = new + stored, known + len(events) - stored
    return Imported(total, new, known, dict(refused), first)


def _event(line: bytes, settings: Settings, purged: frozenset[int]) -> Event | str:
    event = decode(line) if len(line) <= LINE_BYTES else "malformed.size"
    if isinstance(event, str):
        return event
    if day_of(millis(event.at)) in purged:
        return "purged day"
    try:
        changes = intake.clean(event, settings) | intake.unseen(event, settings)
        if not isinstance(event, Vote):
            changes |= {"net": "", "agent": ""}  # as on arrival: only floods of votes need them
        cleaned: Event = msgspec.structs.replace(event, **changes)
    except intake.RefusedError as reason:
        return str(reason)
    return cleaned


def _purged_days(store: Store) -> frozenset[int]:
    days = schema.days.c
    with store.read() as connection:
        query = select(days.day).where(days.site == store.site, days.purged == 1)
        return frozenset(connection.scalars(query))


def export_lines(store: Store, file: IO[bytes]) -> int:
    """Write every raw event as a JSON line, the oldest first; return how many there were."""
    e = schema.events.c
    query = select(schema.events).where(e.site == store.site).order_by(e.at, e.id)
    encoder = msgspec.json.Encoder()
    count = 0
    with store.read() as connection:
        for row in connection.execution_options(yield_per=CHUNK).execute(query).mappings():
            file.write(encoder.encode(event_json(row)) + b"\n")
            count += 1
    return count


def copy(
    source: Store,
    target: Store,
    writing: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> dict[str, int]:
    """Copy every row of every site into another database; return the rows by table.

    Each write is inside `writing()`, so that its trouble can be told from that of reading.

    All tables are copied as they were at one moment, whatever is written meanwhile.
    Rows that are there already are left as they are, so that a broken copy can be repeated. The
    keys of reader ids stay behind: a backup must not be able to make them again. Zero bytes, which
    PostgreSQL takes in no text, are left out.
    """
    with source.snapshot() as reading:
        copied = {
            table.name: _copy_table(reading, target, table, writing)
            for table in schema.metadata.sorted_tables
            if table not in (schema.keys, schema.memory)
        }
        numbers = reading.execute(select(schema.arrivals)).all()
    with writing():
        memory.forget(target)
        with target.write() as connection:
            _go_on_after(connection, numbers)
    return copied


def _go_on_after(connection: Connection, numbers: Iterable[Row[Any]]) -> None:
    """Let events arrive under numbers above these, which copied days know of.

    Events that were there before have numbers of their own, so all days are summed as a whole.
    """
    a = schema.arrivals.c
    for one in numbers:
        lower = update(schema.arrivals).where(a.site == one.site, a.last < one.last)
        connection.execute(lower.values(last=one.last))
    daysums.forget(connection)


def _copy_table(
    reading: Connection,
    target: Store,
    table: Table,
    writing: Callable[[], AbstractContextManager[None]],
) -> int:
    count = 0
    statement = target.insert(table).on_conflict_do_nothing()
    rows = reading.execute(select(table), execution_options={"yield_per": CHUNK}).mappings()
    for chunk in _chunks(rows):
        with writing(), target.write() as connection:
            connection.execute(statement, list(map(_without_zeros, chunk)))
        count += len(chunk)
    return count


def _without_zeros(row: RowMapping) -> dict[str, Any]:
    return {
        name: value.replace("\0", "") if isinstance(value, str) else value
        for name, value in row.items()
    }


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk

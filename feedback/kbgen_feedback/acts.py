"""The visits of readers who searched, from the events of a day and the hours around it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, case, select

from kbgen_feedback.sessions import ASKING, Act, Search, Visit, enough_dwell_ms
from kbgen_feedback.settings import Rules
from kbgen_feedback.similarity import folded
from kbgen_feedback.store import schema
from kbgen_feedback.store.record import DAY_MS, WINDOW_MS

Words = dict[str, int]

Row = Sequence[Any]
"""An event as `_COLUMNS` has it."""

_TELLING = ASKING | {"vote"}

SWEEP_MS = 1_800_000  # how often, in the events' own time, readers who left are looked for

_e = schema.events.c
WHO = case((_e.reader != "", _e.reader), else_=_e.visit)
_COLUMNS = (
    *(WHO, _e.at, _e.type, _e.page, _e.locale, _e.source, _e.dwell_ms, _e.body),
    *(_e.revision, _e.held),
)
AT, HELD = 1, len(_COLUMNS) - 1  # where they are in a row


def around(
    connection: Connection, site: str, day: int, until: int
) -> tuple[Select[Any], Select[Any], Select[Any]]:
    """Return the queries for the events of the hour before a day, of the day, of the hour after.

    Of those that had arrived by `until`, in order of time; those of the day with what is held back.
    """
    start, end = day * DAY_MS, (day + 1) * DAY_MS
    spans = (start - WINDOW_MS, start), (start, end), (end, end + WINDOW_MS)
    queries = (_events(connection, site, *span).where(_e.arrived <= until) for span in spans)
    before, within, after = queries
    return before.where(_e.held == ""), within, after.where(_e.held == "")


def newcomers(site: str, day: int, since: int, until: int) -> Select[Any]:
    """Return the query for the readers with events in and around a day that arrived in a time."""
    arrived = _e.arrived > since, _e.arrived <= until
    return select(WHO).distinct().where(*between(site, *_span(day)), *arrived)


def of_readers(
    connection: Connection, site: str, day: int, until: int, readers: Collection[str]
) -> Select[Any]:
    """Return the query for all events in and around a day of some readers, known until an arrival.

    The number of its arrival is the last column of an event. The readers are named, as PostgreSQL
    misjudges a query that finds them itself by minutes where it has not counted the table yet.
    """
    whole = _events(connection, site, *_span(day)).add_columns(_e.arrived)
    return whole.where(_e.arrived <= until, WHO.in_(readers))


def _span(day: int) -> tuple[int, int]:
    return day * DAY_MS - WINDOW_MS, (day + 1) * DAY_MS + WINDOW_MS


def _events(connection: Connection, site: str, since: int, until: int) -> Select[Any]:
    """Return the query for the events of a time; those of one moment always in the same order.

    SQLite's index has these as they came, and to sort them by their id would take a third longer.
    """
    last = _e.arrived if connection.dialect.name == "sqlite" else _e.id
    return select(*_COLUMNS).where(*between(site, since, until)).order_by(_e.site, _e.at, last)


def between(site: str, since: float, until: float) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for the events of a time, its end left out (ms)."""
    return _e.site == site, _e.at >= since, _e.at < until


def visits(rows: Iterable[Row], words: Words, rules: Rules) -> Iterator[Visit]:
    """Give the visits in which readers searched, from events in order of time.

    A visit ends with a pause, after what was open last, of more than a visit's gap. A reader who
    did not search leaves nothing but the time; so no more is in memory than the searches of one
    moment.
    """
    here: dict[str, Visit] = {}
    enough = {page: enough_dwell_ms(length, rules) for page, length in words.items()}
    unknown = enough_dwell_ms(0, rules)
    gap, sweep = rules.visit_gap_s * 1000, 0
    for who, at, kind, page, locale, source, dwell_ms, body, _, _ in rows:
        visit = here.get(who)
        if visit is None or at - visit.end > gap:
            if visit is not None and visit.searches:
                yield visit
            visit = here[who] = Visit(who, at)
        visit.end = at + dwell_ms if dwell_ms else at
        if kind == "search":
            visit.searches.append(_search(at, locale, body))
        elif visit.searches:
            helped = None
            if kind == "view" and dwell_ms is not None:
                helped = dwell_ms >= enough.get(page, unknown)
            _add(visit, Act(at, kind, page, source, dwell_ms, helped), body)
        if at >= sweep:
            yield from _gone(here, at - gap)
            sweep = at + SWEEP_MS
    yield from (visit for visit in here.values() if visit.searches)


def _add(visit: Visit, act: Act, body: str) -> None:
    act = _with(act, body) if body else act
    visit.acts.append(act)
    if act.type in _TELLING:
        visit.told.append(act)


def _gone(here: dict[str, Visit], before: int) -> Iterator[Visit]:
    """Take out the visits that ended before a time; give those with searches."""
    for who in [who for who, visit in here.items() if visit.end < before]:
        visit = here.pop(who)
        if visit.searches:
            yield visit


class _Search(msgspec.Struct, gc=False):
    """A search's other fields; lists as they are written."""

    q: str = ""
    results: int | None = None
    shown: msgspec.Raw = msgspec.Raw(b"null")
    clicked: msgspec.Raw = msgspec.Raw(b"null")
    previewed: bool | list[str] = False


class _Clicked(msgspec.Struct, gc=False):
    """A result that was opened."""

    page: str


class _Told(msgspec.Struct, gc=False):
    """What the acts need of the other fields of views and votes."""

    printed: bool = False
    copied: bool = False
    value: str = ""
    reasons: tuple[str, ...] = ()


_of_search = msgspec.json.Decoder(_Search)
_of_others = msgspec.json.Decoder(_Told)
_pages = msgspec.json.Decoder(tuple[str, ...] | None)
_clicks = msgspec.json.Decoder(list[_Clicked] | None)


# Readers of one query were shown one list, and open the same results: each is made once.
@lru_cache(maxsize=16384)
def _shown(written: bytes) -> tuple[str, ...] | None:
    pages: tuple[str, ...] | None = _pages.decode(written)
    return pages


@lru_cache(maxsize=16384)
def _clicked(written: bytes) -> tuple[str, ...] | None:
    clicks: list[_Clicked] | None = _clicks.decode(written)
    return None if clicks is None else tuple(dict.fromkeys(one.page for one in clicks))


def _search(at: int, locale: str, text: str) -> Search:
    it = _of_search.decode(text or "{}")
    shown, clicked = _shown(bytes(it.shown)), _clicked(bytes(it.clicked))
    return Search(at, locale, folded(it.q), it.results, shown, clicked, bool(it.previewed))


def _with(act: Act, text: str) -> Act:
    """Return an act with what its other fields tell."""
    it = _of_others.decode(text)
    helped = True if it.printed or it.copied or it.value == "yes" else act.helped
    return msgspec.structs.replace(act, helped=helped, hard="hard_to_find" in it.reasons)

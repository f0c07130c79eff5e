"""The acts of readers who searched, read from the events of a day and the hours around it."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, case, select

from kbgen_feedback.sessions import Act, end_of
from kbgen_feedback.settings import Rules
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import stream
from kbgen_feedback.store.record import DAY_MS, WINDOW_MS

Words = dict[str, int]
Reader = tuple[str, list[Act]]

SWEEP_MS = 900_000  # how often, in the events' own time, readers who left are looked for


def reader_acts(
    connection: Connection, site: str, day: int, words: Words, rules: Rules, beside: bool = False
) -> Iterator[Reader]:
    """Give readers who searched around a day with all their acts, in order of time.

    With `beside`, only those who did anything in the hours before and after it.

    A reader who comes back after more than a visit's gap may be given again: so no more is in
    memory than the visits of one moment.
    """
    here: dict[str, list[Act]] = {}
    gap, swept = rules.visit_gap_s * 1000, 0
    rows = stream(connection, rows_around(site, day, beside))
    for who, at, kind, page, locale, source, dwell_ms, text in rows:
        length = words.get(page, 0)
        act = (
            _act(at, kind, page, locale, source, dwell_ms, length, _body.decode(text))
            if text
            else Act(at, kind, page, locale, source, dwell_ms, words=length)
        )
        if who in here:
            here[who].append(act)
        else:
            here[who] = [act]
        if at - swept > SWEEP_MS:
            yield from _searched(_gone(here, at - gap))
            swept = at
    yield from _searched(here.items())


def rows_around(site: str, day: int, beside: bool = False) -> Select[Any]:
    """Return the query for what counts of the events around a day, in order of time.

    With `beside`, only those of readers who did anything in the hours before and after it.
    """
    e = schema.events.c
    start, end = day * DAY_MS, (day + 1) * DAY_MS
    who = case((e.reader != "", e.reader), else_=e.visit)

    def between(since: int, until: int) -> ColumnElement[bool]:
        return (e.site == site) & (e.held == "") & (e.at >= since) & (e.at < until)

    columns = (who, e.at, e.type, e.page, e.locale, e.source, e.dwell_ms, e.body)
    query = select(*columns).where(between(start - WINDOW_MS, end + WINDOW_MS))
    if beside:
        before = select(who).where(between(start - WINDOW_MS, start))
        after = select(who).where(between(end, end + WINDOW_MS))
        query = query.where(who.in_(before.union(after)))
    return query.order_by(e.site, e.at)


def _gone(here: dict[str, list[Act]], before: int) -> list[Reader]:
    """Take out the readers whose last act ended before a time."""
    gone = [who for who, acts in here.items() if end_of(acts[-1]) < before]
    return [(who, here.pop(who)) for who in gone]


def _searched(readers: Iterable[Reader]) -> Iterator[Reader]:
    """Give those readers who searched."""
    for who, acts in readers:
        for act in acts:
            if act.type == "search":
                yield who, acts
                break


class _Clicked(msgspec.Struct, gc=False):
    """A result that was opened."""

    page: str


class _Body(msgspec.Struct, gc=False):
    """What the acts need of an event's other fields."""

    q: str = ""
    results: int | None = None
    shown: msgspec.Raw = msgspec.Raw(b"null")
    clicked: list[_Clicked] | None = None
    previewed: bool | list[str] = False
    printed: bool = False
    copied: bool = False
    value: str = ""
    reasons: tuple[str, ...] = ()


_body = msgspec.json.Decoder(_Body)
_pages = msgspec.json.Decoder(tuple[str, ...] | None)


@lru_cache(maxsize=16384)
def _shown(raw: bytes) -> tuple[str, ...] | None:
    """Return a list of results; readers of one query were shown one list, so it is made once."""
    pages: tuple[str, ...] | None = _pages.decode(raw)
    return pages


def _act(
    at: int,
    kind: str,
    page: str,
    locale: str,
    source: str,
    dwell_ms: int | None,
    words: int,
    body: _Body,
) -> Act:
    """Return the act of an event that has more than its columns tell."""
    return Act(
        at,
        kind,
        page,
        locale,
        source,
        dwell_ms,
        body.printed or body.copied,
        body.q,
        body.results,
        _shown(bytes(body.shown)),
        None if body.clicked is None else tuple([one.page for one in body.clicked]),
        bool(body.previewed),
        body.value,
        "hard_to_find" in body.reasons,
        words,
    )

"""The acts of readers who searched, read from the events of a day and the hours around it."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, case, select

from kbgen_feedback.sessions import Act
from kbgen_feedback.store import schema
from kbgen_feedback.store.record import DAY_MS, WINDOW_MS

Words = dict[str, int]


def reader_acts(
    connection: Connection, site: str, day: int, words: Words
) -> Iterator[tuple[str, list[Act]]]:
    """Give each reader who searched around a day, with all their acts in order of time."""
    e = schema.events.c
    near = (
        (e.site == site)
        & (e.held == "")
        & (e.at >= day * DAY_MS - WINDOW_MS)
        & (e.at < (day + 1) * DAY_MS + WINDOW_MS)
    )
    who = case((e.reader != "", e.reader), else_=e.visit)
    searched = select(who).where(near, e.type == "search")
    query = (
        select(who.label("who"), e.at, e.type, e.page, e.locale, e.source, e.dwell_ms, e.body)
        .where(near, who.in_(searched))
        .order_by(who, e.at)
    )
    rows = connection.execution_options(yield_per=5000).execute(query)
    for reader, group in groupby(rows, key=itemgetter(0)):
        yield reader, [act_of(tuple(row), words) for row in group]


class _Body(msgspec.Struct):
    """What the acts need of an event's other fields."""

    q: str = ""
    results: int | None = None
    shown: tuple[str, ...] | None = None
    clicked: list[dict[str, Any]] | None = None
    previewed: bool | list[str] = False
    printed: bool = False
    copied: bool = False
    value: str = ""
    reasons: tuple[str, ...] = ()


_body = msgspec.json.Decoder(_Body)
_EMPTY = _Body()


def act_of(row: tuple[Any, ...], words: Words) -> Act:
    """Return the act that a row of the events table records."""
    _, at, kind, page, locale, source, dwell_ms, text = row
    body = _body.decode(text) if text else _EMPTY
    clicked = body.clicked
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
        body.shown,
        None if clicked is None else tuple(one["page"] for one in clicked),
        bool(body.previewed),
        body.value,
        "hard_to_find" in body.reasons,
        words.get(page, 0),
    )

"""Whether any visit may reach across a midnight, told from the hours beside it.

Who came only before a midnight, or only after it, has no such visit. That is so for all readers on
most days, and takes a fraction of the time that reading the whole day takes.
"""

from sqlalchemy import ColumnElement, Connection, case, func, select

from kbgen_feedback.settings import Rules
from kbgen_feedback.store import schema
from kbgen_feedback.store.record import DAY_MS, WINDOW_MS

e = schema.events.c
_WHO = case((e.reader != "", e.reader), else_=e.visit)


def may_cross(connection: Connection, site: str, day: int, rules: Rules) -> bool:
    """Return whether a visit may be on a day and on one beside it; surely not if False."""
    start, end, gap = day * DAY_MS, (day + 1) * DAY_MS, rules.visit_gap_s * 1000
    mine = (e.site == site) & (e.held == "")
    eve = mine & _between(start - WINDOW_MS, start)
    last = connection.scalar(select(func.max(e.at + func.coalesce(e.dwell_ms, 0))).where(eve))
    if last is not None:
        morning = mine & _between(start, last + gap + 1)
        if _readers(connection, eve) & _readers(connection, morning):
            return True
    after = _readers(connection, mine & _between(end, end + WINDOW_MS))
    # An act reaches the next day if it ends less than a visit's gap before it; most are short.
    short = end - gap - schema.LONG_MS
    return bool(
        after & _readers(connection, mine & _between(short, end))
        or after & _readers(connection, mine & schema.IS_LONG & _between(start - WINDOW_MS, short))
    )


def _between(since: float, until: float) -> ColumnElement[bool]:
    return (e.at >= since) & (e.at < until)


def _readers(connection: Connection, which: ColumnElement[bool]) -> set[str]:
    return set(connection.scalars(select(_WHO).distinct().where(which)))

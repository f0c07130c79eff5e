"""Whether new events beside a day may change it, told from the hours around its midnights.

Who came only before a midnight, or only after it, has no visit that reaches across. That is so for
all new readers on most days, and takes a fraction of the time that reading the day takes.
"""

from sqlalchemy import ColumnElement, Connection, and_, func, select

from kbgen_feedback.acts import WHO, between
from kbgen_feedback.settings import Rules
from kbgen_feedback.store import schema
from kbgen_feedback.store.record import DAY_MS, WINDOW_MS

e = schema.events.c


def may_cross(connection: Connection, site: str, day: int, known: int, rules: Rules) -> bool:
    """Return whether what arrived beside a day after `known` may belong to a visit on it.

    Surely not if False.
    """
    start, end, gap = day * DAY_MS, (day + 1) * DAY_MS, rules.visit_gap_s * 1000

    def mine(since: float, until: float) -> ColumnElement[bool]:
        return and_(*between(site, since, until), e.held == "")

    eve = mine(start - WINDOW_MS, start) & (e.arrived > known)
    last = connection.scalar(select(func.max(e.at + func.coalesce(e.dwell_ms, 0))).where(eve))
    if last is not None:
        morning = mine(start, last + gap + 1)
        if _readers(connection, eve) & _readers(connection, morning):
            return True
    after = _readers(connection, mine(end, end + WINDOW_MS) & (e.arrived > known))
    if not after:
        return False
    # An act reaches the next day if it ends less than a visit's gap before it; most are short.
    short = end - gap - schema.LONG_MS
    return bool(
        after & _readers(connection, mine(short, end))
        or after & _readers(connection, mine(start - WINDOW_MS, short) & schema.IS_LONG)
    )


def _readers(connection: Connection, which: ColumnElement[bool]) -> set[str]:
    return set(connection.scalars(select(WHO).distinct().where(which)))

"""What is stored: events, votes, what was held back, what was refused."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from kbgen_feedback import abuse
from kbgen_feedback.acts import between
from kbgen_feedback.events import moment
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import DAY_MS

Kind = tuple[str, str]
"""A type of event, and why such events are held back, "" if they are not."""


def stats(store: Store) -> dict[str, Any]:
    """Return what is stored: events by type, votes, what was held back or refused, by name."""
    v, r = schema.votes.c, schema.refused.c
    with store.read() as connection:
        kinds = _kinds(connection, store.site)
        votes = connection.execute(
            select(v.value, v.held, func.count())
            .where(v.site == store.site)
            .group_by(v.value, v.held)
        ).all()
        refused = connection.execute(
            select(r.name, func.sum(r.n)).where(r.site == store.site).group_by(r.name)
        ).all()
        first, last = _first_and_last(connection, store.site)
    held: Counter[str] = Counter()
    for (_, why), n in kinds.items():
        held[why] += n
    # Events stay as they came: what was held back later is told by the votes.
    late = sum(n for _, why, n in votes if why in (*abuse.WAITING, abuse.DISCARDED))
    counted = [(kind, n - late * (kind == "vote")) for (kind, why), n in kinds.items() if not why]
    return {
        "events": kinds.total(),
        "by_type": _by_name(counted),
        "votes": _by_name((value, n) for value, why, n in votes if not why),
        "votes_held": _by_name((why, n) for _, why, n in votes if why),
        "bots": {why: n for why, n in sorted(held.items()) if why.startswith("bot.")},
        "quarantined": {w: n for w, n in sorted(held.items()) if w and not w.startswith("bot.")},
        "refused": {name: int(n) for name, n in sorted(refused)},
        "first": _stamp(first),
        "last": _stamp(last),
    }


def _kinds(connection: Connection, site: str) -> Counter[Kind]:
    """Return how many raw events there are of each kind: of days that are summed, as their sums
    have them, since to count millions again takes many seconds.
    """
    a, d, e = schema.activity.c, schema.days.c, schema.events.c
    up_to_date = select(d.day).where(d.site == site, d.purged == 0, d.version <= d.summed)
    behind = select(d.day).where(d.site == site, d.version > d.summed)
    kinds: Counter[Kind] = Counter()
    summed = select(a.type, a.held, func.sum(a.n)).group_by(a.type, a.held)
    for kind, why, n in connection.execute(summed.where(a.site == site, a.day.in_(up_to_date))):
        kinds[kind, why] += int(n)
    raw = select(e.type, e.held, func.count()).group_by(e.type, e.held)
    for day in connection.scalars(behind).all():
        for kind, why, n in connection.execute(
            raw.where(*between(site, day * DAY_MS, (day + 1) * DAY_MS))
        ):
            kinds[kind, why] += n
    return kinds


def _first_and_last(connection: Connection, site: str) -> tuple[int | None, int | None]:
    """Return the times of the first event and the last; each is found at once in the index."""
    e = schema.events.c
    first = connection.scalar(select(func.min(e.at)).where(e.site == site))
    return first, connection.scalar(select(func.max(e.at)).where(e.site == site))


def _by_name(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for name, n in pairs:
        counts[name] += n
    return dict(sorted(counts.items()))


def _stamp(at: int | None) -> str | None:
    return moment(at).isoformat().replace("+00:00", "Z") if at is not None else None

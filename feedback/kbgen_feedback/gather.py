"""Read the evidence of one day out of the store, as the signals want it.

What the sums of the days before yesterday come to changes once a day: it is kept from the first
reading of a day to the next ones, which read only two days' sums. Everything is in an order of its
own, so that findings depend neither on the database nor on what was kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, func, select

from kbgen_feedback import memory
from kbgen_feedback.evidence import Broken, Edit, Evidence, Finds, Known, Searches, Votes
from kbgen_feedback.sessions import KINDS
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, stream
from kbgen_feedback.store.record import DAY_MS, day_of
from kbgen_feedback.tallies import RECENT

OPEN_DAYS = 2  # today and yesterday, to which most late events belong, are always read anew
PAST = "past"


class Part(msgspec.Struct, gc=False):
    """What the sums of some days come to.

    `finds`, `searches` and `openers` are by day, the others over all of them; `older` are failed
    searches of days before those of which content gaps are made, `first` the first sight of each
    revision.
    """

    finds: list[Finds]
    queries: list[Finds]
    older: list[Searches]
    searches: list[Searches]
    asked: dict[str, dict[str, int]]
    openers: list[tuple[str, str, int, frozenset[str]]]
    first: list[Edit]
    views: list[tuple[str, str, int]]


_decoder = msgspec.msgpack.Decoder(Part)


def gather(store: Store, as_of: int, settings: Settings) -> Evidence:
    """Return what is known up to and with the day `as_of` (days since 1970)."""
    since = as_of + 1 - min(OPEN_DAYS, settings.rules.content_gap_days)
    with store.read() as connection:
        of = memory.fingerprint(connection, store.site, as_of, settings, before=since)
        kept = memory.recall(connection, store.site, PAST, of)
        reader = _Reader(connection, store.site, as_of, settings)
        past = _decoder.decode(kept) if kept else reader.part(0, since)
        evidence = _evidence(reader, past, reader.part(since, as_of + 1))
    if not kept:
        memory.keep(store, PAST, of, past)
    return evidence


def articles(connection: Connection, site: str) -> tuple[Known, ...]:
    """Return the articles of the newest build."""
    a = schema.articles.c
    query = select(a.page, a.locale, a.title, a.url, a.revision, a.owner).where(a.site == site)
    return tuple(Known(*row) for row in sorted(map(tuple, connection.execute(query))))


def _evidence(reader: "_Reader", past: Part, late: Part) -> Evidence:
    horizon = reader.settings.rules.horizon_days
    return Evidence(
        as_of=reader.as_of,
        votes=tuple(reader.votes(horizon)),
        finds=(*past.finds, *late.finds),
        queries=tuple(_telling(_together(past.queries, late.queries))),
        searches=(*past.older, *past.searches, *late.older, *late.searches),
        broken=tuple(reader.broken()),
        edits=(*_earliest(past.first, late.first), *reader.built()),
        views=_views(past, late),
        asked=_asked(past, late),
        openers={
            (page, locale, day): who for page, locale, day, who in past.openers + late.openers
        },
        articles=articles(reader.connection, reader.site),
    )


def _telling(queries: Iterable[Finds]) -> Iterator[Finds]:
    """Give those that more than one reader tells of, and misses."""
    return (one for one in queries if one.misses or one.readers > 1 or one.clicks > 1)


def _together(past: list[Finds], late: list[Finds]) -> list[Finds]:
    """Return the counts by article and query of two parts in one, in order of these."""
    late_by = {(one.page, one.locale, one.q): one for one in late}
    found = []
    for one in past:
        other = late_by.pop((one.page, one.locale, one.q), None)
        found.append(_plus(one, other) if other else one)
    return sorted([*found, *late_by.values()], key=_by_query) if late_by else found


def _by_query(one: Finds) -> tuple[str, str, str]:
    return one.page, one.locale, one.q


def _plus(one: Finds, two: Finds) -> Finds:
    return Finds(
        one.page,
        one.locale,
        one.q,
        max(one.day, two.day),
        one.trials + two.trials,
        one.misses + two.misses,
        one.clicks + two.clicks,
        one.bounces + two.bounces,
        one.readers + two.readers,
    )


def _earliest(past: list[Edit], late: list[Edit]) -> list[Edit]:
    """Return the first sight of each revision."""
    seen = {(one.page, one.locale, one.revision) for one in past}
    return past + [one for one in late if (one.page, one.locale, one.revision) not in seen]


def _views(*parts: Part) -> dict[tuple[str, str], int]:
    found: defaultdict[tuple[str, str], int] = defaultdict(int)
    for part in parts:
        for page, locale, n in part.views:
            found[page, locale] += n
    return dict(found)


def _asked(*parts: Part) -> dict[tuple[str, str], int]:
    found: defaultdict[tuple[str, str], int] = defaultdict(int)
    for part in parts:
        for locale, queries in part.asked.items():
            for q, n in queries.items():
                found[q, locale] += n
    return dict(found)


class _Reader:
    """The queries, all of one site, up to one day."""

    def __init__(self, connection: Connection, site: str, as_of: int, settings: Settings) -> None:
        self.connection = connection
        self.site = site
        self.as_of = as_of
        self.settings = settings
        self.span = (0, as_of + 1)

    def part(self, since: int, until: int) -> Part:
        """Return what the sums come to of the days from `since` to before `until`."""
        self.span = (since, until)
        horizon = self.settings.rules.horizon_days
        return Part(
            finds=sorted(self.finds(horizon), key=lambda one: (one.day, one.page, one.locale)),
            queries=sorted(self.queries(), key=_by_query),
            older=sorted(self.older(), key=_by_day),
            searches=sorted(self.searches(), key=_by_day),
            asked=self.asked(),
            openers=self.openers(),
            first=sorted(self.first(horizon), key=lambda one: (one.day, _revision(one))),
            views=list(self.views()),
        )

    def _recent(self, table: Table, days: int) -> ColumnElement[bool]:
        """Return the condition for rows of the last `days` days that belong to the part."""
        day, (since, until) = table.c.day, self.span
        least = max(self.as_of - days + 1, since)
        return (table.c.site == self.site) & (day >= least) & (day < until)

    def votes(self, days: int) -> list[Votes]:
        v = schema.votes.c
        day = (v.at // DAY_MS).label("day")
        since, until = (self.as_of - days) * DAY_MS, (self.as_of + 1) * DAY_MS
        query = (
            select(v.page, v.locale, v.revision, day, v.value, func.count(), v.reasons, v.q)
            .where(v.site == self.site, v.held == "", v.at >= since, v.at < until)
            .group_by(v.page, v.locale, v.revision, day, v.value, v.reasons, v.q)
        )
        whys = _Sets()
        return [
            Votes(page, locale, revision, on, value, n, whys[reasons], q)
            for page, locale, revision, on, value, n, reasons, q in sorted(
                map(tuple, stream(self.connection, query))
            )
        ]

    def finds(self, days: int) -> Iterator[Finds]:
        f = schema.finds.c
        query = (
            select(f.page, f.locale, f.day, _sum(f.trials), _sum(f.misses), _sum(f.said))
            .where(self._recent(schema.finds, days), f.trials > 0)
            .group_by(f.day, f.page, f.locale)
        )
        for page, locale, day, trials, misses, said in stream(self.connection, query):
            yield Finds(page, locale, "", day, int(trials), int(misses), said=int(said))

    def queries(self) -> Iterator[Finds]:
        f = schema.finds.c
        names = (f.trials, f.misses, f.clicks, f.bounces, f.readers)
        query = (
            select(f.page, f.locale, f.q, func.max(f.day), *(_sum(name) for name in names))
            .where(self._recent(schema.finds, self.settings.query_days), f.q != "")
            .group_by(f.page, f.locale, f.q)
        )
        for page, locale, q, day, *counts in stream(self.connection, query):
            yield Finds(page, locale, q, day, *map(int, counts))

    def searches(self) -> Iterator[Searches]:
        """Give the failed searches of the gaps' days, each by day."""
        s = schema.searches.c
        which = self._recent(schema.searches, self.settings.rules.content_gap_days)
        query = select(s.q, s.locale, s.day, *_FAILED, s.open_readers)
        for row in stream(self.connection, query.where(which, s.open_n > 0, s.q != "")):
            yield _searches(*row[:-1], frozenset(row[-1].split(",")))

    def older(self) -> Iterator[Searches]:
        """Give the failed searches of the days before, summed, only if repeated."""
        s = schema.searches.c
        query = (
            select(s.q, s.locale, func.max(s.day), *map(_sum, _FAILED))
            .where(self._recent(schema.searches, self.settings.query_days))
            .where(s.open_n > 0, s.q != "")
            .where(s.day <= self.as_of - self.settings.rules.content_gap_days)
            .group_by(s.q, s.locale)
            .having(_sum(s.open_n) > 1)
        )
        for q, locale, day, n, weight, open_weight, *counts in stream(self.connection, query):
            yield _searches(q, locale, day, int(n), weight, open_weight, *map(int, counts))

    def asked(self) -> dict[str, dict[str, int]]:
        """Return how often each query was searched for, by locale."""
        s = schema.searches.c
        recent = self._recent(schema.searches, self.settings.rules.content_gap_days)
        query = select(s.q, s.locale, _sum(s.n)).where(recent, s.q != "").group_by(s.q, s.locale)
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for q, locale, n in stream(self.connection, query):
            found[locale][q] = int(n)
        return dict(found)

    def openers(self) -> list[tuple[str, str, int, frozenset[str]]]:
        f = schema.finds.c
        recent = self._recent(schema.finds, self.settings.rules.content_gap_days)
        query = select(f.page, f.locale, f.day, f.open_readers).where(recent, f.open_readers != "")
        found: defaultdict[tuple[str, str, int], set[str]] = defaultdict(set)
        for page, locale, day, marks in stream(self.connection, query):
            found[page, locale, day].update(marks.split(","))
        return [(*key, frozenset(marks)) for key, marks in found.items()]

    def first(self, days: int) -> Iterator[Edit]:
        v = schema.views.c
        query = (
            select(v.page, v.locale, v.revision, func.min(v.day))
            .where(self._recent(schema.views, days))
            .group_by(v.page, v.locale, v.revision)
        )
        for page, locale, revision, day in stream(self.connection, query):
            yield Edit(page, locale, revision, day)

    def views(self) -> Iterator[tuple[str, str, int]]:
        v = schema.views.c
        recent = self._recent(schema.views, RECENT)
        query = select(v.page, v.locale, _sum(v.n)).where(recent).group_by(v.page, v.locale)
        for page, locale, n in stream(self.connection, query):
            yield page, locale, int(n)

    def broken(self) -> list[Broken]:
        n, days = schema.notfound.c, self.settings.rules.broken_inbound_days
        mine = (n.site == self.site) & (n.day <= self.as_of) & (n.day > self.as_of - days)
        query = select(n.path, n.day, n.n, n.readers).where(mine)
        return [Broken(*row) for row in sorted(map(tuple, self.connection.execute(query)))]

    def built(self) -> list[Edit]:
        """Return the revisions that builds had."""
        r = schema.revisions.c
        query = select(r.page, r.locale, r.revision, r.at, r.changed)
        mine = (r.site == self.site) & (r.at < (self.as_of + 1) * DAY_MS)
        rows = self.connection.execute(query.where(mine)).all()
        edits = (
            Edit(page, locale, name, day_of(at), share) for page, locale, name, at, share in rows
        )
        return sorted(edits, key=lambda one: (one.day, _revision(one)))


_s = schema.searches.c
_FAILED = (_s.n, _s.weight, _s.open_weight, _s.open_n, *(_s[kind] for kind in KINDS))


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column), 0)


def _searches(*values: Any) -> Searches:
    return Searches(*values)


def _by_day(row: Searches) -> tuple[int, str, str]:
    return row.day, row.q, row.locale


def _revision(edit: Edit) -> tuple[str, str, str]:
    return edit.page, edit.locale, edit.revision


class _Sets(dict[str, frozenset[str]]):
    """Sets written with commas, each made once."""

    def __missing__(self, text: str) -> frozenset[str]:
        self[text] = made = frozenset(text.split(",")) if text else frozenset()
        return made

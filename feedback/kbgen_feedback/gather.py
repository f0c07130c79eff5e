"""Read the evidence of one day out of the store, as the signals want it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from kbgen_feedback.evidence import Broken, Edit, Evidence, Finds, Known, Searches, Votes
from kbgen_feedback.sessions import KINDS
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import DAY_MS, day_of
from kbgen_feedback.tallies import RECENT


def gather(store: Store, as_of: int, settings: Settings) -> Evidence:
    """Return what is known up to and with the day `as_of` (days since 1970)."""
    horizon = settings.rules.horizon_days
    with store.read() as connection:
        reader = _Reader(connection, store.site, as_of, settings)
        return Evidence(
            as_of=as_of,
            votes=tuple(reader.votes(horizon)),
            finds=tuple(reader.finds(horizon)),
            queries=tuple(reader.queries()),
            searches=tuple(reader.searches()),
            broken=tuple(reader.broken()),
            edits=tuple(reader.edits(horizon)),
            views=dict(reader.views()),
            asked=dict(reader.asked()),
            openers=reader.openers(),
            articles=tuple(reader.articles()),
        )


class _Reader:
    """The queries, all of one site, up to one day."""

    def __init__(self, connection: Connection, site: str, as_of: int, settings: Settings) -> None:
        self.connection = connection
        self.site = site
        self.as_of = as_of
        self.settings = settings

    def _recent(self, table: Table, days: int) -> ColumnElement[bool]:
        """Return the condition for rows of the last `days` days."""
        day = table.c.day
        return (table.c.site == self.site) & (day <= self.as_of) & (day > self.as_of - days)

    def votes(self, days: int) -> Iterator[Votes]:
        v = schema.votes.c
        day = (v.at // DAY_MS).label("day")
        since, until = (self.as_of - days) * DAY_MS, (self.as_of + 1) * DAY_MS
        query = (
            select(v.page, v.locale, v.revision, day, v.value, v.reasons, v.q, func.count())
            .where(v.site == self.site, v.held == "", v.at >= since, v.at < until)
            .group_by(v.page, v.locale, v.revision, day, v.value, v.reasons, v.q)
        )
        for page, locale, revision, on, value, reasons, q, n in self.connection.execute(
            query
        ).all():
            why = frozenset(reasons.split(",")) if reasons else frozenset[str]()
            yield Votes(page, locale, revision, on, value, n, why, q)

    def finds(self, days: int) -> Iterator[Finds]:
        f = schema.finds.c
        query = (
            select(f.page, f.locale, f.day, _sum(f.trials), _sum(f.misses), _sum(f.said))
            .where(self._recent(schema.finds, days), f.trials > 0)
            .group_by(f.page, f.locale, f.day)
        )
        for page, locale, day, trials, misses, said in self.connection.execute(query).all():
            yield Finds(page, locale, "", day, int(trials), int(misses), said=int(said))

    def queries(self) -> Iterator[Finds]:
        f = schema.finds.c
        names = (f.trials, f.misses, f.clicks, f.bounces, f.readers)
        query = (
            select(f.page, f.locale, f.q, func.max(f.day), *(_sum(name) for name in names))
            .where(self._recent(schema.finds, self.settings.query_days), f.q != "")
            .group_by(f.page, f.locale, f.q)
            .having(or_(_sum(f.misses) > 0, _sum(f.readers) > 1, _sum(f.clicks) > 1))
        )
        for page, locale, q, day, *counts in self.connection.execute(query).all():
            yield Finds(page, locale, q, day, *(int(n) for n in counts))

    def searches(self) -> Iterator[Searches]:
        """Give failed searches: of the gaps' days each by day, older ones only if repeated."""
        s = schema.searches.c
        days = self.settings.rules.content_gap_days
        names = (s.n, s.weight, s.open_weight, s.open_n, *(s[kind] for kind in KINDS))
        failed = (s.open_n > 0, s.q != "")
        recent = select(s.q, s.locale, s.day, *names, s.open_readers)
        which = self._recent(schema.searches, days)
        for row in self.connection.execute(recent.where(which, *failed)).all():
            yield _searches(*row)
        older = (
            select(s.q, s.locale, func.max(s.day), *(_sum(name) for name in names))
            .where(self._recent(schema.searches, self.settings.query_days), *failed)
            .where(s.day <= self.as_of - days)
            .group_by(s.q, s.locale)
            .having(_sum(s.open_n) > 1)
        )
        for row in self.connection.execute(older).all():
            yield Searches(*tuple(row))

    def asked(self) -> Iterator[tuple[tuple[str, str], int]]:
        s = schema.searches.c
        recent = self._recent(schema.searches, self.settings.rules.content_gap_days)
        query = select(s.q, s.locale, _sum(s.n)).where(recent, s.q != "").group_by(s.q, s.locale)
        for q, locale, n in self.connection.execute(query).all():
            yield (q, locale), int(n)

    def openers(self) -> dict[tuple[str, str, int], frozenset[str]]:
        f = schema.finds.c
        recent = self._recent(schema.finds, self.settings.rules.content_gap_days)
        query = select(f.page, f.locale, f.day, f.open_readers).where(recent, f.open_readers != "")
        found: defaultdict[tuple[str, str, int], set[str]] = defaultdict(set)
        for page, locale, day, marks in self.connection.execute(query).all():
            found[page, locale, day].update(marks.split(","))
        return {key: frozenset(marks) for key, marks in found.items()}

    def broken(self) -> Iterator[Broken]:
        table = schema.notfound
        days = self.settings.rules.broken_inbound_days
        for row in self.connection.execute(select(table).where(self._recent(table, days))):
            yield Broken(row.path, row.day, row.n, row.readers)

    def edits(self, days: int) -> Iterator[Edit]:
        v, r = schema.views.c, schema.revisions.c
        seen = (
            select(v.page, v.locale, v.revision, func.min(v.day))
            .where(self._recent(schema.views, days))
            .group_by(v.page, v.locale, v.revision)
        )
        for page, locale, revision, day in self.connection.execute(seen):
            yield Edit(page, locale, revision, day)
        until = (self.as_of + 1) * DAY_MS
        built = select(schema.revisions).where(r.site == self.site, r.at < until)
        for row in self.connection.execute(built):
            yield Edit(row.page, row.locale, row.revision, day_of(row.at), row.changed)

    def views(self) -> Iterator[tuple[tuple[str, str], int]]:
        v = schema.views.c
        recent = self._recent(schema.views, RECENT)
        query = select(v.page, v.locale, _sum(v.n)).where(recent).group_by(v.page, v.locale)
        for page, locale, n in self.connection.execute(query).all():
            yield (page, locale), int(n)

    def articles(self) -> Iterator[Known]:
        a = schema.articles.c
        query = select(schema.articles).where(a.site == self.site).order_by(a.page, a.locale)
        for row in self.connection.execute(query).all():
            yield Known(row.page, row.locale, row.title, row.url, row.revision, row.owner)


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column), 0)


def _searches(*row: Any) -> Searches:
    return Searches(*[*row[:-1], frozenset(row[-1].split(","))])

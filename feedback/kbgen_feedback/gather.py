"""Read the evidence of one day out of the store, as the signals want it.

What the sums of the days before come to is kept, with and without yesterday, to which most late
events belong: a reading reads today's sums, and yesterday's when they have changed. Votes before
today are kept, too. Everything is in an order of its own, so that findings depend neither on the
database nor on what was kept.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, func, select

from kbgen_feedback import memory
from kbgen_feedback.evidence import (
    MARK_BITS,
    Broken,
    Edit,
    Ended,
    Evidence,
    Failed,
    Finds,
    Known,
    Mark,
    Marks,
    Typed,
    Votes,
    packed,
)
from kbgen_feedback.found import MARK_LENGTH
from kbgen_feedback.parts import Article, Part, Query, together, typed_of
from kbgen_feedback.sessions import KINDS
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, stream
from kbgen_feedback.store.record import DAY_MS, day_of
from kbgen_feedback.tallies import RECENT

MOST_READERS = 50  # marks looked at of one query of a day: more would tell nothing new
OPEN_DAYS = 2  # today and yesterday: what was before each of them is kept by itself
PAST = "past"
VOTES = "votes"

_part = msgspec.msgpack.Decoder(Part)
_votes = msgspec.msgpack.Decoder(list[Votes])


def gather(store: Store, as_of: int, settings: Settings) -> Evidence:
    """Return what is known up to and with the day `as_of` (days since 1970)."""
    with store.read() as connection:
        reader = _Reader(connection, store.site, as_of, settings)
        past = reader.before(as_of)
        whole = together(past, reader.part(as_of, as_of + 1, past.typed))
        evidence = _evidence(reader, whole)
    for name, of, made in reader.new:
        memory.keep(store, name, of, made)
    return evidence


def articles(connection: Connection, site: str) -> tuple[Known, ...]:
    """Return the articles of the newest build."""
    a = schema.articles.c
    query = select(a.page, a.locale, a.title, a.url, a.revision, a.owner).where(a.site == site)
    return tuple(Known(*row) for row in sorted(map(tuple, connection.execute(query))))


def _evidence(reader: "_Reader", whole: Part) -> Evidence:
    return Evidence(
        as_of=reader.as_of,
        votes=tuple(reader.all_votes()),
        finds=tuple(whole.finds),
        typed=tuple(whole.typed),
        broken=tuple(reader.broken()),
        edits=(*whole.first, *reader.built()),
        views=whole.views,
        openers=whole.openers,
        articles=articles(reader.connection, reader.site),
    )


@dataclass
class _Reader:
    """The queries, all of one site, up to one day; `new` is what is worth keeping of them."""

    connection: Connection
    site: str
    as_of: int
    settings: Settings
    new: list[tuple[str, str, Any]] = field(default_factory=list)
    span: tuple[int, int] = (0, 0)

    def before(self, until: int) -> Part:
        """Return what the sums come to of all days before one, as kept or read anew."""
        back = self.as_of - until
        name = f"{PAST} {back}" if back else PAST
        of = memory.fingerprint_of_sums(*self._whole, before=until)
        if kept := memory.recall(self.connection, self.site, name, of):
            return _part.decode(kept)
        # Only in one part may failures be older than those of which content gaps are made.
        if back + 1 < min(OPEN_DAYS, self.settings.rules.content_gap_days):
            past = self.before(until - 1)
            made = together(past, self.part(until - 1, until, past.typed))
        else:
            made = self.part(0, until)
        self.new.append((name, of, made))
        return made

    def part(self, since: int, until: int, past: Sequence[Typed] = ()) -> Part:
        """Return what the sums come to of the days from `since` to before `until`.

        Words of queries of the `past` are not read again.
        """
        self.span = (since, until)
        horizon = self.settings.rules.horizon_days
        return Part(
            finds=sorted(self.finds(horizon), key=lambda one: (one.day, one.page, one.locale)),
            typed=typed_of(self.ended(), self.failed(), self.older(), self.asked(), past),
            openers=self.openers(),
            first=sorted(self.first(horizon), key=lambda one: (one.day, _revision(one))),
            views=self.views(),
        )

    def all_votes(self) -> list[Votes]:
        """Return all votes that count, those before today as kept or read anew."""
        of = memory.fingerprint_of_votes(*self._whole, before=self.as_of)
        kept = memory.recall(self.connection, self.site, VOTES, of)
        past = _votes.decode(kept) if kept else self.votes(self._horizon, self.as_of)
        if not kept:
            self.new.append((VOTES, of, list(past)))
        for vote in self.votes(self.as_of, self.as_of + 1):
            insort(past, vote, key=_on_revision)
        return past

    @property
    def _whole(self) -> tuple[Connection, str, int, Settings]:
        return self.connection, self.site, self.as_of, self.settings

    @property
    def _horizon(self) -> int:
        return self.as_of - self.settings.rules.horizon_days

    def _recent(self, table: Table, days: int) -> ColumnElement[bool]:
        """Return the condition for rows of the last `days` days that belong to the part."""
        day, (since, until) = table.c.day, self.span
        least = max(self.as_of - days + 1, since)
        return (table.c.site == self.site) & (day >= least) & (day < until)

    def votes(self, since: int, until: int) -> list[Votes]:
        """Return the votes of the days from `since` to before `until`."""
        v = schema.votes.c
        day = (v.at // DAY_MS).label("day")
        query = (
            select(v.page, v.locale, v.revision, day, v.value, func.count(), v.reasons, v.q)
            .where(v.site == self.site, v.held == "")
            .where(v.at >= since * DAY_MS, v.at < until * DAY_MS)
            .group_by(v.page, v.locale, v.revision, day, v.value, v.reasons, v.q)
        )
        rows = sorted(map(tuple, stream(self.connection, query)))
        return [_votes_on(where, some) for where, some in groupby(rows, itemgetter(0, 1, 2, 3))]

    def finds(self, days: int) -> Iterator[Finds]:
        f = schema.finds.c
        query = (
            select(f.page, f.locale, f.day, _sum(f.trials), _sum(f.misses), _sum(f.said))
            .where(self._recent(schema.finds, days), f.trials > 0)
            .group_by(f.day, f.page, f.locale)
        )
        for page, locale, day, trials, misses, said in stream(self.connection, query):
            yield Finds(page, locale, day, int(trials), int(misses), said=int(said))

    def ended(self) -> Iterator[tuple[Query, Ended]]:
        f = schema.finds.c
        counts = (_sum(one) for one in (f.misses, f.clicks, f.bounces, f.readers))
        query = (
            select(f.page, f.locale, f.q, func.max(f.day), *counts)
            .where(self._recent(schema.finds, self.settings.query_days), f.q != "")
            .group_by(f.page, f.locale, f.q)
        )
        for page, locale, q, day, *numbers in stream(self.connection, query):
            yield (locale, q), Ended(page, day, *map(int, numbers))

    def failed(self) -> Iterator[tuple[Query, Failed]]:
        """Give the failed searches of the gaps' days, each by day."""
        s = schema.searches.c
        which = self._recent(schema.searches, self.settings.rules.content_gap_days)
        kinds = (s[kind] for kind in KINDS)
        query = select(s.locale, s.q, s.day, s.open_n, s.open_weight, *kinds, _first_marks(s))
        query = query.where(which, s.open_n > 0, s.q != "")
        for locale, q, day, n, weight, *counts, who in stream(self.connection, query):
            row = (day, n, weight, *counts, packed(_marks(day, who)))
            yield (locale, q), Failed(*row)

    def older(self) -> Iterator[tuple[Query, int]]:
        """Give how many searches failed on the days before, only if repeated."""
        s = schema.searches.c
        query = (
            select(s.locale, s.q, _sum(s.open_n))
            .where(self._recent(schema.searches, self.settings.query_days))
            .where(s.open_n > 0, s.q != "")
            .where(s.day <= self.as_of - self.settings.rules.content_gap_days)
            .group_by(s.locale, s.q)
            .having(_sum(s.open_n) > 1)
        )
        for locale, q, n in stream(self.connection, query):
            yield (locale, q), int(n)

    def asked(self) -> Iterator[tuple[Query, int]]:
        """Give how often each query was searched for."""
        s = schema.searches.c
        recent = self._recent(schema.searches, self.settings.rules.content_gap_days)
        query = select(s.locale, s.q, _sum(s.n)).where(recent, s.q != "")
        for locale, q, n in stream(self.connection, query.group_by(s.locale, s.q)):
            yield (locale, q), int(n)

    def openers(self) -> dict[Article, Marks]:
        f = schema.finds.c
        recent = self._recent(schema.finds, self.settings.rules.content_gap_days)
        query = select(f.page, f.locale, f.day, _first_marks(f)).where(recent, f.open_readers != "")
        found: defaultdict[Article, set[Mark]] = defaultdict(set)
        for page, locale, day, who in stream(self.connection, query):
            found[page, locale].update(_marks(day, who))
        return {article: packed(sorted(found[article])) for article in sorted(found)}

    def first(self, days: int) -> Iterator[Edit]:
        v = schema.views.c
        query = (
            select(v.page, v.locale, v.revision, func.min(v.day))
            .where(self._recent(schema.views, days))
            .group_by(v.page, v.locale, v.revision)
        )
        for page, locale, revision, day in stream(self.connection, query):
            yield Edit(page, locale, revision, day)

    def views(self) -> dict[Article, int]:
        v = schema.views.c
        recent = self._recent(schema.views, RECENT)
        query = select(v.page, v.locale, _sum(v.n)).where(recent).group_by(v.page, v.locale)
        rows = sorted(map(tuple, stream(self.connection, query)))
        return {(page, locale): int(n) for page, locale, n in rows}

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


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column), 0)


def _first_marks(columns: Any) -> ColumnElement[str]:
    """Return the marks of readers of a row, which are in order; the first so many."""
    length = MOST_READERS * (MARK_LENGTH + 1) - 1
    return func.substr(columns.open_readers, 1, length)


def _marks(day: int, text: str) -> list[Mark]:
    high = day << MARK_BITS
    return [high | int(mark, 16) for mark in text.split(",")] if text else []


def _on_revision(vote: Votes) -> tuple[str, str, str, int]:
    return vote.page, vote.locale, vote.revision, vote.day


def _revision(edit: Edit) -> tuple[str, str, str]:
    return edit.page, edit.locale, edit.revision


def _votes_on(where: tuple[str, str, str, int], rows: Iterable[tuple[Any, ...]]) -> Votes:
    """Return the votes of one day on one revision from (..., value, number, reasons, query)."""
    all_yes = all_no = 0
    queries: dict[str, tuple[int, int]] = {}
    why: list[tuple[tuple[str, ...], str, int]] = []
    for *_, value, n, reasons, q in rows:
        yes, no = (0, n) if value == "no" else (n, 0)
        all_yes, all_no = all_yes + yes, all_no + no
        if q:
            before = queries.get(q, (0, 0))
            queries[q] = before[0] + yes, before[1] + no
        if no and reasons:
            why.append((tuple(reasons.split(",")), q, n))
    came = tuple((q, *counts) for q, counts in queries.items())
    return Votes(*where, all_yes, all_no, came, tuple(why))

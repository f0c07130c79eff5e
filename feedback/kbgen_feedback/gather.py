"""Read the evidence of one day out of the store, as the signals want it.

What the sums of the days before come to is kept, with and without yesterday, to which most late
events belong: a reading reads today's sums, and yesterday's when they have changed. Of a day with
very many queries those that did not change are kept, too, and votes before today. Everything is in
an order of its own, so that findings depend neither on the database nor on what was kept.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, func, select

from kbgen_feedback import changes, memory
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
from kbgen_feedback.parts import (
    Article,
    Part,
    Query,
    all_openers,
    all_views,
    earliest,
    in_order,
    nothing,
    typed_of,
)
from kbgen_feedback.sessions import KINDS
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, stream
from kbgen_feedback.store.record import DAY_MS, day_of
from kbgen_feedback.tallies import RECENT

MOST_READERS = 50  # marks looked at of one query of a day: more would tell nothing new
OPEN_DAYS = 2  # today and yesterday: what was before each of them is kept by itself
PAST = "past"
TODAY = "today"
VOTES = "votes"
MANY_QUERIES = 5000  # of today: with fewer, what is kept of them would save nothing
MUCH_CHANGED = 3000  # of them: from here on it is kept anew


class _Days(NamedTuple):
    """The days from `since` to before `until`; of these only queries of the `texts`, if any."""

    since: int
    until: int
    texts: Collection[str] | None = None


class _Today(msgspec.Struct, array_like=True):
    """All queries as they were when today's sums knew the arrivals up to `summed`."""

    summed: int
    typed: list[Typed]


_part = msgspec.msgpack.Decoder(Part)
_today = msgspec.msgpack.Decoder(_Today)
_votes = msgspec.msgpack.Decoder(list[Votes])


def gather(store: Store, as_of: int, settings: Settings) -> Evidence:
    """Return what is known up to and with the day `as_of` (days since 1970)."""
    with store.read() as connection:
        reader = _Reader(connection, store.site, as_of, settings)
        whole = reader.whole()
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

    def whole(self) -> Part:
        """Return what the sums come to of all days."""
        past, today = self.before(self.as_of), _Days(self.as_of, self.as_of + 1)
        return self.with_days(past, today, self.with_today(past.typed, today))

    def before(self, until: int) -> Part:
        """Return what the sums come to of all days before one, as kept or read anew."""
        back = self.as_of - until
        name = f"{PAST} {back}" if back else PAST
        of = memory.fingerprint_of_sums(*self._whole, before=until)
        if kept := memory.recall(self.connection, self.site, name, of):
            return _part.decode(kept)
        # Only in one part may failures be older than those of which content gaps are made.
        if back + 1 < min(OPEN_DAYS, self.settings.rules.content_gap_days):
            past, days = self.before(until - 1), _Days(until - 1, until)
        else:
            past, days = nothing(), _Days(0, until)
        made = self.with_days(past, days, self.with_queries(past.typed, days))
        self.new.append((name, of, made))
        return made

    def with_days(self, past: Part, days: _Days, typed: list[Typed]) -> Part:
        """Return what the sums come to of the `past` and of days after it; the queries of all these
        are known.
        """
        horizon = self.settings.rules.horizon_days
        finds = sorted(self.finds(days, horizon), key=lambda one: (one.day, one.page, one.locale))
        first = sorted(self.first(days, horizon), key=lambda one: (one.day, _revision(one)))
        return Part(
            finds=past.finds + finds,
            typed=typed,
            openers=all_openers(past.openers, self.openers(days)),
            first=earliest(past.first, first),
            views=all_views(past.views, self.views(days)),
        )

    def with_queries(self, past: Sequence[Typed], days: _Days) -> list[Typed]:
        """Return the queries of the `past` and of days after it."""
        counts = self.ended(days), self.failed(days), self.older(days), self.asked(days)
        return typed_of(*counts, past)

    def with_today(self, past: Sequence[Typed], today: _Days) -> list[Typed]:
        """Return the queries of all days; those of today that did not change are kept."""
        of = memory.fingerprint_of_sums(*self._whole, before=self.as_of)
        summed = self.summed()
        known = self.known_today(of, summed)
        if known is None:
            typed, worth = self.with_queries(past, today), self.has_many_queries(today)
        else:
            kept, texts = known
            mine = [one for one in past if one.q in texts]
            new = self.with_queries(mine, today._replace(texts=texts))
            typed = in_order([*(one for one in kept if one.q not in texts), *new])
            worth = len(texts) > MUCH_CHANGED
        if worth:
            self.new.append((TODAY, of, _Today(summed, typed)))
        return typed

    def known_today(self, of: str, summed: int) -> tuple[list[Typed], Collection[str]] | None:
        """Return the queries of all days that are kept, and the texts of those that have changed
        since; None where that is not known.
        """
        if not (kept := memory.recall(self.connection, self.site, TODAY, of)):
            return None
        today = _today.decode(kept)
        state = today.summed, summed
        texts = changes.between(self.connection, self.site, self.as_of, *state)
        return None if texts is None else (today.typed, texts)

    def summed(self) -> int:
        """Return up to which arrival the sums of the day are made."""
        d = schema.days.c
        query = select(d.summed).where(d.site == self.site, d.day == self.as_of)
        return self.connection.scalar(query) or 0

    def has_many_queries(self, days: _Days) -> bool:
        """Tell whether there are so many that they are not all read the next time."""
        day = self._recent(schema.searches, days, 1)
        count = select(func.count()).select_from(schema.searches).where(day)
        return (self.connection.scalar(count) or 0) >= MANY_QUERIES

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

    def _recent(self, table: Table, days: _Days, late: int) -> ColumnElement[bool]:
        """Return the condition for rows of these days, as far as among the `late` last ones."""
        day, least = table.c.day, max(self.as_of - late + 1, days.since)
        # Rows of one day lie in the order of their keys, so that nothing has to be sorted.
        one = least + 1 == days.until
        which = day == least if one else (day >= least) & (day < days.until)
        if days.texts is not None:
            which &= table.c.q.in_(days.texts)
        return (table.c.site == self.site) & which

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

    def finds(self, days: _Days, late: int) -> Iterator[Finds]:
        f = schema.finds.c
        query = (
            select(f.page, f.locale, f.day, _sum(f.trials), _sum(f.misses), _sum(f.said))
            .where(self._recent(schema.finds, days, late), f.trials > 0)
            .group_by(f.day, f.page, f.locale)
        )
        for page, locale, day, trials, misses, said in stream(self.connection, query):
            yield Finds(page, locale, day, int(trials), int(misses), said=int(said))

    def ended(self, days: _Days) -> Iterator[tuple[Query, Ended]]:
        f = schema.finds.c
        counts = (_sum(one) for one in (f.misses, f.clicks, f.bounces, f.readers))
        query = (
            select(f.page, f.locale, f.q, func.max(f.day), *counts)
            .where(self._recent(schema.finds, days, self.settings.query_days), f.q != "")
            .group_by(f.page, f.locale, f.q)
        )
        for page, locale, q, day, *numbers in stream(self.connection, query):
            yield (locale, q), Ended(page, day, *map(int, numbers))

    def failed(self, days: _Days) -> Iterator[tuple[Query, Failed]]:
        """Give the failed searches of the gaps' days, each by day."""
        s = schema.searches.c
        which = self._recent(schema.searches, days, self.settings.rules.content_gap_days)
        kinds = (s[kind] for kind in KINDS)
        query = select(s.locale, s.q, s.day, s.open_n, s.open_weight, *kinds, _first_marks(s))
        query = query.where(which, s.open_n > 0, s.q != "")
        for locale, q, day, n, weight, *counts, who in stream(self.connection, query):
            row = (day, n, weight, *counts, packed(_marks(day, who)))
            yield (locale, q), Failed(*row)

    def older(self, days: _Days) -> Iterator[tuple[Query, int]]:
        """Give how many searches failed on the days before, only if repeated."""
        s = schema.searches.c
        query = (
            select(s.locale, s.q, _sum(s.open_n))
            .where(self._recent(schema.searches, days, self.settings.query_days))
            .where(s.open_n > 0, s.q != "")
            .where(s.day <= self.as_of - self.settings.rules.content_gap_days)
            .group_by(s.locale, s.q)
            .having(_sum(s.open_n) > 1)
        )
        for locale, q, n in stream(self.connection, query):
            yield (locale, q), int(n)

    def asked(self, days: _Days) -> Iterator[tuple[Query, int]]:
        """Give how often each query was searched for."""
        s = schema.searches.c
        recent = self._recent(schema.searches, days, self.settings.rules.content_gap_days)
        query = select(s.locale, s.q, _sum(s.n)).where(recent, s.q != "")
        for locale, q, n in stream(self.connection, query.group_by(s.locale, s.q)):
            yield (locale, q), int(n)

    def openers(self, days: _Days) -> dict[Article, Marks]:
        f = schema.finds.c
        recent = self._recent(schema.finds, days, self.settings.rules.content_gap_days)
        query = select(f.page, f.locale, f.day, _first_marks(f)).where(recent, f.open_readers != "")
        found: defaultdict[Article, set[Mark]] = defaultdict(set)
        for page, locale, day, who in stream(self.connection, query):
            found[page, locale].update(_marks(day, who))
        return {article: packed(sorted(found[article])) for article in sorted(found)}

    def first(self, days: _Days, late: int) -> Iterator[Edit]:
        v = schema.views.c
        query = (
            select(v.page, v.locale, v.revision, func.min(v.day))
            .where(self._recent(schema.views, days, late))
            .group_by(v.page, v.locale, v.revision)
        )
        for page, locale, revision, day in stream(self.connection, query):
            yield Edit(page, locale, revision, day)

    def views(self, days: _Days) -> dict[Article, int]:
        v = schema.views.c
        recent = self._recent(schema.views, days, RECENT)
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

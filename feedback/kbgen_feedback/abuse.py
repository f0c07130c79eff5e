"""Hold back votes that one reader, network or browser gave in a flood, until an editor decides."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec
from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from kbgen_feedback import memory
from kbgen_feedback.settings import Rules, Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import DAY_MS

Condition = ColumnElement[bool]

HOG, BURST = WAITING = ("hog", "burst")  # why votes wait for an editor
DISCARDED = "discarded"

v = schema.votes.c
_MEAN_DAYS = 90  # days over which an article's usual number of votes is taken
USUAL = "usual votes"
Counts = dict[tuple[str, str], dict[int, int]]
"""Votes by article and day."""

_counts = msgspec.msgpack.Decoder(Counts)


def hold_floods(store: Store, days: Iterable[int], settings: Settings) -> int:
    """Hold back the floods of these days; return how many votes that were."""
    days, rules = list(days), settings.rules
    most, usual = _most_articles(store, rules), _Usual(store, days, settings)
    return sum(
        _hold_hogs(store, day, most, rules) + _hold_bursts(store, day, usual, rules) for day in days
    )


def _on(store: Store, day: int) -> tuple[Condition, ...]:
    return v.site == store.site, v.at >= day * DAY_MS, v.at < (day + 1) * DAY_MS


def _most_articles(store: Store, rules: Rules) -> float:
    """Return how many articles a reader may vote on in a day."""
    a, w = schema.articles.c, schema.views.c
    with store.read() as connection:
        known = connection.scalar(select(func.count()).where(a.site == store.site))
        if not known:
            seen = func.count(w.page.distinct())
            known = connection.scalar(select(seen).where(w.site == store.site))
    return max(rules.hog_min_articles, rules.hog_article_share * (known or 0))


def _hold_hogs(store: Store, day: int, most: float, rules: Rules) -> int:
    """Hold the votes of readers who vote all day, or on all articles."""
    pages = func.count(v.page.distinct())
    hogs = (
        select(v.reader)
        .where(*_on(store, day), v.held == "", v.reader != "")
        .group_by(v.reader)
        .having((func.count() >= rules.hog_votes_a_day) | (pages > most))
    )
    with store.read() as connection:
        readers = list(connection.scalars(hogs))
    return _hold(store, day, v.reader.in_(readers), HOG) if readers else 0


def _hold_bursts(store: Store, day: int, usual: "_Usual", rules: Rules) -> int:
    """Hold the votes of a burst on one article that came from one network or browser."""
    with store.read() as connection:
        bursts = list(_bursts(store, connection, day, usual, rules))
    return sum(_hold(store, day, burst, BURST) for burst in bursts)


def _bursts(
    store: Store, connection: Connection, day: int, usual: "_Usual", rules: Rules
) -> Iterator[Condition]:
    """Give the votes that make a day's bursts, article by article."""
    n = func.count()
    crowded = (
        select(v.page, v.locale, n)
        .where(*_on(store, day), v.held == "")
        .group_by(v.page, v.locale)
        .having(n >= rules.burst_min)
    )
    for page, locale, count in connection.execute(crowded).all():
        if count > rules.burst_factor * max(usual.before(page, locale, day), 1):
            yield from _common(store, connection, (page, locale, day, count), rules)


class _Usual:
    """How many votes a day each article has; read once for all days, and only when asked.

    What was read is kept: from then on each reading of a day with a much voted article needs it.
    """

    def __init__(self, store: Store, days: Sequence[int], settings: Settings) -> None:
        self.store, self.settings = store, settings
        self.first, self.until = min(days, default=0), max(days, default=0)

    @cached_property
    def counts(self) -> Counts:
        """The votes of each article by day."""
        with self.store.read() as connection:
            what = connection, self.store.site, self.first, self.settings
            of = memory.fingerprint_of_votes(*what, before=self.until)
            kept = memory.recall(connection, self.store.site, USUAL, of)
            if kept is not None:
                return _counts.decode(kept)
            made = self._counted(connection)
        memory.keep(self.store, USUAL, of, made)
        return made

    def _counted(self, connection: Connection) -> Counts:
        day, since = (v.at // DAY_MS).label("day"), self.first - _MEAN_DAYS
        span = v.site == self.store.site, v.at >= since * DAY_MS, v.at < self.until * DAY_MS
        query = select(v.page, v.locale, day, func.count()).where(*span)
        found: defaultdict[tuple[str, str], dict[int, int]] = defaultdict(dict)
        for page, locale, on, n in connection.execute(query.group_by(v.page, v.locale, day)):
            found[page, locale][on] = n
        return dict(found)

    def before(self, page: str, locale: str, day: int) -> float:
        """Return the votes a day that an article had before a day."""
        counts = self.counts.get((page, locale), {})
        there = {on: n for on, n in counts.items() if day - _MEAN_DAYS <= on < day}
        return sum(there.values()) / (day - min(there)) if there else 0.0


def _common(
    store: Store, connection: Connection, burst: tuple[str, str, int, int], rules: Rules
) -> Iterator[Condition]:
    """Give the part of a burst that shares one network or one browser, where that is most of it."""
    page, locale, day, count = burst
    article = (v.page == page) & (v.locale == locale)
    n = func.count()
    shared = []
    for column in (v.net, v.agent):
        here = (*_on(store, day), article, v.held == "", column != "")
        common = select(column, n).where(*here).group_by(column).order_by(n.desc()).limit(1)
        row = connection.execute(common).first()
        if row and row[1] > rules.burst_share * count:
            shared.append(column == row[0])
    if shared:
        yield article & or_(*shared)


def _hold(store: Store, day: int, which: Condition, why: str) -> int:
    # Votes that an editor released have lost these marks, and are not held again.
    statement = update(schema.votes).where(*_on(store, day), v.held == "", which)
    with store.write() as connection:
        held = connection.execute(statement.values(held=why)).rowcount
        if held:
            _note(store, connection, day)
    return held


def _note(store: Store, connection: Connection, day: int) -> None:
    """Note that other votes of the day count than before."""
    row = {"site": store.site, "day": day, "version": 0, "near": 0, "held": 1}
    connection.execute(store.add(schema.days, "held"), [row])


@dataclass(frozen=True)
class Held:
    """Votes that wait for an editor, to be decided on together.

    Those of a burst are on one article; those of readers who voted on very much are all of a day:
    what one such reader thought of each article nobody can tell apart. `articles` and `readers` are
    how many have votes among them; readers are forgotten after a while, and are 0 then.
    """

    why: str
    day: int
    page: str = ""
    locale: str = ""
    n: int = 0
    articles: int = 1
    readers: int = 0


def release(store: Store, held: Held) -> int:
    """Let held votes count; forget who gave them, so that they stay so. Returns how many."""
    return _decide(store, held, {"held": "", "net": "", "agent": "", "reader": ""})


def discard(store: Store, held: Held) -> int:
    """Keep held votes out for good; nobody is asked again. Returns how many."""
    return _decide(store, held, {"held": DISCARDED})


def _decide(store: Store, held: Held, values: dict[str, str]) -> int:
    which = [*_on(store, held.day), v.held == held.why, v.held.in_(WAITING)]
    if held.why == BURST:
        which += [v.page == held.page, v.locale == held.locale]
    with store.write() as connection:
        # Votes before days, as when events are stored: so neither waits for the other in a circle.
        votes = connection.execute(update(schema.votes).where(*which).values(**values)).rowcount
        _note(store, connection, held.day)
    return votes


def held_back(store: Store) -> list[Held]:
    """Return what waits for an editor, the newest first."""
    day, n = (v.at // DAY_MS).label("day"), func.count()
    bursts = select(day, v.page, v.locale, n).group_by(day, v.page, v.locale)
    readers = func.count(func.nullif(v.reader, "").distinct())
    articles = func.count(v.page.distinct())
    hogs = select(day, n, articles, readers).group_by(day)
    mine = v.site == store.site
    with store.read() as connection:
        found = [
            Held(HOG, on, "", "", *row)
            for on, *row in connection.execute(hogs.where(mine, v.held == HOG))
        ]
        found += [
            Held(BURST, *row) for row in connection.execute(bursts.where(mine, v.held == BURST))
        ]
    return sorted(found, key=lambda one: (-one.day, one.why != HOG, one.page, one.locale))

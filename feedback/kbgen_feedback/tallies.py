"""Counts of one article with what time and edits have left of them, and the site's own priors."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import NamedTuple

from kbgen_feedback.beta import Beta, Counts, Mixture, fit, two_groups, with_doubt
from kbgen_feedback.discount import Timelines, faded, since_revision
from kbgen_feedback.evidence import Evidence, Key, Resolver, Votes
from kbgen_feedback.settings import Rules

AMBIGUOUS_REASONS = frozenset({"hard_to_understand", "wrong_product_or_version"})
WEEK = 7
RECENT = 28  # days from which the traffic of a week is taken
PERIODS = (7, 14, 21, 28, 42, 56, 84, 112, 182)  # ages in days at which a rate may have changed


class Left(NamedTuple):
    """What time and edits have left of the counts of one day on one article.

    `period` is the number of the span of ages that the day is in, `recent` whether the traffic of a
    week is taken from it.
    """

    fade: float
    cut: float
    period: int
    recent: bool


class _Remains:
    """What is left of each article's counts, of one revision or of any."""

    def __init__(self, lines: Timelines, as_of: int, rules: Rules) -> None:
        self.edited = {key: line for key, line in lines.items() if len(line) > 1}
        self.rules = rules
        self._on = cache(lambda day, cut: _left(day, cut, as_of, rules))

    def of(self, key: Key, day: int, revision: str = "") -> Left | None:
        """Return what is left of the counts of a day; None for nothing."""
        line = self.edited.get(key)
        return self._on(day, since_revision(line, revision, day, self.rules) if line else 1.0)


def _left(day: int, cut: float, as_of: int, rules: Rules) -> Left | None:
    age, fade = as_of - day, faded(day, as_of, rules)
    return Left(fade, cut, bisect_right(PERIODS, age), age < RECENT) if fade else None


@dataclass(slots=True)
class Tally:
    """Discounted counts: `bad` and `good` fade, `n` counts since the last edit."""

    bad: float = 0.0
    good: float = 0.0
    n: float = 0.0

    def add(self, bad: int, good: int, left: Left) -> None:
        """Add counts of one day, with how much time and edits have left of them."""
        fade, cut = left.fade, left.cut
        self.bad += bad * fade * cut
        self.good += good * fade * cut
        self.n += (bad + good) * cut

    def plus(self, other: "Tally") -> "Tally":
        """Return the sum of two tallies' discounted counts."""
        return Tally(self.bad + other.bad, self.good + other.good, self.n + other.n)

    def minus(self, part: "Tally") -> "Tally":
        """Return the discounted counts without a part of them."""
        return Tally(self.bad - part.bad, self.good - part.good, self.n - part.n)


@dataclass(slots=True)
class ArticleTally(Tally):
    """Counts of one article: discounted, as they came, and of late."""

    raw_bad: int = 0
    raw_n: int = 0
    recent_bad: int = 0
    recent_n: int = 0

    def add(self, bad: int, good: int, left: Left) -> None:
        """Add counts of one day, with how much time and edits have left of them."""
        Tally.add(self, bad, good, left)
        self.raw_bad += bad
        self.raw_n += bad + good
        if left.recent:
            self.recent_bad += bad
            self.recent_n += bad + good


@dataclass(slots=True)
class ArticleVotes:
    """The votes on one article: tallies overall, by group of readers, and by reason."""

    tally: ArticleTally = field(default_factory=ArticleTally)
    reasons: Counter[str] = field(default_factory=Counter)
    unclear: float = 0.0
    clear: float = 0.0
    by_query: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def add(self, votes: Votes, left: Left) -> None:
        """Add the votes of one day on one revision."""
        self.tally.add(votes.no, votes.yes, left)
        for q, yes, no in votes.queries:
            self.by_query[q].add(no, yes, left)
        for reasons, _, n in votes.why:
            for reason in reasons:
                self.reasons[reason] += n
            if AMBIGUOUS_REASONS.isdisjoint(reasons):
                self.clear += n * left.fade * left.cut
            else:
                self.unclear += n * left.fade * left.cut


def vote_tallies(
    evidence: Evidence, resolver: Resolver, lines: Timelines, rules: Rules
) -> dict[Key, ArticleVotes]:
    """Return the discounted votes of each article; a "no" is bad."""
    found: defaultdict[Key, ArticleVotes] = defaultdict(ArticleVotes)
    remains = _Remains(lines, evidence.as_of, rules)
    for votes in evidence.votes:
        key = resolver.key(votes.page, votes.locale)
        left = remains.of(key, votes.day, votes.revision) if key else None
        if key and left:
            found[key].add(votes, left)
    return dict(found)


@dataclass(slots=True)
class ArticleFinds:
    """How readers came to one article by search: a trial that missed is bad.

    `days` are (bad, good) as they came; `periods` holds the discounted ones of consecutive times,
    the newest first.
    """

    days: dict[int, tuple[int, int]] = field(default_factory=dict)
    missed: Counter[str] = field(default_factory=Counter)
    by: Counter[str] = field(default_factory=Counter)
    tally: ArticleTally = field(default_factory=ArticleTally)
    periods: list[Counts] = field(default_factory=lambda: [(0.0, 0.0)] * (len(PERIODS) + 1))

    def count(self, by: str, day: int, bad: int, good: int = 0) -> None:
        """Count trials of one day that missed, and good ones."""
        known = self.days.get(day, (0, 0))
        self.days[day] = known[0] + bad, known[1] + good
        self.by[by] += bad

    def fade(self, left: Callable[[int], Left | None]) -> None:
        """Discount what was counted, by how much time and edits have left of a day."""
        for day, (bad, good) in sorted(self.days.items()):
            if remains := left(day):
                self.tally.add(bad, good, remains)
                share, so_far = remains.fade * remains.cut, self.periods[remains.period]
                self.periods[remains.period] = so_far[0] + bad * share, so_far[1] + good * share


@dataclass(frozen=True)
class Missed:
    """How many readers missed one article that they sought.

    By day; and by query, each with the day of its first reader, in order of these.
    """

    days: Mapping[int, int]
    queries: Sequence[tuple[int, str, int]]


def find_tallies(
    shared: Mapping[Key, Missed],
    evidence: Evidence,
    resolver: Resolver,
    lines: Timelines,
    rules: Rules,
) -> dict[Key, ArticleFinds]:
    """Return the discounted trials of each article.

    `shared` are failed searches by the article that they sought; votes for "hard to find" come
    besides.
    """
    found: defaultdict[Key, ArticleFinds] = defaultdict(ArticleFinds)
    since = evidence.as_of - rules.horizon_days
    for row in evidence.finds:
        key = resolver.key(row.page, row.locale) if row.trials and row.day >= since else None
        if key is not None:
            found[key].count("search", row.day, row.misses, row.trials - row.misses)
    _count_shared(found, shared, since)
    _count_said(found, evidence, resolver, since)
    remains = _Remains(lines, evidence.as_of, rules)
    for key, finds in found.items():
        finds.fade(partial(remains.of, key))
    for typed, end in [(one, end) for one in evidence.typed for end in one.ended if end.misses]:
        article = resolver.key(end.page, typed.locale)
        if article is not None and article in found:
            found[article].missed[typed.q] += end.misses
    return dict(found)


def _count_shared(
    found: defaultdict[Key, ArticleFinds], shared: Mapping[Key, Missed], since: int
) -> None:
    for key, missed in sorted(shared.items(), key=_first):
        days = [(day, n) for day, n in missed.days.items() if day >= since]
        for day, n in days:
            found[key].count("shared", day, n)
        for _, q, n in missed.queries if days else ():
            found[key].missed[q] += n


def _first(missed: tuple[Key, Missed]) -> tuple[int, str]:
    day, q, _ = missed[1].queries[0]
    return day, q


def _count_said(
    found: defaultdict[Key, ArticleFinds], evidence: Evidence, resolver: Resolver, since: int
) -> None:
    """Count the votes for "hard to find", less those whose search is a trial already."""
    counted: defaultdict[tuple[str, str, int], int] = defaultdict(int)
    for row in evidence.finds:
        if row.said:
            counted[row.page, row.locale, row.day] += row.said
    for votes in evidence.votes:
        where = votes.page, votes.locale, votes.day
        for _, q, said in [one for one in votes.why if "hard_to_find" in one[0]]:
            n = max(0, said - counted[where])
            counted[where] -= said - n
            key = resolver.key(votes.page, votes.locale) if n and votes.day >= since else None
            if key is not None:
                found[key].count("said", votes.day, n)
                if q:
                    found[key].missed[q] += n


def yes_prior(votes: Iterable[ArticleVotes], rules: Rules) -> Mixture:
    """Return what is believed of the yes rate of an article of this site without votes."""
    counts = [(one.tally.good, one.tally.bad) for one in votes]
    default = Beta(rules.prior_yes, rules.prior_no)
    return with_doubt(
        fit(counts, default, rules.prior_min_articles, _bounds(rules)), rules.vague_share
    )


def miss_prior(finds: Iterable[Tally], rules: Rules) -> Mixture:
    """Return what is believed of the miss rate of an article of this site without trials."""
    counts = [(one.bad, one.good) for one in finds]
    default = Beta(rules.prior_no, rules.prior_yes)
    least = rules.prior_min_articles
    return two_groups(counts, default, least, _bounds(rules), rules.vague_share)


def unclear_prior(votes: Iterable[ArticleVotes], rules: Rules) -> Mixture:
    """Return what is believed of the share of unclear ones among the reasons for a no."""
    counts = [(one.unclear, one.clear) for one in votes]
    default = Beta(rules.prior_unclear, rules.prior_clear)
    return with_doubt(
        fit(counts, default, rules.prior_min_articles, _bounds(rules)), rules.vague_share
    )


def _bounds(rules: Rules) -> tuple[float, float]:
    return rules.prior_strength_min, rules.prior_strength_max

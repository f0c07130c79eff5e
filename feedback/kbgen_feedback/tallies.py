"""Counts of one article with what time and edits have left of them, and the site's own priors."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kbgen_feedback.beta import Beta, Counts, Mixture, fit, two_groups, with_doubt
from kbgen_feedback.discount import Timelines, faded, since_day, since_revision
from kbgen_feedback.evidence import Evidence, Finds, Key, Resolver, Votes
from kbgen_feedback.settings import Rules

AMBIGUOUS_REASONS = frozenset({"hard_to_understand", "wrong_product_or_version"})
WEEK = 7
RECENT = 28  # days from which the traffic of a week is taken
PERIODS = (7, 14, 21, 28, 42, 56, 84, 112, 182)  # ages in days at which a rate may have changed


@dataclass
class Tally:
    """Discounted counts of one article: `bad` and `good` fade, `n` counts since the last edit."""

    bad: float = 0.0
    good: float = 0.0
    n: float = 0.0
    raw_bad: int = 0
    raw_n: int = 0
    recent_bad: int = 0
    recent_n: int = 0

    def add(self, bad: float, good: float, fade: float, cut: float) -> None:
        """Add counts with how much time and edits have left of them."""
        self.bad += bad * fade * cut
        self.good += good * fade * cut
        self.n += (bad + good) * cut if fade else 0.0

    def plus(self, other: "Tally") -> "Tally":
        """Return the sum of two tallies' discounted counts."""
        return Tally(self.bad + other.bad, self.good + other.good, self.n + other.n)

    def minus(self, part: "Tally") -> "Tally":
        """Return the discounted counts without a part of them."""
        return Tally(self.bad - part.bad, self.good - part.good, self.n - part.n)


@dataclass
class ArticleVotes:
    """The votes on one article: tallies overall, by group of readers, and by reason."""

    tally: Tally = field(default_factory=Tally)
    reasons: Counter[str] = field(default_factory=Counter)
    reasoned: int = 0
    unclear: float = 0.0
    clear: float = 0.0
    by_query: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))


def vote_tallies(
    evidence: Evidence, resolver: Resolver, lines: Timelines, rules: Rules
) -> dict[Key, ArticleVotes]:
    """Return the discounted votes of each article; a "no" is bad."""
    found: defaultdict[Key, ArticleVotes] = defaultdict(ArticleVotes)
    for vote in evidence.votes:
        key = resolver.key(vote.page, vote.locale)
        fade = faded(vote.day, evidence.as_of, rules)
        if key is None or not fade:
            continue
        cut = since_revision(lines.get(key, ()), vote.revision, vote.day, rules)
        _add_vote(found[key], vote, fade, cut, evidence.as_of)
    return dict(found)


def _add_vote(votes: ArticleVotes, vote: Votes, fade: float, cut: float, as_of: int) -> None:
    bad, good = (vote.n, 0) if vote.value == "no" else (0, vote.n)
    votes.tally.add(bad, good, fade, cut)
    votes.tally.raw_bad += bad
    votes.tally.raw_n += vote.n
    if as_of - vote.day < RECENT:
        votes.tally.recent_bad += bad
        votes.tally.recent_n += vote.n
    if vote.q:
        votes.by_query[vote.q].add(bad, good, fade, cut)
    if bad and vote.reasons:
        votes.reasons.update(dict.fromkeys(vote.reasons, vote.n))
        votes.reasoned += vote.n
        if vote.reasons & AMBIGUOUS_REASONS:
            votes.unclear += vote.n * fade * cut
        else:
            votes.clear += vote.n * fade * cut


@dataclass
class ArticleFinds:
    """How readers came to one article by search: a trial that missed is bad.

    `periods` holds the discounted (bad, good) of consecutive times, the newest first.
    """

    tally: Tally = field(default_factory=Tally)
    periods: list[Counts] = field(default_factory=lambda: [(0.0, 0.0)] * (len(PERIODS) + 1))
    missed: Counter[str] = field(default_factory=Counter)
    by: Counter[str] = field(default_factory=Counter)


def find_tallies(
    sources: Mapping[str, Iterable[Finds]],
    evidence: Evidence,
    resolver: Resolver,
    lines: Timelines,
    rules: Rules,
) -> dict[Key, ArticleFinds]:
    """Return the discounted trials of each article.

    `sources` are finds by the kind of their evidence; votes for "hard to find" come besides.
    """
    found: defaultdict[Key, ArticleFinds] = defaultdict(ArticleFinds)
    for by, rows in (*sources.items(), ("said", _said(evidence))):
        for row in rows:
            key = resolver.key(row.page, row.locale)
            fade = faded(row.day, evidence.as_of, rules)
            if key is None or not fade or not row.trials:
                continue
            cut = since_day(lines.get(key, ()), row.day, rules)
            _add_find(found[key], row, by, fade, cut, evidence.as_of - row.day)
    for row in evidence.queries:
        key = resolver.key(row.page, row.locale) if row.misses else None
        if key is not None and key in found:
            found[key].missed[row.q] += row.misses
    return dict(found)


def _said(evidence: Evidence) -> Iterator[Finds]:
    """Give the votes for "hard to find", less those whose search is a trial already."""
    counted = Counter[tuple[str, str, int]]()
    for row in evidence.finds:
        counted[row.page, row.locale, row.day] += row.said
    for vote in evidence.votes:
        if "hard_to_find" not in vote.reasons:
            continue
        where = vote.page, vote.locale, vote.day
        n = max(0, vote.n - counted[where])
        counted[where] -= vote.n - n
        yield Finds(vote.page, vote.locale, vote.q, vote.day, n, n)


def _add_find(finds: ArticleFinds, row: Finds, by: str, fade: float, cut: float, age: int) -> None:
    tally, good = finds.tally, row.trials - row.misses
    tally.add(row.misses, good, fade, cut)
    tally.raw_bad += row.misses
    tally.raw_n += row.trials
    if age < RECENT:
        tally.recent_bad += row.misses
        tally.recent_n += row.trials
    period, left = bisect_right(PERIODS, age), fade * cut
    bad_before, good_before = finds.periods[period]
    finds.periods[period] = bad_before + row.misses * left, good_before + good * left
    finds.by[by] += row.misses
    if row.misses and row.q:
        finds.missed[row.q] += row.misses


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

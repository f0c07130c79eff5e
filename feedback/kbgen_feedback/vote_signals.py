"""Flags that votes raise: unhelpful and ambiguous. Counts in, findings out, no I/O."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from kbgen_feedback.beta import Mixture, bayes_factor
from kbgen_feedback.evidence import Key
from kbgen_feedback.findings import (
    FLAG,
    UNSURE,
    WATCH,
    Draft,
    Finding,
    needs_more,
    rounded,
    tier,
)
from kbgen_feedback.gaps import Cluster, Row, clusters
from kbgen_feedback.settings import Rules
from kbgen_feedback.tallies import AMBIGUOUS_REASONS, ArticleVotes, Tally
from kbgen_feedback.words import Fold

_ROUNDING = 1e-9  # far more than sums of some thousand counts lose


def unhelpful(
    key: Key, votes: ArticleVotes, prior: Mixture, weekly: float, rules: Rules
) -> Finding:
    """Return P(yes rate < max(.60, site mean - .15)) as a finding."""
    limit = max(rules.unhelpful_ceiling, prior.center - rules.unhelpful_margin)
    tally = votes.tally
    posterior = prior.after(tally.good, tally.bad)
    confidence = posterior.below(limit)
    given = tally.bad + tally.good
    more = partial(
        needs_more,
        lambda bad, good: posterior.after(good, bad).is_below(limit, rules.flag_confidence),
        tally.bad / given if given else 1 - prior.center,
        given,
        rules,
    )
    return _of_votes("unhelpful", key, votes, posterior, weekly, confidence).with_tier(
        tier(confidence, tally.n, rules, rules.flag_confidence), more, {"limit": rounded(limit)}
    )


def _of_votes(
    kind: str, key: Key, votes: ArticleVotes, posterior: Mixture, weekly: float, confidence: float
) -> Draft:
    tally = votes.tally
    evidence = {
        "yes": tally.raw_n - tally.raw_bad,
        "no": tally.raw_bad,
        "yes_rate": rounded(posterior.mean),
        "reasons": dict(votes.reasons.most_common()),
        "views_per_week": rounded(weekly, 1),
    }
    wasted = weekly * (1 - posterior.mean)
    queries = tuple(sorted(votes.by_query, key=lambda q: -votes.by_query[q].bad))
    return Draft(
        Finding(
            kind,
            *key,
            UNSURE,
            confidence,
            rounded(tally.n),
            wasted,
            evidence=evidence,
            queries=queries,
        )
    )


def ambiguous(
    key: Key,
    votes: ArticleVotes,
    priors: tuple[Mixture, Mixture],
    weekly: float,
    fold: Fold,
    rules: Rules,
) -> Finding:
    """Return the strongest of split votes, reasons of ambiguity, and readers who disagree.

    `priors` are of the yes rate, and of the share of unclear ones among the reasons for a no.
    """
    prior, unclear = priors
    posterior = prior.after(votes.tally.good, votes.tally.bad)
    signs = [
        _split(votes, posterior, rules),
        _reasons(votes, unclear, rules),
        _mixed(key, votes, fold, rules),
    ]
    order = (UNSURE, WATCH, FLAG)
    best = max(signs, key=lambda sign: (order.index(sign[0]), sign[1]))
    draft = _of_votes("ambiguous", key, votes, posterior, weekly, best[1])
    more = max(1, int(rules.flag_n - votes.tally.n)) if best[0] == WATCH else None
    return draft.with_tier(best[0], lambda: more, best[2])


Sign = tuple[str, float, dict[str, Any]]


def _split(votes: ArticleVotes, posterior: Mixture, rules: Rules) -> Sign:
    """Votes are split: P(.35 < yes rate < .65) > .80, with enough on either side."""
    tally = votes.tally
    sides = min(tally.raw_bad, tally.raw_n - tally.raw_bad)
    if tally.n < rules.split_n or sides < rules.split_each:
        return UNSURE, 0.0, {"sign": "split votes"}
    confidence = posterior.between(rules.split_low, rules.split_high)
    sure = FLAG if confidence > rules.split_confidence else WATCH
    found = confidence > rules.watch_confidence
    return (sure if found else UNSURE), confidence, {"sign": "split votes"}


def _reasons(votes: ArticleVotes, prior: Mixture, rules: Rules) -> Sign:
    """Readers say so: P(share of such reasons > 1/3) > .9, from the share usual on this site.

    Flat before, three of three would be enough, which chance gives many a healthy article.
    """
    given = sum(votes.reasons[one] for one in AMBIGUOUS_REASONS)
    if given < rules.reasons_n:
        return UNSURE, 0.0, {"sign": "reasons"}
    confidence = prior.after(votes.unclear, votes.clear).above(rules.reasons_share)
    if confidence <= rules.watch_confidence:
        return UNSURE, confidence, {"sign": "reasons"}
    return (FLAG if confidence > rules.flag_confidence else WATCH), confidence, {"sign": "reasons"}


def _mixed(key: Key, votes: ArticleVotes, fold: Fold, rules: Rules) -> Sign:
    """Those who come by one group of queries say yes and the others no.

    With many groups to look at some differ by chance: the odds are shared out between them.
    """
    nothing: Sign = UNSURE, 0.0, {"sign": "mixed intents"}
    if not _may_disagree(votes):
        return nothing
    groups = [
        (queries, one, votes.tally.minus(one)) for queries, one in _groups(key, votes, fold, rules)
    ]
    told = [each for each in groups if min(each[1].n, each[2].n) >= rules.mixed_n]
    signs = (
        _disagree(one, rest, {"sign": "mixed intents", "group": queries}, rules, len(told))
        for queries, one, rest in told
    )
    return max(signs, key=lambda each: each[1], default=nothing)


def _may_disagree(votes: ArticleVotes) -> bool:
    """Return whether those who came by some queries may lean to another side than all the others.

    Whoever is in a group, it leans to yes by no more than all that do together, and so to no.
    """
    whole = votes.tally.good - votes.tally.bad
    leans = [one.good - one.bad for one in votes.by_query.values()]
    liked, disliked = sum(max(0.0, one) for one in leans), sum(min(0.0, one) for one in leans)
    return whole < liked or disliked < min(0.0, whole)


def _disagree(one: Tally, two: Tally, extra: dict[str, Any], rules: Rules, looks: int = 1) -> Sign:
    """Return whether two groups of readers have two rates, on either side of one half.

    `looks` is how many such pairs are compared. The Bayes factor is turned into odds by those that
    are usual: few articles are unlike the others, and some of many seem so by chance.
    """
    enough = min(one.n, two.n) >= rules.mixed_n
    opposed = _leaning(one) * _leaning(two) < 0
    if not enough or not opposed:
        return UNSURE, 0.0, extra
    factor = bayes_factor((one.good, one.bad), (two.good, two.bad)) / looks
    odds = factor * rules.vague_share / (1 - rules.vague_share)
    confidence = odds / (1 + odds)
    if confidence <= rules.watch_confidence:
        return UNSURE, confidence, extra
    sure = FLAG if confidence > rules.flag_confidence else WATCH
    return sure, confidence, extra | {"bayes_factor": rounded(min(factor, 1e6), 1)}


def _leaning(tally: Tally) -> float:
    """Return by how much yes outweighs no; 0 for what sums of floats cannot tell from a tie."""
    more = tally.good - tally.bad
    return more if abs(more) > _ROUNDING * (tally.good + tally.bad) else 0.0


def _groups(
    key: Key, votes: ArticleVotes, fold: Fold, rules: Rules
) -> Iterator[tuple[list[str], Tally]]:
    """Give each group of queries that voters came by, and its votes."""
    rows = [Row(q, key[1], fold(q, key[1]), one.n) for q, one in votes.by_query.items()]
    for cluster in clusters(rows, rules.content_gap_similarity):
        yield _merged(cluster, votes.by_query)


def _merged(cluster: Cluster, by_query: Mapping[str, Tally]) -> tuple[list[str], Tally]:
    whole = Tally()
    for q in cluster.queries:
        whole = whole.plus(by_query[q])
    return cluster.queries, whole


def locales_disagree(
    votes: Mapping[Key, ArticleVotes], weekly: Callable[[Key], float], prior: Mixture, rules: Rules
) -> Iterator[Finding]:
    """Give the translations whose readers say no where those of the other languages say yes.

    Of many articles some seem so by chance: the odds are shared out between those compared.
    """
    by_page: defaultdict[str, list[Key]] = defaultdict(list)
    for key in votes:
        by_page[key[0]].append(key)
    compared = [keys for keys in by_page.values() if len(keys) > 1]
    told = sum(votes[key].tally.n >= rules.mixed_n for keys in compared for key in keys)
    for keys in compared:
        for key in keys:
            finding = _against_others(key, keys, votes, weekly(key), prior, told, rules)
            if finding:
                yield finding


def _against_others(
    key: Key,
    keys: list[Key],
    votes: Mapping[Key, ArticleVotes],
    weekly: float,
    prior: Mixture,
    looks: int,
    rules: Rules,
) -> Finding | None:
    own, others = votes[key].tally, Tally()
    for other in keys:
        if other != key:
            others = others.plus(votes[other].tally)
    sure, confidence, extra = _disagree(own, others, {"sign": "mixed locales"}, rules, looks)
    if sure == UNSURE or own.bad <= own.good:
        return None
    posterior = prior.after(own.good, own.bad)
    draft = _of_votes("ambiguous", key, votes[key], posterior, weekly, confidence)
    return draft.with_tier(sure, lambda: 1, extra)

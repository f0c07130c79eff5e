"""All signals over all evidence: the findings of one day, worst first. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kbgen_feedback import find_signals, query_signals, vote_signals
from kbgen_feedback.attribution import Askings, Sought, askings, ended, learn, titles
from kbgen_feedback.discount import Timelines, timelines
from kbgen_feedback.evidence import Evidence, Key, Resolver
from kbgen_feedback.findings import FLAG, UNSURE, WATCH, Finding
from kbgen_feedback.settings import Rules
from kbgen_feedback.spelling import Slips, slips_of
from kbgen_feedback.tallies import (
    RECENT,
    WEEK,
    find_tallies,
    miss_prior,
    unclear_prior,
    vote_tallies,
    yes_prior,
)
from kbgen_feedback.words import Fold

_ORDER = {FLAG: 0, WATCH: 1, UNSURE: 2}


@dataclass(frozen=True)
class Judged:
    """What the evidence says: findings, what readers' words mean, articles taken for each other."""

    findings: list[Finding]
    sought: Sought
    confusable: list[dict[str, Any]]


def evaluate(evidence: Evidence, rules: Rules) -> list[Finding]:
    """Return every finding of a day, flags first, each tier by expected wasted visits a week."""
    return judge(evidence, rules).findings


def judge(evidence: Evidence, rules: Rules) -> Judged:
    """Return the findings of a day, and what else was learned on the way to them."""
    resolver = Resolver(evidence.articles)
    slips = slips_of(evidence.typed)
    asked = askings(evidence.typed, slips)
    sought = sought_by(asked, slips, resolver)
    telling = sought.telling(asked)
    shared = query_signals.share_out(evidence, telling, resolver, sought, rules)
    lines = timelines(evidence.edits, resolver)
    findings = [
        *_of_votes(evidence, resolver, lines, sought.words, rules),
        *_of_finds(evidence, resolver, lines, shared, rules),
        *query_signals.content_gaps(shared.rest, telling, sought, rules),
        *query_signals.broken_inbound(evidence.broken, evidence.as_of, rules),
    ]
    shown = query_signals.shown_queries(strongest(findings), asked, sought, rules)
    ordered = sorted(shown, key=lambda one: (_ORDER[one.tier], -one.wasted, one.key))
    pairs = query_signals.shown_pairs(evidence, resolver, rules)
    return Judged(ordered, sought, pairs)


def sought_by(asked: Askings, slips: Slips, resolver: Resolver) -> Sought:
    """Return what readers' words stand for, as all their queries teach it."""
    learned = learn(ended(asked, titles(resolver, slips), resolver))
    return Sought(resolver, slips, learned, asked)


def _of_votes(
    evidence: Evidence, resolver: Resolver, lines: Timelines, fold: Fold, rules: Rules
) -> Iterator[Finding]:
    votes = vote_tallies(evidence, resolver, lines, rules)
    prior, unclear = yes_prior(votes.values(), rules), unclear_prior(votes.values(), rules)
    weekly = weekly_views(evidence, resolver)
    for key, one in votes.items():
        yield vote_signals.unhelpful(key, one, prior, weekly(key), rules)
        yield vote_signals.ambiguous(key, one, (prior, unclear), weekly(key), fold, rules)
    yield from vote_signals.locales_disagree(votes, weekly, prior, rules)


def _of_finds(
    evidence: Evidence,
    resolver: Resolver,
    lines: Timelines,
    shared: query_signals.Shared,
    rules: Rules,
) -> Iterator[Finding]:
    finds = find_tallies(shared.missed, evidence, resolver, lines, rules)
    prior = miss_prior((one.tally for one in finds.values()), rules)
    yield from find_signals.all_hard_to_find(finds, prior, rules)


def weekly_views(evidence: Evidence, resolver: Resolver) -> Callable[[Key], float]:
    """Return the function that gives an article's views a week, from those of four weeks."""
    views: defaultdict[Key, int] = defaultdict(int)
    for (page, locale), n in evidence.views.items():
        key = resolver.key(page, locale)
        if key is not None:
            views[key] += n
    return lambda key: views[key] / RECENT * WEEK


def strongest(findings: Iterable[Finding]) -> list[Finding]:
    """Return one finding for each article and kind: the surest."""
    best: dict[tuple[str, str, str, str], Finding] = {}
    for finding in findings:
        held = best.get(finding.key)
        if held is None or _rank(finding) > _rank(held):
            best[finding.key] = finding
    return list(best.values())


def _rank(finding: Finding) -> tuple[int, float]:
    return -_ORDER[finding.tier], finding.confidence

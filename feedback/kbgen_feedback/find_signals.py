"""The flag that searches raise for an article: hard to find. Counts in, findings out, no I/O."""

from collections.abc import Iterator, Mapping
from functools import partial

from kbgen_feedback.beta import Mixture, since_change
from kbgen_feedback.evidence import Key
from kbgen_feedback.findings import UNSURE, Draft, Finding, cutoff, needs_more, rounded, tier
from kbgen_feedback.settings import Rules
from kbgen_feedback.tallies import RECENT, WEEK, ArticleFinds


def all_hard_to_find(
    finds: Mapping[Key, ArticleFinds], prior: Mixture, rules: Rules
) -> Iterator[Finding]:
    """Give each article's P(miss rate now > max(.35, site mean + .15)) as a finding.

    The rate may have changed once: a good past does not hide a new trouble, nor a bad one its end.
    Flags are as many as keep the expected share of false ones low.
    """
    limit = max(rules.hard_to_find_floor, prior.center + rules.hard_to_find_margin)
    now = {key: since_change(prior, one.periods, rules.change_chance) for key, one in finds.items()}
    sure = {key: one.above(limit) for key, one in now.items()}
    told = (sure[key] for key, one in finds.items() if one.tally.n >= rules.flag_n)
    enough = cutoff(told, rules.hard_to_find_false, rules.watch_confidence)
    for key, one in finds.items():
        yield hard_to_find(key, one, now[key], sure[key], (limit, enough), rules)


def hard_to_find(
    key: Key,
    finds: ArticleFinds,
    posterior: Mixture,
    confidence: float,
    bounds: tuple[float, float],
    rules: Rules,
) -> Finding:
    """Return P(miss rate now > limit) as a finding, a flag if it is enough; `bounds` are both."""
    counts, (limit, enough) = finds.tally, bounds
    more = partial(
        needs_more,
        lambda bad, good: posterior.after(bad, good).is_above(limit, enough),
        counts.recent_bad / counts.recent_n if counts.recent_n else posterior.mean,
        counts.n,
        rules,
    )
    evidence = {
        "trials": counts.raw_n,
        "misses": counts.raw_bad,
        "recent_trials": counts.recent_n,
        "recent_misses": counts.recent_bad,
        "miss_rate": rounded(posterior.mean),
        "limit": rounded(limit),
        "by": {name: n for name, n in finds.by.items() if n},
    }
    finding = Finding(
        kind="hard_to_find",
        page=key[0],
        locale=key[1],
        tier=UNSURE,
        confidence=confidence,
        n=rounded(counts.n),
        wasted=counts.recent_bad / RECENT * WEEK,
        evidence=evidence,
        queries=tuple(q for q, _ in finds.missed.most_common(20)),
    )
    level = tier(confidence, counts.n, rules, enough)
    return Draft(finding).with_tier(level, more, {})

"""The flag that searches raise for an article: hard to find. Counts in, findings out, no I/O."""

from kbgen_feedback.beta import Mixture
from kbgen_feedback.evidence import Key
from kbgen_feedback.findings import UNSURE, Draft, Finding, needs_more, rounded, tier
from kbgen_feedback.settings import Rules
from kbgen_feedback.tallies import RECENT, WEEK, ArticleFinds


def hard_to_find(key: Key, finds: ArticleFinds, prior: Mixture, rules: Rules) -> Finding:
    """Return P(miss rate > max(.35, site mean + .15)) as a finding."""
    limit = max(rules.hard_to_find_floor, prior.mean + rules.hard_to_find_margin)
    tally = finds.tally
    posterior = prior.after(tally.bad, tally.good)
    confidence = posterior.above(limit)
    more = needs_more(
        lambda bad, good: posterior.after(bad, good).above(limit),
        tally.bad,
        tally.bad + tally.good,
        prior.center,
        rules,
    )
    wasted = tally.recent_bad / RECENT * WEEK
    evidence = {
        "trials": tally.raw_n,
        "misses": tally.raw_bad,
        "miss_rate": rounded(posterior.mean),
        "limit": rounded(limit),
        "by": {name: n for name, n in finds.by.items() if n},
    }
    queries = tuple(q for q, _ in finds.missed.most_common(20))
    finding = Finding(
        "hard_to_find",
        *key,
        UNSURE,
        confidence,
        rounded(tally.n),
        wasted,
        None,
        "",
        evidence,
        queries,
    )
    return Draft(finding).with_tier(tier(confidence, tally.n, rules), more, {})

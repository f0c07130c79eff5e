"""The flag that searches raise for an article: hard to find. Counts in, findings out, no I/O."""

from kbgen_feedback.beta import Mixture
from kbgen_feedback.evidence import Key
from kbgen_feedback.findings import UNSURE, Draft, Finding, needs_more, rounded, tier
from kbgen_feedback.settings import Rules
from kbgen_feedback.tallies import RECENT, WEEK, ArticleFinds, Tally


def hard_to_find(key: Key, finds: ArticleFinds, prior: Mixture, rules: Rules) -> Finding:
    """Return P(miss rate > max(.35, site mean + .15)) as a finding."""
    limit = max(rules.hard_to_find_floor, prior.center + rules.hard_to_find_margin)
    whole, counts = finds.tally, _stronger(finds, prior, limit)
    posterior = prior.after(counts.bad, counts.good)
    confidence = posterior.above(limit)
    more = needs_more(
        lambda bad, good: posterior.after(bad, good).above(limit),
        counts.bad,
        counts.bad + counts.good,
        prior.center,
        rules,
    )
    wasted = whole.recent_bad / RECENT * WEEK
    evidence = {
        "trials": whole.raw_n,
        "misses": whole.raw_bad,
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
        rounded(counts.n),
        wasted,
        None,
        "",
        evidence,
        queries,
    )
    return Draft(finding).with_tier(tier(confidence, counts.n, rules), more, {})


def _stronger(finds: ArticleFinds, prior: Mixture, limit: float) -> Tally:
    """Return all the evidence or that of the last four weeks, whichever speaks louder."""
    return max(
        (finds.tally, finds.recent),
        key=lambda tally: prior.after(tally.bad, tally.good).above(limit),
    )

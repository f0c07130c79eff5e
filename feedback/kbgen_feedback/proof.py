"""Whether a fix helped: readers before against readers after, and the failed queries run again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kbgen_feedback.beta import Beta, better
from kbgen_feedback.settings import Rules

Replay = Callable[[str, str], Sequence[str]]

BY_SEARCH = frozenset({"hard_to_find", "content_gap"})


@dataclass(frozen=True)
class Proof:
    """Counts of bad and good before and since a claimed fix, and what the replay finds.

    `replayed` is how many of the flag's queries were run on the newest build, `found` how many
    of them find the article among the first results; `failures` are new failed searches within
    the quiet time.
    """

    before_bad: int = 0
    before_good: int = 0
    after_bad: int = 0
    after_good: int = 0
    replayed: int = 0
    found: int = 0
    failures: int = 0

    @property
    def after_n(self) -> int:
        """The trials since the fix."""
        return self.after_bad + self.after_good

    def shown(self) -> dict[str, Any]:
        """Return the counts as they are kept with the flag."""
        return asdict(self)


def verdict(kind: str, proof: Proof, days: float, rules: Rules) -> tuple[str, str]:
    """Return (state, reason) of a claimed fix: verified, reopened, unproven, or wait."""
    if kind == "broken_inbound":
        return _silence(proof, days, rules)
    sure = chance_better(proof)
    if proof.after_n >= rules.verify_n and sure > rules.verify_confidence:
        return "verified", f"better than before with probability {sure:.2f}, n = {proof.after_n}"
    if kind in BY_SEARCH and _search_proven(proof, days, rules):
        return "verified", f"all {proof.replayed} queries find it, no failure since"
    if proof.after_n >= rules.verify_n and sure < 1 - rules.verify_confidence:
        return "reopened", f"worse than before with probability {1 - sure:.2f}"
    if days > rules.unproven_days:
        return "unproven", f"no proof after {rules.unproven_days} days"
    return "wait", ""


def chance_better(proof: Proof) -> float:
    """Return P(good rate after > good rate before), both flat before any evidence."""
    after = Beta(1 + proof.after_good, 1 + proof.after_bad)
    return better(after, Beta(1 + proof.before_good, 1 + proof.before_bad))


def still_bad(kind: str, proof: Proof, rules: Rules) -> bool:
    """Return whether what happened since the fix is by itself enough for a flag, flat before."""
    limit = {
        "hard_to_find": rules.hard_to_find_floor,
        "content_gap": rules.content_gap_share,
    }.get(kind, 1 - rules.unhelpful_ceiling)
    rate = Beta(1 + proof.after_bad, 1 + proof.after_good)
    return proof.after_n >= rules.flag_n and rate.above(limit) > rules.flag_confidence


def _silence(proof: Proof, days: float, rules: Rules) -> tuple[str, str]:
    if proof.failures and days > rules.verify_quiet_days:
        return "reopened", f"followed {proof.failures} times since"
    if days >= rules.verify_quiet_days:
        return "verified", "nobody followed it since"
    return "wait", ""


def _search_proven(proof: Proof, days: float, rules: Rules) -> bool:
    """Return whether every query finds the article, and nobody failed for long enough."""
    return (
        0 < proof.replayed == proof.found
        and proof.failures == 0
        and days >= rules.verify_quiet_days
        and proof.after_n >= rules.verify_n
    )


def replayed(
    queries: Iterable[str], locale: str, page: str, search: Replay, top: int
) -> tuple[int, int]:
    """Return how many queries were run, and how many find `page` among the first `top`."""
    outcomes = [page in list(search(q, locale))[:top] for q in queries]
    return len(outcomes), sum(outcomes)

"""What a signal says: how sure it is, on how much evidence, and how many visits are wasted."""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from kbgen_feedback.settings import Rules

KINDS = ("hard_to_find", "ambiguous", "unhelpful", "content_gap", "broken_inbound")
FLAG, WATCH, UNSURE = "flag", "watch", "not_enough"
_MOST_MORE = 60  # further votes tried before saying that more of the same would not decide


class Finding(msgspec.Struct, frozen=True):
    """One kind of trouble with one article (or with none, for a content gap).

    `tier` is flag, watch, or not_enough; `confidence` a probability; `n` the trials or votes it
    rests on; `wasted` expected wasted visits a week; `needs_more` the further evidence after
    which it would be a flag if it goes on like this (None: it would not be one).
    """

    kind: str
    page: str
    locale: str
    tier: str
    confidence: float
    n: int | float
    wasted: float
    needs_more: int | None = None
    subject: str = ""
    evidence: dict[str, Any] = {}
    queries: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same finding on another day."""
        return self.kind, self.page, self.locale, self.subject


_TIERS = (FLAG, WATCH, UNSURE)


def joined(one: Finding, two: Finding) -> Finding:
    """Return two content gaps as one: their searches together, as sure as the surer of them."""
    needs = [some for some in (one.needs_more, two.needs_more) if some is not None]
    return replace(
        one,
        tier=min(one.tier, two.tier, key=_TIERS.index),
        confidence=max(one.confidence, two.confidence),
        n=one.n + two.n,
        wasted=one.wasted + two.wasted,
        needs_more=min(needs, default=None),
        evidence=_summed(one.evidence, two.evidence),
        queries=tuple(dict.fromkeys((*one.queries, *two.queries))),
    )


def _summed(one: Mapping[str, Any], two: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _sum(one.get(name), two.get(name)) for name in {**one, **two}}


def _sum(one: Any, two: Any) -> Any:
    """Return the sum of two counts, of counts by name, or all names in lists; of one, itself."""
    if one is None or two is None:
        return two if one is None else one
    if isinstance(one, list):
        return list(dict.fromkeys(one + two))
    return _summed(one, two) if isinstance(one, dict) else one + two


def tier(confidence: float, n: float, rules: Rules, enough: float) -> str:
    """Return flag (from the probability that is `enough`), watch or not_enough."""
    if confidence >= enough and n >= rules.flag_n:
        return FLAG
    if confidence > rules.watch_confidence and n >= rules.watch_n:
        return WATCH
    return UNSURE


def cutoff(confidences: Iterable[float], most_false: float, least: float) -> float:
    """Return the confidence from which findings are flags, so that few of them are false.

    The expected share of false ones among those at or above it is at most `most_false`: the mean of
    1 - confidence (Newton et al. 2004, Biostatistics 5:155-176; Müller et al. 2004, J. Am. Stat.
    Assoc. 99:990-1001). It is the confidence that one finding more would need, and never less than
    `least`: alone, a finding needs 1 - `most_false`; beside many sure ones, less.
    """
    doubt, weakest, n = 0.0, 1.0, 0
    for confidence in sorted(confidences, reverse=True):
        needed = 1 - (most_false * (n + 1) - doubt)
        if confidence < max(needed, least):
            return max(least, needed if confidence == weakest else min(weakest, needed))
        doubt, weakest, n = doubt + 1 - confidence, confidence, n + 1
    return max(least, min(weakest, 1 - (most_false * (n + 1) - doubt)))


def needs_more(
    is_sure: Callable[[float, float], bool], rate: float, n: float, rules: Rules
) -> int | None:
    """Return how many more trials would make a flag if they go like those so far.

    Args:
        is_sure: whether it is probable enough given further (bad, good) counts.
        rate: the share of bad ones among them.
        n: trials so far.
        rules: thresholds.
    """

    def sure(more: int) -> bool:
        return is_sure(more * rate, more * (1 - rate))

    least = max(0, math.ceil(rules.flag_n - n))
    if least > _MOST_MORE or not sure(_MOST_MORE):
        return None
    return bisect_left(range(_MOST_MORE), True, lo=least, key=sure)


@dataclass(frozen=True)
class Draft:
    """A finding whose tier is still to be set."""

    finding: Finding

    def with_tier(
        self, tier_: str, more: Callable[[], int | None], extra: dict[str, Any]
    ) -> Finding:
        """Return the finding with its tier and what it still needs: `more`, if it is no flag."""
        evidence = self.finding.evidence | extra
        needs = 0 if tier_ == FLAG else more()
        return replace(self.finding, tier=tier_, needs_more=needs, evidence=evidence)


def rounded(x: float, digits: int = 3) -> float:
    """Return a number as it is shown; 0 for what is no number."""
    return round(x, digits) if math.isfinite(x) else 0.0


def words_for(confidence: float) -> str:
    """Return a probability in words, after the scale of the IPCC (Mastrandrea et al. 2010)."""
    for bound, word in ((0.99, "almost certain"), (0.9, "very likely"), (0.66, "likely")):
        if confidence > bound:
            return word
    return "about as likely as not" if confidence > 0.33 else "unlikely"

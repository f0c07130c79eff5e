"""Measures of one ranked list against judgements, and their means over queries."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields

CUTOFF = 10


@dataclass(frozen=True)
class Scores:
    """How well one query (or, as a mean, a set of queries) was answered; every value is 0 to 1."""

    ndcg: float
    mrr: float
    recall: float
    success1: float
    success3: float
    zero: float


def gain_sum(grades: Iterable[float]) -> float:
    """Return the discounted cumulative gain: sum of grade / log2(rank + 1) (Järvelin 2002)."""
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def ndcg(ranked: Sequence[str], relevant: Mapping[str, float]) -> float:
    """Return nDCG@10 of the ranked ids; `relevant` maps id to grade and is not empty."""
    best = sorted(relevant.values(), reverse=True)[:CUTOFF]
    return gain_sum(relevant.get(doc, 0.0) for doc in ranked[:CUTOFF]) / gain_sum(best)


def score(ranked: Sequence[str], relevant: Mapping[str, float]) -> Scores:
    """Return all measures of one query."""
    good = [rank for rank, doc in enumerate(ranked[:CUTOFF], 1) if relevant.get(doc, 0) > 0]
    first = good[0] if good else math.inf
    wanted = sum(1 for grade in relevant.values() if grade > 0)
    return Scores(
        ndcg=ndcg(ranked, relevant),
        mrr=1 / first,
        recall=len(good) / wanted,
        success1=float(first <= 1),
        success3=float(first <= 3),
        zero=float(not ranked),
    )


def mean(scores: Sequence[Scores]) -> Scores:
    """Return the measures' means; all zero for no queries."""
    if not scores:
        return Scores(*(0.0 for _ in fields(Scores)))
    columns = zip(*(astuple(one) for one in scores), strict=True)
    return Scores(*(sum(column) / len(scores) for column in columns))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of the values do not exceed (nearest rank)."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

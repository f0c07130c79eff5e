"""What readers suddenly ask far more than usual: an outage is searched for before it is reported.

How many ask a query of late is compared with how many did in the weeks before. Asking is taken as
Poisson, at a rate by all that is asked on the site, so that busy days are none; the rate is known
from the weeks before with Jeffreys' prior, Gamma(1/2, 0). Then the number of late is negative
binomial (Gelman et al. 2013, Bayesian Data Analysis, 3rd ed., 2.6 and 2.7), whose upper tail is an
incomplete beta function (Abramowitz and Stegun 1964, 26.5.24). Since
many queries are asked, a number is a surge when it would be unlikely for any of them (Bonferroni).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kbgen_feedback.beta import incomplete
from kbgen_feedback.settings import Rules
from kbgen_feedback.words import fold

LATE, BEFORE = 2, 28  # days: today and yesterday, and those they are compared with
PRIOR = 0.5


class Row(NamedTuple):
    """How many readers asked a query of a language, summed over the late days or over others."""

    q: str
    locale: str
    late: int
    before: int


class Surge(NamedTuple):
    """A query as most readers of late typed it, how many they were, and how many would be usual."""

    q: str
    locale: str
    readers: int
    usual: float


@dataclass(slots=True)
class _Asked:
    """The queries of one language with the same words."""

    late: int = 0
    before: int = 0
    texts: dict[str, int] = field(default_factory=dict)


def surges(rows: Iterable[Row], rules: Rules) -> list[Surge]:
    """Return the surges, the least likely first; texts that too few readers share are not named."""
    asked = _by_words(rows)
    late = sum(one.late for one in asked.values())
    before = sum(one.before for one in asked.values())
    found = []
    for (locale, _), one in asked.items():
        if one.late < rules.surge_readers:
            continue
        q, shared = max(one.texts.items(), key=lambda text: (text[1], text[0]))
        usual = expected(one.before, late, before)
        chance = tail(one.late, one.before, late, before) * len(asked)
        if chance < rules.surge_chance and one.late > rules.surge_factor * usual:
            found.append((chance, -one.late, Surge(q, locale, one.late, usual), shared))
    return [one for *_, one, shared in sorted(found) if shared >= rules.query_reader_days]


def _by_words(rows: Iterable[Row]) -> Mapping[tuple[str, tuple[str, ...]], _Asked]:
    asked: defaultdict[tuple[str, tuple[str, ...]], _Asked] = defaultdict(_Asked)
    for row in rows:
        one = asked[row.locale, tuple(sorted(fold(row.q, row.locale)))]
        one.late += row.late
        one.before += row.before
        if row.late:
            one.texts[row.q] = one.texts.get(row.q, 0) + row.late
    return asked


def expected(before: int, late_all: int, before_all: int) -> float:
    """Return how many readers would be usual for a query that so many asked before.

    `late_all` and `before_all` are the numbers of all queries.
    """
    return (before + PRIOR) * late_all / before_all if before_all else float("inf")


def tail(late: int, before: int, late_all: int, before_all: int) -> float:
    """Return the chance that so many readers or more ask a query that so many asked before.

    P(X >= k) of a negative binomial X with size r and chance p of success is I_{1-p}(k, r).
    """
    if not (late and before_all):
        return 1.0
    return incomplete(late, before + PRIOR, late_all / (late_all + before_all))

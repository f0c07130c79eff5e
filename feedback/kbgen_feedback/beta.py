"""The Beta distribution: tail probabilities, comparisons, and a prior fitted to counts."""

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate

import msgspec

_TINY = 1e-300
_PRECISE = 1e-15
_NOTHING = 1e-40  # whatever a fraction makes of it, 1 is not less by it
_ROUNDING = 1e-9  # far more than sums of some weights lose
_UNLIKELY = -7.0  # log of the weight, next to the best, from which a case counts

Counts = tuple[float, float]


class Beta(msgspec.Struct, frozen=True, gc=False):
    """Beta(a, b): what is believed of a rate after `a - 1` hits and `b - 1` misses, flat before."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        """The expected rate."""
        return self.a / (self.a + self.b)

    @property
    def strength(self) -> float:
        """How many imagined trials it stands for."""
        return self.a + self.b

    def after(self, hits: float, misses: float) -> "Beta":
        """Return the posterior after these counts, which need not be whole."""
        return Beta(self.a + hits, self.b + misses)

    def below(self, rate: float) -> float:
        """Return P(true rate < `rate`)."""
        return incomplete(self.a, self.b, rate)

    def above(self, rate: float) -> float:
        """Return P(true rate > `rate`)."""
        return incomplete(self.b, self.a, 1 - rate)

    def between(self, low: float, high: float) -> float:
        """Return P(`low` < true rate < `high`)."""
        return max(0.0, self.below(high) - self.below(low))

    def density(self, rate: float) -> float:
        """Return the density at `rate`, 0 < rate < 1."""
        power = (self.a - 1) * math.log(rate) + (self.b - 1) * math.log1p(-rate)
        return math.exp(power - log_beta(self.a, self.b))


class Mixture(msgspec.Struct, frozen=True, dict=True):
    """What is believed of a rate when one of several Beta distributions holds, each with a weight.

    A prior fitted to a site's articles is too sure of itself where an article is unlike the others:
    a small vague part lets the data win there (robust prior: Schmidli et al. 2014, Biometrics
    70:1023-1032).
    """

    parts: tuple[tuple[float, Beta], ...]

    @property
    def mean(self) -> float:
        """The expected rate."""
        return sum(weight * part.mean for weight, part in self.parts)

    @property
    def center(self) -> float:
        """The expected rate of the first part, the main one."""
        return self.parts[0][1].mean

    @cached_property
    def _logs(self) -> list[tuple[float, float, float, float]]:
        """Of each part a, b, and the logs of its weight and of B(a, b)."""
        return [
            (part.a, part.b, math.log(weight), log_beta(part.a, part.b))
            for weight, part in self.parts
        ]

    def _log_weights(self, hits: float, misses: float) -> list[float]:
        """Return the log of each part's weight times its probability of the counts in order."""
        return [log + log_beta(a + hits, b + misses) - before for a, b, log, before in self._logs]

    def log_marginal(self, hits: float, misses: float) -> float:
        """Return the log of the probability of these counts, in one order of them."""
        logs = self._log_weights(hits, misses)
        best = max(logs)
        return best + math.log(sum([math.exp(log - best) for log in logs]))

    def weights(self, hits: float, misses: float) -> list[float]:
        """Return the weight of each part after these counts, by how well it foretold them."""
        logs = self._log_weights(hits, misses)
        best = max(logs)
        weights = [math.exp(log - best) for log in logs]
        whole = sum(weights)
        return [weight / whole for weight in weights]

    def after(self, hits: float, misses: float) -> "Mixture":
        """Return the posterior: each part's, weighted by how well it foretold the counts."""
        weights = self.weights(hits, misses)
        posteriors = [part.after(hits, misses) for _, part in self.parts]
        return Mixture(tuple(zip(weights, posteriors, strict=True)))

    def below(self, rate: float) -> float:
        """Return P(true rate < `rate`)."""
        return sum(weight * part.below(rate) for weight, part in self.parts)

    def above(self, rate: float) -> float:
        """Return P(true rate > `rate`)."""
        return sum(weight * part.above(rate) for weight, part in self.parts)

    def between(self, low: float, high: float) -> float:
        """Return P(`low` < true rate < `high`)."""
        return sum(weight * part.between(low, high) for weight, part in self.parts)

    def is_below(self, rate: float, chance: float) -> bool:
        """Return whether P(true rate < `rate`) > `chance`, as `below` has it."""
        return self._is_more(lambda part: part.below(rate), chance)

    def is_above(self, rate: float, chance: float) -> bool:
        """Return whether P(true rate > `rate`) > `chance`, as `above` has it."""
        return self._is_more(lambda part: part.above(rate), chance)

    def _is_more(self, of: Callable[[Beta], float], chance: float) -> bool:
        """Return whether the parts' probabilities come to more; the heaviest often tell alone."""
        least, most = 0.0, 1.0
        for weight, part in sorted(self.parts, key=_weight, reverse=True):
            known = weight * of(part)
            least, most = least + known, most - weight + known
            if least > chance + _ROUNDING or most < chance - _ROUNDING:
                return least > chance
        return sum(weight * of(part) for weight, part in self.parts) > chance


def _weight(part: tuple[float, Beta]) -> float:
    return part[0]


def with_doubt(prior: Beta, share: float) -> Mixture:
    """Return the prior with a flat part of this weight, 0 < share < 1."""
    return Mixture(((1 - share, prior), (share, Beta(1, 1))))


def since_change(prior: Mixture, counts: Sequence[Counts], chance: float) -> Mixture:
    """Return what is believed of a rate now, when it may have changed once in the time counted.

    Args:
        prior: what is believed of a rate without counts.
        counts: (hits, misses) of consecutive times, the newest first.
        chance: probability of a change between two of them.

    Each moment of the change, or none, is weighed by how well the prior foretells the counts before
    it and those after it apart: a product partition model (Barry & Hartigan 1993, J. Am. Stat.
    Assoc. 88:309-319) with two parts at most. Old counts thus tell of now as far as they agree
    with the new ones, and looking at short times alone raises no false alarm.
    """
    sums = list(accumulate(counts, _plus, initial=(0.0, 0.0)))
    whole = sums[-1]
    moments = [at for at in range(1, len(counts)) if sums[at] != whole]
    cases = [(math.log1p(-chance * len(moments)) + prior.log_marginal(*whole), whole)]
    for at in moments:
        after = sums[at]
        before = whole[0] - after[0], whole[1] - after[1]
        log = prior.log_marginal(*after) + prior.log_marginal(*before)
        cases.append((math.log(chance) + log, after))
    return _mixed(prior, cases)


def _plus(one: Counts, two: Counts) -> Counts:
    return one[0] + two[0], one[1] + two[1]


def _mixed(prior: Mixture, cases: Sequence[tuple[float, Counts]]) -> Mixture:
    """Return the posteriors of the cases, weighed by exp(log); unlikely ones are left out."""
    best = max(log for log, _ in cases)
    likely = [(math.exp(log - best), counts) for log, counts in cases if log - best > _UNLIKELY]
    total = sum(weight for weight, _ in likely)
    return Mixture(
        tuple(
            (weight / total * share, part)
            for weight, counts in likely
            for share, part in prior.after(*counts).parts
        )
    )


def log_beta(a: float, b: float) -> float:
    """Return ln B(a, b)."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def incomplete(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), a > 0, b > 0.

    By the continued fraction DLMF 8.17.22, evaluated with Lentz's method as in Numerical Recipes,
    section 6.4; I_x(a, b) = 1 - I_(1-x)(b, a) keeps it where it converges fast.
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = math.exp(a * math.log(x) + b * math.log1p(-x) - log_beta(a, b))
    if x < (a + 1) / (a + b + 2):
        return min(1.0, front * _fraction(a, b, x) / a) if front else 0.0
    return max(0.0, 1 - front * _fraction(b, a, 1 - x) / b) if front > _NOTHING else 1.0


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction by the modified Lentz method."""
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > _TINY else _TINY)
    value = d
    for m in range(1, 1000):
        at = a + 2 * m
        even = m * (b - m) * x / ((at - 1) * at)
        odd = -(a + m) * (a + b + m) * x / (at * (at + 1))
        for term in (even, odd):
            c, d = 1 + term / c, 1 + term * d
            if -_TINY <= c <= _TINY:
                c = _TINY
            d = 1 / (_TINY if -_TINY <= d <= _TINY else d)
            value *= c * d
        if abs(c * d - 1) < _PRECISE:
            break
    return value


def better(after: Beta, before: Beta, steps: int = 2000) -> float:
    """Return P(rate after > rate before), by the midpoint rule over the rate.

    The integral is of density_after(x) * P(before < x); it is normalised by the same rule's sum
    of the density, so that sharp posteriors lose nothing.
    """
    total = weight = 0.0
    for i in range(steps):
        x = (i + 0.5) / steps
        density = after.density(x)
        if density > _TINY:
            weight += density
            total += density * before.below(x)
    return total / weight if weight else float(after.mean > before.mean)


def fit(
    counts: Sequence[tuple[float, float]],
    default: Beta,
    least: int,
    strength: tuple[float, float],
) -> Beta:
    """Return the prior of a site, fitted to its articles by the method of moments.

    Args:
        counts: (hits, misses) of each article.
        default: the prior when fewer than `least` articles have counts.
        least: how many articles a fit needs.
        strength: the bounds of the prior's strength.

    The between-article variance is the weighted variance of the rates less what chance adds
    (Kleinman 1973, J. Am. Stat. Assoc. 68:46-54); mean m and variance v then give the strength
    m(1 - m)/v - 1.
    """
    trials = [(hits, hits + misses) for hits, misses in counts if hits + misses > 0]
    if len(trials) < least:
        return default
    n = sum(total for _, total in trials)
    mean = sum(hits for hits, _ in trials) / n
    mean = min(max(mean, 0.01), 0.99)
    size = _strength(trials, n, mean, strength)
    return Beta(mean * size, (1 - mean) * size)


def _strength(
    trials: Sequence[tuple[float, float]], n: float, mean: float, bounds: tuple[float, float]
) -> float:
    """Return the strength that the spread of the rates asks for, within its bounds."""
    spread = sum(total * (hits / total - mean) ** 2 for hits, total in trials)
    chance = mean * (1 - mean)
    between = spread - (len(trials) - 1) * chance
    room = n - sum(total * total for _, total in trials) / n
    if between <= 0 or room <= 0:
        return bounds[1]
    variance = between / room
    return min(max(chance / variance - 1, bounds[0]), bounds[1])


_FIT_ROUNDS = 6
_IMAGINED = 20  # articles that the given share of unlike ones stands for


def two_groups(
    counts: Sequence[Counts],
    default: Beta,
    least: int,
    strength: tuple[float, float],
    share: float,
) -> Mixture:
    """Return the prior of a site most of whose articles are alike, and the share that is not.

    Args:
        counts: (hits, misses) of each article.
        default: the main part when fewer than `least` articles have counts.
        least: how many articles a fit needs.
        strength: the bounds of the main part's strength.
        share: of articles unlike the others, as imagined before any is seen.

    The two-groups model (Efron 2008, Statist. Sci. 23:1-22): the main part is fitted to those
    articles that are likelier its own, and the flat part's share is the mean probability of being
    its own (expectation maximisation). A healthy site thus doubts its articles less. Rounds are
    few and begin with one group of all: where a third are unlike, the main part stays wide.
    """
    trials = [one for one in counts if sum(one) > 0]
    prior = with_doubt(fit(trials, default, least, strength), share)
    for _ in range(_FIT_ROUNDS if len(trials) >= least else 0):
        usual = [prior.weights(*one)[0] for one in trials]
        doubt = sum(1 - chance for chance in usual) + _IMAGINED * share
        own = [one for one, chance in zip(trials, usual, strict=True) if chance >= 0.5]
        main = fit(own, default, least, strength)
        prior = with_doubt(main, doubt / (len(trials) + _IMAGINED))
    return prior


def bayes_factor(one: tuple[float, float], two: tuple[float, float]) -> float:
    """Return how much likelier two (yes, no) counts are with two rates than with one.

    Both hypotheses have flat priors (Gunel & Dickey 1974, Biometrika 61:545-557).
    """
    apart = log_beta(one[0] + 1, one[1] + 1) + log_beta(two[0] + 1, two[1] + 1)
    together = log_beta(one[0] + two[0] + 1, one[1] + two[1] + 1)
    return math.exp(min(apart - together, 700))

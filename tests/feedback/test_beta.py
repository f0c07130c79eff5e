"""The Beta distribution against what is known of it."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbgen_feedback.beta import (
    Beta,
    Mixture,
    bayes_factor,
    better,
    fit,
    incomplete,
    since_change,
    two_groups,
    with_doubt,
)

SHAPE = st.floats(0.1, 500)
RATE = st.floats(0.001, 0.999)


@given(st.integers(1, 60), st.integers(1, 60), RATE)
def test_whole_shapes_agree_with_the_binomial_sum(a: int, b: int, x: float) -> None:
    # DLMF 8.17.5
    n = a + b - 1
    total = sum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
    assert incomplete(a, b, x) == pytest.approx(total, abs=1e-11)


@given(SHAPE, SHAPE, RATE)
def test_it_is_symmetric_and_a_probability(a: float, b: float, x: float) -> None:
    value = incomplete(a, b, x)
    assert 0 <= value <= 1
    assert value + incomplete(b, a, 1 - x) == pytest.approx(1, abs=1e-9)


@given(SHAPE, SHAPE, RATE, RATE)
def test_it_grows(a: float, b: float, x: float, y: float) -> None:
    low, high = sorted((x, y))
    assert incomplete(a, b, low) <= incomplete(a, b, high) + 1e-12


@pytest.mark.parametrize(
    ("a", "b", "x", "value"),
    # in closed form: a polynomial, 2/pi arcsin(sqrt(x)), and the flat one
    [
        (2, 3, 0.5, 0.6875),
        (0.5, 0.5, 0.25, 1 / 3),
        (1, 1, 0.3, 0.3),
    ],
)
def test_known_values(a: float, b: float, x: float, value: float) -> None:
    assert incomplete(a, b, x) == pytest.approx(value, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.floats(1, 80), st.floats(1, 80), st.floats(1, 80), st.floats(1, 80))
def test_one_of_two_rates_is_better(a: float, b: float, c: float, d: float) -> None:
    one, two = Beta(a, b), Beta(c, d)
    assert better(one, two) + better(two, one) == pytest.approx(1, abs=0.01)


def test_better_agrees_with_drawing_lots() -> None:
    rng = random.Random(7)
    draws = [rng.betavariate(9, 4) > rng.betavariate(5, 8) for _ in range(40_000)]
    assert better(Beta(9, 4), Beta(5, 8)) == pytest.approx(sum(draws) / len(draws), abs=0.01)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_the_bayes_factor_does_not_care_who_is_first(a: int, b: int, c: int, d: int) -> None:
    assert bayes_factor((a, b), (c, d)) == pytest.approx(bayes_factor((c, d), (a, b)))


def test_the_bayes_factor_tells_one_rate_from_two() -> None:
    assert bayes_factor((10, 0), (0, 10)) > 1000
    assert bayes_factor((5, 5), (5, 5)) < 1


class TestPrior:
    """The site's own prior."""

    def fit(self, counts: list[tuple[float, float]]) -> Beta:
        return fit(counts, Beta(6, 2), 10, (3, 30))

    def test_is_the_default_while_few_articles_have_votes(self) -> None:
        assert self.fit([(5, 5)] * 9) == Beta(6, 2)

    def test_has_the_sites_mean(self) -> None:
        assert self.fit([(9, 1)] * 20).mean == pytest.approx(0.9)

    def test_is_strong_where_articles_are_alike_and_weak_where_they_differ(self) -> None:
        assert self.fit([(80, 20)] * 20).strength == 30
        assert self.fit([(100, 0), (0, 100)] * 10).strength == 3

    @settings(max_examples=30)
    @given(st.floats(0.3, 0.9), st.floats(5, 25), st.integers(0, 1000))
    def test_finds_the_prior_that_made_the_counts(
        self, mean: float, strength: float, seed: int
    ) -> None:
        rng = random.Random(seed)
        counts = []
        for _ in range(600):
            rate = rng.betavariate(mean * strength, (1 - mean) * strength)
            hits = sum(rng.random() < rate for _ in range(40))
            counts.append((hits, 40 - hits))
        found = self.fit(counts)
        assert found.mean == pytest.approx(mean, abs=0.05)
        assert strength / 1.6 < found.strength < strength * 1.6

    @given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=40))
    def test_keeps_its_bounds_for_any_counts(self, counts: list[tuple[int, int]]) -> None:
        found = self.fit(list(counts))
        assert found.strength + 1e-9 >= 3
        assert found.strength <= 30 + 1e-9
        assert 0 < found.mean < 1


class TestDoubt:
    """A prior with a flat part lets the data win where an article is unlike the others."""

    def test_few_counts_move_it_little_many_against_it_win(self) -> None:
        prior, doubtful = Beta(27, 3), with_doubt(Beta(27, 3), 0.15)
        assert doubtful.after(1, 1).mean == pytest.approx(prior.after(1, 1).mean, abs=0.12)
        assert doubtful.after(2, 14).mean < 0.3 < prior.after(2, 14).mean

    @given(st.integers(0, 40), st.integers(0, 40), RATE)
    def test_it_is_a_probability(self, hits: int, misses: int, rate: float) -> None:
        one = with_doubt(Beta(6, 2), 0.15).after(hits, misses)
        assert one.below(rate) + one.above(rate) == pytest.approx(1, abs=1e-9)
        assert sum(weight for weight, _ in one.parts) == pytest.approx(1)


class TestTwoGroups:
    """How many articles are unlike the others is learned, too."""

    def prior(self, counts: list[tuple[int, int]]) -> Mixture:
        return two_groups(counts, Beta(2, 6), 10, (3, 30), 0.15)

    def test_few_articles_leave_the_share_as_imagined(self) -> None:
        assert self.prior([(1, 9)] * 9) == with_doubt(Beta(2, 6), 0.15)

    def test_a_healthy_site_doubts_its_articles_less(self) -> None:
        alike = self.prior([(2, 18)] * 60)
        assert alike.parts[1][0] < 0.08
        as_imagined = with_doubt(alike.parts[0][1], 0.15)
        assert alike.after(4, 2).above(0.35) < as_imagined.after(4, 2).above(0.35)

    @settings(max_examples=10, deadline=None)
    @given(st.sampled_from([0.05, 0.15, 0.3]), st.integers(0, 1000))
    def test_finds_about_the_groups_that_made_the_counts(self, share: float, seed: int) -> None:
        rng = random.Random(seed)
        counts = []
        for _ in range(400):
            unlike = rng.random() < share
            rate = rng.uniform(0.4, 1) if unlike else rng.betavariate(3, 27)
            hits = sum(rng.random() < rate for _ in range(40))
            counts.append((hits, 40 - hits))
        found = self.prior(counts)
        assert share / 3 < found.parts[1][0] < 2.5 * share
        mean = sum(hits for hits, _ in counts) / (40 * len(counts))
        assert 0.06 < found.center <= mean

    @given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=40))
    def test_it_is_a_prior_for_any_counts(self, counts: list[tuple[int, int]]) -> None:
        (usual, main), (doubt, _) = self.prior(counts).parts
        assert usual + doubt == pytest.approx(1)
        assert 0 < doubt < 1
        assert 3 - 1e-9 <= main.strength <= 30 + 1e-9


COUNTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=10)


class TestSinceChange:
    """Old counts tell of now as far as they agree with the new ones."""

    prior = with_doubt(Beta(3, 27), 0.15)

    def test_a_good_past_does_not_hide_a_new_trouble(self) -> None:
        now = since_change(self.prior, [(9, 1), (1, 40), (2, 80)], 0.005)
        assert now.above(0.35) > 0.95
        assert self.prior.after(12, 121).above(0.35) < 0.01

    def test_a_bad_past_does_not_outlive_its_end(self) -> None:
        assert since_change(self.prior, [(0, 30), (40, 10)], 0.005).above(0.35) < 0.05

    def test_a_bad_week_among_good_ones_is_no_change(self) -> None:
        now = since_change(self.prior, [(3, 4), (1, 20), (2, 20), (1, 20)], 0.005)
        assert now.above(0.35) < 0.5

    def test_where_nothing_changes_all_counts_are_one(self) -> None:
        now = since_change(self.prior, [(6, 4)] * 6, 0.005)
        assert now.mean == pytest.approx(self.prior.after(36, 24).mean, abs=0.01)

    @given(COUNTS, RATE)
    def test_it_is_a_probability(self, counts: list[tuple[int, int]], rate: float) -> None:
        now = since_change(self.prior, counts, 0.01)
        assert sum(weight for weight, _ in now.parts) == pytest.approx(1)
        assert now.below(rate) + now.above(rate) == pytest.approx(1, abs=1e-9)

    @given(COUNTS, RATE, st.floats(0, 1))
    def test_it_tells_from_few_parts_what_all_would_tell(
        self, counts: list[tuple[int, int]], rate: float, chance: float
    ) -> None:
        now = since_change(self.prior, counts, 0.01)
        for limit in (chance, now.below(rate)):
            assert now.is_below(rate, limit) == (now.below(rate) > limit)
        for limit in (chance, now.above(rate)):
            assert now.is_above(rate, limit) == (now.above(rate) > limit)

    @given(COUNTS)
    def test_without_a_chance_of_change_the_times_are_one(
        self, counts: list[tuple[int, int]]
    ) -> None:
        now = since_change(self.prior, counts, 1e-300)
        hits, misses = (sum(each) for each in zip(*counts, strict=True))
        assert now.mean == pytest.approx(self.prior.after(hits, misses).mean, abs=0.02)

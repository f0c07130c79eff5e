"""What readers suddenly ask far more than usual is told; what busy days and chance bring is not."""

import random
from datetime import timedelta

import pytest
from feedback_events import day, fill, search
from hypothesis import given
from hypothesis import strategies as st

from kbgen_feedback import refresh, report
from kbgen_feedback.settings import Rules, Settings
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import day_of
from kbgen_feedback.surges import Row, Surge, expected, surges, tail

RULES = Rules()
USUAL = [Row(f"topic {n}", "en", 4, 56) for n in range(50)]  # two readers a day each
counts = st.integers(0, 2000)


def named(*rows: Row) -> list[str]:
    return [one.q for one in surges([*USUAL, *rows], RULES)]


def test_what_many_more_than_usual_ask_is_named() -> None:
    assert named(Row("login error", "en", 20, 28)) == ["login error"]
    (one,) = surges([*USUAL, Row("login error", "en", 20, 28)], RULES)
    assert one[:3] == ("login error", "en", 20)
    assert one.usual == pytest.approx(28.5 * 220 / 2828)


def test_what_nobody_asked_before_is_named_once_some_do() -> None:
    assert named(Row("new invoice", "en", 5, 0)) == ["new invoice"]
    assert named(Row("new invoice", "en", 4, 0)) == []


def test_less_likely_ones_come_first() -> None:
    assert named(Row("one", "en", 9, 2), Row("outage", "en", 60, 2)) == ["outage", "one"]


@pytest.mark.parametrize(("late", "before"), [(9, 56), (12, 168), (5, 14)])
def test_what_chance_brings_is_not(late: int, before: int) -> None:
    assert named(Row("login error", "en", late, before)) == []


def test_a_busy_day_is_no_surge_of_each_query() -> None:
    busy = [one._replace(late=10 * one.late) for one in USUAL]
    assert surges(busy, RULES) == []


def test_words_are_one_query_however_they_are_written() -> None:
    spelled = [Row("login errors", "en", 3, 14), Row("errors: login", "en", 4, 14)]
    assert named(*spelled) == []
    assert named(spelled[0]._replace(late=9, before=0), spelled[1]._replace(before=0)) == [
        "login errors"
    ]


def test_another_language_is_another_query() -> None:
    rows = [Row("code", "en", 20, 28), Row("code", "fr", 2, 28)]
    assert [(one.q, one.locale) for one in surges([*USUAL, *rows], RULES)] == [("code", "en")]


def test_a_text_that_too_few_readers_share_is_not_told() -> None:
    order = ("a b c", "a c b", "b a c", "b c a", "c a b", "c b a")
    assert named(*(Row(f"zebra {words}", "en", 2, 0) for words in order)) == []


def test_a_site_without_a_past_has_no_surge() -> None:
    assert surges([Row("login", "en", 50, 0)], RULES) == []


@given(counts, counts, counts, counts)
def test_the_chance_falls_with_more_readers_and_rises_with_more_before(
    late: int, before: int, others: int, others_before: int
) -> None:
    late_all, before_all = late + others + 1, before + others_before + 1
    chance = tail(late, before, late_all, before_all)
    assert 0 <= chance <= 1
    assert tail(late + 1, before, late_all, before_all) <= chance + 1e-9
    assert tail(late, before + 1, late_all, before_all) >= chance - 1e-9


@given(st.integers(1, 40), st.integers(0, 60), st.integers(1, 500), st.integers(1, 5000))
def test_the_chance_is_the_sum_of_a_negative_binomial(
    late: int, before: int, late_all: int, before_all: int
) -> None:
    p = late_all / (late_all + before_all)
    probability, below = (1 - p) ** (before + 0.5), 0.0
    for n in range(late):
        below += probability
        probability *= (before + 0.5 + n) / (n + 1) * p
    assert tail(late, before, late_all, before_all) == pytest.approx(1 - below, abs=1e-7)


def test_what_is_usual_grows_with_all_that_is_asked() -> None:
    assert expected(28, 200, 2800) == pytest.approx(28.5 / 14)


def test_simulated_weeks_without_a_cause_rarely_name_anything() -> None:
    """Readers of a thousand simulated weeks ask fifty queries at rates that never change."""
    rng = random.Random(4)
    false = 0
    for _ in range(300):
        rates = [rng.expovariate(1 / 3) for _ in range(50)]
        rows = [
            Row(f"topic {n}", "en", _poisson(rng, 2 * rate), _poisson(rng, 28 * rate))
            for n, rate in enumerate(rates)
        ]
        false += bool(surges(rows, RULES))
    assert false <= 9  # of 300; 3 are to be expected at most


def _poisson(rng: random.Random, mean: float) -> int:
    """Count the arrivals of a unit of time."""
    count, at = 0, rng.expovariate(1)
    while at < mean:
        count, at = count + 1, at + rng.expovariate(1)
    return count


def test_surges_are_read_from_the_sums_of_a_month(store: Store) -> None:
    usual = [
        search(f"topic {n}", day(at + n / 99), f"r{at}-{n}", ["a"])
        for at in range(-20, 1)
        for n in range(4)
    ]
    long_ago = [search("login error", day(-60), f"old{n}", ["a"]) for n in range(40)]
    late = [search("login error", day(0) + timedelta(minutes=n), f"n{n}", ["a"]) for n in range(8)]
    fill(store, [*usual, *long_ago, *late])
    refresh.bring_up(store, Settings())
    today = day_of(int(day(0).timestamp() * 1000))
    (found,) = report.sudden(store, today, RULES)
    assert found == Surge("login error", "en", 8, pytest.approx(0.5 * 16 / 76))
    assert report.sudden(store, today + 2, RULES) == []
    made = report.make(store, today, 2, RULES)
    assert made.shown()["surges"] == [
        {"query": "login error", "locale": "en", "readers": 8, "usual": 0.1}
    ]
    assert "8  login error  (usually fewer than 1)" in report.text(made)
    assert "login error" in report.html(made, "Report")

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kbgen_search.ranking import (
    LEVELS,
    Evidence,
    Need,
    Weights,
    impact,
    order,
    pinned,
    rarity,
    scales,
    scores,
)

COUNTS = st.lists(st.integers(0, 50), min_size=5, max_size=5)


def need(*articles: tuple[int, int], rare: float = 1.0, stop: bool = False) -> Need:
    numbers, levels = [one for one, _ in articles], [level for _, level in articles]
    return Need([Evidence(numbers, levels, rare)], rare, stop)


@given(COUNTS, st.integers(0, 4))
def test_one_more_occurrence_never_lowers_the_impact(counts: list[int], field: int) -> None:
    worth = scales([3, 3, 10, 100, 10], [3.0, 3.0, 8.0, 90.0, 10.0], Weights())
    more = [count + (number == field) for number, count in enumerate(counts)]
    assert impact(counts, worth, 3.0) <= impact(more, worth, 3.0) <= LEVELS


@given(st.integers(1, 400), st.integers(1, 400))
def test_a_longer_field_is_worth_less(short: int, long: int) -> None:
    lengths = [sorted((short, long))[0]] * 5, [sorted((short, long))[1]] * 5
    first, second = (scales(one, [50.0] * 5, Weights()) for one in lengths)
    assert all(a >= b for a, b in zip(first, second, strict=True))


def test_fields_are_added_before_they_saturate() -> None:
    weights = replace(
        Weights(), title=1.0, body=1.0, title_length=0.0, body_length=0.0, long_texts=0.0
    )
    worth = scales([1, 1, 1, 1, 1], [1.0] * 5, weights)
    assert impact([1, 0, 0, 1, 0], worth, 1.0) == impact([0, 0, 0, 2, 0], worth, 1.0)


@given(st.floats(1, 1e6))
def test_pinned_averages_are_near_and_stay_put(average: float) -> None:
    assert 2**-0.126 < pinned(average) / average < 2**0.126
    assert pinned(pinned(average)) == pytest.approx(pinned(average))


@given(st.integers(1, 1000), st.integers(0, 1000))
def test_rarer_terms_weigh_more_and_none_weighs_less_than_nothing(size: int, count: int) -> None:
    count = min(count, size)
    assert rarity(count, size) > 0
    assert rarity(count, size) >= rarity(min(count + 1, size), size)
    assert rarity(count, size) == pytest.approx(math.log((size + 1) / (count + 0.5)))


def test_an_article_with_all_words_precedes_one_with_a_single_word_often() -> None:
    needs = [need((1, 63), (2, 40)), need((2, 40), (3, 20))]
    assert order(scores(needs), 3) == [2, 1, 3]


def test_a_word_of_a_text_says_less_where_texts_are_long() -> None:
    short, long = (scales([3, 0, 0, n, 0], [3, 1, 1, n, 1], Weights()) for n in (100, 1600))
    assert short[3] == pytest.approx(4 * long[3])
    assert short[0] == long[0]


def test_function_words_add_but_do_not_find() -> None:
    found = scores([need((1, 10)), need((1, 60), (2, 60), stop=True)])
    assert set(found) == {1}
    assert found[1] > scores([need((1, 10))])[1]


def test_a_query_of_function_words_finds_by_them() -> None:
    assert set(scores([need((2, 60), stop=True)])) == {2}


def test_equal_scores_are_ordered_by_number() -> None:
    assert order({5: 1.0, 2: 1.0000000001, 9: 1.0, 1: 0.5}, 4) == [2, 5, 9, 1]


@given(st.dictionaries(st.integers(0, 50), st.floats(0.001, 100)), st.integers(1, 10))
def test_the_best_few_are_those_of_the_whole_order(points: dict[int, float], few: int) -> None:
    assert order(points, few) == order(points, len(points))[:few]

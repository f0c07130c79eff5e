from __future__ import annotations

import math

import pytest
from benchmarks import metrics
from hypothesis import given
from hypothesis import strategies as st

ids = st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, max_size=12)
grades = st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.floats(0.5, 3), min_size=1)


def test_the_only_relevant_document_at_rank_three() -> None:
    found = metrics.score(["x", "y", "a", "z"], {"a": 1.0})
    assert found == metrics.Scores(
        ndcg=1 / math.log2(4), mrr=1 / 3, recall=1.0, success1=0.0, success3=1.0, zero=0.0
    )


def test_nothing_found() -> None:
    assert metrics.score([], {"a": 1.0}) == metrics.Scores(0, 0, 0, 0, 0, zero=1.0)


def test_ranks_past_ten_count_for_nothing() -> None:
    assert metrics.score([*"bcdefghijkl", "a"], {"a": 1.0}).recall == 0


@given(ids, grades)
def test_every_measure_lies_between_nothing_and_all(
    ranked: list[str], relevant: dict[str, float]
) -> None:
    scores = metrics.score(ranked, relevant)
    assert all(0 <= value <= 1 + 1e-9 for value in vars(scores).values())


@given(grades)
def test_the_best_order_scores_one(relevant: dict[str, float]) -> None:
    best = sorted(relevant, key=lambda doc: -relevant[doc])
    assert metrics.ndcg(best, relevant) == pytest.approx(1)


def test_means_weigh_queries_alike() -> None:
    one, none = metrics.score(["a"], {"a": 1.0}), metrics.score([], {"a": 1.0})
    assert metrics.mean([one, none]).ndcg == 0.5
    assert metrics.mean([]).ndcg == 0


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.95, 4), (0.25, 1), (1.0, 4)])
def test_percentiles_are_values_that_occurred(share: float, value: float) -> None:
    assert metrics.percentile([4, 1, 3, 2], share) == value

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbgen_search import evaluation, findability
from kbgen_search.errors import KbError
from kbgen_search.evaluation import measure, ndcg, read_judgements, recall, reciprocal_rank
from kbgen_search.replay import Logged, replay

from .conftest import article, engine_of, section

PAGES = st.lists(st.sampled_from("abcdefghijkl"), unique=True, max_size=12)
JUDGED = st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(0, 3), min_size=1)


@given(PAGES, JUDGED)
def test_measures_stay_between_0_and_1(pages: list[str], judged: dict[str, float]) -> None:
    for value in (ndcg(pages, judged), reciprocal_rank(pages, judged), recall(pages, judged)):
        assert 0 <= value <= 1


@given(st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(1, 3), min_size=1))
def test_the_ideal_order_scores_1_and_no_other_more(judged: dict[str, float]) -> None:
    ideal = sorted(judged, key=lambda page: -judged[page])
    assert ndcg(ideal, judged) == pytest.approx(1)
    assert ndcg(ideal[::-1], judged) <= ndcg(ideal, judged) + 1e-9


def test_known_values() -> None:
    judged = {"a": 1.0, "b": 1.0}
    assert ndcg(["x", "a"], judged) == pytest.approx((1 / math.log2(3)) / (1 + 1 / math.log2(3)))
    assert reciprocal_rank(["x", "y", "b"], judged) == pytest.approx(1 / 3)
    assert recall(["a", "x"], judged) == 0.5


def test_means_leave_out_queries_without_judgements() -> None:
    found = {"1": ["a"], "2": [], "3": ["z"]}
    measures = measure(found, {"1": {"a": 1.0}, "2": {"b": 1.0}})
    assert (measures.queries, measures.success_1, measures.zero_results) == (2, 0.5, 0.5)
    with pytest.raises(KbError, match="no query has a judgement"):
        measure({}, {"1": {"a": 1.0}})


def test_judgements_are_read_and_mistakes_told(tmp_path: Path) -> None:
    path = tmp_path / "qrels.tsv"
    path.write_text("q1\ta/b\t1\n\nq1\tc\t0.5\n", "utf-8")
    assert read_judgements(path) == {"q1": {"a/b": 1.0, "c": 0.5}}
    for wrong in ("q2 a 1", "q2\ta\t99999", "q2\ta\tnan"):
        path.write_text(f"q1\ta\t1\n{wrong}\n", "utf-8")
        with pytest.raises(KbError, match=r"qrels.tsv:2: not a judgement"):
            read_judgements(path)


ARTICLES = [
    article("reset", "Reset your password", "Choose a new one.", questions=("Locked out?",)),
    article("notes", "Notes", "nothing", sections=(section("Reset your password", "See there."),)),
    article("news1", "Release notes", "Version one.", sections=(section("New plans", "x"),)),
    article("news2", "Release notes", "Version two.", sections=(section("New plans", "plans"),)),
    article("news3", "Release notes", "Version three.", sections=(section("New plans", "y"),)),
    article("news4", "Release notes", "Version four.", sections=(section("New plans", "z"),)),
]


def test_articles_that_their_own_words_do_not_find_are_told_with_the_competitor(
    tmp_path: Path,
) -> None:
    hidden = list(findability.hidden(ARTICLES, engine_of(tmp_path, ARTICLES).pages))
    assert {one.article.id for one in hidden} == {"news4"}
    titles = [one for one in hidden if one.kind == "title"]
    assert str(titles[0]) == (
        "news4 is number 4 for its own title “Release notes”; ahead are news1, news2, news3"
    )


def test_confusable_articles_are_told_with_the_queries(tmp_path: Path) -> None:
    twins = [
        article("a", "Change plan", sections=(section("Upgrade your plan", "now"),)),
        article("b", "Change plan", sections=(section("Upgrade your plan", "now"),)),
    ]
    found = list(findability.confusable(twins, engine_of(tmp_path, twins).pages))
    assert [(one.article.id, one.rival) for one in found] == [("b", "a")]
    assert str(found[0]) == "a comes before b for “Change plan”, “Upgrade your plan”"


def test_replay_tells_what_a_failed_search_finds_now(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, ARTICLES)
    logged = [
        Logged("reset password", page="reset"),
        Logged("pasword"),
        Logged("zzqqxx"),
        Logged("password zzqqxx"),
        Logged("version", page="reset"),
    ]
    found = list(replay(logged, engine))
    assert [one.outcome for one in found] == ["found", "corrected", "nothing", "partial", "found"]
    assert [one.passed for one in found] == [True, False, False, False, False]
    assert found[0].rank == 1


def test_success_counts_only_relevant_pages() -> None:
    assert not evaluation.success(["a"], {"a": 0.0}, 1)
    assert evaluation.success(["x", "a"], {"a": 1.0}, 3)

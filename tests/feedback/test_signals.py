"""From counts to findings: what is flagged, what is watched, what is left alone."""

from collections.abc import Iterable
from itertools import chain
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kbgen_feedback import vote_signals, wording
from kbgen_feedback.evaluate import evaluate
from kbgen_feedback.evidence import (
    MARK_BITS,
    Broken,
    Edit,
    Ended,
    Evidence,
    Failed,
    Finds,
    Known,
    Resolver,
    Votes,
    packed,
)
from kbgen_feedback.findings import Finding, cutoff, words_for
from kbgen_feedback.gaps import Row, clusters
from kbgen_feedback.parts import Query, typed_of
from kbgen_feedback.query_signals import confusable
from kbgen_feedback.settings import Rules
from kbgen_feedback.tallies import ArticleVotes, Left
from kbgen_feedback.words import fold

TODAY = 20_000
RULES = Rules()
ME = packed([TODAY << MARK_BITS])  # a reader of today


def votes(
    page: str, yes: int = 0, no: int = 0, reasons: Iterable[str] = (), q: str = "", **fields: Any
) -> tuple[Votes, ...]:
    base = {"locale": "en", "revision": "r1", "day": TODAY, **fields}
    why = ((tuple(reasons), q, no),) if reasons else ()
    return (Votes(page, yes=yes, no=no, queries=((q, yes, no),) if q else (), why=why, **base),)


def failed(q: str, readers: int = 1, day: int = TODAY, **fields: Any) -> tuple[Query, Failed]:
    base = {"n": readers, "weight": float(readers), "no_result": readers}
    who = packed((day << MARK_BITS) + hash((q, i)) % 2**32 for i in range(readers))
    return ("en", q), Failed(day, **{**base, "who": who, **fields})


def ended(page: str, q: str, **counts: int) -> tuple[Query, Ended]:
    return ("en", q), Ended(page, TODAY, **counts)


def found(
    kind: str,
    queries: Iterable[tuple[Query, Ended]] = (),
    searches: Iterable[tuple[Query, Failed]] = (),
    asked: Iterable[tuple[Query, int]] = (),
    **evidence: Any,
) -> dict[str, Finding]:
    whole = Evidence(TODAY, typed=tuple(typed_of(queries, searches, (), asked)), **evidence)
    return {one.page or one.subject: one for one in evaluate(whole, RULES) if one.kind == kind}


class TestUnhelpful:
    """P(yes rate < max(.60, site mean - .15))."""

    def test_many_no_votes_are_a_flag(self) -> None:
        one = found("unhelpful", votes=votes("a", yes=2, no=14))["a"]
        assert (one.tier, one.n) == ("flag", 16)
        assert one.confidence > 0.9
        assert one.needs_more == 0

    def test_one_no_vote_is_not_enough_evidence(self) -> None:
        one = found("unhelpful", votes=votes("a", no=1))["a"]
        assert one.tier == "not_enough"
        assert one.needs_more is not None
        assert one.needs_more >= 4

    def test_more_votes_like_those_so_far_make_it_a_flag(self) -> None:
        one = found("unhelpful", votes=votes("a", no=4))["a"]
        assert one.tier != "flag"
        assert one.needs_more
        later = found("unhelpful", votes=votes("a", no=4 + one.needs_more))["a"]
        assert later.tier == "flag"

    def test_an_article_that_most_like_is_none(self) -> None:
        one = found("unhelpful", votes=votes("a", yes=20, no=4))["a"]
        assert (one.tier, one.needs_more) == ("not_enough", None)

    def test_a_good_site_asks_more_of_its_articles(self) -> None:
        good = tuple(row for i in range(30) for row in votes(f"p{i}", yes=96, no=4))
        mine = votes("a", yes=64, no=36)
        assert found("unhelpful", votes=mine)["a"].tier == "not_enough"
        assert found("unhelpful", votes=good + mine)["a"].tier == "flag"

    def test_votes_fade_by_half_in_90_days(self) -> None:
        new = found("unhelpful", votes=votes("a", no=8))["a"]
        old = found("unhelpful", votes=votes("a", no=16, day=TODAY - 90))["a"]
        assert old.confidence == pytest.approx(new.confidence)
        assert "a" not in found("unhelpful", votes=votes("a", no=50, day=TODAY - 366))

    @pytest.mark.parametrize(("changed", "share"), [(0.5, 0.25), (None, 0.25), (0.1, 1.0)])
    def test_a_major_edit_discounts_what_came_before(
        self, changed: float | None, share: float
    ) -> None:
        edits = (
            Edit("a", "en", "r1", TODAY - 20),
            Edit("a", "en", "r2", TODAY - 10, changed),
        )
        one = found("unhelpful", votes=votes("a", no=20), edits=edits)["a"]
        assert one.n == pytest.approx(20 * share)

    def test_votes_on_the_newest_revision_count_in_full(self) -> None:
        edits = (Edit("a", "en", "r1", TODAY - 20), Edit("a", "en", "r2", TODAY - 10))
        one = found("unhelpful", votes=votes("a", no=20, revision="r2"), edits=edits)["a"]
        assert one.n == 20

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 10))
    def test_another_no_never_makes_it_less_sure(self, yes: int, no: int, more: int) -> None:
        before = found("unhelpful", votes=votes("a", yes=yes, no=no + 1))["a"]
        after = found("unhelpful", votes=votes("a", yes=yes, no=no + 1 + more))["a"]
        assert after.confidence >= before.confidence - 1e-9


class TestAmbiguous:
    """Split votes, reasons of ambiguity, readers who disagree."""

    def test_split_votes(self) -> None:
        one = found("ambiguous", votes=votes("a", yes=20, no=20))["a"]
        assert (one.tier, one.evidence["sign"]) == ("flag", "split votes")
        assert found("ambiguous", votes=votes("a", yes=4, no=4))["a"].tier == "not_enough"
        assert found("ambiguous", votes=votes("a", yes=38, no=2))["a"].tier == "not_enough"

    def test_reasons(self) -> None:
        unclear = votes("a", no=5, reasons=["hard_to_understand"])
        one = found("ambiguous", votes=votes("a", yes=20) + unclear)["a"]
        assert (one.tier, one.evidence["sign"]) == ("flag", "reasons")
        other = votes("a", no=30, reasons=["something_broken"])
        few = votes("a", no=3, reasons=["hard_to_understand"])
        assert found("ambiguous", votes=other + few)["a"].tier == "not_enough"
        two = votes("a", no=2, reasons=["hard_to_understand"])
        assert found("ambiguous", votes=two)["a"].tier == "not_enough"

    def test_readers_of_one_query_like_it_and_those_of_another_do_not(self) -> None:
        mixed = votes("a", yes=8, q="export invoice") + votes("a", no=8, q="cancel account")
        one = found("ambiguous", votes=mixed)["a"]
        assert (one.tier, one.evidence["sign"]) == ("flag", "mixed intents")
        assert one.evidence["bayes_factor"] > 10

    @given(st.dictionaries(st.integers(1, 200), st.integers(1, 9), min_size=3))
    def test_readers_of_two_minds_are_on_no_side(self, days: dict[int, int]) -> None:
        liked = votes("a", yes=30, day=TODAY - 2, q="export invoice")
        torn = [votes("a", yes=n, no=n, day=TODAY - ago, revision="r0") for ago, n in days.items()]
        whole = sorted((*liked, *chain.from_iterable(torn)), key=attrgetter("revision", "day"))
        one = found("ambiguous", votes=tuple(whole))["a"]
        assert one.evidence["sign"] == "split votes"

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6))
    def test_no_group_of_readers_that_disagrees_is_passed_over(
        self, counts: list[tuple[int, int]]
    ) -> None:
        mine, left = ArticleVotes(), Left(0.5, 1.0, 0, recent=True)
        for number, (yes, no) in enumerate(counts):
            q = f"{'abcdefgh'[number] * 5} page" if number else ""
            for one in votes("a", yes, no, q=q):
                mine.add(one, left)
        signs = [
            vote_signals._disagree(one, mine.tally.minus(one), {}, RULES)
            for _, one in vote_signals._groups(("a", "en"), mine, fold, RULES)
        ]
        told = vote_signals._mixed(("a", "en"), mine, fold, RULES)
        assert (told[1] > 0) == any(sure > 0 for _, sure, _ in signs)

    def test_readers_of_one_language_like_it_and_those_of_another_do_not(self) -> None:
        articles = (Known("a", "en"), Known("a", "fr"))
        mixed = votes("a", yes=12) + votes("a", no=8, locale="fr")
        whole = Evidence(TODAY, votes=mixed, articles=articles)
        signs = {
            (one.locale, one.tier, one.evidence.get("sign"))
            for one in evaluate(whole, RULES)
            if one.kind == "ambiguous"
        }
        assert ("fr", "flag", "mixed locales") in signs


class TestHardToFind:
    """P(miss rate > max(.35, site mean + .15))."""

    def test_readers_who_needed_a_second_search(self) -> None:
        finds = (Finds("a", "en", TODAY, trials=20, misses=16),)
        one = found("hard_to_find", finds=finds)["a"]
        assert (one.tier, one.evidence["misses"]) == ("flag", 16)
        assert one.wasted == 4

    def test_an_article_that_is_found(self) -> None:
        finds = (Finds("a", "en", TODAY, trials=40, misses=4),)
        assert found("hard_to_find", finds=finds)["a"].tier == "not_enough"

    def test_readers_who_say_so(self) -> None:
        said = votes("a", no=9, reasons=["hard_to_find"])
        one = found("hard_to_find", votes=said)["a"]
        assert (one.tier, one.evidence["by"]) == ("flag", {"said": 9})

    def test_a_reader_who_searched_and_says_so_is_one_trial(self) -> None:
        said = votes("a", no=9, reasons=["hard_to_find"])
        finds = (Finds("a", "en", TODAY, trials=20, misses=7, said=7),)
        one = found("hard_to_find", votes=said, finds=finds)["a"]
        assert (one.n, one.evidence["misses"]) == (22, 9)

    def test_failed_searches_go_to_where_others_with_that_query_ended(self) -> None:
        others = (ended("a", "locked out", readers=4),)
        whole = {"queries": others, "searches": (failed("lock out", 6),)}
        assert found("hard_to_find", **whole)["a"].evidence["by"] == {"shared": 6}
        assert found("content_gap", **whole) == {}

    def test_a_reader_who_opened_the_article_has_found_it(self) -> None:
        others = (ended("a", "locked out", readers=4),)
        row = failed("locked out", 6)
        openers = {("a", "en"): row[1].who[: 4 * 8]}
        one = found("hard_to_find", queries=others, searches=(row,), openers=openers)["a"]
        assert one.evidence["by"] == {"shared": 2}

    def test_a_reader_who_failed_twice_is_one_miss(self) -> None:
        others = tuple(ended("a", q, readers=4) for q in ("locked out", "no entry"))
        same = [failed(q, who=ME) for (_, q), _ in others]
        one = found("hard_to_find", queries=others, searches=same)["a"]
        assert one.evidence["by"] == {"shared": 1}

    def test_two_of_many_who_asked_are_no_agreement(self) -> None:
        others = (ended("a", "locked out", readers=2),)
        whole = {"queries": others, "searches": (failed("locked out", 30),)}
        assert found("hard_to_find", **whole) == {}
        assert len(found("content_gap", **whole)) == 1

    def test_a_trouble_that_is_new_is_not_hidden_by_a_good_past(self) -> None:
        past = Finds("a", "en", TODAY - 60, trials=60, misses=4)
        new = Finds("a", "en", TODAY - 2, trials=12, misses=11)
        one = found("hard_to_find", finds=(past, new))["a"]
        assert one.tier == "flag"
        assert (one.evidence["recent_misses"], one.evidence["recent_trials"]) == (11, 12)

    def test_one_other_reader_is_no_agreement(self) -> None:
        others = (ended("a", "locked out", readers=1),)
        whole = {"queries": others, "searches": (failed("locked out", 6),)}
        assert found("hard_to_find", **whole) == {}
        assert len(found("content_gap", **whole)) == 1

    def test_readers_who_took_what_there_was_are_no_agreement(self) -> None:
        articles = tuple(
            Known(f"{verb}-{thing}", "en", title=f"{verb} {thing}")
            for verb, thing in (("verify", "invoice"), ("verify", "session"), ("delete", "panel"))
        )
        queries = (
            ended("verify-invoice", "check invoice", readers=9),
            ended("verify-session", "check session", readers=9),
            ended("delete-panel", "check panel", readers=4),
        )
        whole = {"articles": articles, "queries": queries, "searches": (failed("check panel", 6),)}
        assert "delete-panel" not in found("hard_to_find", **whole)
        assert len(found("content_gap", **whole)) == 1

    def test_beside_sure_ones_less_sure_ones_are_flagged_too(self) -> None:
        usual = tuple(Finds(f"p{i}", "en", TODAY, trials=40, misses=4) for i in range(60))
        doubtful = Finds("a", "en", TODAY, trials=9, misses=6)
        assert found("hard_to_find", finds=(*usual, doubtful))["a"].tier == "watch"
        sure = tuple(Finds(f"q{i}", "en", TODAY, trials=40, misses=36) for i in range(9))
        assert found("hard_to_find", finds=(*usual, *sure, doubtful))["a"].tier == "flag"


CHANCES = st.lists(st.floats(0, 1), max_size=30)


class TestCutoff:
    """Flags are as many as keep the expected share of false ones low."""

    @given(CHANCES, st.floats(0.01, 0.3), st.floats(0, 0.9))
    def test_no_more_than_that_share_is_expected_to_be_false(
        self, chances: list[float], most: float, least: float
    ) -> None:
        enough = cutoff(chances, most, least)
        flags = [one for one in chances if one >= enough]
        assert sum(1 - one for one in flags) <= most * len(flags) + 1e-9
        assert all(one >= least for one in flags)

    @given(CHANCES, st.floats(0.01, 0.3))
    def test_it_leaves_out_none_that_there_is_room_for(
        self, chances: list[float], most: float
    ) -> None:
        enough = cutoff(set(chances), most, 0)
        flags = [one for one in set(chances) if one >= enough]
        rest = max((one for one in set(chances) if one < enough), default=None)
        if rest is not None:
            assert sum(1 - one for one in [*flags, rest]) > most * (len(flags) + 1) - 1e-9

    def test_alone_it_needs_more_than_beside_sure_ones(self) -> None:
        assert cutoff([], 0.08, 0.75) == pytest.approx(0.92)
        assert cutoff([0.88], 0.08, 0.75) == pytest.approx(0.92)
        assert cutoff([1.0, 1.0, 0.88], 0.08, 0.75) <= 0.88
        assert cutoff([1.0] * 50, 0.08, 0.75) == 0.75


def test_of_many_translations_one_that_few_dislike_is_chance() -> None:
    mine = votes("a", yes=40, no=4) + votes("a", yes=3, no=7, locale="es")
    articles = tuple(Known(f"p{i}", lang) for i in range(90) for lang in ("en", "es"))
    known = (Known("a", "en"), Known("a", "es"), *articles)
    signs = {
        (one.locale, one.tier)
        for one in evaluate(Evidence(TODAY, votes=mine, articles=known), RULES)
        if one.kind == "ambiguous"
    }
    assert ("es", "flag") in signs
    others = tuple(
        row
        for i in range(90)
        for lang in ("en", "es")
        for row in votes(f"p{i}", yes=18, no=2, locale=lang)
    )
    whole = Evidence(TODAY, votes=mine + others, articles=known)
    signs = {(one.locale, one.tier) for one in evaluate(whole, RULES) if one.kind == "ambiguous"}
    assert ("es", "flag") not in signs


class TestContentGap:
    """Failed queries that no article answers."""

    def test_three_readers_are_a_gap(self) -> None:
        one = found("content_gap", searches=(failed("dark mode", 3),))["dark mode"]
        assert (one.tier, one.n, one.queries) == ("flag", 3, ("dark mode",))
        assert one.page == ""

    def test_two_readers_are_none(self) -> None:
        gaps = found("content_gap", searches=(failed("dark mode", 2),))
        assert [one.tier for one in gaps.values()] == ["not_enough"]

    def test_the_same_reader_with_three_spellings_is_one(self) -> None:
        same = [failed(q, who=ME) for q in ("dark mode", "darkmode", "dark mod")]
        gaps = found("content_gap", searches=tuple(same))
        assert [(one.n, one.tier) for one in gaps.values()] == [(1, "not_enough")]

    def test_spellings_and_word_forms_are_one_gap(self) -> None:
        rows = tuple(failed(q) for q in ("exporting invoices", "export invoice", "exprot invoices"))
        gaps = found("content_gap", searches=rows)
        assert [one.tier for one in gaps.values()] == ["flag"]

    def test_words_written_as_one_are_the_same_gap(self) -> None:
        gaps = found("content_gap", searches=(failed("dark mode", 2), failed("darkmode", 2)))
        assert [(one.tier, one.n) for one in gaps.values()] == [("flag", 4)]

    def test_one_need_in_different_words_is_one_gap(self) -> None:
        articles = tuple(
            Known(page, "en", title=title)
            for page, title in (
                ("a", "Export invoice"),
                ("b", "Delete account"),
                ("c", "Delete invoice"),
            )
        )
        queries = (
            ended("a", "save bill", readers=3),
            ended("c", "remove bill", readers=3),
            ended("b", "remove login", readers=3),
        )
        rows = (failed("export account", 2), failed("save login", 2))
        gaps = found("content_gap", articles=articles, queries=queries, searches=rows)
        assert [(one.tier, one.n) for one in gaps.values()] == [("flag", 4)]

    def test_a_query_that_names_several_articles_is_too_broad(self) -> None:
        articles = (
            Known("a", "en", title="Export invoice"),
            Known("b", "en", title="Delete invoice"),
        )
        rows = (failed("invoice", 9), failed("merge invoice", 3))
        gaps = found("content_gap", articles=articles, searches=rows)
        assert [one.queries for one in gaps.values()] == [("merge invoice",)]

    def test_questions_that_share_only_small_words_are_two(self) -> None:
        asked = ("how do i export an invoice", "how do i delete my account")
        rows = [Row(q, "en", fold(q, "en"), 1) for q in asked]
        assert len(clusters(rows, RULES.content_gap_similarity)) == 2

    def test_a_query_that_most_find_an_answer_for_is_no_gap(self) -> None:
        some = (failed("appointments", 5),)
        gaps = found("content_gap", searches=some, asked=[(("en", "appointments"), 60)])
        assert [one.tier for one in gaps.values()] == ["watch"]
        gaps = found("content_gap", searches=some, asked=[(("en", "appointments"), 6)])
        assert [one.tier for one in gaps.values()] == ["flag"]

    def test_light_failures_need_more_of_them(self) -> None:
        light = failed("dark mode", 3, weight=0.75, no_result=0, no_click=3)
        gaps = found("content_gap", searches=(light,))
        assert [one.tier for one in gaps.values()] == ["watch"]

    def test_rare_queries_are_not_shown(self) -> None:
        rows = (failed("dark mode of ann"), failed("dark mode", 3))
        (one,) = found("content_gap", searches=rows).values()
        assert one.queries == ("dark mode",)
        assert one.evidence["queries_hidden"] == 1


def test_addresses_that_readers_follow_and_that_do_not_exist() -> None:
    broken = (Broken("/old", TODAY, 9, 3), Broken("/typo", TODAY, 1, 1))
    tiers = {name: one.tier for name, one in found("broken_inbound", broken=broken).items()}
    assert tiers == {"/old": "flag", "/typo": "not_enough"}


def test_articles_between_which_a_querys_clicks_are_split() -> None:
    finds = [
        ended("a", "install", clicks=6, bounces=4),
        ended("b", "install", clicks=4, bounces=3),
        ended("c", "billing", clicks=9),
    ]
    (pair,) = confusable(typed_of(finds, ()), Resolver(()), TODAY, RULES)
    assert pair.pages == (("a", ""), ("b", ""))
    assert pair.bounced == 0.7
    calm = [(query, replace(end, bounces=0)) for query, end in finds]
    assert confusable(typed_of(calm, ()), Resolver(()), TODAY, RULES) == []


def test_a_query_of_two_languages_is_one_when_articles_are_confused() -> None:
    finds = [
        (("en", "api"), Ended("a", TODAY, clicks=3, bounces=3)),
        (("de", "api"), Ended("b", TODAY, clicks=2, bounces=2)),
    ]
    (pair,) = confusable(typed_of(finds, ()), Resolver(()), TODAY, RULES)
    assert (pair.pages, pair.clicks) == ((("a", ""), ("b", "")), (3, 2))
    assert confusable(typed_of(finds[:1], ()), Resolver(()), TODAY, RULES) == []


def test_flags_come_first_then_what_wastes_most_visits() -> None:
    whole = Evidence(
        TODAY,
        votes=votes("a", no=20) + votes("b", no=20) + votes("c", no=3),
        views={("a", "en"): 10, ("b", "en"): 4000, ("c", "en"): 9000},
    )
    order = [one.page for one in evaluate(whole, RULES) if one.kind == "unhelpful"]
    assert order == ["b", "a", "c"]


def test_articles_that_no_longer_exist_raise_nothing() -> None:
    whole = Evidence(TODAY, votes=votes("gone", no=20), articles=(Known("a", "en"),))
    assert evaluate(whole, RULES) == []


def test_no_evidence_no_findings() -> None:
    assert evaluate(Evidence(TODAY), RULES) == []


@pytest.mark.parametrize(
    ("p", "words"), [(0.995, "almost certain"), (0.92, "very likely"), (0.7, "likely")]
)
def test_confidence_in_words(p: float, words: str) -> None:
    assert words_for(p) == words


def test_the_sentence_of_hard_to_find_tells_all_readers_and_those_of_late() -> None:
    told = "20 of 60 readers who searched for it did not find it among the first results at once"
    counts = {"misses": 20, "trials": 60, "recent_misses": 18, "recent_trials": 21}
    late = f"{told}; in the last four weeks 18 of 21."
    assert wording.sentence("hard_to_find", counts) == late
    same = counts | {"recent_misses": 20, "recent_trials": 60}
    assert wording.sentence("hard_to_find", same) == f"{told}."

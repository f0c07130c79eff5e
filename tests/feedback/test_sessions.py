"""What one reader did becomes visits, queries, episodes and outcomes."""

from collections.abc import Iterable
from itertools import dropwhile
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbgen_feedback.acts import Row, visits
from kbgen_feedback.sessions import (
    Act,
    Episode,
    Search,
    Visit,
    enough_dwell_ms,
    episodes,
    grouped,
    settled,
)
from kbgen_feedback.settings import Rules
from kbgen_feedback.similarity import edit_distance, folded, still_typed, trigrams

RULES = Rules()


def q(at: float, text: str, shown: list[str] | None = None, **fields: Any) -> Search:
    shown = ["a", "b", "c", "d"] if shown is None else shown
    base = {"results": len(shown), "shown": tuple(shown), "clicked": ()}
    return Search(int(at * 1000), "en", text, **{**base, **fields})


def v(at: float, page: str, dwell: float | None = 60, source: str = "search") -> Act:
    if dwell is None:
        return Act(int(at * 1000), "view", page, source)
    ms = int(dwell * 1000)
    return Act(int(at * 1000), "view", page, source, ms, ms >= enough_dwell_ms(0, RULES))


def visit(*done: Search | Act) -> Visit:
    acts = [one for one in done if isinstance(one, Act)]
    return Visit(
        "r",
        done[0].at,
        searches=[one for one in done if isinstance(one, Search)],
        acts=acts,
        told=[act for act in acts if act.type != "view"],
    )


def only(*done: Search | Act) -> Episode:
    (episode,) = episodes(visit(*done), RULES)
    return episode


def kinds(*done: Search | Act) -> list[str | None]:
    return [one.failed for episode in episodes(visit(*done), RULES) for one in episode.queries]


def row(
    who: str, at: float, kind: str = "search", dwell: float | None = None, body: str = ""
) -> Row:
    """An event as it is read from the store."""
    ms = None if dwell is None else int(dwell * 1000)
    body = body or '{"q":"x"}' * (kind == "search")
    return who, int(at * 1000), kind, "a", "en", "", ms, body, "", ""


def ended(*after: Row) -> str:
    """Where a reader ended who opened an article and did this then."""
    opened = row("r", 0, body='{"q":"refund","clicked":[{"page":"a","rank":1}]}')
    (found,) = visits([opened, *after], {}, RULES)
    (episode,) = episodes(found, RULES)
    return episode.ended


def told_apart(*rows: Row) -> list[tuple[str, int, int, list[int]]]:
    """Reader, begin and end of each visit, and when what was searched and done after it was."""
    found = visits(rows, {}, RULES)
    return sorted((v.reader, v.began, v.end, times(v)) for v in found)


def times(one: Visit) -> list[int]:
    return sorted(done.at for done in (*one.searches, *one.acts))


def by_definition(rows: Iterable[Row]) -> list[tuple[str, int, int, list[int]]]:
    """The same by splitting each reader's events where they paused."""
    parts: list[list[Row]] = []
    for one in sorted(rows, key=lambda one: one[0]):  # stable: in order of time for each reader
        last = parts[-1][-1] if parts else None
        ended = last[1] + (last[6] or 0) if last else 0
        if last and last[0] == one[0] and one[1] - ended <= RULES.visit_gap_s * 1000:
            parts[-1].append(one)
        else:
            parts.append([one])
    found = []
    for part in parts:
        rest = list(dropwhile(lambda one: one[2] != "search", part))
        if rest:
            end = part[-1][1] + (part[-1][6] or 0)
            found.append((part[0][0], part[0][1], end, [one[1] for one in rest]))
    return sorted(found)


class TestVisits:
    """A visit ends with a pause of more than 30 minutes."""

    def test_a_pause_ends_a_visit(self) -> None:
        found = told_apart(row("r", 0), row("r", 1800), row("r", 3601))
        assert [acts for *_, acts in found] == [[0, 1_800_000], [3_601_000]]

    def test_the_time_of_reading_is_no_pause(self) -> None:
        assert len(told_apart(row("r", 0), row("r", 5, "view", 1700), row("r", 3000))) == 1

    def test_it_begins_with_what_was_read_before_the_first_search(self) -> None:
        assert told_apart(row("r", 0, "view"), row("r", 9)) == [("r", 0, 9000, [9000])]

    def test_who_did_not_search_is_not_looked_at(self) -> None:
        assert told_apart(row("r", 0, "view"), row("s", 9, "vote")) == []

    @given(
        st.lists(
            st.tuples(
                st.sampled_from("rst"),
                st.integers(0, 20_000),
                st.sampled_from(["search", "view"]),
                st.none() | st.integers(0, 3000),
            ),
            max_size=30,
        )
    )
    def test_they_are_those_of_the_definition(self, events: list[tuple[Any, ...]]) -> None:
        rows = [row(*event) for event in sorted(events, key=itemgetter(1))]
        assert told_apart(*rows) == by_definition(rows)


class TestSettled:
    """Queries that were still being typed are one."""

    @pytest.mark.parametrize(
        ("first", "second", "same"),
        [
            ("inst", "install", True),
            ("instal", "install", True),
            ("pasword reset", "password reset", True),
            ("install", "uninstall", True),
            ("install", "billing", False),
            ("dark mode", "export data", False),
        ],
    )
    def test_likeness(self, first: str, second: str, same: bool) -> None:
        assert still_typed(first, second, RULES.settled_query_distance) is same
        assert len(settled([q(0, first), q(20, second)], RULES)) == (1 if same else 2)

    def test_after_half_a_minute_it_is_another_query(self) -> None:
        assert len(settled([q(0, "inst"), q(31, "install")], RULES)) == 2

    def test_the_last_spelling_keeps_the_clicks_of_all(self) -> None:
        (one,) = settled([q(0, "inst", clicked=("a",)), q(5, "install")], RULES)
        assert (one.text, one.clicked) == ("install", ("a",))


class TestEpisodes:
    """Queries about one need, close in time, are one episode."""

    @pytest.mark.parametrize(
        ("second", "shown", "gap", "together"),
        [
            ("reset password email", ["x"], 60, True),
            ("passwort vergessen", ["a", "b", "y"], 60, True),
            ("invoice pdf", ["x", "y"], 60, False),
            ("reset password email", ["x"], 301, False),
        ],
    )
    def test_grouping(self, second: str, shown: list[str], gap: int, together: bool) -> None:
        queries = [q(0, "reset password", clicked=None), q(gap, second, shown)]
        groups = grouped(queries, visit(*queries), RULES)
        assert len(groups) == (1 if together else 2)

    def test_other_words_at_once_after_nothing_was_found_are_the_same_need(self) -> None:
        episode = only(
            q(0, "extend visit"), q(30, "renew booking", ["a"], clicked=("a",)), v(33, "a")
        )
        assert (episode.ended, episode.missed) == ("a", True)

    def test_after_a_minute_or_success_or_a_walk_they_are_another_need(self) -> None:
        later = q(61, "renew booking", ["x"])
        assert len(episodes(visit(q(0, "extend visit"), later), RULES)) == 2
        found = [q(0, "extend visit", clicked=("a",)), v(1, "a", 40), q(50, "renew booking", ["x"])]
        assert len(episodes(visit(*found), RULES)) == 2
        walk = [q(0, "extend visit"), v(5, "b", 5, source="nav"), q(30, "renew booking", ["x"])]
        assert len(episodes(visit(*walk), RULES)) == 2

    def test_words_of_one_kind_are_alike(self) -> None:
        assert trigrams("cat") == {"  c", " ca", "cat", "at "}

    @given(st.text(max_size=12), st.text(max_size=12))
    def test_the_edit_distance_is_a_distance(self, one: str, two: str) -> None:
        assert edit_distance(one, two) == edit_distance(two, one) <= max(len(one), len(two))
        assert (edit_distance(one, two) == 0) == (one == two)

    @given(st.text("abc ", max_size=9), st.text("abc ", max_size=9), st.floats(0, 1))
    def test_what_is_still_typed_goes_on_or_is_near_by_edits(
        self, first: str, second: str, distance: float
    ) -> None:
        one, two = folded(first), folded(second)
        near = edit_distance(one, two) <= distance * max(len(one), len(two))
        assert still_typed(one, two, distance) == (two.startswith(one) or near)

    def test_a_transposition_is_one_slip(self) -> None:
        assert edit_distance("pasword", "apsword") == 1


class TestOutcomes:
    """The five kinds of failed search, the first that matches."""

    def test_no_result(self) -> None:
        assert kinds(q(0, "dark mode", [])) == ["no_result"]

    def test_a_request_for_help_soon_after(self) -> None:
        contact = Act(599_000, "contact")
        assert kinds(q(0, "refund", clicked=("a",)), v(5, "a"), contact) == ["contact"]
        late = Act(601_000, "contact")
        assert kinds(q(0, "refund", clicked=("a",)), v(5, "a"), late) == [""]

    def test_reformulated_and_never_satisfied(self) -> None:
        episode = only(q(0, "locked account"), q(40, "locked account unlock"))
        assert [one.failed for one in episode.queries] == ["reformulated", "no_click"]
        assert [one.weight for one in episode.queries] == [0.75, 0.25]
        assert episode.ended == ""

    def test_quick_return(self) -> None:
        assert kinds(q(0, "refund", clicked=("a",)), v(5, "a", 3)) == ["quick_return"]

    def test_no_click_unless_the_answer_was_read_in_the_list(self) -> None:
        assert only(q(0, "refund")).queries[0].weight == 0.25
        assert only(q(0, "refund", previewed=True)).queries[0].weight == 0

    def test_success(self) -> None:
        episode = only(q(0, "refund", clicked=("a",)), v(5, "a", 60))
        assert [one.failed for one in episode.queries] == [""]
        assert (episode.ended, episode.missed) == ("a", False)

    def test_no_data_is_null(self) -> None:
        assert kinds(q(0, "refund", clicked=None)) == [None]
        assert kinds(q(0, "refund", clicked=("a",)), v(5, "a", None)) == [None]
        assert kinds(q(0, "refund", clicked=("a",))) == [None]

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("view", '{"printed":true}'),
            ("view", '{"copied":true}'),
            ("vote", '{"value":"yes"}'),
        ],
    )
    def test_print_copy_or_yes_satisfy_however_short(self, kind: str, body: str) -> None:
        assert ended(row("r", 5, kind, 2, body=body)) == "a"
        assert ended(row("r", 5, kind, 2, body="")) == ""

    def test_the_time_that_a_vote_took_is_no_time_of_reading(self) -> None:
        assert ended(row("r", 5, "view", 60)) == "a"
        assert ended(row("r", 5, "vote", 60, body='{"value":"no"}')) == ""


class TestMisses:
    """An article that was not found at once was missed."""

    def test_below_the_third_place(self) -> None:
        assert only(q(0, "x", clicked=("d",)), v(5, "d")).missed
        assert not only(q(0, "x", clicked=("c",)), v(5, "c")).missed

    def test_by_other_words(self) -> None:
        episode = only(q(0, "locked out"), q(40, "locked out account", clicked=("a",)), v(50, "a"))
        assert (episode.ended, episode.missed) == ("a", True)
        assert [one.failed for one in episode.queries] == ["no_click", ""]

    def test_what_is_read_by_navigation_later_leaves_the_search_failed(self) -> None:
        episode = only(q(0, "locked out", ["x"]), v(30, "a", source="nav"))
        assert (episode.ended, episode.missed) == ("", False)
        assert [one.failed for one in episode.queries] == ["no_click"]


def test_a_vote_for_hard_to_find_makes_its_episode_a_miss() -> None:
    found = q(0, "refund", clicked=("a",)), v(5, "a", 60)
    vote = Act(9000, "vote", page="a", hard=True)
    assert not only(*found).missed
    episode = only(*found, vote)
    assert (episode.missed, episode.said) == (True, True)


@pytest.mark.parametrize(
    ("words", "seconds"), [(10, 8), (238, 15), (400, 25.2), (5000, 30), (0, 15)]
)
def test_reading_time(words: int, seconds: float) -> None:
    assert enough_dwell_ms(words, RULES) == pytest.approx(seconds * 1000, rel=0.01)

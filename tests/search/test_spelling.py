import string

from hypothesis import given
from hypothesis import strategies as st

from kbgen_search.catalogue import Vocabulary
from kbgen_search.spelling import completions, corrections, distance, one_edit, split

WORDS = st.text(alphabet="abcde", max_size=7)


def vocabulary(counts: dict[str, int]) -> Vocabulary:
    bare = sorted(counts)
    return Vocabulary(bare, bare, [counts[word] for word in bare], string.ascii_lowercase)


def slow_distance(one: str, two: str) -> int:
    """Optimal string alignment, straight from its recursive definition."""
    if not one or not two:
        return max(len(one), len(two))
    best = min(
        slow_distance(one[1:], two) + 1,
        slow_distance(one, two[1:]) + 1,
        slow_distance(one[1:], two[1:]) + (one[0] != two[0]),
    )
    if len(one) > 1 and len(two) > 1 and one[0] == two[1] and one[1] == two[0]:
        best = min(best, slow_distance(one[2:], two[2:]) + 1)
    return best


@given(st.text(alphabet="abc", max_size=5), st.text(alphabet="abc", max_size=5))
def test_distance_is_that_of_its_definition(one: str, two: str) -> None:
    exact = slow_distance(one, two)
    for most in (1, 2):
        assert distance(one, two, most) == min(exact, most + 1)


@given(WORDS, WORDS)
def test_distance_is_symmetric(one: str, two: str) -> None:
    assert distance(one, two, 2) == distance(two, one, 2)


@given(st.text(alphabet="abc", min_size=1, max_size=5))
def test_all_strings_one_edit_away_are_tried(word: str) -> None:
    assert all(distance(word, other, 1) == 1 for other in one_edit(word, "abc"))
    assert len(one_edit(word, "abc")) > 2 * len(word)


def test_the_commonest_neighbour_comes_first() -> None:
    words = vocabulary({"password": 5, "passwort": 1, "pastor": 4})
    assert [c.words for c in corrections("passwor", words, 9)] == [("password",), ("passwort",)]


def test_swapped_letters_come_before_commoner_words() -> None:
    words = vocabulary({"heat": 1, "that": 9, "chat": 9})
    assert corrections("ehat", words, 9)[0].words == ("heat",)


def test_errors_in_the_first_letter_are_corrected() -> None:
    words = vocabulary({"password": 3, "install": 2})
    for typed in ("oassword", "apssword", "xpassword", "assword"):
        assert corrections(typed, words, 9)[0].words == ("password",)


def test_two_edits_are_tried_in_long_words_only() -> None:
    words = vocabulary({"configuration": 3, "plans": 3})
    assert corrections("confgurtion", words, 9)[0].edits == 2
    assert corrections("plbns", words, 9)
    assert not corrections("plbnx", words, 9)


def test_a_word_of_two_known_ones_is_split_at_the_commonest_place() -> None:
    words = vocabulary({"log": 5, "file": 5, "logs": 3, "ile": 1})
    assert split("logfile", words) == ("log", "file")
    assert corrections("logfile", words, 9)[0].words == ("log", "file")


def test_short_words_are_corrected_where_chance_is_unlikely() -> None:
    words = vocabulary({"form": 0, "text": 1, "bold": 0, "new": 9})
    assert corrections("frm", words, 9)[0].words == ("form",)
    assert corrections("fomr", words, 9)[0].words == ("form",)
    assert corrections("tezt", words, 9)[0].words == ("text",)
    for chance in ("neww", "nex"):
        assert corrections(chance, words, 9) == []
    assert corrections("tezt", words, 5000) == []


def test_a_word_that_is_being_typed_is_corrected_to_alike_beginnings_only() -> None:
    words = vocabulary({"blue": 2, "able": 5})
    assert [c.words for c in corrections("ble", words, 9, near=True)] == [("blue",)]


def test_numbers_and_nonsense_are_not_corrected() -> None:
    words = vocabulary({"e1234": 3, "the": 9, "tell": 1, "configuration": 5})
    for typed in ("e1235", "th", "xqzt", "qwrtpsdf", "zzzzzzzzzz"):
        assert corrections(typed, words, 9) == []


def test_completions_are_the_commonest_longer_words() -> None:
    words = vocabulary({"plan": 5, "plans": 2, "planet": 3, "plane": 3, "plot": 9})
    assert [words.words[one] for one in completions("plan", words)] == ["plane", "planet", "plans"]

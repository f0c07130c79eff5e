"""Misspellings are read as the frequent words they are slips of."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from kbgen_feedback.evidence import Typed
from kbgen_feedback.parts import typed_of
from kbgen_feedback.similarity import one_slip
from kbgen_feedback.spelling import SHORT, SHORTEST, TIMES, TIMES_SHORT, respelled, slips_of
from kbgen_feedback.words import Fold, fold

ASKED = {("track shipment", "en"): 40, ("shipmet", "en"): 3, ("tracl shipment", "en"): 2}


def respelling(asked: Mapping[tuple[str, str], int]) -> Fold:
    """How queries are read where these are asked so often."""
    often = [((locale, q), n) for (q, locale), n in asked.items()]
    slips = slips_of(typed_of((), (), (), often))
    return lambda q, locale: respelled(fold(q, locale), slips.get(locale, {}))


def test_a_rare_slip_is_read_as_the_frequent_word() -> None:
    read = respelling(ASKED)
    assert read("shipmet", "en") == fold("shipment", "en")
    assert read("tracl shipmet", "en") == fold("track shipment", "en")


def test_two_frequent_words_a_letter_apart_stay_two() -> None:
    asked = {
        ("export template", "en"): 30,
        ("export templates", "en"): 20,
        ("expert help", "en"): 20,
    }
    read = respelling(asked)
    assert read("expert", "en") == fold("expert", "en")


def test_other_languages_are_left_alone() -> None:
    assert respelling(ASKED)("shipmet", "es") == fold("shipmet", "es")


def test_a_short_word_is_doubted_only_when_it_is_much_rarer() -> None:
    asked = {("bill", "en"): 100, ("bell", "en"): 10, ("bil", "en"): 3}
    read = respelling(asked)
    assert read("bell", "en") == fold("bell", "en")
    assert read("bil", "en") == fold("bill", "en")


@given(
    st.dictionaries(st.tuples(st.text("abcdef ", max_size=12), st.just("en")), st.integers(1, 99))
)
def test_reading_keeps_the_number_of_stems(asked: dict[tuple[str, str], int]) -> None:
    read = respelling(asked)
    assert all(len(read(q, locale)) == len(fold(q, locale)) for q, locale in asked)


@given(st.dictionaries(st.text("abcde", min_size=1, max_size=6), st.integers(1, 200)))
def test_a_slip_is_of_the_most_frequent_word_one_letter_away(asked: dict[str, int]) -> None:
    slips = slips_of(Typed("en", q, (q,), n) for q, n in asked.items()).get("en", {})
    for word, n in asked.items():
        least = n * (TIMES_SHORT if len(word) <= SHORT else TIMES)
        near = [
            one
            for one, many in asked.items()
            if many >= least and min(len(one), len(word)) >= SHORTEST and one_slip(one, word)
        ]
        best = max(near, key=lambda one: (asked[one], one), default=None)
        assert slips.get(word) == best

"""Misspellings are read as the frequent words they are slips of."""

from hypothesis import given
from hypothesis import strategies as st

from kbgen_feedback.spelling import respelling
from kbgen_feedback.words import fold

ASKED = {("track shipment", "en"): 40, ("shipmet", "en"): 3, ("tracl shipment", "en"): 2}


def test_a_rare_slip_is_read_as_the_frequent_word() -> None:
    read = respelling(ASKED, fold)
    assert read("shipmet", "en") == fold("shipment", "en")
    assert read("tracl shipmet", "en") == fold("track shipment", "en")


def test_two_frequent_words_a_letter_apart_stay_two() -> None:
    asked = {
        ("export template", "en"): 30,
        ("export templates", "en"): 20,
        ("expert help", "en"): 20,
    }
    read = respelling(asked, fold)
    assert read("expert", "en") == fold("expert", "en")


def test_other_languages_are_left_alone() -> None:
    assert respelling(ASKED, fold)("shipmet", "es") == fold("shipmet", "es")


def test_a_short_word_is_doubted_only_when_it_is_much_rarer() -> None:
    asked = {("bill", "en"): 100, ("bell", "en"): 10, ("bil", "en"): 3}
    read = respelling(asked, fold)
    assert read("bell", "en") == fold("bell", "en")
    assert read("bil", "en") == fold("bill", "en")


@given(
    st.dictionaries(st.tuples(st.text("abcdef ", max_size=12), st.just("en")), st.integers(1, 99))
)
def test_reading_keeps_the_number_of_stems(asked: dict[tuple[str, str], int]) -> None:
    read = respelling(asked, fold)
    assert all(len(read(q, locale)) == len(fold(q, locale)) for q, locale in asked)

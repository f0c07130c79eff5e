from hypothesis import given
from hypothesis import strategies as st

from kbgen_search.encoding import (
    DIGITS,
    HALF,
    fronted,
    gaps,
    number,
    numbers,
    postings,
    read_number,
    read_postings,
)


def read(text: str) -> list[int]:
    """The numbers in a text, as the browser reads them."""
    found, value = [], 0
    for letter in text:
        digit = DIGITS.index(letter)
        if digit < HALF:
            value = (value + digit + 1) * HALF
        else:
            found.append(value + digit - HALF)
            value = 0
    return found


@given(st.lists(st.integers(0, 10**9)))
def test_numbers_come_back(values: list[int]) -> None:
    assert read("".join(map(number, values))) == values


@given(st.sets(st.integers(0, 10**6)))
def test_rising_numbers_come_back(values: set[int]) -> None:
    found, before = [], -1
    for gap in read(numbers(sorted(values))):
        before += gap + 1
        found.append(before)
    assert found == sorted(values)


def test_small_numbers_take_one_character_and_none_needs_escaping() -> None:
    assert all(len(number(value)) == 1 for value in range(HALF))
    assert len(DIGITS) == len(set(DIGITS)) == 90
    assert not set(DIGITS) & set('"\\ \n~')


@given(st.sets(st.text(alphabet="ab", min_size=1, max_size=120)))
def test_words_that_share_beginnings_come_back(words: set[str]) -> None:
    found, before = [], ""
    for entry in fronted(sorted(words)):
        before = before[: DIGITS.index(entry[0])] + entry[1:]
        found.append(before)
    assert found == sorted(words)


def test_gaps_start_before_zero() -> None:
    assert gaps([0, 1, 5]) == [0, 0, 3]


@given(st.integers(0, 10**9), st.text(alphabet=DIGITS, max_size=5))
def test_a_number_is_read_from_where_a_text_begins(value: int, rest: str) -> None:
    assert read_number(number(value) + rest) == (value, rest)


@given(st.dictionaries(st.integers(0, 10**6), st.integers(1, 63)))
def test_postings_come_back(places: dict[int, int]) -> None:
    assert dict(read_postings(postings(sorted(places.items())))) == places

from __future__ import annotations

import random

from benchmarks import misspellings
from hypothesis import given
from hypothesis import strategies as st

WORDS = ["account", "browser", "password", "search"]
words = st.text("abcdefgh", min_size=4, max_size=12)


@given(words, st.integers())
def test_a_misspelling_has_at_most_one_foreign_letter(word: str, seed: int) -> None:
    wrong = misspellings.misspell(word, random.Random(seed))
    assert abs(len(wrong) - len(word)) <= 1
    assert len(set(wrong) - set(word)) <= 1


def test_misspellings_are_no_words_and_the_same_each_time() -> None:
    drawn = list(misspellings.pairs(WORDS, 20, random.Random(1)))
    assert drawn == list(misspellings.pairs(WORDS, 20, random.Random(1)))
    assert not {wrong for _, wrong in drawn} & set(WORDS)


def test_nonsense_is_no_word() -> None:
    drawn = list(misspellings.nonsense(WORDS, 10, random.Random(1)))
    assert len(drawn) == 10
    assert not set(drawn) & set(WORDS)

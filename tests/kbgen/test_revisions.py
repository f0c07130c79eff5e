import random

from hypothesis import given, settings
from hypothesis import strategies as st

from kbgen.revisions import revision, sketch, words
from kbgen_feedback.manifest import changed_share

VOCABULARY = [f"word{n}" for n in range(500)]


@given(st.text())
def test_white_space_is_no_change(text: str) -> None:
    spaced = "\n ".join(text.split())
    assert revision(spaced) == revision(" ".join(text.split()))
    assert len(revision(text)) == 12


def test_another_word_is_a_change() -> None:
    assert revision("a b") != revision("a c")


def test_words_of_scripts_without_spaces_count_by_two_characters() -> None:
    assert words("three plain words") == 3
    assert words("これは日本語") == 3
    assert words("use 数据 now") == 3
    assert words("") == 0


@given(st.text())
def test_a_text_is_like_itself(text: str) -> None:
    assert changed_share(sketch(text), sketch(text)) == 0


@settings(deadline=None)
@given(st.sampled_from([0.05, 0.2, 0.5]), st.integers(0, 1000))
def test_the_changed_share_is_estimated(share: float, seed: int) -> None:
    dice = random.Random(seed)
    before = dice.choices(VOCABULARY, k=1500)
    count = int(len(before) * share)
    after = dice.choices(VOCABULARY, k=count) + before[count:]
    estimate = changed_share(sketch(" ".join(before)), sketch(" ".join(after)))
    assert estimate is not None
    assert abs(estimate - share) < 0.3


def test_different_texts_are_different() -> None:
    one = " ".join(VOCABULARY[:200])
    other = " ".join(VOCABULARY[200:400])
    changed = changed_share(sketch(one), sketch(other))
    assert changed is not None
    assert changed > 0.8

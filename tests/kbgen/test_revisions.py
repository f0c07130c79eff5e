import base64
import random
import statistics
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbgen.revisions import fingerprints
from kbgen_feedback.manifest import changed_share


def words(text: str) -> int:
    return fingerprints(text).words


def sketch(text: str) -> str:
    return fingerprints(text).sketch


def revision(text: str) -> str:
    return fingerprints(text).revision


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


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_the_changed_share_is_estimated(share: float) -> None:
    estimates = [_estimate(share, seed) for seed in range(50)]
    assert abs(statistics.mean(estimates) - share) < 0.05
    assert statistics.pstdev(estimates) < 0.12  # 32 bins: a Jaccard similarity to within .09


def _estimate(share: float, seed: int) -> float:
    dice = random.Random(seed)
    before = dice.choices(VOCABULARY, k=1500)
    count = int(len(before) * share)
    after = dice.choices(VOCABULARY, k=count) + before[count:]
    estimate = changed_share(sketch(" ".join(before)), sketch(" ".join(after)))
    assert estimate is not None
    return estimate


def test_different_texts_are_different() -> None:
    one = " ".join(VOCABULARY[:200])
    other = " ".join(VOCABULARY[200:400])
    changed = changed_share(sketch(one), sketch(other))
    assert changed is not None
    assert changed > 0.8


@given(st.lists(st.sampled_from("abcdeÀ漢"), min_size=3, max_size=200))
def test_a_sketch_is_the_least_hash_of_three_words_at_each_place(words: list[str]) -> None:
    triples = zip(words, words[1:], words[2:], strict=False)
    hashes = {zlib.crc32(" ".join(three).casefold().encode()) for three in triples}
    places = struct.unpack(">32I", base64.b64decode(sketch(" ".join(words))))
    for place, value in enumerate(places):
        found = [one // 32 for one in hashes if one % 32 == place]
        assert value == min(found) if found else value > 0

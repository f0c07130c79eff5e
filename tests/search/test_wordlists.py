from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kbgen_search.catalogue import vocabulary
from kbgen_search.encoding import DIGITS
from kbgen_search.shards import Shards, sharded
from kbgen_search.wordlists import KEPT, word_lists

COUNTS = st.dictionaries(st.text("aeäbxyz1", min_size=1, max_size=9), st.integers(1, 40))


@given(st.lists(COUNTS, min_size=2, max_size=4))
def test_kept_lists_are_those_made_anew(
    tmp_path_factory: pytest.TempPathFactory, stages: list[dict[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    for counts in [*stages, stages[-1]]:
        words = vocabulary(counts)
        assert word_lists(words, folder) == word_lists(words, None)


def test_lists_stay_while_a_word_is_about_as_frequent(tmp_path: Path) -> None:
    word_lists(vocabulary({"alpha": 9, "beta": 4}), tmp_path)
    written = (tmp_path / KEPT).stat().st_mtime_ns
    word_lists(vocabulary({"alpha": 10, "beta": 4}), tmp_path)
    assert (tmp_path / KEPT).stat().st_mtime_ns == written
    word_lists(vocabulary({"alpha": 10, "gamma": 4}), tmp_path)
    assert (tmp_path / KEPT).stat().st_mtime_ns != written


@given(st.sets(st.text("abcdexyz", max_size=9)), st.integers(1, 60))
@example({"", "a", "aaaaaaaaa"}, 6)
def test_runs_of_words_are_of_about_one_size_and_leave_none_out(keys: set[str], size: int) -> None:
    entries = [(key, key, "3") for key in sorted(keys)]
    shards = Shards()
    names = sharded("t", entries, size, shards).split(" ")[1::2]
    runs = [runs_of(shards, name) for name in names]
    assert [key for run in runs for key in run] == sorted(keys)
    for run, following in pairwise(runs):
        weight = sum(len(key) + 1 for key in run)
        next_weight = len(following[0]) + 1
        assert weight <= 2 * size or len(run) == 1
        assert weight > size / 2 or weight + next_weight > 2 * size, "a run without need so short"


def runs_of(shards: Shards, name: str) -> list[str]:
    """The keys in a file, each of which begins with what it shares with the one before."""
    text = msgspec.json.decode(shards.files[f"{name}.js"][len(f'kb.shard("{name}",') : -3])
    keys: list[str] = [""]
    for word in text.split(" ")[::2]:
        keys.append(keys[-1][: DIGITS.index(word[0])] + word[1:])
    return keys[1:]


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    words = vocabulary({"alpha": 9})
    good = word_lists(words, tmp_path)
    (tmp_path / KEPT).write_bytes(b"\xc1damaged")
    assert word_lists(words, tmp_path) == good

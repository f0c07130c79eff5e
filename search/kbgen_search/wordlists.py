"""The words of a locale as files of the browser index: in alphabetical order, and by length.

They are a third of an index's making, and an edit changes few: the number of articles that a word
is in counts by its logarithm. So the last ones are kept beside the index of record.
"""

from operator import itemgetter
from pathlib import Path

import msgspec

from kbgen_search import encoding, hashing
from kbgen_search.catalogue import Vocabulary
from kbgen_search.delivery import program
from kbgen_search.scratch import load_scratch, save_scratch
from kbgen_search.shards import Entry, Runs, Shard, Shards, sharded
from kbgen_search.spelling import SPELLED

KEPT = "wordlists.msgpack"
WORDS_SIZE = 16_000


class WordLists(msgspec.Struct, frozen=True):
    """The directory of words in order, the names of files by length of word, and all files."""

    made_from: bytes
    ordered: str
    by_length: dict[str, str]
    runs: dict[bytes, Shard]

    @property
    def files(self) -> dict[str, bytes]:
        """Return the files by name."""
        return {shard.file: shard.content for shard in self.runs.values()}


def word_lists(words: Vocabulary, folder: Path | None) -> WordLists:
    """Return the files for the words; those that are kept in `folder` if they are the same."""
    mark = hashing.of_values(program(), words)
    kept = load_scratch(folder / KEPT, WordLists) if folder else None
    if kept and kept.made_from == mark:
        return kept
    made = _made(words, mark, kept.runs if kept else {})
    if folder:
        save_scratch(folder / KEPT, made)
    return made


def _made(words: Vocabulary, mark: bytes, known: Runs) -> WordLists:
    shards = Shards(known)
    entries = [
        (bare, word, encoding.DIGITS[count])
        for bare, word, count in zip(words.bare, words.words, words.counts, strict=True)
    ]
    ordered = sharded("w", encoding.ordered(entries, itemgetter(0)), WORDS_SIZE, shards)
    return WordLists(mark, ordered, _by_length(entries, shards), shards.runs)


def _by_length(entries: list[Entry], shards: Shards) -> dict[str, str]:
    """Write the words that misspellings are corrected to by length; return their files' names."""
    found: dict[int, list[Entry]] = {}
    for entry in entries:
        if len(entry[0]) in SPELLED and entry[0].isalpha():
            found.setdefault(len(entry[0]), []).append(entry)
    return {str(length): shards.run("l", found[length]) for length in sorted(found)}

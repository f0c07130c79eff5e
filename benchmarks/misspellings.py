"""What misspelled words find: one edit in a word of the corpus, and words that mean nothing.

    python -m benchmarks.misspellings --corpora DIR [--words 300] [--nonsense 200]

A word counts as found when the article that its right spelling finds first is among the first
three that the misspelling finds. Edits are one letter dropped, added, changed, or two exchanged,
drawn with a fixed seed; a misspelling that is itself a word of the corpus is not drawn. Nonsense
words are random letters and random syllables that are no word of the corpus.
"""

from __future__ import annotations

import argparse
import random
import re
import string
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import judged, tables
from benchmarks.judged import Collection
from benchmarks.peers.ours import article
from kbgen_search.engine import Engine
from kbgen_search.indexing import update

WORD = re.compile(r"[a-z]{4,}")
LETTERS = string.ascii_lowercase
SYLLABLES = [one + two for one in "bdfgklmnprstvz" for two in "aeiou"]
SHORTEST, LONGEST = 4, 12  # letters of a nonsense word
SEED = 11


@dataclass(frozen=True)
class Outcome:
    """Shares of one collection: misspellings found, nonsense words that found something."""

    label: str
    words: int
    found: float
    silent: float
    nonsense: float


def vocabulary(collection: Collection) -> list[str]:
    """Return the words of a collection, sorted."""
    texts = (f"{doc.title} {doc.text}".lower() for doc in collection.docs)
    return sorted({word for text in texts for word in WORD.findall(text)})


def misspell(word: str, chance: random.Random) -> str:
    """Return the word with one random edit."""
    at = chance.randrange(len(word))
    letter = chance.choice(LETTERS)
    swap = min(at, len(word) - 2)
    return chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:swap] + word[swap + 1] + word[swap] + word[swap + 2 :],
        ]
    )


def pairs(words: Sequence[str], count: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield (word, misspelling) for random words."""
    known, drawn = set(words), 0
    while drawn < count:
        word = chance.choice(words)
        wrong = misspell(word, chance)
        if wrong not in known:
            drawn += 1
            yield word, wrong


def nonsense(words: Sequence[str], count: int, chance: random.Random) -> Iterator[str]:
    """Yield words that mean nothing: by turns random letters, and syllables one could say."""
    known, drawn = set(words), 0
    while drawn < count:
        letters = "".join(chance.choices(LETTERS, k=chance.randint(SHORTEST, LONGEST)))
        spoken = "".join(chance.choices(SYLLABLES, k=chance.randint(3, 5)))
        word = spoken if drawn % 2 else letters
        if word not in known:
            drawn += 1
            yield word


def measure(collection: Collection, count: int, random_words: int) -> Outcome:
    """Return the shares of one collection."""
    chance, words = random.Random(SEED), vocabulary(collection)
    with tempfile.TemporaryDirectory() as folder:
        pages = [article(doc, at) for at, doc in enumerate(collection.docs)]
        update(pages, folder)
        engine = Engine.open(folder)

        def pages_for(text: str) -> list[str]:
            hits = engine.search(text, lang=collection.lang, limit=3).results
            return [hit.page for hit in hits]

        answers = [
            (pages_for(right), pages_for(wrong)) for right, wrong in pairs(words, count, chance)
        ]
        loud = sum(bool(pages_for(word)) for word in nonsense(words, random_words, chance))
    findable = [(right, wrong) for right, wrong in answers if right]
    good = sum(right[0] in wrong for right, wrong in findable)
    silent = sum(not wrong for _, wrong in findable)
    size = len(findable) or 1
    return Outcome(collection.label, len(findable), good / size, silent / size, loud / random_words)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.misspellings", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder that holds ir/")
    parser.add_argument("--words", type=int, default=300, help="misspellings a collection")
    parser.add_argument("--nonsense", type=int, default=200, help="nonsense words a collection")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all English collections; returns the exit code."""
    options = _options(arguments)
    rows = [
        measure(one, options.words, options.nonsense)
        for one in judged.collections(options.corpora / "ir", 1)
        if one.lang == "en"
    ]
    header = ["one edit in a word", "words", "found in top 3", "found nothing", "nonsense found"]
    lines: list[list[tables.Cell]] = [
        [row.label, row.words, row.found, row.silent, row.nonsense] for row in rows
    ]
    print(tables.table(header, lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Knowledge bases of any size, made from real articles: copies with changed words, seeded.

A plain copy would flatter every index (no new words, each term twice as frequent). So copy number
k changes words by a hash of (word, k): some become words the corpus did not have, as vocabulary
grows with size (Heaps' law), and some are exchanged for other words of the corpus, so that no two
articles are alike. Copy 0 is the corpus itself. The same input gives the same bytes anywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

COMMON = 300  # the most frequent words, the grammar of the text, stay as they are
FRESH = 0.12  # share of the other words that a copy replaces by new ones
SWAPPED = 0.18  # share that it replaces by other words of the corpus
WORD = re.compile(r"[^\W\d_]{4,}")
TEXT_NODE = re.compile(r">[^<]+<")
FENCE = re.compile(r"^\s*(```|~~~)")
MARKUP = re.compile(r"[\[\]<>{}|`!#$\\]|^\s*(///|:::|\?\?\?|===)|^(\w+|- ).*:\s|^---|^\s{4}")
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "la",
    "me",
    "ni",
    "ro",
    "tu",
    "va",
    "ze",
    "ki",
    "so",
    "pa",
    "te",
    "lu",
    "ra",
    "no",
    "mi",
]

Change = Callable[[str], str]


def _roll(*key: object) -> int:
    digest = hashlib.blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


class Vocabulary:
    """The words of a corpus: which to keep, and which to exchange for which."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts: Counter[str] = Counter(
            word.lower() for text in texts for word in WORD.findall(text)
        )
        ordered = sorted(counts, key=lambda word: (-counts[word], word))
        self.kept = frozenset(ordered[:COMMON])
        self.others = ordered[COMMON:] or ordered

    def change(self, copy: int) -> Change:
        """Return the function that changes a text for a copy; copy 0 changes nothing."""
        memo: dict[str, str] = {}

        def word(match: re.Match[str]) -> str:
            text: str = match[0]
            if text not in memo:
                memo[text] = self._changed(text, copy)
            return memo[text]

        return (lambda text: WORD.sub(word, text)) if copy else (lambda text: text)

    def _changed(self, text: str, copy: int) -> str:
        word = text.lower()
        share = _roll("share", word, copy) / 2**64
        if word in self.kept or share > FRESH + SWAPPED:
            return text
        new = _fresh(word, copy) if share < FRESH else self._other(word, copy)
        return new.capitalize() if text[0].isupper() else new

    def _other(self, word: str, copy: int) -> str:
        return self.others[_roll("other", word, copy) % len(self.others)]


def _fresh(word: str, copy: int) -> str:
    """Return a word the corpus does not have; a word has few of them, however many the copies."""
    seed = _roll("fresh", word, copy % 7)
    return word[:2] + "".join(SYLLABLES[(seed >> shift) % len(SYLLABLES)] for shift in (0, 8, 16))


def grown(items: Sequence[str], size: int) -> Iterable[tuple[int, int]]:
    """Yield (item number, copy number) for `size` articles made of these, whole copies first."""
    return ((at % len(items), at // len(items)) for at in range(size))


def html(page: str, change: Change) -> str:
    """Return a page of HTML with the words of its text changed, its markup as it was."""
    return TEXT_NODE.sub(lambda match: change(match[0]), page)


def markdown(text: str, change: Change) -> str:
    """Return Markdown with the words of plain prose lines changed.

    Code blocks, front matter, headings and every line with links or other markup stay, so that
    all that resolved before still does.
    """
    lines, code = [], False
    for line in text.split("\n"):
        code ^= bool(FENCE.match(line))
        lines.append(line if code or MARKUP.search(line) else change(line))
    return "\n".join(lines)

"""A reader's query as groups of options: each word, and what may stand for it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kbgen_search.analysis import Analyzer, Word

LONGEST_TEXT = 400  # characters of a query that are read
MOST_WORDS = 32

Rule = tuple[tuple[str, ...], tuple[str, ...]]  # terms said, and terms that are meant too


class Option(NamedTuple):
    """Terms that, all together, stand for a word of the query, at a discount.

    `kind` is exact, prefix, typo, joined, synonym, or doubt (a commoner word for a rare one).
    """

    terms: tuple[str, ...]
    discount: float = 1.0
    kind: str = "exact"


class Group(NamedTuple):
    """One word of the query: how it was typed and what may stand for it.

    `last` marks a word that may still be being typed, `begun` one that most likely is: it begins
    a common word. `meant` are the words it was corrected to.
    """

    word: Word
    options: tuple[Option, ...]
    stop: bool
    last: bool = False
    begun: bool = False
    meant: tuple[str, ...] = ()

    def with_options(self, options: Iterable[Option]) -> "Group":
        """Return the group with further options."""
        return self._replace(options=(*self.options, *options))


def parse(text: str, analyzer: Analyzer) -> list[Group]:
    """Return the groups of a query; the last word is marked when it may still be being typed."""
    text = text[:LONGEST_TEXT]
    words = list(analyzer.words(text))[:MOST_WORDS]
    groups = [
        Group(word, _exact(word, words, analyzer), analyzer.is_stop(word.surface)) for word in words
    ]
    if groups and words[-1].end == len(text):
        groups[-1] = groups[-1]._replace(last=True)
    return groups


def _exact(word: Word, words: Sequence[Word], analyzer: Analyzer) -> tuple[Option, ...]:
    """Return what a word is found by as it stands.

    A name that is found as a whole counts once, not once with each of its parts.
    """
    parts = tuple(Option((term,)) for term in dict.fromkeys(word.terms))
    whole = analyzer.whole_term(word.whole) if word.whole else ""
    if not whole or whole in word.terms:
        return parts
    return (*parts, Option((whole,), 1 / sum(other.whole == word.whole for other in words)))

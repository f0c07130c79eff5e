"""A reader's query as groups of options: each word, and what may stand for it."""

from collections.abc import Iterable
from typing import NamedTuple

from kbgen_search.analysis import Analyzer, Word

LONGEST_TEXT = 400  # characters of a query that are read
MOST_WORDS = 32

Rule = tuple[tuple[str, ...], tuple[str, ...]]  # terms said, and terms that are meant too


class Option(NamedTuple):
    """Terms that, all together, stand for a word of the query, at a discount.

    `kind` is exact, prefix, typo, joined or synonym.
    """

    terms: tuple[str, ...]
    discount: float = 1.0
    kind: str = "exact"


class Group(NamedTuple):
    """One word of the query: how it was typed and what may stand for it.

    `last` marks a word that may still be being typed, `meant` are the words it was corrected to.
    """

    word: Word
    options: tuple[Option, ...]
    stop: bool
    last: bool = False
    meant: tuple[str, ...] = ()

    def with_options(self, options: Iterable[Option]) -> "Group":
        """Return the group with further options."""
        return self._replace(options=(*self.options, *options))


def parse(text: str, analyzer: Analyzer) -> list[Group]:
    """Return the groups of a query; the last word is marked when it may still be being typed."""
    text = text[:LONGEST_TEXT]
    words = list(analyzer.words(text))[:MOST_WORDS]
    groups = [_group(word, analyzer) for word in words]
    if groups and words[-1].end == len(text):
        groups[-1] = groups[-1]._replace(last=True)
    return groups


def _group(word: Word, analyzer: Analyzer) -> Group:
    terms = (*word.terms, analyzer.whole_term(word.whole)) if word.whole else word.terms
    options = tuple(Option((term,)) for term in dict.fromkeys(terms))
    return Group(word, options, analyzer.is_stop(word.surface))

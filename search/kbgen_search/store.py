"""An index as the engine sees it: terms with their articles, and records to show."""

import re
from array import array
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from kbgen_search import records
from kbgen_search.analysis import Analyzer
from kbgen_search.catalogue import Vocabulary, load_catalogue, load_vocabulary
from kbgen_search.errors import KbError
from kbgen_search.facets import Facets
from kbgen_search.queries import Rule
from kbgen_search.ranking import FIELDS, LEAD, Weights, impact, is_common, scales
from kbgen_search.records import Record
from kbgen_search.whoosh_store import Reader


class Term(NamedTuple):
    """How many articles have a term, and those that it scores for: numbers and impacts."""

    frequency: int = 0
    articles: Sequence[int] = ()
    impacts: Sequence[int] = ()


class Store(Protocol):
    """What the engine asks of an index; articles go by their place in the order of ids."""

    locale: str
    size: int

    def term(self, term: str) -> Term:
        """Return where a term is found."""
        ...

    def record(self, article: int) -> Record:
        """Return what is kept of an article for showing it."""
        ...

    def vocabulary(self) -> Vocabulary:
        """Return all words of the index."""
        ...

    def facets(self) -> Facets:
        """Return which articles have which value of each facet."""
        ...

    def synonyms(self) -> Sequence[Rule]:
        """Return terms said with the terms that are meant."""
        ...


class WhooshStore:
    """The index of record of one locale, with impacts worked out for the given weights."""

    def __init__(self, folder: Path, weights: Weights) -> None:
        self._folder = folder
        self._weights = weights
        self._catalogue = load_catalogue(folder)
        self._reader = Reader(folder / "whoosh")
        if self._reader.generation != self._catalogue.generation:
            message = "the search index is being written, or its writing was cut short"
            raise KbError(message, file=folder, remedy="wait for the build, or run `kbgen build`")
        self.locale = self._catalogue.locale
        self.size = len(self._catalogue.ids)
        documents = self._catalogue.documents
        self._articles = array("l", [-1]) * (max(documents, default=-1) + 1)
        for article, document in enumerate(documents):
            self._articles[document] = article
        self.term = lru_cache(maxsize=4096)(self._term)
        self.record = lru_cache(maxsize=1024)(self._record)
        self._worth = lru_cache(maxsize=None)(self._scales)
        self._words: Vocabulary | None = None

    def vocabulary(self) -> Vocabulary:
        """Return all words of the locale; read from disk the first time."""
        if self._words is None:
            self._words = load_vocabulary(self._folder)
        return self._words

    def facets(self) -> Facets:
        """Return which articles have which value of each facet."""
        return self._catalogue.facets

    def synonyms(self) -> Sequence[Rule]:
        """Return terms said with the terms that are meant."""
        return self._catalogue.synonyms

    def find(self, text: str, limit: int) -> list[tuple[Record, float]]:
        """Return the articles that a query in Whoosh's own language finds, with its scores."""
        return self._reader.find(text, limit, self._like)

    def _like(self, pattern: re.Pattern[str]) -> set[str]:
        """Return the terms of the words that match a pattern as they are, unaccented."""
        words, analyzer = self.vocabulary(), Analyzer(self.locale)
        found = (
            word
            for word, bare in zip(words.words, words.bare, strict=True)
            if pattern.fullmatch(bare)
        )
        return {term for word in found for term in analyzer.terms(word)[:1]}

    def _term(self, term: str) -> Term:
        counts: dict[int, list[int]] = {}
        for number, name in enumerate(FIELDS):
            for document, count in self._reader.postings(name, term):
                article = self._articles[document]
                if article >= 0:
                    counts.setdefault(article, [0] * len(FIELDS))[number] = count
        return self._scored(counts)

    def _scored(self, counts: dict[int, list[int]]) -> Term:
        frequency = len(counts)
        fields = LEAD if is_common(frequency, self.size, self._weights) else len(FIELDS)
        articles, impacts = array("l"), array("b")
        for article in sorted(counts):
            worth = self._worth(article)
            level = impact(
                counts[article][:fields], worth, self._weights.saturation, self._weights.title_share
            )
            if level:
                articles.append(article)
                impacts.append(level)
        return Term(frequency, articles, impacts)

    def _scales(self, article: int) -> tuple[float, ...]:
        found = self._catalogue
        return scales(found.lengths[article], found.averages, self._weights)

    def _record(self, article: int) -> Record:
        whole = self._reader.record(self._catalogue.documents[article])
        return records.capped(whole, self._catalogue.cap)

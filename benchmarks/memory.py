"""An index in memory, for experiments with the ranking: the engine's own search, without files."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from kbgen_search import catalogue, records
from kbgen_search.analysis import Analyzer
from kbgen_search.articles import Article
from kbgen_search.catalogue import Vocabulary
from kbgen_search.digests import digest
from kbgen_search.facets import Facets
from kbgen_search.queries import Rule
from kbgen_search.ranking import FIELDS, LEAD, Weights, impact, is_common, scales
from kbgen_search.records import Record
from kbgen_search.shelf import Shelf
from kbgen_search.store import Term


class Memory:
    """What is known of the articles of one locale, whatever the weights."""

    def __init__(self, articles: Sequence[Article], locale: str) -> None:
        self.locale = locale
        self.articles = sorted(articles, key=lambda article: article.id)
        analyzer = Analyzer(locale)
        digests = [digest(article, analyzer) for article in self.articles]
        self.lengths = [one.lengths for one in digests]
        self.averages = catalogue.averages(self.lengths)
        written = Counter(word for one in digests for word in one.words)
        self.vocabulary = catalogue.vocabulary(written)
        self.postings: dict[str, list[tuple[int, tuple[int, ...]]]] = {}
        for number, one in enumerate(digests):
            for counts, terms in one.counts:
                for term in terms:
                    self.postings.setdefault(term, []).append((number, counts))
        self.records = [records.record(article) for article in self.articles]

    def shelf(self, weights: Weights) -> Shelf:
        """Return a searcher of the articles with these weights."""
        return Shelf(MemoryStore(self, weights), weights)


class MemoryStore:
    """A store (see `kbgen_search.store.Store`) over articles in memory."""

    def __init__(self, memory: Memory, weights: Weights) -> None:
        self.locale = memory.locale
        self.size = len(memory.articles)
        self._memory = memory
        self._weights = weights
        self._worths = [scales(one, memory.averages, weights) for one in memory.lengths]
        self.term = lru_cache(maxsize=None)(self._term)

    def record(self, article: int) -> Record:
        """Return the record of an article."""
        return self._memory.records[article]

    def vocabulary(self) -> Vocabulary:
        """Return all words of the articles."""
        return self._memory.vocabulary

    def facets(self) -> Facets:
        """Return no facets."""
        return {}

    def synonyms(self) -> Sequence[Rule]:
        """Return no synonyms."""
        return []

    def _term(self, term: str) -> Term:
        places = self._memory.postings.get(term, [])
        common = is_common(len(places), self.size, self._weights)
        fields = LEAD if common else len(FIELDS)
        share, saturation = self._weights.title_share, self._weights.saturation
        levels = [
            (article, impact(counts[:fields], self._worths[article], saturation, share))
            for article, counts in places
        ]
        kept = [(article, level) for article, level in levels if level]
        articles, impacts = zip(*kept, strict=True) if kept else ((), ())
        return Term(len(places), array("l", articles), array("b", impacts))

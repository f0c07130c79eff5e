"""The search: a reader's words in, ranked articles out."""

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from kbgen_search.catalogue import load_catalogue, load_locales
from kbgen_search.ranking import Weights, rounded
from kbgen_search.reading import Reading
from kbgen_search.responses import Response, Result
from kbgen_search.shelf import (
    Found,
    Search,
    Shelf,
    answer,
    changes,
    corrected,
    matched_words,
    plain_result,
)
from kbgen_search.store import WhooshStore


class Candidate(NamedTuple):
    """An article found on a shelf; `further` tells that it is of another language than wanted."""

    further: bool
    found: Found
    search: Search
    shelf: Shelf

    def read(self) -> "Shown":
        """Read the article."""
        reading = self.shelf.read(self.found, self.search)
        return Shown(self.found, reading, self.shelf.result(self.found, reading, self.search))


class Shown(NamedTuple):
    """An article found, what reading it told, and the result that is shown."""

    found: Found
    reading: Reading
    result: Result


class Listed(NamedTuple):
    """The search of the reader's locale, the articles to be shown, and how many there are."""

    own: Search
    candidates: Sequence[Candidate]
    total: int


class Engine:
    """Searches the articles of a site, those in the reader's language first."""

    def __init__(self, folder: Path, locales: Sequence[str], weights: Weights) -> None:
        self.locales = list(locales)
        self._folder = folder
        self._weights = weights
        self._shelves: dict[str, Shelf] = {}

    @classmethod
    def open(cls, index_dir: Path | str, weights: Weights | None = None) -> "Engine":
        """Open the index that `indexing.update` has written.

        Raises:
            KbError: there is none, it is damaged, or it is of another version.
        """
        folder = Path(index_dir)
        return cls(folder, load_locales(folder), weights or Weights())

    def search(
        self,
        query: str,
        lang: str | None = None,
        limit: int = 10,
        *,
        exact: bool = False,
        filters: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the `limit` best articles for a query.

        Articles in `lang` come first (by default those in the site's first language); articles
        in other languages that have every word of the query fill up what is left.
        A word that stands in other languages as typed is not read as another one.
        `exact` takes every word as typed; `filters` narrows by area, tag or audience.
        """
        started = time.perf_counter()
        locales = self.in_order(lang)
        if not locales:
            return Response(query, "", 0, 0.0, [], [])
        listed = self._list(query, locales, limit, exact, filters)
        response = self._response(query, locales, listed)
        return replace(response, took_ms=round((time.perf_counter() - started) * 1000, 2))

    def pages(self, query: str, lang: str | None = None, limit: int = 10) -> list[str]:
        """Return the ids of the articles that `search` shows, without reading their texts."""
        locales = self.in_order(lang)
        listed = self._list(query, locales, limit) if locales else None
        return [one.found.record.id for one in listed.candidates] if listed else []

    def search_whoosh(self, query: str, lang: str | None = None, limit: int = 10) -> Response:
        """Return what a query in Whoosh's own language finds, ranked by Whoosh.

        Raises:
            KbError: the query cannot be read.
        """
        started = time.perf_counter()
        locale = next(iter(self.in_order(lang)), None)
        if locale is None:
            return Response(query, "", 0, 0.0, [], [])
        found = WhooshStore(self._folder / locale, self._weights).find(query, limit)
        results = [plain_result(record, score, locale) for record, score in found]
        took = round((time.perf_counter() - started) * 1000, 2)
        return Response(query, locale, len(results), took, results, [])

    def shelf(self, locale: str) -> Shelf:
        """Return the articles of one locale, opened the first time they are asked for."""
        if locale not in self._shelves:
            store = WhooshStore(self._folder / locale, self._weights)
            self._shelves[locale] = Shelf(store, self._weights)
        return self._shelves[locale]

    def ids(self) -> set[str]:
        """Return the ids of all articles."""
        known = (load_catalogue(self._folder / locale) for locale in self.locales)
        return {name for catalogue in known for name in catalogue.ids}

    def in_order(self, lang: str | None) -> list[str]:
        """Return the locales in the order they are searched: as asked, same language, others."""
        language = (lang or "").split("-")[0]
        return sorted(
            self.locales,
            key=lambda name: (name != lang, name.split("-")[0] != language),
        )

    def _stands_in(self, locales: Sequence[str], word: str) -> bool:
        """Tell whether an unaccented word is, as it was typed, in articles of these locales."""
        known = (self.shelf(locale).store.vocabulary() for locale in locales)
        return any(words.find(word) is not None for words in known)

    def _list(
        self,
        query: str,
        locales: Sequence[str],
        limit: int,
        exact: bool = False,
        filters: Mapping[str, str] | None = None,
    ) -> Listed:
        shelf = self.shelf(locales[0])
        stands = partial(self._stands_in, locales[1:])
        own = shelf.search(query, limit, exact, filters, stands)
        found, total = [Candidate(False, one, own, shelf) for one in own.found], len(own.points)
        if len(found) < limit:
            more, others = self._elsewhere(query, locales, found, limit, filters)
            found, total = found + more, total + others
        return Listed(own, found, total)

    def _elsewhere(
        self,
        query: str,
        locales: Sequence[str],
        before: Sequence[Candidate],
        limit: int,
        filters: Mapping[str, str] | None,
    ) -> tuple[list[Candidate], int]:
        """Return articles of the locales after the first that have every word, and their number.

        Of translations the one that matches best is shown, none of what was shown before; only the
        best are known for translations, so the number may be too high while many are not.
        """
        depth, number = max(limit, self._weights.reread), 0
        candidates = []
        for locale in locales[1:]:
            shelf = self.shelf(locale)
            search = shelf.search(query, depth, True, filters, whole=True)
            number += len(search.points)
            further = is_further(locale, locales[0])
            candidates += [Candidate(further, one, search, shelf) for one in search.found]
        best = _best_of_translations(candidates, {one.found.record.id for one in before})
        return best[: limit - len(before)], number - len(candidates) + len(best)

    def _response(self, query: str, locales: Sequence[str], listed: Listed) -> Response:
        search, shown = listed.own, [one.read() for one in listed.candidates]
        first = shown[0] if search.found else None
        read_as = corrected(query, search.groups)
        missing = self.shelf(locales[0]).missing(query, search)
        others = [self.shelf(locale) for locale in locales[1:]] if missing else []
        return Response(
            query=query,
            lang=locales[0],
            total=listed.total,
            took_ms=0.0,
            results=[one.result for one in shown],
            suggestions=[read_as] if read_as else [],
            corrected=read_as,
            corrections=changes(query, search.groups),
            missing=missing,
            elsewhere=[word for word in missing if any(shelf.has(word) for shelf in others)],
            terms=matched_words(one.reading for one in shown),
            facets={name: list(counts) for name, counts in search.facets.items()},
            answer=answer(first.found, first.reading) if first else None,
        )


def _best_of_translations(candidates: Iterable[Candidate], but: set[str]) -> list[Candidate]:
    """Return candidates by falling score, one's own language first; of each article the best."""
    best: dict[str, Candidate] = {}
    for one in sorted(candidates, key=lambda one: (one.further, -rounded(one.found.score))):
        if one.found.record.id not in but:
            best.setdefault(one.found.record.id, one)
    return list(best.values())


def is_further(locale: str, own: str) -> bool:
    """Tell whether a locale is of another language than one's own."""
    return locale.split("-")[0] != own.split("-")[0]

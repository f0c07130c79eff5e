"""The search: a reader's words in, ranked articles out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kbgen_search.analysis import Analyzer
from kbgen_search.errors import KbError
from kbgen_search.queries import Group, Option, parse
from kbgen_search.ranking import Evidence, Need, Weights, order, rarity, rounded, scores
from kbgen_search.reading import Reading, Sought, read
from kbgen_search.store import Store, Term, WhooshStore


class Section(msgspec.Struct, frozen=True):
    """The section a result opens at; both are empty when it opens at the top."""

    title: str = ""
    anchor: str = ""


class Result(msgspec.Struct, frozen=True):
    """One article found."""

    page: str
    url: str
    title: str
    section: Section
    score: float
    snippet: str
    highlights: list[tuple[int, int]]
    locale: str


class Response(msgspec.Struct, frozen=True):
    """The answer to a query, as `kbgen search --json` prints it."""

    query: str
    lang: str
    total: int
    took_ms: float
    results: list[Result]
    suggestions: list[str]


class Engine:
    """Searches the indexes of all locales of one site."""

    def __init__(self, folder: Path, locales: Sequence[str], weights: Weights) -> None:
        self._folder = folder
        self._weights = weights
        self.locales = list(locales)
        self._shelves: dict[str, Shelf] = {}

    @classmethod
    def open(cls, index_dir: Path | str, weights: Weights | None = None) -> "Engine":
        """Open the index that `indexing.update` has written.

        Raises:
            KbError: there is none, it is damaged, or of another version.
        """
        folder = Path(index_dir)
        try:
            raw = (folder / "collections.json").read_bytes()
            locales = msgspec.json.decode(raw, type=dict[str, list[str]])["locales"]
        except FileNotFoundError:
            raise KbError(
                "no search index here yet", file=folder, remedy="run `kbgen build`"
            ) from None
        return cls(folder, locales, weights or Weights())

    def search(self, query: str, lang: str | None = None, limit: int = 10) -> Response:
        """Return the `limit` best articles for a query, in the language `lang` first."""
        started = time.perf_counter()
        shelf = self.shelf(self._locale(lang))
        total, results = shelf.search(query, limit) if shelf else (0, [])
        took = round((time.perf_counter() - started) * 1000, 2)
        return Response(query, shelf.locale if shelf else "", total, took, results, [])

    def shelf(self, locale: str | None) -> "Shelf | None":
        """Return the articles of one locale, opened the first time they are asked for."""
        if locale is None:
            return None
        if locale not in self._shelves:
            store = WhooshStore(self._folder / locale, self._weights)
            self._shelves[locale] = Shelf(store, self._weights)
        return self._shelves[locale]

    def _locale(self, lang: str | None) -> str | None:
        exact = [name for name in self.locales if name == lang]
        close = [name for name in self.locales if lang and name.split("-")[0] == lang.split("-")[0]]
        return next(iter([*exact, *close, *self.locales]), None)


@dataclass(frozen=True, slots=True)
class Plan:
    """A query made ready for scoring."""

    groups: list[Group]
    needs: list[Need]
    sought: Sought


class Shelf:
    """The articles of one locale, and how they are searched."""

    def __init__(self, store: Store, weights: Weights) -> None:
        self.store = store
        self.locale = store.locale
        self.weights = weights
        self.analyzer = Analyzer(store.locale)

    def search(self, query: str, limit: int) -> tuple[int, list[Result]]:
        """Return how many articles match, and the best of them."""
        plan = self.plan(query)
        points = scores(plan.needs, self.weights)
        ranked = order(points)
        head = max(self.weights.reread, limit)
        readings = {one: self._read(one, plan.sought) for one in ranked[:head]}
        final = {one: points[one] * reading.factor for one, reading in readings.items()}
        best = order(final)[:limit]
        return len(points), [self._result(one, final[one], readings[one]) for one in best]

    def plan(self, query: str) -> Plan:
        """Return the query with the evidence for each of its words."""
        groups = parse(query, self.analyzer)
        needs = [self._need(group) for group in groups]
        terms: dict[str, int] = {}
        for number, group in enumerate(groups):
            for option in group.options:
                for term in option.terms:
                    terms.setdefault(term, number)
        masses = [need.mass for need in needs]
        return Plan(groups, needs, Sought(terms, masses, [not group.stop for group in groups]))

    def _need(self, group: Group) -> Need:
        share = self.weights.stop if group.stop else 1.0
        evidence = [self._evidence(option, share) for option in group.options]
        found = [one for one in evidence if one.articles]
        mass = max((one.rarity for one in found), default=share * rarity(1, self.store.size))
        return Need(found, mass, group.stop)

    def _evidence(self, option: Option, share: float) -> Evidence:
        term: Term = self.store.term(option.terms[0])
        rare = rarity(term.frequency, self.store.size) * option.discount * share
        return Evidence(term.articles, term.impacts, rare)

    def _read(self, article: int, sought: Sought) -> Reading:
        return read(self.store.record(article), sought, self.analyzer, self.weights)

    def _result(self, article: int, score: float, reading: Reading) -> Result:
        record = self.store.record(article)
        target = reading.passage
        section = Section(target.heading, target.anchor) if target else Section()
        return Result(
            record.id,
            f"{record.url}#{section.anchor}" if section.anchor else record.url,
            record.title,
            section,
            rounded(score),
            reading.quote.text,
            list(reading.quote.highlights),
            self.locale,
        )

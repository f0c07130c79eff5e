"""The articles of one locale, and how they are searched."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kbgen_search.analysis import Analyzer, Word
from kbgen_search.facets import allowed, counted
from kbgen_search.planning import Planner, StandsElsewhere
from kbgen_search.queries import Group, Option
from kbgen_search.ranking import (
    Evidence,
    Need,
    Weights,
    order,
    rarity,
    rounded,
    scores,
)
from kbgen_search.reading import QUOTE, Reading, Sought, agreement, hits, places, read
from kbgen_search.records import Passage, Record
from kbgen_search.responses import Answer, Change, Further, Result, Target
from kbgen_search.store import Store

TERMS_TOLD = 20
LATER = 1 / 1000  # how much less the best article of each further reading counts


class Found(NamedTuple):
    """An article found: its record, and its final score."""

    article: int
    record: Record
    score: float


class Search(NamedTuple):
    """A finished search of one locale; the texts of what it `found` are not read yet."""

    groups: Sequence[Group]
    needs: Sequence[Need]
    sought: Sought
    points: Mapping[int, float]
    found: Sequence[Found]
    facets: Mapping[str, Sequence[tuple[str, int]]]


class Shelf:
    """Searches the articles of one locale."""

    def __init__(self, store: Store, weights: Weights) -> None:
        self.store = store
        self.weights = weights
        self.analyzer = Analyzer(store.locale)
        self.planner = Planner(store, self.analyzer, weights)

    def search(
        self,
        query: str,
        limit: int,
        exact: bool = False,
        filters: Mapping[str, str] | None = None,
        elsewhere: StandsElsewhere = lambda word: False,
        *,
        whole: bool = False,
    ) -> Search:
        """Return the best articles for a query among those that the filters allow.

        A word that stands `elsewhere` is not taken for a misspelling. With `whole` only articles
        count that have every word of the query which means something.
        """
        groups = self.planner.plan(query, exact, elsewhere)
        needs = [self._need(group) for group in groups]
        points = scores(needs)
        facets = counted(self.store.facets(), points)
        among = allowed(self.store.facets(), filters or {})
        if among is not None:
            points = {article: point for article, point in points.items() if article in among}
        if whole:
            having = with_all(needs)
            points = {article: point for article, point in points.items() if article in having}
        sought = self._sought(groups, needs)
        ways = readings(groups)
        best = (
            self._in_turn(ways, points, limit)
            if len(ways) > 1
            else self._best(points, sought, limit)
        )
        found = [Found(article, self.store.record(article), score) for article, score in best]
        return Search(groups, needs, sought, points, found, facets)

    def read(self, found: Found, search: Search) -> Reading:
        """Return what reading an article found tells."""
        return read(found.record, search.sought, self.analyzer)

    def _best(
        self, points: Mapping[int, float], sought: Sought, limit: int
    ) -> list[tuple[int, float]]:
        """Return the best articles with their scores, for which the titles of more are read."""
        final = {}
        for article in order(points, max(self.weights.reread, limit)):
            record = self.store.record(article)
            factor = agreement(record, sought, self.analyzer, self.weights)
            final[article] = points[article] * factor
        return [(article, final[article]) for article in order(final, limit)]

    def _in_turn(
        self, ways: Sequence[Sequence[Group]], among: Mapping[int, float], limit: int
    ) -> list[tuple[int, float]]:
        """Return the best articles of several readings of a query, the best of each on top.

        Nobody knows which reading is meant: so what each finds first counts (almost) alike.
        """
        final: dict[int, float] = {}
        for place, groups in enumerate(ways):
            needs = [self._need(group) for group in groups]
            points = {one: value for one, value in scores(needs).items() if one in among}
            best = self._best(points, self._sought(groups, needs), limit)
            for article, score in best:
                share = (1 - place * LATER) * score / best[0][1]
                final[article] = max(final.get(article, 0.0), share)
        return [(article, final[article]) for article in order(final, limit)]

    def _need(self, group: Group) -> Need:
        share = self.weights.stop if group.stop else 1.0
        evidence = [self._evidence(option, group, share) for option in group.options]
        found = [one for one in evidence if one.articles]
        mass = max((one.rarity for one in found), default=share * rarity(1, self.store.size))
        return Need(found, mass, group.stop)

    def _evidence(self, option: Option, group: Group, share: float) -> Evidence:
        worth = option.discount * share
        if len(option.terms) > 1:
            return self._together(option.terms, worth)
        term = self.store.term(option.terms[0])
        frequency = term.frequency
        if option.kind == "prefix":
            frequency = max(self._frequency(one) for one in group.options if one.kind == "prefix")
        rare = rarity(frequency, self.store.size)
        return Evidence(term.articles, term.impacts, rare * worth)

    def _frequency(self, option: Option) -> int:
        return self.store.term(option.terms[0]).frequency

    def _together(self, terms: Sequence[str], worth: float) -> Evidence:
        """Return the articles that have all of some terms, with their impacts averaged."""
        found = [self.store.term(term) for term in terms]
        rares = [rarity(one.frequency, self.store.size) for one in found]
        impacts = [dict(zip(one.articles, one.impacts, strict=True)) for one in found]
        articles = sorted(set.intersection(*(set(one) for one in impacts)))
        total = sum(rares)
        levels = [
            sum(rare * one[article] for rare, one in zip(rares, impacts, strict=True)) / total
            for article in articles
        ]
        return Evidence(articles, levels, total * worth)

    def _sought(self, groups: Sequence[Group], needs: Sequence[Need]) -> Sought:
        """Return what to look for; function words only when the query has nothing else."""
        terms: dict[str, int] = {}
        bare = all(group.stop for group in groups)
        for number, group in enumerate(groups):
            for option in group.options if bare or not group.stop else ():
                for term in self._telling(option.terms):
                    terms.setdefault(term, number)
        return Sought(
            terms,
            [need.mass for need in needs],
            [not group.stop for group in groups],
            frozenset(term[:1] for term in terms) | {""},
        )

    def _telling(self, terms: Sequence[str]) -> Sequence[str]:
        """Return terms that stand for a word together, without function words.

        An example is the `on` of `single sign on`.
        """
        return [term for term in terms if not self.analyzer.is_stop(term)] or terms

    def has(self, text: str) -> bool:
        """Tell whether each word of a text, as typed, is in an article."""
        groups = self.planner.plan(text, exact=True)
        return all(self._stands(group, self._need(group)) for group in groups)

    def missing(self, query: str, search: Search) -> list[str]:
        """Return the words of the query that nothing was found for, as they were typed.

        Function words are none unless there are no others: who asks `how` is not told of it.
        Pairs of characters that follow one another are one word; pairs that share a character with
        one that was found are none, since words are not told apart there.
        """
        absent: list[Word] = []
        known: list[Word] = []
        bare = all(group.stop for group in search.groups)
        for group, need in zip(search.groups, search.needs, strict=True):
            if self._stands(group, need):
                known.append(group.word)
            elif bare or not group.stop:
                absent.append(group.word)
        had = places(known)
        lacking = places(word for word in absent if not _overlaps(word, had))
        return [query[start:end] for start, end in lacking]

    def _stands(self, group: Group, need: Need) -> bool:
        """Tell whether a word was found, or is so common that it counts for nothing."""
        return bool(need.evidence) or self.planner.frequency(group) > 0

    def result(self, found: Found, reading: Reading, search: Search) -> Result:
        """Return an article found as the response shows it."""
        _, record, score = found
        target = _target(reading.passage)
        return Result(
            page=record.id,
            url=_address(record, target.anchor),
            title=record.title,
            section=target,
            score=rounded(score),
            snippet=reading.quote.text,
            highlights=list(reading.quote.highlights),
            title_highlights=list(places(hits(record.title, search.sought, self.analyzer))),
            sections=[_further(record, passage) for passage in reading.others],
            area=record.area,
            locale=self.store.locale,
        )


def with_all(needs: Sequence[Need]) -> set[int]:
    """Return the articles that have every word of a query that means something."""
    telling = [need for need in needs if not need.stop] or needs
    having = [{one for found in need.evidence for one in found.articles} for need in telling]
    return set.intersection(*having) if having else set()


def readings(groups: Sequence[Group]) -> list[list[Group]]:
    """Return the ways to read a query whose only telling word may be misspelled.

    What it is as typed is one, and each word that may have been meant is one. Other queries have
    one way: their other words tell which is meant.
    """
    telling = [at for at, group in enumerate(groups) if not group.stop]
    if len(telling) != 1:
        return [list(groups)]
    at = telling[0]
    options = groups[at].options
    typos = [(option,) for option in options if option.kind == "typo"]
    typed = tuple(option for option in options if option.kind != "typo")
    ways = typos if groups[at].meant else [typed, *typos]
    return [[*groups[:at], groups[at]._replace(options=way), *groups[at + 1 :]] for way in ways]


def plain_result(record: Record, score: float, locale: str) -> Result:
    """Return an article with the beginning of its text, for searches that match in other ways."""
    lead = record.passages[0].text[:QUOTE] if record.passages else ""
    target = Target()
    return Result(
        record.id,
        record.url,
        record.title,
        target,
        rounded(score),
        lead,
        [],
        [],
        [],
        record.area,
        locale,
    )


def answer(found: Found, reading: Reading) -> Answer | None:
    """Return the passage of an article that answers the question by itself, if one does."""
    record = found.record
    if not reading.answer:
        return None
    target = _target(reading.passage)
    return Answer(
        record.id,
        _address(record, target.anchor),
        record.title,
        target,
        reading.answer.text,
        list(reading.answer.highlights),
    )


def corrected(query: str, groups: Sequence[Group]) -> str:
    """Return the query with the words that were read as others replaced, "" when none were."""
    text, at = "", 0
    for group in groups:
        if group.meant:
            text += query[at : group.word.start] + " ".join(group.meant)
            at = group.word.end
    return text + query[at:] if at else ""


def changes(query: str, groups: Sequence[Group]) -> list[Change]:
    """Return the words of the query that were read as others."""
    return [
        Change(query[group.word.start : group.word.end], " ".join(group.meant))
        for group in groups
        if group.meant
    ]


def matched_words(readings: Iterable[Reading]) -> list[str]:
    """Return the words, as written in the articles read, that answer the query."""
    words = dict.fromkeys(word for reading in readings for word in reading.words)
    return list(words)[:TERMS_TOLD]


def _overlaps(word: Word, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(start < word.end and word.start < end for start, end in ranges)


def _target(passage: Passage | None) -> Target:
    return Target(passage.heading, passage.anchor) if passage else Target()


def _address(record: Record, anchor: str) -> str:
    return f"{record.url}#{anchor}" if anchor else record.url


def _further(record: Record, passage: Passage) -> Further:
    return Further(passage.heading, passage.anchor, _address(record, passage.anchor))

"""Terms with their articles as the browser index has them, made from digests or brought up to date.

Bringing up to date is for edits that leave the articles, and the pinned average lengths, what
they were. It gives the same texts as making them anew.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from kbgen_search import digests, encoding
from kbgen_search.articles import Article
from kbgen_search.catalogue import averages
from kbgen_search.digests import DIGESTS, VERSION, Counts, Lengths, Library, Written
from kbgen_search.ranking import FIELDS, LEAD, Weights, impact, is_common, scales
from kbgen_search.scratch import load_scratch, save_scratch

KEPT = "browser.msgpack"
LEVEL_BITS = 6
LEVEL = (1 << LEVEL_BITS) - 1


class Inverted(msgspec.Struct, frozen=True):
    """The terms of a locale, in order, with their articles as text; its words, counted.

    With them stands what they were made from: the articles' ids, the marks of their digests, the
    lengths of their fields, and the setting (averages and weights).
    """

    setting: str
    ids: list[str]
    marks: list[str]
    lengths: list[tuple[int, ...]]
    words: dict[str, int]
    terms: dict[str, str]


class Scale(msgspec.Struct, frozen=True):
    """What impacts depend on besides an article's own digest."""

    size: int
    averages: tuple[float, ...]
    weights: Weights

    @property
    def setting(self) -> str:
        """A text that differs where the impacts of unchanged articles may differ."""
        return repr((VERSION, self.averages, msgspec.structs.asdict(self.weights)))

    def levels(self, digest: Counts) -> Iterator[tuple[int, list[str]]]:
        """Yield the impacts of an article's terms, and the terms that have each: the impact by its
        lead fields alone (which is all that counts for common terms), shifted by LEVEL_BITS, and
        that by all of its fields.
        """
        worth = scales(digest.lengths, self.averages, self.weights)
        return ((self._level(counts, worth), terms) for counts, terms in digest.counts)

    def by_term(self, digest: Counts) -> dict[str, int]:
        """Return the impacts of an article's terms."""
        return {term: level for level, terms in self.levels(digest) for term in terms}

    def _level(self, counts: tuple[int, ...], worth: tuple[float, ...]) -> int:
        lead, full = (
            impact(counts[:fields], worth, self.weights.saturation, self.weights.title_share)
            for fields in (LEAD, len(FIELDS))
        )
        return lead << LEVEL_BITS | full

    def is_common(self, frequency: int) -> bool:
        """Tell whether a term is so frequent that only its place in lead fields counts."""
        return is_common(frequency, self.size, self.weights)


def read(
    articles: Sequence[Article],
    folder: Path | None,
    weights: Weights,
    ready: Mapping[str, bytes] | None = None,
) -> Inverted:
    """Return the terms and words of the articles of a locale, which are in order of id.

    In `folder` they are kept from one time to the next, and only what has changed is worked out.
    """
    before = load_scratch(folder / KEPT, Inverted) if folder else None
    with Library(folder / DIGESTS if folder else None, ready) as library:
        found = _Reading(articles, library, before, weights).inverted()
        library.keep(found.marks)
    if folder and found != before:
        save_scratch(folder / KEPT, found)
    return found


class _Reading:
    """Articles whose terms are to be worked out, with those of the last time."""

    def __init__(
        self,
        articles: Sequence[Article],
        library: Library,
        before: Inverted | None,
        weights: Weights,
    ) -> None:
        self.articles = articles
        self.library = library
        self.before = before
        self.marks = [digests.mark(article) for article in articles]
        self.lengths = self._lengths()
        self.scale = Scale(len(articles), averages(self.lengths), weights)

    def inverted(self) -> Inverted:
        """Return what was found, in part what was known before."""
        ids = [article.id for article in self.articles]
        setting = self.scale.setting
        known = self.before
        if known and (known.setting, known.ids, known.marks) == (setting, ids, self.marks):
            return known
        return Inverted(setting, ids, self.marks, self.lengths, self._words(), self._terms(ids))

    def _lengths(self) -> list[tuple[int, ...]]:
        before = self.before
        known = dict(zip(before.marks, before.lengths, strict=True)) if before else {}
        return [
            known.get(mark) or self.library.get(article, mark, Lengths).lengths
            for article, mark in zip(self.articles, self.marks, strict=True)
        ]

    def _words(self) -> dict[str, int]:
        before = dict(zip(self.before.ids, self.before.marks, strict=True)) if self.before else {}
        now = list(zip(self.articles, self.marks, strict=True))
        marks = {article.id: mark for article, mark in now}
        counts = self.library.words(
            self.before.words if self.before else {},
            [mark for key, mark in before.items() if marks.get(key) != mark],
            [(article, mark) for article, mark in now if before.get(article.id) == mark],
        )
        for article, mark in now:
            if before.get(article.id) != mark:
                counts.update(self.library.get(article, mark, Written).words)
        return {word: counts[word] for word in sorted(counts) if counts[word] > 0}

    def _terms(self, ids: list[str]) -> dict[str, str]:
        known = self.before
        if known and known.ids == ids and known.setting == self.scale.setting:
            changes = list(self._changes(known.marks))
            if None not in changes:
                with suppress(CannotUpdateError):
                    return updated(known.terms, filter(None, changes), self.scale)
        pairs = zip(self.articles, self.marks, strict=True)
        return texts((self.library.get(*pair, Counts) for pair in pairs), self.scale)

    def _changes(self, before: Sequence[str]) -> Iterator[tuple[int, Counts, Counts] | None]:
        """Yield number, digest before and digest now of each changed article, None if unknown."""
        for number, (old, new) in enumerate(zip(before, self.marks, strict=True)):
            if old != new:
                was = self.library.kept(old, Counts)
                now = self.library.get(self.articles[number], new, Counts)
                yield (number, was, now) if was else None


def texts(articles: Iterable[Counts], scale: Scale) -> dict[str, str]:
    """Return each term, in order, with its articles and impacts as text.

    The text of a common term begins with `~` and its frequency.
    """
    places: defaultdict[str, array[int]] = defaultdict(partial(array, "Q"))
    for article, digest in enumerate(articles):
        base = article << 2 * LEVEL_BITS
        for level, terms in scale.levels(digest):
            place = base | level
            for term in terms:
                places[term].append(place)
    return {term: _text(places[term], scale) for term in encoding.ordered(places)}


def _shift(common: bool) -> int:
    """Return by how many bits the impact that counts is shifted."""
    return LEVEL_BITS if common else 0


def _text(places: Sequence[int], scale: Scale) -> str:
    common = scale.is_common(len(places))
    shift = _shift(common)
    found = [(one >> 2 * LEVEL_BITS, level) for one in places if (level := one >> shift & LEVEL)]
    return _written(len(places), found, common)


def _written(frequency: int, found: Iterable[tuple[int, int]], common: bool) -> str:
    text = encoding.postings(found)
    return f"~{encoding.number(frequency)}{text}" if common else text


class CannotUpdateError(Exception):
    """A term became common, or no longer is: its impacts in all articles change."""


def updated(
    texts: Mapping[str, str], changes: Iterable[tuple[int, Counts, Counts]], scale: Scale
) -> dict[str, str]:
    """Return the texts after articles changed: number, digest before, digest now.

    Raises:
        CannotUpdateError: the texts must be made anew.
    """
    found = dict(texts)
    for article, before, now in changes:
        old, new = scale.by_term(before), scale.by_term(now)
        for term in sorted(old.keys() | new.keys()):
            if old.get(term) != new.get(term):
                text = _edited(found.get(term, ""), article, old.get(term), new.get(term), scale)
                if text:
                    found[term] = text
                else:
                    found.pop(term, None)
    return {term: found[term] for term in encoding.ordered(found)}


def _edited(text: str, article: int, old: int | None, new: int | None, scale: Scale) -> str:
    common, frequency, places = _read(text)
    more = frequency + (new is not None) - (old is not None)
    if scale.is_common(more) != common:
        raise CannotUpdateError
    places.pop(article, None)
    if level := (new or 0) >> _shift(common) & LEVEL:
        places[article] = level
    return _written(more, sorted(places.items()), common)


def _read(text: str) -> tuple[bool, int, dict[int, int]]:
    """Return whether a term is common, its frequency, and its articles with their impacts."""
    common = text.startswith("~")
    frequency, rest = encoding.read_number(text[1:]) if common else (0, text)
    places = dict(encoding.read_postings(rest))
    return common, frequency if common else len(places), places

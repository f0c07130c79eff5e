"""What one article adds to the indexes: its terms counted and placed, its lengths, its words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Self, TypeVar

import msgspec
import Stemmer

from kbgen_search import hashing
from kbgen_search.analysis import Analyzer, Entry
from kbgen_search.articles import Article, texts
from kbgen_search.ranking import FIELDS
from kbgen_search.scratch import open_scratch
from kbgen_search.tokens import CHUNK

DIGESTS = "digests.sqlite3"
VERSION = 8  # to be raised when analysis changes, so that digests kept on disk are made anew
SURROGATES = range(0xD800, 0xE000)  # no text may have these characters
LAST_PLACE = 0x10FFFF - len(SURROGATES)
SCHEMA = "CREATE TABLE IF NOT EXISTS digests (mark TEXT PRIMARY KEY, digest BLOB) WITHOUT ROWID"


class Lengths(msgspec.Struct, frozen=True, array_like=True):
    """The first part of a digest: how many words each field has."""

    lengths: tuple[int, ...]


class Written(Lengths, frozen=True, array_like=True):
    """The first two parts of a digest: also the words as written."""

    words: list[str]


Often = tuple[tuple[int, ...], list[str]]
"""How often terms are in each field, and the terms that are so: many have that in common."""


class Counts(Lengths, frozen=True, array_like=True):
    """A digest of which only the counts of the terms are read."""

    words: msgspec.Raw
    counts: list[Often]


class Placed(Written, frozen=True, array_like=True):
    """A digest of which the counts are not read; `places` has each field's terms with places."""

    counts: msgspec.Raw
    places: tuple[dict[str, str], ...]


class Digest(Written, frozen=True, array_like=True):
    """A whole digest; `places` has for each field the terms with their encoded places."""

    counts: list[Often]
    places: tuple[dict[str, str], ...]


Part = TypeVar("Part", bound=Lengths)


def mark(article: Article) -> str:
    """Return a fingerprint of all that an article's digest is made from.

    Of the sections it has the hash, which is one of their anchors, too.
    """
    kind = VERSION, Stemmer.version(), article.locale
    named = article.title, article.keywords, article.questions, article.tags, article.description
    return hashing.of_values(*kind, *named, article.packed.hash).hex()


def of(article: Article) -> bytes:
    """Return the encoded digest of an article; it depends on nothing but the article's texts."""
    return msgspec.msgpack.encode(digest(article, _analyzer(article.locale)))


def digest(article: Article, analyzer: Analyzer) -> Digest:
    """Return the digest of an article."""
    chunks = [CHUNK.findall(text) for text in texts(article)]
    entries = {chunk: analyzer.entry(chunk) for chunk in {*chain.from_iterable(chunks)}}
    words = {*chain.from_iterable(entry.written for entry in entries.values())}
    read = [_read(map(entries.__getitem__, found)) for found in chunks]
    places = [terms for _, terms in read]
    return Digest(
        tuple(length for length, _ in read),
        sorted(words),
        _counted(places),
        tuple({term: packed(found) for term, found in terms.items()} for terms in places),
    )


def _counted(places: Sequence[Mapping[str, Sequence[int]]]) -> list[Often]:
    """Return the terms by how often they are in each field."""
    counts: dict[str, list[int]] = {}
    for number, terms in enumerate(places):
        for term, found in terms.items():
            counts.setdefault(term, [0] * len(FIELDS))[number] = len(found)
    groups: defaultdict[tuple[int, ...], list[str]] = defaultdict(list)
    for term, count in counts.items():
        groups[tuple(count)].append(term)
    return list(groups.items())


def _read(entries: Iterable[Entry]) -> tuple[int, dict[str, list[int]]]:
    """Return the number of words in chunks, and their terms with the places of these words."""
    length = 0
    places: defaultdict[str, list[int]] = defaultdict(list)
    for size, _, terms in entries:
        for at, term in terms:
            places[term].append(length + at)
        length += size
    return length, places


def packed(places: Sequence[int]) -> str:
    """Return rising places as a character each: that of the number, beyond the surrogates."""
    if len(places) == 1:
        return chr(places[0] if places[0] < SURROGATES.start else _character(places[0]))
    if places[-1] >= SURROGATES.start:
        places = [_character(place) for place in places]
    return "".join(map(chr, places))


def unpacked(text: str) -> list[int]:
    """Return the places that `packed` has made a text of."""
    found = list(map(ord, text))
    if found[-1] >= SURROGATES.stop:
        found = [one - len(SURROGATES) if one >= SURROGATES.stop else one for one in found]
    return found


def _character(place: int) -> int:
    return place if place < SURROGATES.start else min(place, LAST_PLACE) + len(SURROGATES)


@lru_cache(maxsize=16)
def _analyzer(locale: str) -> Analyzer:
    return Analyzer(locale)


class Library:
    """Digests by mark: those that are ready, those kept in a file, and those made when asked for.

    A mark stands for the texts that a digest is made from, so that none can be out of date.
    """

    def __init__(self, path: Path | None, ready: Mapping[str, bytes] | None = None) -> None:
        self._path = path
        self._ready = ready or {}
        self._made: dict[str, bytes] = {}
        self._file = open_scratch(path, SCHEMA) if path else None

    def get(self, article: Article, mark: str, part: type[Part]) -> Part:
        """Return the digest of an article, or the part of it that is asked for."""
        found = self._ready.get(mark) or self._made.get(mark) or self._kept(mark)
        if found is None:
            found = self._made[mark] = of(article)
        return msgspec.msgpack.decode(found, type=part)

    def kept(self, mark: str, part: type[Part]) -> Part | None:
        """Return the digest that is kept under a mark, or a part of it; None for none."""
        found = self._kept(mark)
        return msgspec.msgpack.decode(found, type=part) if found else None

    def _kept(self, mark: str) -> bytes | None:
        if self._file is None:
            return None
        found = self._file.execute("SELECT digest FROM digests WHERE mark = ?", (mark,)).fetchone()
        return found[0] if found else None

    def words(
        self,
        known: Mapping[str, int] | None,
        gone: Iterable[str],
        stay: Iterable[tuple[Article, str]],
    ) -> Counter[str]:
        """Return in how many of the articles that stay each word is.

        That is what is `known` of all articles, less the words of the digests that are `gone`;
        where either is missing, the articles that `stay`, each with its mark, are counted again.
        """
        leaving = [self.kept(mark, Written) for mark in gone]
        if known is None or None in leaving:
            staying = (self.get(article, mark, Written).words for article, mark in stay)
            return Counter(chain.from_iterable(staying))
        counts = Counter(known)
        counts.subtract(chain.from_iterable(digest.words for digest in leaving if digest))
        return counts

    def keep(self, used: Iterable[str]) -> None:
        """Keep the digests of the marks in use; forget others once they outnumber those."""
        if self._file is None:
            return
        marks = set(used)
        with self._file:
            had = {row[0] for row in self._file.execute("SELECT mark FROM digests")}
            new = self._fresh(sorted(marks - had))
            self._file.executemany("INSERT OR IGNORE INTO digests VALUES (?, ?)", new)
            if len(had) > 2 * len(marks) + 100:
                stale = [(mark,) for mark in had - marks]
                self._file.executemany("DELETE FROM digests WHERE mark = ?", stale)

    def __enter__(self) -> Self:
        """Give the library, to be closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its file."""
        if self._file is not None:
            self._file.close()

    def _fresh(self, marks: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for mark in marks:
            found = self._ready.get(mark) or self._made.get(mark)
            if found is not None:
                yield mark, found

"""Words to index terms, by language; the browser's `analysis.js` gives the same terms.

A word is found by its stem. Where accents or letter forms change the stem, it is found by the
stem of its unaccented form as well, so that a reader who types none finds it too.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import accumulate, chain
from operator import add
from typing import NamedTuple

import msgspec
import Stemmer
from msgspec.structs import replace

from kbgen_search import arabic, indonesian, tokens, turkish
from kbgen_search.folding import fold, lower
from kbgen_search.languages import Language, language, stop_words

LONGEST = 64
REMEMBERED_TEXTS = 512
_PLAIN = re.compile(r"[A-Za-z][a-z]*\Z")
_APOSTROPHE = re.compile("['’]")
_POSSESSIVE = re.compile("['’][sS]?\\Z")
_DOT = re.compile("[.:]")
_SEGMENT = re.compile("[^.:]+")
_JOINT = re.compile("[-_'’]|::")
_ELIDED = frozenset(
    "c d j l m n s t qu jusqu lorsqu puisqu quoiqu all dall dell nell un".split()  # noqa: SIM905
)


class Word(msgspec.Struct, frozen=True, gc=False):
    """One word of a text.

    `start` and `end` are code points; `terms` are what the word is found by, the best first;
    `whole` is the identifier it is a part of, if any; `extra` are further terms that an index
    keeps for this place (the identifier, a shorter version number, the last character of a text
    without spaces).
    """

    start: int
    end: int
    surface: str
    terms: tuple[str, ...]
    whole: str = ""
    extra: tuple[str, ...] = ()


class Entry(NamedTuple):
    """What a chunk adds to an index: how many words it has, what they are written like (and the
    identifiers they are part of), and its terms, each with the number of its word.
    """

    length: int
    written: tuple[str, ...]
    terms: tuple[tuple[int, str], ...]


class Analyzer:
    """Reads texts of one language; remembers the words it has met."""

    def __init__(self, locale: str) -> None:
        self.language: Language = language(locale)
        self._turkish = self.language.code == "tr"
        self._stem = _snowball(self.language.stemmer)
        self._own_stems = _own_stems(self.language.own, self._stem)
        self._stops = frozenset(
            _APOSTROPHE.sub("", fold(self._lower(word))) for word in stop_words(self.language.code)
        )
        self.chunk = lru_cache(maxsize=1 << 17)(self._read_chunk)
        self.entry = lru_cache(maxsize=1 << 17)(self._entry)
        self.chunks = lru_cache(maxsize=REMEMBERED_TEXTS)(self._chunks)

    def words(self, text: str) -> Iterator[Word]:
        """Yield the words of a text in order."""
        for chunk in tokens.chunks(text):
            at = chunk.start()
            for word in self.chunk(chunk[0]):
                yield replace(word, start=word.start + at, end=word.end + at)

    def surfaces(self, text: str) -> list[Word]:
        """Return the words of a text with places that are relative to their chunk (faster)."""
        return [word for chunk in tokens.chunks(text) for word in self.chunk(chunk[0])]

    def initial(self, chunk: str) -> str:
        """Return the letter that the one term of a chunk begins with, "" if only reading tells."""
        plain = not self.language.beheads and _PLAIN.match(chunk)
        return chunk[0].lower() if plain else ""

    def is_stop(self, surface: str) -> bool:
        """Tell whether a word is a function word of the language."""
        return fold(surface) in self._stops

    def whole_term(self, whole: str) -> str:
        """Return the term of a whole identifier, stemmed when it is a word by itself."""
        return self.terms(whole)[0] if whole.isalpha() else whole

    def terms(self, surface: str) -> tuple[str, ...]:
        """Return the terms of a lower-cased word: its stem and that of its unaccented form.

        In some languages a word may have several, the likeliest first.
        """
        return self._terms(surface, fold(surface))

    def _terms(self, surface: str, bare: str) -> tuple[str, ...]:
        if self._own_stems:
            return tuple(dict.fromkeys(map(fold, self._own_stems(bare, surface))))
        first = fold(self._stem(surface))
        if bare == surface:
            return (first,)
        second = fold(self._stem(bare))
        return (first,) if second == first else (first, second)

    def _chunks(self, text: str) -> tuple[tuple[int, str], ...]:
        """Return the chunks of a text with the places where they begin."""
        return tuple((chunk.start(), chunk[0]) for chunk in tokens.chunks(text))

    def _lower(self, text: str) -> str:
        return lower(text, self._turkish)

    def _is_plain(self, chunk: str) -> bool:
        """Tell whether lower case and stem are all there is to a chunk, as with most words."""
        return bool(_PLAIN.match(chunk)) and not self._turkish

    def _read_chunk(self, chunk: str) -> tuple[Word, ...]:
        if self._is_plain(chunk):
            text = chunk.lower()[:LONGEST]
            return (Word(0, len(chunk), text, self._terms(text, text)),)
        runs = tokens.runs(chunk)
        if len(runs) > 1:
            return tuple(
                replace(word, start=word.start + at, end=word.end + at)
                for at, run in runs
                for word in self._read_chunk(run)
            )
        if tokens.is_seamless(chunk):
            return tuple(_bigrams(chunk, self._lower(chunk)))
        parts = self._parts(chunk)
        words = tuple(word for part in parts for word in self._read_part(part))
        if len(parts) == 1 and chunk.isalpha():
            return words  # as it is: nothing was joined or left out
        whole = self._whole(chunk, words)
        if not whole or not words:
            return words
        first = replace(words[0], extra=(self.whole_term(whole),))
        words = tuple(replace(word, whole=whole) for word in (first, *words[1:]))
        return self._segmented(chunk, words) if _DOT.search(chunk) else words

    def _entry(self, chunk: str) -> Entry:
        """Return what a chunk adds to an index, without making words where it is but pairs."""
        if self._is_plain(chunk):
            text = chunk.lower()[:LONGEST]
            return Entry(1, (text,), tuple((0, term) for term in self._terms(text, text)))
        if chunk.isascii():
            return _entry_of(self._read_chunk(chunk))
        runs = tokens.runs(chunk)
        if len(runs) > 1:
            return _one_after_another([self.entry(run) for _, run in runs])
        if tokens.is_seamless(chunk):
            return _entry_of_pairs(self._lower(chunk))
        return _entry_of(self._read_chunk(chunk))

    def _segmented(self, chunk: str, words: tuple[Word, ...]) -> tuple[Word, ...]:
        """Let the names within a dotted one (`client.getUser`) be found as wholes, too."""
        found = list(words)
        for segment in _SEGMENT.finditer(chunk):
            inside = [at for at in range(len(words)) if words[at].start in range(*segment.span())]
            if 1 < len(inside) < len(words):
                name = fold(_JOINT.sub("", self._lower(segment[0])))[:LONGEST]
                first = found[inside[0]]
                found[inside[0]] = replace(first, extra=(*first.extra, self.whole_term(name)))
                for at in inside:
                    found[at] = replace(found[at], whole=name)
        return tuple(found)

    def _parts(self, chunk: str) -> list[tokens.Part]:
        if not _APOSTROPHE.search(chunk):
            return tokens.parts(chunk)
        if self.language.elides:
            return _without_articles(chunk)
        joined = _APOSTROPHE.sub("", _POSSESSIVE.sub("", chunk))
        return [
            part._replace(end=len(chunk) if part.end == len(joined) else part.end)
            for part in tokens.parts(joined)
        ]

    def _whole(self, chunk: str, words: tuple[Word, ...]) -> str:
        if (self.language.elides and _APOSTROPHE.search(chunk)) or any(w.extra for w in words):
            return ""
        text = self._lower(_POSSESSIVE.sub("", chunk))[:LONGEST]
        if not text.startswith("-"):
            text = _JOINT.sub("", text)
        if len(words) == 1 and words[0].surface == text:
            return ""
        return fold(text)

    def _read_part(self, part: tokens.Part) -> Iterator[Word]:
        text = self._lower(part.text)[:LONGEST]
        if part.text[:1].isdecimal():
            number = fold(text)
            shorter = ".".join(number.split(".")[:2])
            extra = (shorter,) if shorter != number else ()
            yield Word(part.start, part.end, number, (number,), extra=extra)
        elif bare := fold(text):
            yield Word(part.start, part.end, text, self._terms(text, bare))


def _snowball(name: str) -> Callable[[str], str]:
    """Return Snowball's stemmer; what leaves words as they are where it has none."""
    if not name:
        return lambda word: word
    stem: Callable[[str], str] = Stemmer.Stemmer(
        name, 0
    ).stemWord  # what is remembered here is more
    return stem


def _own_stems(
    name: str, snowball: Callable[[str], str]
) -> Callable[[str, str], tuple[str, ...]] | None:
    """Return our module's function from a word, folded and as written, to its stems."""
    own: dict[str, Callable[[str, str], tuple[str, ...]]] = {
        "arabic": lambda word, written: arabic.stems(word),
        "indonesian": lambda word, written: indonesian.stems(snowball, word),
        "turkish": partial(turkish.stems, snowball),
    }
    return own.get(name)


def _without_articles(chunk: str) -> list[tokens.Part]:
    parts = [
        part._replace(start=part.start + piece.start(), end=part.end + piece.start())
        for piece in re.finditer("[^'’]+", chunk)
        for part in tokens.parts(piece[0])
    ]
    kept = [part for part in parts if part.text.lower() not in _ELIDED]
    return kept or parts


def _bigrams(chunk: str, run: str) -> Iterator[Word]:
    """Yield the overlapping pairs of characters of a script that puts no spaces between words.

    `run` is the lower-cased chunk; there is nothing to fold in these scripts.
    """
    exact = len(run) == len(chunk)
    last = len(run) - 2
    for at, pair in enumerate(_pairs(run)):
        start, end = (at, at + len(pair)) if exact else (0, len(chunk))
        yield Word(start, end, pair, (pair,), extra=(run[-1],) if 0 <= last == at else ())


def _pairs(run: str) -> list[str]:
    """Return the pairs of neighbours in a run of characters, or the run itself if it has none."""
    return list(map(add, run, run[1:])) or [run]


def _entry_of(words: Sequence[Word]) -> Entry:
    written = [name for word in words for name in (word.surface, word.whole) if name]
    terms = [(at, one) for at, word in enumerate(words) for one in word.terms + word.extra]
    return Entry(len(words), tuple(written), tuple(terms))


def _entry_of_pairs(run: str) -> Entry:
    """Return the entry of what `_bigrams` yields of a lower-cased chunk."""
    pairs = _pairs(run)
    last = ((len(pairs) - 1, run[-1]),) if len(run) > 1 else ()
    return Entry(len(pairs), tuple(pairs) if run else (), (*enumerate(pairs), *last))


def _one_after_another(entries: Sequence[Entry]) -> Entry:
    starts = accumulate((entry.length for entry in entries), initial=0)
    found = zip(starts, entries, strict=False)
    return Entry(
        sum(entry.length for entry in entries),
        tuple(chain.from_iterable(entry.written for entry in entries)),
        tuple((start + at, term) for start, entry in found for at, term in entry.terms),
    )

"""Rereading the best articles: closeness of the words, the section to open, the quotation."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kbgen_search.analysis import Analyzer
from kbgen_search.ranking import Weights, rounded
from kbgen_search.records import Passage, Record

SPAN = 24  # words within which words of the query count as close
QUOTE = 180  # characters of a snippet
ELLIPSIS = "…"


class Hit(NamedTuple):
    """A word of a text that answers a word of the query: its place, and which one it answers."""

    position: int
    start: int
    end: int
    need: int


@dataclass(frozen=True, slots=True)
class Window:
    """The closest stretch of a text: the mass of the words in it and its hits from, to."""

    mass: float = 0.0
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """Plain text with the places of the matched words, in code points."""

    text: str = ""
    highlights: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What rereading an article tells: a factor for its score, the section, the quotation."""

    factor: float
    passage: Passage | None
    quote: Quote


class Sought(NamedTuple):
    """What to look for: which word of the query each term answers, and each word's mass."""

    needs: Mapping[str, int]
    masses: Sequence[float]
    telling: Sequence[bool]

    def mass(self, needs: Iterable[int]) -> float:
        """Return the mass of a set of words of the query, added in their order."""
        return sum((self.masses[need] for need in sorted(set(needs))), 0.0)


def hits(text: str, sought: Sought, analyzer: Analyzer) -> list[Hit]:
    """Return the words of a text that answer the query, in order."""
    found = []
    for position, word in enumerate(analyzer.words(text)):
        need = next((sought.needs[t] for t in word.terms + word.extra if t in sought.needs), None)
        if need is not None:
            found.append(Hit(position, word.start, word.end, need))
    return found


def closest(found: Sequence[Hit], sought: Sought) -> Window:
    """Return the window of at most SPAN words that has most of the query; the first of equals."""
    best = Window()
    first = 0
    for last, hit in enumerate(found):
        while hit.position - found[first].position >= SPAN:
            first += 1
        mass = sought.mass(one.need for one in found[first : last + 1])
        if rounded(mass) > rounded(best.mass):
            best = Window(mass, first, last)
    return best


def adjacency(found: Sequence[Hit], count: int) -> float:
    """Return the share of neighbouring words of the query that are neighbours in the text."""
    pairs = {
        one.need
        for one, two in itertools.pairwise(found)
        if two.need == one.need + 1 and two.position == one.position + 1
    }
    return len(pairs) / (count - 1) if count > 1 else 0.0


def likeness(text: str, sought: Sought, analyzer: Analyzer) -> float:
    """Return how nearly a title says what the query says: 1 when it has its words and no others.

    Function words do not count, except in texts that have nothing else.
    """
    words = list(analyzer.words(text))
    kept = [word for word in words if not analyzer.is_stop(word.surface)] or words
    found = [
        need
        for word in kept
        if (need := next((sought.needs[t] for t in word.terms if t in sought.needs), None))
        is not None
    ]
    wanted = [n for n, telling in enumerate(sought.telling) if telling] or range(len(sought.masses))
    total = sought.mass(wanted)
    have = sought.mass(set(found) & set(wanted))
    return (have / total) * (len(found) / len(kept)) if kept and total else 0.0


def quote(text: str, found: Sequence[Hit], window: Window) -> Quote:
    """Return about QUOTE characters of a text around a window, with all hits in it marked."""
    start, end = _around(text, found, window)
    shown = text[start:end].replace("\f", " ").replace("\n", " ")
    lead = ELLIPSIS if start else ""
    marks = [
        (hit.start - start + len(lead), hit.end - start + len(lead))
        for hit in found
        if start <= hit.start and hit.end <= end
    ]
    return Quote(f"{lead}{shown}{ELLIPSIS if end < len(text) else ''}", _merged(marks))


def _around(text: str, found: Sequence[Hit], window: Window) -> tuple[int, int]:
    first, last = (found[window.first].start, found[window.last].end) if found else (0, 0)
    room = max(QUOTE - (last - first), 0)
    start = max(0, min(first - room // 3, len(text) - QUOTE))
    if start:
        space = text.find(" ", start, min(first, start + 20))
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + QUOTE)
    if end < len(text):
        space = text.rfind(" ", end - 20, end)
        end = space if space > start else end
    return start, end


def _merged(marks: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in marks:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def read(record: Record, sought: Sought, analyzer: Analyzer, weights: Weights) -> Reading:
    """Return what rereading one article tells."""
    texts = [hits(passage.text, sought, analyzer) for passage in record.passages]
    windows = [closest(found, sought) for found in texts]
    title = max(
        (likeness(text, sought, analyzer) for text in (record.title, *record.questions)),
        default=0.0,
    )
    heads = [likeness(passage.heading, sought, analyzer) for passage in record.passages]
    near = max((window.mass for window in windows), default=0.0) / (
        sought.mass(range(len(sought.masses))) or 1
    )
    row = max((adjacency(found, len(sought.masses)) for found in texts), default=0.0)
    factor = (
        1
        + weights.proximity * (near + row) / 2
        + weights.exact_title * title
        + weights.exact_heading * max(heads, default=0.0)
    )
    best = _section(record, texts, sought, analyzer)
    if best is None:
        return Reading(factor, None, Quote())
    passage = record.passages[best]
    shown = quote(passage.text, texts[best], windows[best])
    return Reading(factor, passage if passage.anchor else None, shown)


def _section(
    record: Record, texts: Sequence[Sequence[Hit]], sought: Sought, analyzer: Analyzer
) -> int | None:
    """Return the number of the passage that has most of the query in heading and text."""
    best, most = None, -1.0
    for number, passage in enumerate(record.passages):
        heading = passage.heading or record.title
        inside = sought.mass(hit.need for hit in texts[number])
        above = sought.mass(hit.need for hit in hits(heading, sought, analyzer))
        mass = rounded(inside + above)
        if mass > most:
            best, most = number, mass
    return best

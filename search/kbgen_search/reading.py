"""Reading the best articles: what they call themselves, the section to open, the quotation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import neg
from typing import NamedTuple

from kbgen_search.analysis import Analyzer, Word
from kbgen_search.ranking import Weights, rounded
from kbgen_search.records import Passage, Record

SPAN = 24  # words within which words of the query count as close
QUOTE = 180  # characters of a snippet
ANSWER = 360  # characters of a passage that answers by itself
ANSWERED = 0.8  # likeness of a query and a question that an article says it answers
OTHERS = 3
NEARLY = 0.7
ELLIPSIS = "…"


class Hit(NamedTuple):
    """A word of a text that answers a word of the query: its place, and which one it answers."""

    position: int
    start: int
    end: int
    need: int


class Window(NamedTuple):
    """The closest stretch of a text: the mass of the words in it and its hits from, to."""

    mass: float = 0.0
    first: int = 0
    last: int = 0


class Share(NamedTuple):
    """How much of the query a passage has: in all, and in its heading."""

    mass: float
    heading: float = 0.0


class Quote(NamedTuple):
    """Plain text with the places of the matched words, in code points."""

    text: str = ""
    highlights: tuple[tuple[int, int], ...] = ()


class Reading(NamedTuple):
    """What reading an article tells.

    The passage to open at (None for the top), its quotation, other sections that answer the
    query, the passage that answers it by itself (if any), and the words that match there, in the
    title and in the heading to open, as written.
    """

    passage: Passage | None
    quote: Quote
    others: tuple[Passage, ...] = ()
    answer: Quote | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sought:
    """What to look for: which word of the query each term answers, and each word's mass.

    `initials` are the letters that terms begin with, and "" for what only reading tells; `seen`
    remembers for each chunk of the texts how many words it has, and which are hits.
    """

    needs: Mapping[str, int]
    masses: Sequence[float]
    telling: Sequence[bool]
    initials: frozenset[str]
    seen: dict[str, tuple[int, tuple[Hit, ...]]] = field(default_factory=dict)

    def answered(self, terms: Iterable[str]) -> int | None:
        """Return which word of the query one of the terms answers, None for none."""
        for term in terms:
            if term in self.needs:
                return self.needs[term]
        return None

    def mass(self, needs: Iterable[int]) -> float:
        """Return the mass of a set of words of the query, added in their order."""
        return sum((self.masses[need] for need in sorted(set(needs))), 0.0)


def hits(text: str, sought: Sought, analyzer: Analyzer) -> list[Hit]:
    """Return the words of a text that answer the query, in order."""
    found = []
    position = 0
    for at, chunk in analyzer.chunks(text):
        seen = sought.seen.get(chunk) or _look(chunk, sought, analyzer)
        for by, start, end, need in seen[1]:
            found.append(Hit(position + by, start + at, end + at, need))
        position += seen[0]
    return found


def _look(chunk: str, sought: Sought, analyzer: Analyzer) -> tuple[int, tuple[Hit, ...]]:
    """Return how many words a chunk has, and those that are hits; remember both."""
    found = []
    unlike = analyzer.initial(chunk) not in sought.initials
    words = () if unlike else analyzer.chunk(chunk)
    for at, word in enumerate(words):
        need, end = sought.answered(word.terms), word.end
        if need is None and word.extra:
            need, end = sought.answered(word.extra), _end_of_name(words, at)
        if need is not None:
            found.append(Hit(at, word.start, end, need))
    sought.seen[chunk] = seen = (1 if unlike else len(words), tuple(found))
    return seen


def _end_of_name(words: Sequence[Word], first: int) -> int:
    """Return where the name ends whose first part is a word; the word's end where it is none."""
    name, last = words[first].whole, first
    while name and last + 1 < len(words):
        following = words[last + 1]
        if following.whole != name or following.extra:
            break
        last += 1
    return words[last].end


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


def likeness(text: str, sought: Sought, analyzer: Analyzer) -> float:
    """Return how nearly a title says what the query says: 1 when it has its words and no others.

    Function words do not count, except in texts that have nothing else.
    """
    words = analyzer.surfaces(text)
    kept = [word for word in words if not analyzer.is_stop(word.surface)] or words
    found = [need for word in kept if (need := sought.answered(word.terms)) is not None]
    wanted = [n for n, telling in enumerate(sought.telling) if telling] or range(len(sought.masses))
    total = sought.mass(wanted)
    have = sought.mass(set(found) & set(wanted))
    return (have / total) * (len(found) / len(kept)) if kept and total else 0.0


def quote(text: str, found: Sequence[Hit], window: Window, size: int = QUOTE) -> Quote:
    """Return about `size` characters of a text around a window, with all hits in it marked."""
    start, end = _around(text, found, window, size)
    shown = text[start:end].replace("\f", " ").replace("\n", " ")
    lead = ELLIPSIS if start else ""
    inside = [hit for hit in found if start <= hit.start and hit.end <= end]
    by = len(lead) - start
    marks = tuple((first + by, last + by) for first, last in places(inside))
    return Quote(f"{lead}{shown}{ELLIPSIS if end < len(text) else ''}", marks)


def places(found: Iterable[Hit | Word]) -> tuple[tuple[int, int], ...]:
    """Return where hits stand, those that touch as one."""
    merged: list[tuple[int, int]] = []
    for hit in found:
        if merged and hit.start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(hit.end, merged[-1][1]))
        else:
            merged.append((hit.start, hit.end))
    return tuple(merged)


def _around(text: str, found: Sequence[Hit], window: Window, size: int) -> tuple[int, int]:
    first, last = (found[window.first].start, found[window.last].end) if found else (0, 0)
    room = max(size - (last - first), 0)
    start = max(0, min(first - room // 3, len(text) - size))
    if start:
        space = text.find(" ", start, min(first, start + 20))
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + size)
    if end < len(text):
        space = text.rfind(" ", end - 20, end)
        end = space if space > start else end
    return start, end


def agreement(record: Record, sought: Sought, analyzer: Analyzer, weights: Weights) -> float:
    """Return the factor for the score of an article whose titles say what the query says.

    It looks at the title, the questions and the headings: no texts are needed to rank.
    """
    titles = (record.title, *record.questions)
    title = max(likeness(text, sought, analyzer) for text in titles)
    headings = (likeness(one.heading, sought, analyzer) for one in record.passages)
    return 1 + weights.exact_title * title + weights.exact_heading * max(headings, default=0.0)


def read(record: Record, sought: Sought, analyzer: Analyzer) -> Reading:
    """Return what reading one article tells.

    Who types an article's title and nothing else wants the article: it opens at its top, unless a
    passage answers the query by itself.
    """
    texts = [hits(passage.text, sought, analyzer) for passage in record.passages]
    windows = [closest(found, sought) for found in texts]
    asked = [likeness(text, sought, analyzer) for text in record.questions]
    shares = _shares(record, texts, sought, analyzer)
    if not shares:
        return Reading(None, Quote())
    ranked = _ranked(shares)
    best, quoted = _best_and_quoted(record, ranked)
    answers = max([0.0, *asked]) >= ANSWERED or _answers(windows[quoted], sought)
    named = not answers and likeness(record.title, sought, analyzer) == 1
    if named:
        best, quoted = _best_and_quoted(record, [0, *ranked])
    heading = record.passages[best].heading
    text, found, window = record.passages[quoted].text, texts[quoted], windows[quoted]
    names = [(name, hits(name, sought, analyzer)) for name in (record.title, heading)]
    return Reading(
        record.passages[best] if record.passages[best].anchor and not named else None,
        quote(text, found, window),
        _others(record, shares, best),
        quote(text, found, window, ANSWER) if answers else None,
        tuple(
            where[hit.start : hit.end].lower()
            for where, some in [(text, found), *names]
            for hit in some
        ),
    )


def _best_and_quoted(record: Record, ranked: Sequence[int]) -> tuple[int, int]:
    """Return the first of these passages, and the first that has text (else the first, too)."""
    best = ranked[0]
    return best, next((number for number in ranked if record.passages[number].text), best)


def _shares(
    record: Record, texts: Sequence[Sequence[Hit]], sought: Sought, analyzer: Analyzer
) -> list[Share]:
    """Return how much of the query each passage has in its text and again in its heading.

    The title stands over the article's beginning. Where a section has more than that, the title
    counts for all sections: what they are about is said there.
    """
    title = _needs(record.title, sought, analyzer)
    headings = [
        _needs(one.heading, sought, analyzer) if one.heading else title for one in record.passages
    ]
    bodies = [sought.mass(hit.need for hit in found) for found in texts]
    above = [sought.mass(heading) for heading in headings]
    masses = [rounded(body + over) for body, over in zip(bodies, above, strict=True)]
    if not masses or not record.passages[masses.index(max(masses))].anchor:
        return [Share(mass) for mass in masses]
    return [
        Share(rounded(body + sought.mass({*heading, *title})), rounded(over))
        for body, heading, over in zip(bodies, headings, above, strict=True)
    ]


def _needs(text: str, sought: Sought, analyzer: Analyzer) -> list[int]:
    return [hit.need for hit in hits(text, sought, analyzer)]


def _others(record: Record, shares: Sequence[Share], best: int) -> tuple[Passage, ...]:
    """Return at most OTHERS further sections that have nearly as much of the query as the best."""
    least = NEARLY * shares[best].mass
    kept = [n for n in _ranked(shares) if n != best and shares[n].mass >= least > 0]
    return tuple(record.passages[n] for n in kept if record.passages[n].anchor)[:OTHERS]


def _ranked(shares: Sequence[Share]) -> list[int]:
    """Return the numbers of passages: those first that have most, of equals in the heading."""
    return sorted(range(len(shares)), key=lambda number: (*map(neg, shares[number]), number))


def _answers(window: Window, sought: Sought) -> bool:
    """Tell whether a passage has all of a question of several words close together."""
    telling = [number for number, one in enumerate(sought.telling) if one]
    asks = len(telling) >= 2 and len(sought.telling) > len(telling)
    return asks and window.mass >= sought.mass(telling)

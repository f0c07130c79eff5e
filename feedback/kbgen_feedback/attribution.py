"""Which article a failed query was after, in other words than the article's own.

Readers who found their article in the end tell what their words mean: "bill" led to articles about
an "invoice". From such pairs a translation of readers' stems into stems of titles is learned (IBM
model 1: Brown et al. 1993, Computational Linguistics 19:263-311). A query that nobody who typed it
was satisfied with is then given to the one article whose title it says in other words.

Words that say nothing ("how do I") are learned from the same pairs: those beside which the rest of
a query said the whole title already.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, groupby
from operator import attrgetter, mul, truediv

from kbgen_feedback.evidence import Key, Resolver, Typed
from kbgen_feedback.spelling import Slips, respelled
from kbgen_feedback.words import fold

ROUNDS = 4
SURE = 0.5  # probability from which a reader's stem stands for a title's
IDLE_ARTICLES = 5  # titles that queries said in full without a word, from which it says nothing

Stems = frozenset[str]
Titles = Mapping[Key, Stems]
Meanings = Mapping[tuple[str, str], Stems]
"""(locale, stem of a query) -> stems of titles that it stands for."""
Idle = frozenset[tuple[str, str]]
"""(locale, stem of a query) that say nothing."""
ByStem = Mapping[tuple[str, str], frozenset[Key]]
_NO_KEYS: frozenset[Key] = frozenset()
Asking = tuple[str, tuple[str, ...]]
"""A locale and the stems of a query, slips put right."""


@dataclass(slots=True)
class Asked:
    """Queries of one locale in the same words; `ended` is how many readers ended on which page."""

    typed: list[Typed] = field(default_factory=list)
    ended: dict[str, int] = field(default_factory=dict)


Askings = Mapping[Asking, Asked]
_NOTHING: Askings = {}


@dataclass(frozen=True)
class Learned:
    """What readers who found their article taught: what stems stand for, and which say nothing."""

    meanings: Meanings
    idle: Idle


class Sought:
    """What readers' words stand for on this site, and which article a failed query sought."""

    def __init__(
        self, resolver: Resolver, slips: Slips, learned: Learned, asked: Askings = _NOTHING
    ) -> None:
        """Take what readers taught, and the queries whose words are known already."""
        self.slips, self.learned = slips, learned
        self._known: defaultdict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        for (locale, words), some in asked.items():
            self._known[locale] |= dict.fromkeys([one.q for one in some.typed], words)
        self.titles = titles(resolver, slips)
        self.by_stem = _by_stem(self.titles)
        self._idle, self._meant = _by_locale(learned)
        self.words = cache(self._words)
        self.article = cache(self._article)

    def contradicts(self, words: Iterable[str], key: Key) -> bool:
        """Return whether one of a query's stems is known to mean what an article's title lacks."""
        title = self.titles.get(key, frozenset())
        known = ((stem, self.learned.meanings.get((key[1], stem))) for stem in words)
        return any(meant and stem not in title and not meant & title for stem, meant in known)

    def spelled(self, query: str, locale: str) -> tuple[str, ...]:
        """Return the stems of a query with slips put right."""
        known = self._known[locale].get(query)
        return (
            respelled(fold(query, locale), self.slips.get(locale, {})) if known is None else known
        )

    def telling(self, asked: Askings) -> Askings:
        """Return queries by those stems that tell something; by all where none does."""
        found: dict[Asking, Asked] = {}
        for (locale, words), some in asked.items():
            told = locale, self.told(words, locale)
            found[told] = _both(found[told], some) if told in found else some
        return found

    def told(self, spelled: tuple[str, ...], locale: str) -> tuple[str, ...]:
        """Return stems without idle ones; with them where there are no others."""
        idle = self._idle.get(locale)
        if idle is None or idle.isdisjoint(spelled):
            return spelled
        return tuple([stem for stem in spelled if stem not in idle]) or spelled

    def said(self, told: tuple[str, ...], locale: str) -> tuple[str, ...]:
        """Return such stems, each as titles say it where readers have taught that, each once."""
        meant = self._meant[locale]
        return tuple(dict.fromkeys(chain.from_iterable(map(meant.__getitem__, told))))

    def _article(self, words: tuple[str, ...], locale: str) -> Key | None:
        """Return the one article whose title these stems say in other words, if there is one."""
        known = self.learned.meanings, self.titles, self.by_stem
        return article_of(frozenset(words), locale, *known)

    def _words(self, query: str, locale: str) -> tuple[str, ...]:
        """Return the stems that a query says."""
        return self.said(self.told(self.spelled(query, locale), locale), locale)

    def is_broad(self, said: Iterable[str], locale: str) -> bool:
        """Return whether the titles of several articles hold all that a query says."""
        found = [self.by_stem.get((locale, one), _NO_KEYS) for one in said]
        return bool(found) and len(frozenset.intersection(*found)) > 1


class _Meant(dict[str, tuple[str, ...]]):
    """By a stem those it stands for: itself if nothing else is known."""

    def __missing__(self, stem: str) -> tuple[str, ...]:
        self[stem] = itself = (stem,)
        return itself


def _by_locale(learned: Learned) -> tuple[Mapping[str, set[str]], Mapping[str, _Meant]]:
    """Return idle stems by locale, and by locale and stem those it stands for, in order."""
    idle: defaultdict[str, set[str]] = defaultdict(set)
    for locale, stem in learned.idle:
        idle[locale].add(stem)
    meant: defaultdict[str, _Meant] = defaultdict(_Meant)
    for (locale, stem), known in learned.meanings.items():
        meant[locale][stem] = tuple(sorted(known))
    return idle, meant


def titles(resolver: Resolver, slips: Slips) -> dict[Key, Stems]:
    """Return the stems of each article's title."""
    return {
        key: frozenset(respelled(fold(one.title, key[1]), slips.get(key[1], {})))
        for key, one in resolver.known.items()
    }


def _by_stem(known: Titles) -> ByStem:
    found: defaultdict[tuple[str, str], set[Key]] = defaultdict(set)
    for key, title in known.items():
        for stem in title:
            found[key[1], stem].add(key)
    return {stem: frozenset(keys) for stem, keys in found.items()}


Pairs = Mapping[tuple[str, Stems, Stems], int]
"""(locale, stems of a query, stems of the title of the article it ended on) -> readers."""


def askings(typed: Iterable[Typed], slips: Slips) -> Askings:
    """Return queries by their stems, slips put right."""
    found: dict[Asking, Asked] = {}
    for locale, some in groupby(typed, attrgetter("locale")):
        right = _Right(slips.get(locale, {})).__getitem__
        by_words: defaultdict[tuple[str, ...], Asked] = defaultdict(Asked)
        for one in some:
            asked = by_words[tuple(map(right, one.stems))]
            asked.typed.append(one)
            for end in one.ended:
                if end.readers:
                    asked.ended[end.page] = asked.ended.get(end.page, 0) + end.readers
        found |= {(locale, words): asked for words, asked in by_words.items()}
    return found


class _Right(dict[str, str]):
    """Stems as they are meant: what is no slip is right already."""

    def __missing__(self, stem: str) -> str:
        self[stem] = stem
        return stem


def _both(one: Asked, two: Asked) -> Asked:
    ended = Counter(one.ended)
    ended.update(two.ended)
    return Asked(one.typed + two.typed, ended)


def ended(asked: Askings, known: Titles, resolver: Resolver) -> Pairs:
    """Return on which titles the readers of each query ended."""
    pairs: defaultdict[tuple[str, Stems, Stems], int] = defaultdict(int)

    @cache
    def title(page: str, locale: str) -> tuple[str, Stems] | None:
        key = resolver.key(page, locale)
        return (key[1], known[key]) if key is not None and key in known else None

    for (locale, words), some in asked.items():
        query = frozenset(words)
        for page, n in some.ended.items():
            if found := title(page, locale):
                pairs[found[0], query, found[1]] += n
    return pairs


def learn(pairs: Pairs) -> Learned:
    """Return what is learned from queries and the titles they ended on."""
    meanings = meanings_of(pairs)
    return Learned(meanings, idle_words(pairs, meanings))


def meanings_of(pairs: Pairs) -> Meanings:
    """Return what readers' stems stand for, from queries and the titles they ended on."""
    # Sorted: sums of floats depend on the order, and that of a set is another in each process.
    ordered: Callable[[Stems], list[str]] = cache(sorted)
    chances = _chances(
        (where, ordered(q), ordered(title), n) for (where, q, title), n in pairs.items()
    )
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for (locale, word, meaning), chance in chances.items():
        if chance >= SURE:
            found[locale, word].add(meaning)
    return {key: frozenset(meanings) for key, meanings in found.items()}


def idle_words(pairs: Pairs, meanings: Meanings) -> Idle:
    """Return the (locale, stem) that say nothing: readers type them beside a whole title.

    A word is idle when the other words of queries with it said everything in the titles of several
    articles. Of a missing article's words that cannot be: without them no title is said. (Learned
    lists of empty words: Lo, He & Ounis 2005, J. Digit. Inf. Manag. 3:3-8.)
    """
    titles_of: defaultdict[tuple[str, str], set[Stems]] = defaultdict(set)
    for locale, query, title in pairs:
        idle = {word for word in query - title if (locale, word) not in meanings}
        if idle and says(_meant(query - idle, locale, meanings), title):
            for word in idle:
                titles_of[locale, word].add(title)
    return frozenset(word for word, said in titles_of.items() if len(said) >= IDLE_ARTICLES)


Pair = tuple[str, Sequence[str], Sequence[str], int]
"""An item of `Pairs`, its stems in an order."""


def _chances(pairs: Iterable[Pair]) -> dict[tuple[str, str, str], float]:
    """Return P(title stem | query stem), by (locale, query stem, title stem).

    One imagined count keeps rare ones low. Each such chance has a number, so that the rounds count
    in plain lists: columns of those that were met with equally many stems.
    """
    terms: list[tuple[str, str, str]] = []
    numbers: dict[tuple[str, str], _Numbers] = {}
    met: defaultdict[int, list[tuple[int, ...]]] = defaultdict(list)
    for locale, query, title, n in pairs:
        for meaning in title if query else ():
            of = numbers.get((locale, meaning))
            if of is None:
                of = numbers[locale, meaning] = _Numbers(locale, meaning, terms)
            met[len(query)].append((n, *[of[word] for word in query]))
    words: dict[tuple[str, str], int] = {}
    of_word = [words.setdefault(term[:2], len(words)) for term in terms]
    columns = [list(zip(*rows, strict=True)) for rows in met.values()]
    chances = [1.0] * len(terms)
    for _ in range(1 + ROUNDS):
        chances = _expect(columns, of_word, chances)
    return dict(zip(terms, chances, strict=True))


class _Numbers(dict[str, int]):
    """The numbers of the terms of one meaning, by their query stems; new ones join the terms."""

    def __init__(self, locale: str, meaning: str, terms: list[tuple[str, str, str]]) -> None:
        super().__init__()
        self.locale, self.meaning, self.terms = locale, meaning, terms

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self.terms)
        self.terms.append((self.locale, word, self.meaning))
        return number


def _expect(
    met: Iterable[Sequence[Sequence[int]]], of_word: Sequence[int], chances: Sequence[float]
) -> list[float]:
    """Return the chances after one more round: each meaning is shared out among its query's stems.

    Args:
        met: how often meanings were met, and the numbers of the first, second... terms that may
            tell them.
        of_word: by term, the number of its query stem.
        chances: by term, as known so far.
    """
    counts = [0.0] * len(of_word)
    for often, *columns in met:
        known = [[chances[term] for term in terms] for terms in columns]
        shares = list(map(truediv, often, map(sum, zip(*known, strict=True))))
        for terms, some in zip(columns, known, strict=True):
            for term, count in zip(terms, map(mul, some, shares), strict=True):
                counts[term] += count
    totals = [1.0] * len(of_word)
    for count, word in zip(counts, of_word, strict=True):
        totals[word] += count
    return [count / totals[word] for count, word in zip(counts, of_word, strict=True)]


def article_of(
    q: Stems, locale: str, meanings: Meanings, known: Titles, by_stem: ByStem
) -> Key | None:
    """Return the one article whose title a query of several stems says in other words."""
    if len(q) < 2:
        return None
    meant = _meant(q, locale, meanings)
    hits: frozenset[Key] | None = None
    for words in meant.values():
        near = _NO_KEYS.union(*[by_stem.get((locale, word), _NO_KEYS) for word in words])
        hits = near if hits is None else hits & near
        if not hits:
            return None
    found = [key for key in hits or () if says(meant, known[key])]
    return found[0] if len(found) == 1 else None


def _meant(q: Stems, locale: str, meanings: Meanings) -> dict[str, Stems]:
    """Return each stem of a query with those it stands for, itself among them."""
    return {word: meanings.get((locale, word), frozenset()) | {word} for word in q}


def says(meant: Mapping[str, Stems], title: Stems) -> bool:
    """Return whether each stem of the query stands for one of the title's, and the other way."""
    said = frozenset[str]().union(*meant.values())
    return bool(title) and title <= said and all(one & title for one in meant.values())

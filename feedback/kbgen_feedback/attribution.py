"""Which article a failed query was after, in other words than the article's own.

Readers who found their article in the end tell what their words mean: "bill" led to articles about
an "invoice". From such pairs a translation of readers' stems into stems of titles is learned (IBM
model 1: Brown et al. 1993, Computational Linguistics 19:263-311). A query that nobody who typed it
was satisfied with is then given to the one article whose title it says in other words.

Words that say nothing ("how do I") are learned from the same pairs: those beside which the rest of
a query said the whole title already.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from kbgen_feedback.evidence import Finds, Key, Resolver
from kbgen_feedback.gaps import Fold

ROUNDS = 4
SURE = 0.5  # probability from which a reader's stem stands for a title's
IDLE_ARTICLES = 5  # titles that queries said in full without a word, from which it says nothing

Stems = frozenset[str]
Titles = Mapping[Key, Stems]
Meanings = Mapping[tuple[str, str], Stems]
"""(locale, stem of a query) -> stems of titles that it stands for."""
ByStem = Mapping[tuple[str, str], Sequence[Key]]


class Sought:
    """What readers' words stand for on this site, and which article a failed query sought."""

    def __init__(self, finds: Iterable[Finds], resolver: Resolver, fold: Fold) -> None:
        self.titles = titles(resolver, fold)
        ended = _ended(finds, self.titles, resolver, fold)
        self.meanings = learn(ended)
        self.idle = idle_words(ended, self.meanings)
        self.fold = _without(self.idle, fold)
        self.by_stem = _by_stem(self.titles)
        self._answers: dict[tuple[tuple[str, ...], str], Key | None] = {}

    def article(self, words: tuple[str, ...], locale: str) -> Key | None:
        """Return the one article whose title these stems say in other words, if there is one."""
        asked = words, locale
        if asked not in self._answers:
            self._answers[asked] = article_of(
                frozenset(words), locale, self.meanings, self.titles, self.by_stem
            )
        return self._answers[asked]

    def contradicts(self, words: Iterable[str], key: Key) -> bool:
        """Return whether one of a query's stems is known to mean what an article's title lacks."""
        title = self.titles.get(key, frozenset())
        known = ((stem, self.meanings.get((key[1], stem))) for stem in words)
        return any(meant and stem not in title and not meant & title for stem, meant in known)

    def words(self, query: str, locale: str) -> tuple[str, ...]:
        """Return the stems of a query, each as titles say it where readers have taught that."""
        meant = (self.meanings.get((locale, stem)) or (stem,) for stem in self.fold(query, locale))
        return tuple(dict.fromkeys(one for stems in meant for one in sorted(stems)))

    def is_broad(self, query: str, locale: str) -> bool:
        """Return whether the titles of several articles hold all of a query's words."""
        found = [set(self.by_stem.get((locale, one), ())) for one in self.words(query, locale)]
        return bool(found) and len(set.intersection(*found)) > 1


def titles(resolver: Resolver, fold: Fold) -> dict[Key, Stems]:
    """Return the stems of each article's title."""
    return {key: frozenset(fold(one.title, key[1])) for key, one in resolver.known.items()}


def _by_stem(known: Titles) -> ByStem:
    found: defaultdict[tuple[str, str], list[Key]] = defaultdict(list)
    for key, title in known.items():
        for stem in title:
            found[key[1], stem].append(key)
    return found


Ended = Mapping[tuple[str, Stems, Stems], int]
"""(locale, stems of a query, stems of the title of the article it ended on) -> readers."""


def _ended(finds: Iterable[Finds], known: Titles, resolver: Resolver, fold: Fold) -> Ended:
    pairs: Counter[tuple[str, Stems, Stems]] = Counter()
    for row in finds:
        key = resolver.key(row.page, row.locale)
        if key is not None and key in known and row.readers:
            pairs[key[1], frozenset(fold(row.q, row.locale)), known[key]] += row.readers
    return pairs


def learn(pairs: Ended) -> Meanings:
    """Return what readers' stems stand for, from queries and the titles they ended on."""
    chances = _expect(pairs, defaultdict(lambda: 1.0))
    for _ in range(ROUNDS):
        chances = _expect(pairs, chances)
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for (locale, word, meaning), chance in chances.items():
        if chance >= SURE:
            found[locale, word].add(meaning)
    return {key: frozenset(meanings) for key, meanings in found.items()}


def idle_words(pairs: Ended, meanings: Meanings) -> frozenset[tuple[str, str]]:
    """Return the (locale, stem) that say nothing: readers type them beside a whole title.

    A word is idle when the other words of queries with it said everything in the titles of several
    articles. Of a missing article's words that cannot be: without them no title is said. (Learned
    lists of empty words: Lo, He & Ounis 2005, J. Digit. Inf. Manag. 3:3-8.)
    """
    titles_of: defaultdict[tuple[str, str], set[Stems]] = defaultdict(set)
    for locale, query, title in pairs:
        meant = {word: meanings.get((locale, word), frozenset()) | {word} for word in query}
        idle = {word for word in query - title if (locale, word) not in meanings}
        if idle and says({word: meant[word] for word in query - idle}, title):
            for word in idle:
                titles_of[locale, word].add(title)
    return frozenset(word for word, said in titles_of.items() if len(said) >= IDLE_ARTICLES)


def _without(idle: frozenset[tuple[str, str]], fold: Fold) -> Fold:
    """Return `fold` without idle words; with them where a query has no others."""

    @lru_cache(maxsize=65536)
    def telling(query: str, locale: str) -> tuple[str, ...]:
        stems = fold(query, locale)
        return tuple(stem for stem in stems if (locale, stem) not in idle) or stems

    return telling


def _expect(
    pairs: Ended, chances: Mapping[tuple[str, str, str], float]
) -> dict[tuple[str, str, str], float]:
    """Return P(title stem | query stem) after one round; one imagined count keeps rare ones low."""
    counts: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    totals: defaultdict[tuple[str, str], float] = defaultdict(lambda: 1.0)
    for (locale, query, title), n in pairs.items():
        for meaning in title:
            whole = sum(chances.get((locale, word, meaning), 1.0) for word in query)
            for word in query if whole else ():
                part = n * chances.get((locale, word, meaning), 1.0) / whole
                counts[locale, word, meaning] += part
                totals[locale, word] += part
    return {key: count / totals[key[0], key[1]] for key, count in counts.items()}


def article_of(
    q: Stems, locale: str, meanings: Meanings, known: Titles, by_stem: ByStem
) -> Key | None:
    """Return the one article whose title a query of several stems says in other words."""
    if len(q) < 2:
        return None
    meant = {word: meanings.get((locale, word), frozenset()) | {word} for word in q}
    hits: set[Key] | None = None
    for words in meant.values():
        near = {key for word in words for key in by_stem.get((locale, word), ())}
        hits = near if hits is None else hits & near
    found = [key for key in hits or () if says(meant, known[key])]
    return found[0] if len(found) == 1 else None


def says(meant: Mapping[str, Stems], title: Stems) -> bool:
    """Return whether each stem of the query stands for one of the title's, and the other way."""
    said = frozenset[str]().union(*meant.values())
    return bool(title) and title <= said and all(one & title for one in meant.values())

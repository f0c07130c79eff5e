"""Group failed queries that mean the same, whatever their spelling and word forms."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from kbgen_feedback.similarity import edit_distance, folded, jaccard, trigrams

Group = tuple[str, tuple[str, ...]]  # a locale and folded words

_MOST_NEAR = 20  # likely leaders that are looked at closely
_LEAST_SHARED = 0.2  # of a query's trigrams that a likely leader has, too
_TOO_COMMON = 300  # leaders with one trigram: from here on it tells nothing
_SHORT = 4  # words up to this length have no typos worth guessing at


class Row(NamedTuple):
    """A query with what it says, and how much it weighs."""

    q: str
    locale: str
    words: tuple[str, ...]
    weight: float


class Cluster(NamedTuple):
    """Queries of one locale about one need, those of the heaviest words first."""

    locale: str
    rows: tuple[Row, ...]

    @property
    def queries(self) -> list[str]:
        """The queries, those with most weight first."""
        return [row.q for row in sorted(self.rows, key=lambda row: (-row.weight, row.q))]


def clusters(rows: Sequence[Row], similarity: float) -> list[Cluster]:
    """Return queries, each of which is one row, as clusters of one locale each.

    Queries with the same folded words are one; those that are alike join the heaviest such group
    that they resemble, so that a chain of likenesses cannot tie strangers together.
    """
    groups = _by_words(rows)
    heavy = sorted(groups, key=lambda key: (-sum([row.weight for row in groups[key]]), key))
    members: dict[Group, list[Row]] = {}
    leaders = _Leaders(similarity)
    for group in heavy:
        members.setdefault(leaders.of(group), []).extend(groups[group])
    return [Cluster(locale, tuple(found)) for (locale, _), found in members.items()]


class _Leaders:
    """The leading groups so far, found again by the trigrams they share with another."""

    def __init__(self, similarity: float) -> None:
        self.similarity = similarity
        self._by_gram: defaultdict[tuple[str, str], list[Group]] = defaultdict(list)

    def of(self, group: Group) -> Group:
        """Return the leader that a group resembles most; itself, from now on, if none."""
        locale, words = group
        # In order: of leaders that share equally many, the first are looked at.
        grams = sorted(trigrams(" ".join(words)))
        lists = (self._by_gram[locale, gram] for gram in grams)
        near = Counter(chain.from_iterable(one for one in lists if len(one) < _TOO_COMMON))
        for leader, shared in near.most_common(_MOST_NEAR):
            if shared < _LEAST_SHARED * len(grams):
                break
            if alike(leader[1], words, self.similarity):
                return leader
        for gram in grams:
            self._by_gram[locale, gram].append(group)
        return group


def _by_words(rows: Sequence[Row]) -> dict[Group, list[Row]]:
    """Return the queries by locale and words, in whatever order; words written as one with them."""
    groups: defaultdict[Group, list[Row]] = defaultdict(list)
    joined = {(row.locale, _as_one(row.q)): row.words for row in rows if len(row.words) > 1}
    for row in rows:
        words = row.words
        if len(words) == 1:
            words = joined.get((row.locale, _as_one(row.q)), words)
        groups[row.locale, tuple(sorted(set(words)))].append(row)
    return groups


def _as_one(q: str) -> str:
    """Return a query as those write it who leave the spaces out."""
    return "".join(folded(q).split())


def alike(one: tuple[str, ...], two: tuple[str, ...], similarity: float) -> bool:
    """Return whether two sets of folded words are one need: nearly the same but for typos."""
    a, b = set(one), set(two)
    left, right = sorted(a - b), sorted(b - a)
    same = len(a & b) + sum(any(_typo(word, other) for other in right) for word in left)
    if same > similarity * max(len(a), len(b)):
        return True
    return jaccard(trigrams(" ".join(one)), trigrams(" ".join(two))) >= similarity


def _typo(one: str, two: str) -> bool:
    """Return whether two words differ by one slip (two in long words)."""
    longest = max(len(one), len(two))
    if longest <= _SHORT or abs(len(one) - len(two)) > 2:
        return False
    return edit_distance(one, two) <= (1 if longest < 8 else 2)

"""Group failed queries that mean the same, whatever their spelling and word forms."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from kbgen_feedback.evidence import Searches
from kbgen_feedback.similarity import edit_distance, folded, jaccard, trigrams

Fold = Callable[[str, str], tuple[str, ...]]

Group = tuple[str, tuple[str, ...]]  # a locale and folded words

_MOST_NEAR = 20  # likely leaders that are looked at closely
_LEAST_SHARED = 0.2  # of a query's trigrams that a likely leader has, too
_TOO_COMMON = 300  # leaders with one trigram: from here on it tells nothing
_SHORT = 4  # words up to this length have no typos worth guessing at


@dataclass(frozen=True)
class Cluster:
    """Failed queries about one need, the most frequent first."""

    locale: str
    rows: tuple[Searches, ...]

    @property
    def queries(self) -> list[str]:
        """The queries, those with most weight first."""
        weights: defaultdict[str, float] = defaultdict(float)
        for row in self.rows:
            weights[row.q] += row.open_weight
        return sorted(weights, key=lambda q: (-weights[q], q))

    @property
    def weight(self) -> float:
        """The summed weight of its failed searches."""
        return sum(row.open_weight for row in self.rows)

    @property
    def reader_days(self) -> int:
        """How many distinct readers failed with any of its queries, summed over days."""
        return reader_days(self.rows)


def reader_days(rows: Iterable[Searches]) -> int:
    """Return the distinct readers of each day, summed: a reader's id lasts no longer."""
    return len({(row.day, mark) for row in rows for mark in row.who})


def clusters(rows: Sequence[Searches], fold: Fold, similarity: float) -> list[Cluster]:
    """Return the failed queries as clusters of one locale each.

    Queries with the same folded words are one; those that are alike join the heaviest such group
    that they resemble, so that a chain of likenesses cannot tie strangers together.
    """
    groups = _by_words(rows, fold)
    heavy = sorted(groups, key=lambda key: (-sum(r.open_weight for r in groups[key]), key))
    members: dict[Group, list[Searches]] = {}
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


def _by_words(rows: Sequence[Searches], fold: Fold) -> dict[Group, list[Searches]]:
    """Return the queries by locale and words, in whatever order; words written as one with them."""
    groups: defaultdict[Group, list[Searches]] = defaultdict(list)
    words = [(row, fold(row.q, row.locale)) for row in rows]
    joined = {(row.locale, _as_one(row.q)): some for row, some in words if len(some) > 1}
    for row, some in words:
        whole = joined.get((row.locale, _as_one(row.q)), some) if len(some) == 1 else some
        groups[row.locale, tuple(sorted(set(whole)))].append(row)
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

"""Group failed queries that mean the same, whatever their spelling and word forms."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kbgen_feedback.evidence import Searches
from kbgen_feedback.similarity import edit_distance, jaccard, trigrams

Fold = Callable[[str, str], tuple[str, ...]]

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
    leaders: list[tuple[str, tuple[str, ...]]] = []
    members: dict[tuple[str, tuple[str, ...]], list[Searches]] = {}
    by_gram: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for locale, words in heavy:
        grams = trigrams(" ".join(words))
        near = {i for gram in grams for i in by_gram[locale, gram]}
        leader = next((i for i in sorted(near) if alike(leaders[i][1], words, similarity)), None)
        if leader is None:
            for gram in grams:
                by_gram[locale, gram].append(len(leaders))
            leader = len(leaders)
            leaders.append((locale, words))
        members.setdefault(leaders[leader], []).extend(groups[locale, words])
    return [Cluster(locale, tuple(members[locale, words])) for locale, words in leaders]


def _by_words(
    rows: Sequence[Searches], fold: Fold
) -> dict[tuple[str, tuple[str, ...]], list[Searches]]:
    """Return the queries by locale and words, in whatever order; words written as one with them."""
    groups: defaultdict[tuple[str, tuple[str, ...]], list[Searches]] = defaultdict(list)
    words = [(row, fold(row.q, row.locale)) for row in rows]
    joined = {(row.locale, "".join(some)): some for row, some in words if len(some) > 1}
    for row, some in words:
        whole = joined.get((row.locale, some[0]), some) if len(some) == 1 else some
        groups[row.locale, tuple(sorted(set(whole)))].append(row)
    return groups


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

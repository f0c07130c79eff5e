"""How alike two queries are: trigrams, edit distance, shared results; folded spellings."""

from collections.abc import Sequence
from functools import lru_cache
from operator import ne

LONGEST = 400  # characters of a query; more have no room in the tables


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """Return a query as it is compared: case folded, white space single, not too long.

    Folding may make three letters of one.
    """
    return " ".join(text.casefold().split())[:LONGEST].rstrip()


@lru_cache(maxsize=65536)
def trigrams(text: str) -> frozenset[str]:
    """Return the three-character pieces of each word, padded as pg_trgm pads them."""
    padded = [f"  {word} " for word in folded(text).split()]
    return frozenset([word[i : i + 3] for word in padded for i in range(len(word) - 2)])


def jaccard(one: frozenset[str], two: frozenset[str]) -> float:
    """Return the share of common members among all; 0 when both are empty."""
    common = len(one & two)
    return common / (len(one) + len(two) - common) if one or two else 0.0


def overlap(one: Sequence[str], two: Sequence[str]) -> float:
    """Return the share of the shorter list that is also in the longer; 0 when one is empty."""
    a, b = set(one), set(two)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def edit_distance(one: str, two: str) -> int:
    """Return the Damerau-Levenshtein distance (optimal string alignment) of two texts."""
    one, two = _ends_cut(one, two)
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, start=1):
        before, last, row = row, before, [i] + [0] * len(two)
        for j, b in enumerate(two, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], last[j - 2] + 1)
    return row[-1]


def one_slip(one: str, two: str) -> bool:
    """Return whether the edit distance of two texts is 1."""
    if len(one) == len(two):
        apart: int = sum(map(ne, one, two))
        if apart != 2:  # two letters may have changed places
            return apart == 1
    one, two = _ends_cut(one, two)
    return max(len(one), len(two)) == 1 or (len(one) == 2 and one == two[::-1])


def _ends_cut(one: str, two: str) -> tuple[str, str]:
    """Return two texts without the beginning and end that they share: these cost nothing."""
    start, most = 0, min(len(one), len(two))
    while start < most and one[start] == two[start]:
        start += 1
    end = 0
    while end < most - start and one[-1 - end] == two[-1 - end]:
        end += 1
    return one[start : len(one) - end], two[start : len(two) - end]


@lru_cache(maxsize=65536)
def alike(one: str, two: str, similarity: float) -> bool:
    """Return whether one folded query contains the other, or shares so many trigrams with it."""
    return one in two or two in one or jaccard(trigrams(one), trigrams(two)) >= similarity


@lru_cache(maxsize=65536)
def still_typed(one: str, two: str, distance: float) -> bool:
    """Return whether `two` goes on from `one`, both folded: by more letters, or nearly the same."""
    if two.startswith(one):
        return True
    longest = max(len(one), len(two))
    most = distance * longest
    # Each edit mends one letter at most: most queries are told apart by this, far sooner.
    if longest - min(len(one), len(two)) > most or longest - _common(one, two) > most:
        return False
    return edit_distance(one, two) <= most


def _common(one: str, two: str) -> int:
    """Return how many letters two texts have in common, wherever they stand."""
    return sum([min(one.count(letter), two.count(letter)) for letter in set(one)])

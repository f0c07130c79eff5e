"""The ranking, as pure functions over numbers; `browser/ranking.js` has the same ones.

BM25F (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields",
CIKM 2004): the frequencies of a term in the fields of an article are length-normalised, weighted
and added up before they saturate, so that a title that lacks a word does not sink an article
whose text is about it.
"""

import math
from collections.abc import Mapping, Sequence
from heapq import nsmallest
from typing import NamedTuple

import msgspec

FIELDS = ("title", "keywords", "headings", "body", "code")
LEAD = 3  # the first three fields, which alone count for words that are nearly everywhere
LEVELS = 63  # steps to which a saturated frequency is rounded, so that it fits one character
TITLE_HALF = 7.0  # weighted frequency in a title that gives half of its own share
TYPICAL = 200.0  # words of texts in which one of them counts as its weight says
SHORT = 32.0  # words of texts in which one of them counts most


class Weights(msgspec.Struct, frozen=True):
    """Every number the ranking depends on; the defaults were chosen on judged queries.

    `python -m benchmarks.tune` looks for better ones, with a part of the queries held back.
    """

    title: float = 3.6
    title_share: float = 0.7
    keywords: float = 2.4
    headings: float = 1.0
    body: float = 1.0
    code: float = 0.6
    title_length: float = 0.6
    keywords_length: float = 0.3
    headings_length: float = 0.5
    body_length: float = 0.7
    code_length: float = 0.4
    long_texts: float = 0.5
    saturation: float = 1.2
    stop: float = 0.4
    exact_title: float = 1.05
    exact_heading: float = 0.15
    prefix: float = 0.6
    known_prefix: float = 0.25
    compound: float = 0.8
    joined: float = 0.4
    typo: float = 0.7
    second_typo: float = 0.5
    synonym: float = 0.8
    common_share: float = 0.25
    common_least: int = 1000
    reread: int = 20

    def field_weights(self) -> tuple[float, ...]:
        """Return the weight of each field in the order of FIELDS."""
        return (self.title, self.keywords, self.headings, self.body, self.code)

    def length_weights(self) -> tuple[float, ...]:
        """Return b of each field in the order of FIELDS: 0 ignores its length, 1 divides by it."""
        return (
            self.title_length,
            self.keywords_length,
            self.headings_length,
            self.body_length,
            self.code_length,
        )


def pinned(average: float) -> float:
    """Return an average length rounded to the nearest quarter power of two, at least 1.

    Averages move with every edit; pinned ones seldom do, so that an edit leaves the impacts of
    all other articles, and with them most files of the browser index, as they were.
    """
    return math.pow(2.0, round(4 * math.log2(max(average, 1.0))) / 4)


def scales(
    lengths: Sequence[int], averages: Sequence[float], weights: Weights
) -> tuple[float, ...]:
    """Return what one occurrence in each field of an article is worth before saturation.

    Where texts are long, words come again for no reason: there a word of the text is worth less.
    """
    body = FIELDS.index("body")
    brevity = (TYPICAL / max(averages[body], SHORT)) ** weights.long_texts
    parts = zip(weights.field_weights(), weights.length_weights(), lengths, averages, strict=True)
    worth = [weight / (1 - b + b * length / average) for weight, b, length, average in parts]
    return (*worth[:body], *(brevity * one for one in worth[body:]))


def impact(
    counts: Sequence[int], worth: Sequence[float], saturation: float, share: float = 0.0
) -> int:
    """Return the saturated frequency of a term in an article, as a whole number up to LEVELS.

    `share` is what the title adds by itself, saturated apart from the other fields: a word of the
    title says what an article is about, however often the text has it.
    """
    total = 0.0
    for count, each in zip(counts, worth, strict=False):
        total += count * each
    if not total:
        return 0
    title = counts[0] * worth[0]
    level = total / (total + saturation) + share * title / (title + TITLE_HALF)
    return max(1, round(LEVELS * level / (1 + share)))


def is_common(frequency: int, size: int, weights: Weights) -> bool:
    """Tell whether a term is in so many articles that only its place in lead fields counts."""
    return frequency > max(weights.common_least, weights.common_share * size)


def rarity(frequency: int, size: int) -> float:
    """Return the inverse document frequency of BM25 that is never negative (as in Lucene)."""
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


class Evidence(NamedTuple):
    """One way a word of the query is found: articles with impacts, rarity, discount."""

    articles: Sequence[int]
    impacts: Sequence[float]
    rarity: float


class Need(NamedTuple):
    """A word of the query with all its evidence; `mass` is its share in the whole query."""

    evidence: Sequence[Evidence]
    mass: float
    stop: bool


def values(need: Need) -> dict[int, float]:
    """Return what a word adds to the score of each article: its best evidence there."""
    best: dict[int, float] = {}
    for found in need.evidence:
        unit = found.rarity / LEVELS
        for article, level in zip(found.articles, found.impacts, strict=True):
            value = unit * level
            if value > best.get(article, 0.0):
                best[article] = value
    return best


def scores(needs: Sequence[Need]) -> dict[int, float]:
    """Return the score of every article that has a word of the query which means something.

    Function words add to such articles, but do not find any, unless the query has no others.
    """
    telling = [need for need in needs if not need.stop]
    points: dict[int, float] = {}
    for need in telling or needs:
        for article, value in values(need).items():
            points[article] = points.get(article, 0.0) + value
    for need in needs if telling else ():
        if need.stop:
            for article, value in values(need).items():
                if article in points:
                    points[article] += value
    return points


def order(points: Mapping[int, float], count: int) -> list[int]:
    """Return the best articles by falling score; equal ones (to 6 digits) by their number."""
    keys = ((-rounded(point), article) for article, point in points.items())
    return [article for _, article in nsmallest(count, keys)]


def rounded(value: float) -> float:
    """Return a number rounded to 6 digits, in a way that JavaScript can repeat exactly."""
    return math.floor(value * 1e6 + 0.5) / 1e6

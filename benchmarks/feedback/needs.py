"""What readers want to know on a day, and how often."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from benchmarks.feedback.site import Article, Gap, Site
from benchmarks.feedback.vocabulary import Topic

OTHER_MEANING = 0.7
"""Readers of an article's second meaning for each of its first."""


@dataclass(frozen=True)
class Need:
    """What a reader wants to know, and the article that is there for it, if any."""

    topic: Topic
    article: Article | None


class Needs:
    """The needs of a site's readers on one day, drawn by their traffic."""

    def __init__(self, site: Site, day: int) -> None:
        """List the needs that exist on that day."""
        weighted = [*article_needs(site.articles, day), *gap_needs(site.gaps, day)]
        self.needs = [need for need, _ in weighted]
        self.sums = list(accumulate(weight for _, weight in weighted))

    def draw(self, rng: random.Random) -> Need:
        """Return one need."""
        return self.needs[bisect(self.sums, rng.random() * self.sums[-1])]


def article_needs(articles: Sequence[Article], day: int) -> list[tuple[Need, float]]:
    """Return each article's need, and that of the other meaning where an article has two."""
    needs = [(Need(article.topic, article), article.weight) for article in articles]
    return needs + [
        (Need(article.other_meaning, article), article.weight * OTHER_MEANING)
        for article in articles
        if article.other_meaning and article.has("two_meanings", day)
    ]


def gap_needs(gaps: Sequence[Gap], day: int) -> list[tuple[Need, float]]:
    """Return the needs that no article answers."""
    return [(Need(gap.topic, None), gap.weight) for gap in gaps if gap.begins <= day < gap.fixed]

"""The search of the simulated site: weighted words, idf, a reward for covering the query."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from benchmarks.feedback.parameters import Parameters
from benchmarks.feedback.site import Article
from benchmarks.feedback.vocabulary import LOCALES, Concept

SHOWN = 10
TITLE, BODY, PASSING = 3.0, 2.0, 0.3
MENTIONS = 5
"""Other articles' things that an article names in passing."""


class Ranking:
    """What the site's search shows for a query on the days of one build."""

    def __init__(self, articles: Sequence[Article], day: int) -> None:
        """Index the articles as they stand on that day."""
        self.ids = [article.id for article in articles]
        self.postings: dict[str, dict[str, dict[int, float]]] = {
            locale: index(articles, day, locale) for locale in LOCALES
        }
        self.top = lru_cache(maxsize=50_000)(self.rank)

    def rank(self, locale: str, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids of at most ten articles, best first."""
        scores: dict[int, float] = defaultdict(float)
        hits: dict[int, int] = defaultdict(int)
        for word in words:
            found = self.postings[locale].get(word, {})
            idf = math.log(1 + len(self.ids) / (1 + len(found)))
            for at, weight in found.items():
                scores[at] += idf * weight / (weight + 1)
                hits[at] += 1
        order = sorted(scores, key=lambda at: (-scores[at] * hits[at] / len(words), at))
        return tuple(self.ids[at] for at in order[:SHOWN])


def index(articles: Sequence[Article], day: int, locale: str) -> dict[str, dict[int, float]]:
    """Return word -> article's number -> weight."""
    postings: dict[str, dict[int, float]] = defaultdict(dict)
    for at, article in enumerate(articles):
        for word, weight in text(article, articles, day, locale):
            postings[word][at] = max(weight, postings[word].get(at, 0.0))
    return postings


def text(
    article: Article, articles: Sequence[Article], day: int, locale: str
) -> list[tuple[str, float]]:
    """Return the article's words with their weights: title, everyday words, passing mentions."""
    topics = [article.topic]
    if article.other_meaning and article.has("two_meanings", day):
        topics.append(article.other_meaning)
    words: list[tuple[str, float]] = []
    for topic in topics:
        for concept in (topic.action, topic.thing):
            words += [(word, TITLE) for word in concept.formal[locale].split()]
            words += [(word, BODY) for word in everyday(concept, article, day, locale)]
    others = random.Random(f"mentions {article.id}").sample(articles, k=MENTIONS)
    return words + [(other.topic.thing.formal[locale], PASSING) for other in others]


def everyday(concept: Concept, article: Article, day: int, locale: str) -> Iterable[str]:
    """Yield the everyday words that the article's text holds; a hard one lacks its thing's."""
    if article.has("hard_to_find", day) and concept is article.topic.thing:
        return
    for phrase in concept.everyday[locale]:
        if phrase not in article.missing_words:
            yield from phrase.split()


def understood(
    typed: Sequence[str], meant: Sequence[str], parameters: Parameters
) -> tuple[str, ...]:
    """Return the words the search looks for: most typing errors corrected, always the same way."""
    return tuple(
        right if corrected(wrong, parameters) else wrong
        for wrong, right in zip(typed, meant, strict=True)
    )


def corrected(word: str, parameters: Parameters) -> bool:
    """Return whether the search recognises this mistyped word."""
    return random.Random(f"typo {word}").random() < parameters.typo_corrected

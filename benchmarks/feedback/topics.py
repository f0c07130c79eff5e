"""Which topics of the simulated site a flag's queries name; the model's words decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.feedback.site import Site
from benchmarks.feedback.vocabulary import LOCALES, Concept, Topic
from kbgen_feedback.similarity import edit_distance

STEM = 5
"""Letters that a word and its stem have in common at least, when they are that long."""


class Topics:
    """The topics of a site by the words that mean them."""

    def __init__(self, site: Site) -> None:
        """Know each article's topics and each gap's, by the name its fault has."""
        self.named: list[tuple[str, Topic]] = [(gap.topic.slug, gap.topic) for gap in site.gaps]
        for article in site.articles:
            self.named.append((article.id, article.topic))
            if article.other_meaning:
                self.named.append((article.id, article.other_meaning))

    def of(self, query: str, locale: str) -> tuple[str, ...]:
        """Return the names of the topics that the query's words mean, action and thing both."""
        words = query.casefold().split()
        locales = (locale,) if locale in LOCALES else LOCALES
        return tuple(
            name
            for name, topic in self.named
            if all(means(words, part, locales) for part in (topic.action, topic.thing))
        )

    def of_any(self, queries: Iterable[str], locale: str) -> tuple[str, ...]:
        """Return the topics of the first query that names one."""
        return next((found for query in queries if (found := self.of(query, locale))), ())


def means(words: Sequence[str], concept: Concept, locales: Sequence[str]) -> bool:
    """Return whether the words hold one of the concept's phrases."""
    phrases = [
        phrase
        for locale in locales
        for phrase in (concept.formal[locale], *concept.everyday[locale])
    ]
    return any(all(any(same(one, w) for w in words) for one in p.split()) for p in phrases)


def same(word: str, typed: str) -> bool:
    """Return whether the typed word is this one, a slip of it, or its stem."""
    if word == typed or (len(word) > 4 and edit_distance(word, typed) <= 1):
        return True
    return len(typed) >= STEM - 1 and word.startswith(typed[: max(STEM, len(typed) - 1)])

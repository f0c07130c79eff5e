"""What a reader types for a need, and types instead when that did not help."""

from __future__ import annotations

import random
from dataclasses import dataclass

from benchmarks.feedback.parameters import Parameters
from benchmarks.feedback.results import understood
from benchmarks.feedback.vocabulary import FILLERS, Concept, Topic, mistype


@dataclass(frozen=True)
class Query:
    """One query: as typed, and the words the search understands."""

    text: str
    words: tuple[str, ...]


def compose(
    topic: Topic, locale: str, everyday: float, parameters: Parameters, rng: random.Random
) -> Query:
    """Return a query about the topic; each of its words is an everyday one with that chance."""
    concepts = [topic.action, topic.thing]
    if rng.random() < parameters.object_only:
        concepts = [topic.thing]
    meant = [word for it in concepts for word in phrase(it, locale, everyday, rng).split()]
    typed = [mistype(word, rng) if rng.random() < parameters.typo else word for word in meant]
    filler = rng.choice(FILLERS[locale]) + " " if rng.random() < parameters.filler else ""
    return Query(filler + " ".join(typed), understood(typed, meant, parameters))


def phrase(concept: Concept, locale: str, everyday: float, rng: random.Random) -> str:
    """Return a word or two for the concept."""
    if rng.random() < everyday:
        return rng.choice(concept.everyday[locale])
    return concept.formal[locale]


def beginning(query: Query) -> str:
    """Return what stood in the search field when the reader paused while typing."""
    return query.text[: max(3, len(query.text) * 2 // 3)].rstrip()

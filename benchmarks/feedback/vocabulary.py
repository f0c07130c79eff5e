"""The words of the simulated site: what its writers call things, and what readers call them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("vocabulary.tsv")
LOCALES = ("en", "es")
FILLERS = {"en": ("how to", "how do i", "my", "can't"), "es": ("cómo", "no puedo", "mi", "quiero")}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Concept:
    """One action or thing: per locale the formal word and the everyday ones."""

    formal: dict[str, str]
    everyday: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Topic:
    """What a reader may need: to do something with something."""

    action: Concept
    thing: Concept

    @property
    def slug(self) -> str:
        """Return the topic's formal name as part of an address."""
        return f"{self.action.formal['en']}-{self.thing.formal['en']}"


@dataclass(frozen=True)
class Vocabulary:
    """All concepts; every pair of an action and a thing is a possible topic."""

    actions: tuple[Concept, ...]
    things: tuple[Concept, ...]

    def topics(self) -> list[Topic]:
        """Return every topic, in a fixed order."""
        return [Topic(action, thing) for thing in self.things for action in self.actions]


def load() -> Vocabulary:
    """Return the vocabulary of `vocabulary.tsv`."""
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()]
    return Vocabulary(
        actions=tuple(concept(row) for row in rows if row[0] == "action"),
        things=tuple(concept(row) for row in rows if row[0] == "object"),
    )


def concept(row: list[str]) -> Concept:
    """Return the concept of a row: kind, English formal, everyday, Spanish formal, everyday."""
    _, english, english_everyday, spanish, spanish_everyday = row
    return Concept(
        formal={"en": english, "es": spanish},
        everyday={
            "en": tuple(english_everyday.split(";")),
            "es": tuple(spanish_everyday.split(";")),
        },
    )


def mistype(word: str, rng: random.Random) -> str:
    """Return the word with one letter dropped, doubled, swapped with the next or replaced."""
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + rng.choice(LETTERS) + word[at + 1 :],
        )
    )

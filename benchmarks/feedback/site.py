"""The simulated site: its articles, what is wrong with some of them, from when and until when."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.feedback import vocabulary
from benchmarks.feedback.parameters import Parameters
from benchmarks.feedback.vocabulary import Topic

FOREVER = 10**6


@dataclass(frozen=True)
class Edit:
    """One change of an article's text; `major` changes more than a fifth of it."""

    day: int
    major: bool


@dataclass(frozen=True)
class Article:
    """One article of the model, with its fault if it has one."""

    id: str
    topic: Topic
    weight: float
    owner: str
    words: int
    helped: float
    missing_words: frozenset[str]
    """Everyday words that this healthy article happens to lack."""
    problem: str = ""
    begins: int = FOREVER
    fixed: int = FOREVER
    other_meaning: Topic | None = None
    edits: tuple[Edit, ...] = ()

    def has(self, problem: str, day: int) -> bool:
        """Return whether the article has this fault on that day."""
        return self.problem == problem and self.begins <= day < self.fixed

    def revision(self, day: int) -> str:
        """Return the revision that is published on that day, 12 hex digits."""
        count = sum(edit.day <= day for edit in self.edits)
        return hashlib.blake2b(f"{self.id}/{count}".encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Gap:
    """A topic that readers need and no article answers."""

    topic: Topic
    weight: float
    begins: int
    fixed: int = FOREVER


@dataclass(frozen=True)
class DeadAddress:
    """An address that other sites still link to and that no longer exists."""

    path: str
    visits_per_day: float
    begins: int


@dataclass(frozen=True)
class Site:
    """Everything readers can meet."""

    articles: tuple[Article, ...]
    gaps: tuple[Gap, ...]
    dead: tuple[DeadAddress, ...]
    by_id: dict[str, Article] = field(repr=False)

    def build_days(self) -> list[int]:
        """Return the days on which the site is built anew: the first, and each with an edit."""
        edits = {edit.day for article in self.articles for edit in article.edits}
        return sorted(edits | {0})


def make(parameters: Parameters) -> Site:
    """Return the site of these parameters."""
    rng = random.Random(f"site {parameters.seed}")
    topics = vocabulary.load().topics()
    rng.shuffle(topics)
    weights = [1 / rank**parameters.zipf for rank in range(1, parameters.articles + 1)]
    plan = plan_problems(parameters, rng)
    spare = topics[parameters.articles :]
    articles = tuple(
        make_article(parameters, rng, topics[at], weights[at], plan.get(at, ""), spare)
        for at in range(parameters.articles)
    )
    gaps = tuple(make_gap(parameters, rng, spare.pop(), weights) for _ in range(parameters.gaps))
    dead = tuple(make_dead(parameters, rng, number) for number in range(parameters.dead_addresses))
    return Site(articles, gaps, dead, {article.id: article for article in articles})


def plan_problems(parameters: Parameters, rng: random.Random) -> dict[int, str]:
    """Return which ranks get which fault, each kind spread evenly over the ranks of the traffic."""
    kinds = ("hard_to_find", "unhelpful", "split", "unclear", "two_meanings", "bad_translation")
    plan: dict[int, str] = {}
    for kind in kinds:
        for rank in spread(getattr(parameters, kind), parameters.articles, rng):
            while rank in plan:
                rank = (rank + 1) % parameters.articles
            plan[rank] = kind
    return plan


def spread(count: int, total: int, rng: random.Random) -> Iterator[int]:
    """Yield `count` ranks below `total`, one drawn from each of `count` equal slices."""
    for number in range(count):
        low, high = number * total // count, (number + 1) * total // count
        yield rng.randrange(low, high)


def make_article(
    parameters: Parameters,
    rng: random.Random,
    topic: Topic,
    weight: float,
    problem: str,
    spare: list[Topic],
) -> Article:
    """Return one article; `spare` gives the second meaning of one that has two."""
    begins, fixed = when(parameters, rng) if problem else (FOREVER, FOREVER)
    return Article(
        id=f"{topic.thing.formal['en']}/{topic.slug}",
        topic=topic,
        weight=weight,
        owner=f"team-{rng.randrange(parameters.owners)}",
        words=int(rng.lognormvariate(5.8, 0.5)),
        helped=beta(rng, parameters.helped, parameters.helped_strength),
        missing_words=frozenset(missing(topic, parameters, rng)),
        problem=problem,
        begins=begins,
        fixed=fixed,
        other_meaning=spare.pop() if problem == "two_meanings" else None,
        edits=make_edits(parameters, rng, begins, fixed),
    )


def beta(rng: random.Random, mean: float, strength: float) -> float:
    """Return a draw from the beta distribution of this mean and strength."""
    return rng.betavariate(mean * strength, (1 - mean) * strength)


def missing(topic: Topic, parameters: Parameters, rng: random.Random) -> Iterator[str]:
    """Yield the everyday words of the topic that its article lacks although it is healthy."""
    for concept in (topic.action, topic.thing):
        for locale in vocabulary.LOCALES:
            for phrase in concept.everyday[locale]:
                if rng.random() < parameters.healthy_gap_in_words:
                    yield phrase


def when(parameters: Parameters, rng: random.Random) -> tuple[int, int]:
    """Return the day a fault begins, and the day its fix is published."""
    late = rng.random() < parameters.late_share
    begins = rng.randrange(30, max(31, parameters.days // 2)) if late else 0
    fixed = begins + rng.randrange(60, 100) if rng.random() < parameters.fixed_share else FOREVER
    return begins, fixed


def make_edits(
    parameters: Parameters, rng: random.Random, begins: int, fixed: int
) -> tuple[Edit, ...]:
    """Return the article's edits in order: routine ones, half of the faults, and the fix."""
    edits = {
        day: Edit(day, major)
        for major, rate in (
            (False, parameters.minor_edits_a_year),
            (True, parameters.major_edits_a_year),
        )
        for day in range(1, parameters.days)
        if rng.random() < rate / 365
    }
    if 0 < begins < parameters.days and rng.random() < 0.5:
        edits[begins] = Edit(begins, major=True)
    if fixed < parameters.days:
        edits[fixed] = Edit(fixed, major=True)
    return tuple(edits[day] for day in sorted(edits))


def make_gap(parameters: Parameters, rng: random.Random, topic: Topic, weights: list[float]) -> Gap:
    """Return a gap that is needed as often as an article of the upper three quarters."""
    begins, _ = when(parameters, rng)
    return Gap(topic, rng.choice(weights[5 : 3 * len(weights) // 4]), begins)


def make_dead(parameters: Parameters, rng: random.Random, number: int) -> DeadAddress:
    """Return a dead address; at 600 views a day it is followed every few days."""
    begins, _ = when(parameters, rng)
    rate = rng.uniform(0.3, 2.0) * parameters.views_per_day / 600
    return DeadAddress(f"/old/page-{number}.html", rate, begins)

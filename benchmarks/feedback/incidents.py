"""Traffic that is no reader's: crawlers, vote bots, address scanners, a brigade, dead links."""

from __future__ import annotations

import random
from collections.abc import Iterator

from benchmarks.feedback.readers import search
from benchmarks.feedback.reading import open_page
from benchmarks.feedback.site import Article, DeadAddress
from benchmarks.feedback.visits import Event, Today, Visit, marks, uuid

DAY = 86_400.0
PROBES = (
    "/wp-login.php",
    "/xmlrpc.php",
    "/admin.php",
    "/shell.php",
    "/.env",
    "/.git/config",
    "/backup.zip",
    "/phpmyadmin/",
    "/wp-admin/",
)
BRIGADE_NETWORK_SHARE = 0.7


def incidents(today: Today, rng: random.Random) -> Iterator[list[Event]]:
    """Yield the events of each visit of the day that is not an ordinary reader's."""
    parameters = today.parameters
    for number in range(parameters.crawlers):
        yield crawler(today, rng, number)
    for number in range(parameters.vote_bots):
        yield vote_bot(today, rng, number)
    yield scanner(today, rng)
    for dead in today.site.dead:
        for _ in range(poisson(rng, dead.visits_per_day) if today.day >= dead.begins else 0):
            yield follow_dead(today, rng, dead)
    if today.day in parameters.brigade_days:
        for _ in range(parameters.brigade_votes):
            yield brigade_vote(today, rng)


def poisson(rng: random.Random, mean: float) -> int:
    """Return a Poisson draw (sum of exponential waiting times)."""
    count, waited = 0, rng.expovariate(1.0)
    while waited < mean:
        count, waited = count + 1, waited + rng.expovariate(1.0)
    return count


def begin(today: Today, rng: random.Random, seen: dict[str, str]) -> Visit:
    """Return an English visit that begins at some moment of the day."""
    return Visit(today, rng, "en", rng.uniform(0, DAY * 0.9), seen)


def crawler(today: Today, rng: random.Random, number: int) -> list[Event]:
    """Return the views of an undeclared crawler: many pages, each for a moment."""
    it = begin(today, rng, marks(rng, f"crawler-{number}"))
    for _ in range(today.parameters.crawler_views):
        open_page(it, rng.choice(today.site.articles), "nav", rng.uniform(0.2, 2))
    return it.events


def vote_bot(today: Today, rng: random.Random, number: int) -> list[Event]:
    """Return the votes of a program that answers no everywhere, slowly enough to look alive."""
    it = begin(today, rng, marks(rng, f"bot-{number}"))
    for article in rng.sample(today.site.articles, k=today.parameters.vote_bot_votes):
        open_page(it, article, "nav", rng.uniform(6, 9))
        cast(it, article, dwell=8.0)
    return it.events


def cast(it: Visit, article: Article, dwell: float) -> None:
    """Leave a no for the article."""
    revision = article.revision(it.today.day)
    it.tell(
        "vote",
        page=article.id,
        revision=revision,
        value="no",
        reasons=["hard_to_understand"],
        token=uuid(it.rng),
        dwell_ms=int(dwell * 1000),
    )


def scanner(today: Today, rng: random.Random) -> list[Event]:
    """Return the addresses that a vulnerability scanner tries."""
    it = begin(today, rng, marks(rng))
    for _ in range(today.parameters.scanner_addresses):
        it.tell("notfound", path=rng.choice(PROBES))
        it.second += 0.3
    return it.events


def follow_dead(today: Today, rng: random.Random, dead: DeadAddress) -> list[Event]:
    """Return the visit of a reader who followed a dead link; some search then."""
    it = begin(today, rng, marks(rng))
    today.log.dead[dead.path, today.day] += 1
    it.tell("notfound", path=dead.path, referrer="https://forum.example/thread")
    if it.chance(today.parameters.search_first):
        need = today.needs.draw(rng)
        if need.article:
            it.second += 5
            search(it, need)
    return it.events


def brigade_vote(today: Today, rng: random.Random) -> list[Event]:
    """Return one of many noes on the day's victim, a healthy article, within three hours."""
    network = "brigade" if rng.random() < BRIGADE_NETWORK_SHARE else ""
    it = begin(today, rng, {**marks(rng, network), "agent": "agent-brigade"})
    it.second = 50_000 + rng.uniform(0, 10_800)
    article = victim(today)
    open_page(it, article, "external", rng.uniform(6, 20))
    cast(it, article, dwell=10.0)
    return it.events


def victim(today: Today) -> Article:
    """Return the healthy article that the brigade of this day is after."""
    healthy = [article for article in today.site.articles if not article.problem]
    return healthy[today.day % min(len(healthy), 20)]

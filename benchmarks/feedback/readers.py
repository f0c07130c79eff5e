"""One reader's visit: what they need, type, open, read and say, as the events it leaves behind."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from benchmarks.feedback.parameters import REASONS, REASONS_UNCLEAR, Parameters
from benchmarks.feedback.queries import Query, beginning, compose
from benchmarks.feedback.results import Ranking
from benchmarks.feedback.site import Article, Gap, Site
from benchmarks.feedback.truth import Log
from benchmarks.feedback.vocabulary import Topic

Event = dict[str, Any]
WORDS_A_SECOND = 238 / 60
TRIES = 3
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


@dataclass(frozen=True)
class Today:
    """What all visits of a day share."""

    day: int
    parameters: Parameters
    site: Site
    ranking: Ranking
    needs: Needs
    log: Log

    @property
    def midnight(self) -> datetime:
        """Return the moment the day begins, in UTC."""
        first = datetime.fromisoformat(self.parameters.start).replace(tzinfo=UTC)
        return first + timedelta(days=self.day)


@dataclass
class Visit:
    """One visit in the making: its clock runs as the reader acts, its events pile up."""

    today: Today
    rng: random.Random
    locale: str
    second: float
    marks: dict[str, str]
    page: str = ""
    opened: str = ""
    """The result opened last, "" when the last query led nowhere."""
    events: list[Event] = field(default_factory=list)

    def tell(self, kind: str, **fields: Any) -> None:
        """Add one event at the visit's present time; empty fields are left out."""
        at = self.today.midnight + timedelta(seconds=self.second)
        self.events.append(
            {
                "id": uuid(self.rng),
                "type": kind,
                "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "locale": self.locale,
                **self.marks,
                **{name: value for name, value in fields.items() if value not in ("", None)},
            }
        )

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.rng.random() < probability


def uuid(rng: random.Random) -> str:
    """Return a random version 4 UUID that depends on the seed alone."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def marks(rng: random.Random, network: str = "") -> dict[str, str]:
    """Return what the collector knows of a reader: a day's id, the hashed network and browser."""
    return {
        "visit": f"{rng.getrandbits(64):016x}",
        "reader": f"{rng.getrandbits(64):016x}",
        "net": network or f"net-{rng.randrange(5000)}",
        "agent": f"agent-{int(rng.expovariate(0.15))}",
    }


def visit(today: Today, rng: random.Random, second: float) -> list[Event]:
    """Return the events of one whole visit that begins at this second of the day."""
    locale = "es" if rng.random() < today.parameters.spanish else "en"
    it = Visit(today, rng, locale, second, marks(rng))
    need = today.needs.draw(rng)
    draw = rng.random() - today.parameters.search_first
    if draw < 0 or need.article is None:
        search(it, need)
    else:
        arrive(it, need.article, need.topic, draw)
    while it.chance(today.parameters.next_page):
        following = today.needs.draw(rng)
        if following.article:
            read(it, following.article, following.topic, "nav")
    if it.chance(today.parameters.another_search):
        it.second += rng.uniform(5, 90)
        search(it, today.needs.draw(rng))
    return it.events


def arrive(it: Visit, article: Article, topic: Topic, draw: float) -> None:
    """Read the article that a web search, an onboarding path or the navigation led to."""
    parameters = it.today.parameters
    if draw < parameters.external_first:
        read(it, article, topic, "external")
    elif draw < parameters.external_first + parameters.path_first:
        read(it, article, topic, "path")
    else:
        read(it, article, topic, "nav")


def search(it: Visit, need: Need) -> None:
    """Search for the need, at most three times, and note whether the search was to blame."""
    count_gap(it, need)
    queries: list[Query] = []
    for attempt in range(TRIES):
        query = compose_for(it, need, attempt)
        queries.append(query)
        shown = it.today.ranking.top(it.locale, query.words)
        satisfied = try_results(it, need, query, shown)
        if attempt == 0:
            count_search(it, need, shown)
        if satisfied:
            return
        if not it.chance(it.today.parameters.reformulate):
            break
        it.second += it.rng.uniform(4, 25)
    give_up(it, need, queries)


def compose_for(it: Visit, need: Need, attempt: int) -> Query:
    """Return the reader's words; after a failure they may take up the site's own."""
    parameters = it.today.parameters
    everyday = parameters.everyday_words
    if need.article and need.article.has("hard_to_find", it.today.day):
        everyday = parameters.everyday_words_on_hard
    if attempt:
        everyday *= 1 - parameters.learn_formal_words
    return compose(need.topic, it.locale, everyday, parameters, it.rng)


def count_gap(it: Visit, need: Need) -> None:
    """Note a visit for something that no article answers."""
    if need.article is None:
        it.today.log.gap[need.topic.slug, it.today.day] += 1


def count_search(it: Visit, need: Need, shown: Sequence[str]) -> None:
    """Note whether the first query brought the article among the first three, and it was opened."""
    if need.article and need.topic == need.article.topic:
        wanted = need.article.id
        it.today.log.searched[wanted, it.today.day] += 1
        it.today.log.missed[wanted, it.today.day] += wanted not in shown[:3] or it.opened != wanted


def try_results(it: Visit, need: Need, query: Query, shown: Sequence[str]) -> bool:
    """Search once and open at most one result; return whether the reader has what they came for."""
    if it.chance(it.today.parameters.idle_prefix):
        pause(it, query)
    it.second += it.rng.uniform(3, 12)
    choice = choose(it, need, shown)
    it.opened = choice or ""
    settle(it, query, shown, choice)
    if choice is None:
        return False
    article = it.today.site.by_id[choice]
    if need.article is None or article.id != need.article.id:
        read_wrong(it, article)
        return False
    return read(it, article, need.topic, "search", query.text) or it.chance(0.6)


def pause(it: Visit, query: Query) -> None:
    """Leave the half-typed query that the dialog took for a settled one."""
    text = beginning(query)
    words = tuple(word for word in query.words if word in text.split())
    shown = it.today.ranking.top(it.locale, words) if words else ()
    it.tell(
        "search",
        q=text,
        results=len(shown),
        shown=list(shown),
        clicked=[],
        settled_by="idle",
        page=it.page,
    )
    it.second += it.rng.uniform(1.5, 4)


def settle(it: Visit, query: Query, shown: Sequence[str], choice: str | None) -> None:
    """Leave the event of a settled query and what was opened from it."""
    clicked = [] if choice is None else [{"page": choice, "rank": shown.index(choice) + 1}]
    settled_by = "click" if clicked else it.rng.choice(("enter", "blur", "idle"))
    it.tell(
        "search",
        q=query.text,
        results=len(shown),
        shown=list(shown),
        clicked=clicked,
        settled_by=settled_by,
        page=it.page,
    )


def choose(it: Visit, need: Need, shown: Sequence[str]) -> str | None:
    """Return the result that the reader opens: the right one if seen, else perhaps a wrong one."""
    parameters = it.today.parameters
    target = need.article.id if need.article else ""
    for rank, page in enumerate(shown):
        if page == target and it.chance(parameters.look_at_rank[rank] * parameters.click_right):
            return page
    wrong = [page for page in shown[:4] if page != target]
    if wrong and it.chance(parameters.click_wrong):
        return it.rng.choice(wrong)
    return None


def read_wrong(it: Visit, article: Article) -> None:
    """Open an article that is not what was needed: mostly left at once."""
    quick = it.chance(it.today.parameters.bounce)
    dwell = it.rng.uniform(2, 7) if quick else it.rng.uniform(10, 40)
    open_page(it, article, "search", dwell)


def read(it: Visit, article: Article, topic: Topic, source: str, q: str = "") -> bool:
    """Read the article that was needed; return whether it helped."""
    helped = it.chance(help_rate(it, article, topic))
    key = (article.id, it.today.day)
    it.today.log.read[key] += 1
    it.today.log.unhelped[key] += not helped
    dwell = dwell_time(it, article, helped)
    open_page(it, article, source, dwell)
    vote(it, article, helped, dwell, q)
    if not helped and it.chance(it.today.parameters.contact):
        it.tell("contact", page=article.id, queries=[q] if q else [])
    return helped


def help_rate(it: Visit, article: Article, topic: Topic) -> float:
    """Return the chance that the article helps this reader today."""
    parameters, day = it.today.parameters, it.today.day
    if article.has("two_meanings", day):
        return parameters.helped_mismatched if topic == article.other_meaning else article.helped
    if article.has("bad_translation", day):
        return parameters.helped_mismatched if it.locale == "es" else article.helped
    for problem, rate in (
        ("unhelpful", parameters.helped_unhelpful),
        ("split", parameters.helped_split),
        ("unclear", parameters.helped_unclear),
    ):
        if article.has(problem, day):
            return rate
    return article.helped


def dwell_time(it: Visit, article: Article, helped: bool) -> float:
    """Return the seconds the page stays visible; half of those not helped leave soon."""
    if not helped and it.chance(0.5):
        return it.rng.uniform(4, 12)
    return min(900.0, it.rng.lognormvariate(0, 0.5) * 0.6 * article.words / WORDS_A_SECOND + 5)


def open_page(it: Visit, article: Article, source: str, dwell: float) -> None:
    """Leave the event of a page that was visible for `dwell` seconds."""
    it.second += 1
    it.page = article.id
    fields = {"page": article.id, "revision": article.revision(it.today.day), "from": source}
    it.tell("view", **fields, dwell_ms=int(dwell * 1000))
    it.second += dwell


def vote(it: Visit, article: Article, helped: bool, dwell: float, q: str) -> None:
    """Perhaps answer "was this helpful?"; those not helped answer more often."""
    parameters = it.today.parameters
    if not it.chance(parameters.vote * (1.0 if helped else parameters.unhelped_vote_more)):
        return
    quick = it.chance(parameters.quick_yes)
    yes = it.chance(parameters.yes_when_helped if helped else parameters.yes_when_unhelped)
    it.tell(
        "vote",
        page=article.id,
        revision=article.revision(it.today.day),
        value="yes" if yes else "no",
        q=q,
        token=uuid(it.rng),
        dwell_ms=int(it.rng.uniform(500, 4000) if quick else max(dwell, 6) * 1000),
        **({} if yes else why(it, article)),
    )


def why(it: Visit, article: Article) -> dict[str, Any]:
    """Return the reasons and the comment that go with a no."""
    parameters = it.today.parameters
    if not it.chance(parameters.says_why):
        return {}
    unclear = article.has("unclear", it.today.day)
    table = REASONS_UNCLEAR if unclear else REASONS
    reason = it.rng.choices(list(table), list(table.values()))[0]
    comment = "This did not help me." if it.chance(parameters.comments) else ""
    return {"reasons": [reason], "comment": comment}


def give_up(it: Visit, need: Need, queries: Sequence[Query]) -> None:
    """Find the article by browsing, say what was missing, ask for help, or just leave."""
    parameters = it.today.parameters
    it.second += it.rng.uniform(3, 20)
    if need.article and it.chance(parameters.browse_after_search):
        read(it, need.article, need.topic, "nav")
    elif it.chance(parameters.contact):
        it.tell("contact", page=it.page, queries=[query.text for query in queries])
    elif it.chance(parameters.tell_what_was_missing):
        it.tell("wanted", q=queries[-1].text, text=queries[0].text, page=it.page)

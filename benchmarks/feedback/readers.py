"""One reader's visit: what they need and type, what they open, and when they give up."""

from __future__ import annotations

import random
from collections.abc import Sequence

from benchmarks.feedback.needs import Need
from benchmarks.feedback.queries import Query, beginning, compose
from benchmarks.feedback.reading import read, read_wrong
from benchmarks.feedback.site import Article
from benchmarks.feedback.visits import Event, Today, Visit, marks
from benchmarks.feedback.vocabulary import Topic

TRIES = 3


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
        key = wanted, it.locale, it.today.day
        it.today.log.searched[key] += 1
        it.today.log.missed[key] += wanted not in shown[:3] or it.opened != wanted


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

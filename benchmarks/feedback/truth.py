"""What really happened in a simulation, known to the model and never to the detector."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.feedback.parameters import Parameters
from benchmarks.feedback.queries import compose
from benchmarks.feedback.results import Ranking
from benchmarks.feedback.site import FOREVER, Article, Site
from benchmarks.feedback.vocabulary import LOCALES

MISS_LIMIT, MISS_MARGIN, DRAWS = 0.35, 0.15, 400
"""An article is hard to find, planted or not, when its true miss rate is above the limit and above
the site's mean by the margin. An article in another language is another article, with words and
readers of its own; the true rates come from this many drawn queries for each."""
YES_LIMIT = 0.60
SPLIT = (0.35, 0.65)
KINDS = ("hard_to_find", "ambiguous", "unhelpful", "content_gap", "broken_inbound")


@dataclass
class Log:
    """Counts by (article id, topic or path; day); searches by the reader's language, too."""

    searched: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    missed: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    read: Counter[tuple[str, int]] = field(default_factory=Counter)
    unhelped: Counter[tuple[str, int]] = field(default_factory=Counter)
    gap: Counter[tuple[str, int]] = field(default_factory=Counter)
    dead: Counter[tuple[str, int]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: its kind of flag, what it is about, from when until when.

    `wasted` maps the day to the visits that it wasted; `locale` is the one language that it holds
    in, "" when it holds in all.
    """

    kind: str
    subject: str
    begins: int
    fixed: int
    planted: str
    wasted: dict[int, int]
    locale: str = ""

    def active(self, day: int, grace: int = 28) -> bool:
        """Return whether a flag that day is right; the evidence of a fixed fault lives on."""
        return self.begins <= day < self.fixed + grace


def yes_rate(helped: float, parameters: Parameters) -> float:
    """Return the share of yes among the votes on an article that helps this share of readers."""
    loud = (1 - helped) * parameters.unhelped_vote_more
    yes = helped * parameters.yes_when_helped + loud * parameters.yes_when_unhelped
    return yes / (helped + loud)


def by_subject(counts: Counter[tuple[str, int]], subject: str) -> dict[int, int]:
    """Return day -> count of one subject."""
    return {day: count for (name, day), count in counts.items() if name == subject}


def missed_by_day(log: Log, article: str, locales: Sequence[str]) -> dict[int, int]:
    """Return day -> readers of these languages whose search missed the article."""
    counts: Counter[int] = Counter()
    for (name, locale, day), count in log.missed.items():
        if name == article and locale in locales:
            counts[day] += count
    return dict(counts)


def faults(site: Site, log: Log, parameters: Parameters) -> list[Fault]:
    """Return all that was wrong: what was planted, and articles that are hard to find by chance."""
    found = [fault for article in site.articles for fault in planted(article, log, parameters)]
    for name, locale in hard_by_chance(site, parameters):
        wasted = missed_by_day(log, name, (locale,))
        found.append(Fault("hard_to_find", name, 0, FOREVER, "", wasted, locale))
    for gap in site.gaps:
        name = gap.topic.slug
        wasted = by_subject(log.gap, name)
        found.append(Fault("content_gap", name, gap.begins, gap.fixed, "gap", wasted))
    for dead in site.dead:
        wasted = by_subject(log.dead, dead.path)
        found.append(Fault("broken_inbound", dead.path, dead.begins, FOREVER, "dead", wasted))
    return found


def planted(article: Article, log: Log, parameters: Parameters) -> list[Fault]:
    """Return the article's planted fault, once for each kind of flag whose definition it meets.

    A text that does not help wastes the visits it did not help; one that is hard to find, those
    that missed it.
    """
    return [
        Fault(
            kind,
            article.id,
            article.begins,
            article.fixed,
            article.problem,
            missed_by_day(log, article.id, LOCALES)
            if kind == "hard_to_find"
            else by_subject(log.unhelped, article.id),
        )
        for kind in kinds_of(article, parameters)
    ]


def kinds_of(article: Article, parameters: Parameters) -> tuple[str, ...]:
    """Return the kinds of flag that the article's planted fault deserves by their definitions."""
    if article.problem in ("split", "unhelpful"):
        rate = yes_rate(getattr(parameters, f"helped_{article.problem}"), parameters)
        split = ("ambiguous",) if SPLIT[0] < rate < SPLIT[1] else ()
        return split + (("unhelpful",) if rate < YES_LIMIT else ())
    return {
        "hard_to_find": ("hard_to_find",),
        "unclear": ("ambiguous",),
        "two_meanings": ("ambiguous", "unhelpful"),
        "bad_translation": ("ambiguous", "unhelpful"),
    }.get(article.problem, ())


def hard_by_chance(site: Site, parameters: Parameters) -> list[tuple[str, str]]:
    """Return the (article, locale) that readers miss so often, unplanned, that a flag is right."""
    ranking = Ranking(site.articles, 0)
    shares = {"en": 1 - parameters.spanish, "es": parameters.spanish}
    rates = {
        (article.id, locale): miss_rate(article, locale, ranking, parameters)
        for article in site.articles
        for locale in LOCALES
    }
    traffic = sum(article.weight for article in site.articles)
    mean = sum(
        article.weight * shares[locale] * rates[article.id, locale]
        for article in site.articles
        for locale in LOCALES
    )
    limit = max(MISS_LIMIT, mean / traffic + MISS_MARGIN)
    healthy = {article.id for article in site.articles if article.problem != "hard_to_find"}
    return [key for key, rate in rates.items() if key[0] in healthy and rate > limit]


def miss_rate(article: Article, locale: str, ranking: Ranking, parameters: Parameters) -> float:
    """Return the chance that a first query does not lead to the article from the first three."""
    rng = random.Random(f"miss {parameters.seed} {article.id} {locale}")
    hits = (found(article, locale, ranking, parameters, rng) for _ in range(DRAWS))
    return 1 - sum(hits) / DRAWS


def found(
    article: Article, locale: str, ranking: Ranking, parameters: Parameters, rng: random.Random
) -> float:
    """Return the chance that a reader opens the article after one drawn query."""
    hard = article.has("hard_to_find", 0)
    everyday = parameters.everyday_words_on_hard if hard else parameters.everyday_words
    query = compose(article.topic, locale, everyday, parameters, rng)
    top = ranking.top(locale, query.words)[:3]
    if article.id not in top:
        return 0.0
    return parameters.look_at_rank[top.index(article.id)] * parameters.click_right

"""What a reader does with an article: stays or leaves, is helped or not, and perhaps says so."""

from __future__ import annotations

from typing import Any

from benchmarks.feedback.parameters import REASONS, REASONS_UNCLEAR
from benchmarks.feedback.site import Article
from benchmarks.feedback.visits import Visit, uuid
from benchmarks.feedback.vocabulary import Topic

WORDS_A_SECOND = 238 / 60


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

"""What the sums of some days come to, in a shape to which those of the days after can be added.

Everything is in an order of its own, so that what is made of it depends neither on the database nor
on where one part ends and the next begins.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from kbgen_feedback.evidence import Edit, Ended, Failed, Finds, Marks, Typed
from kbgen_feedback.sessions import KINDS
from kbgen_feedback.words import fold

Query = tuple[str, str]
"""A locale and a text."""
Article = tuple[str, str]
"""A page and a locale."""


class Part(msgspec.Struct, gc=False):
    """What the sums of some days come to.

    `finds` are by day, `first` is the first sight of each revision.
    """

    finds: list[Finds]
    typed: list[Typed]
    openers: dict[Article, Marks]
    first: list[Edit]
    views: dict[Article, int]


def nothing() -> Part:
    """Return what the sums of no days come to."""
    return Part([], [], {}, [], {})


def typed_of(
    ended: Iterable[tuple[Query, Ended]],
    failed: Iterable[tuple[Query, Failed]],
    older: Iterable[tuple[Query, int]] = (),
    asked: Iterable[tuple[Query, int]] = (),
    past: Sequence[Typed] = (),
) -> list[Typed]:
    """Return the queries of the `past` and of these counts of days after it, in order.

    Of each, where it ended and how it failed. `failed` are by day, `older` is how many searches
    failed before these, `asked` how many there were; the last two have a query once.
    """
    ends: defaultdict[Query, list[Ended]] = defaultdict(list)
    for query, end in ended:
        ends[query].append(end)
    days: defaultdict[Query, list[Failed]] = defaultdict(list)
    for query, day in failed:
        days[query].append(day)
    before, often = dict(older), dict(asked)
    found = {(one.locale, one.q): one for one in past}
    for query in {*ends, *days, *before, *often}:
        known = found.get(query) or Typed(*query, fold(query[1], query[0]))
        late, n = days.get(query, ()), often.get(query, 0)
        lost = before.get(query, 0) + sum([one.n for one in late])
        found[query] = _with(known, n, lost, ends.get(query, ()), late)
    return in_order(found.values())


def in_order(typed: Iterable[Typed]) -> list[Typed]:
    """Return queries in the order of language and text."""
    return sorted(typed, key=_query)


def _with(
    one: Typed, asked: int, lost: int, ends: Collection[Ended], failed: Sequence[Failed]
) -> Typed:
    """Return a query with what came of it on other days."""
    told, faint = _all_ended(one, ends) if ends else (one.ended, one.faint)
    days = (one.failed, *failed) if one.failed else failed
    whole = _all_failed(days) if days else None
    return Typed(
        one.locale, one.q, one.stems, one.asked + asked, one.lost + lost, told, whole, faint
    )


def _all_ended(one: Typed, late: Collection[Ended]) -> tuple[tuple[Ended, ...], tuple[Ended, ...]]:
    """Return all ends of a query: those of which a miss or several readers tell, and the others."""
    ends = {end.page: end for end in (*one.ended, *one.faint)}
    for end in late:
        known = ends.get(end.page)
        ends[end.page] = _both(known, end) if known else end
    told: list[Ended] = []
    faint: list[Ended] = []
    for end in [ends[page] for page in sorted(ends)]:
        (told if end.misses or end.readers > 1 or end.clicks > 1 else faint).append(end)
    return tuple(told), tuple(faint)


def _all_failed(some: Sequence[Failed]) -> Failed:
    """Return the failures of other days each as one."""
    if len(some) == 1:
        return some[0]
    some = sorted(some, key=_day)
    weight = sum([one.weight for one in some])
    kinds = [sum([getattr(one, kind) for one in some]) for kind in KINDS]
    who = b"".join([one.who for one in some])
    row = (some[0].day, sum([one.n for one in some]), weight, *kinds, who)
    return Failed(*row)


def _both(one: Ended, two: Ended) -> Ended:
    return Ended(
        one.page,
        max(one.day, two.day),
        one.misses + two.misses,
        one.clicks + two.clicks,
        one.bounces + two.bounces,
        one.readers + two.readers,
    )


def earliest(past: list[Edit], late: list[Edit]) -> list[Edit]:
    """Return the first sight of each revision."""
    seen = {(one.page, one.locale, one.revision) for one in past}
    return past + [one for one in late if (one.page, one.locale, one.revision) not in seen]


def all_openers(
    past: Mapping[Article, Marks], late: Mapping[Article, Marks]
) -> dict[Article, Marks]:
    """Return the readers who opened each article, of days and of days after them."""
    found = dict(past)
    for article, marks in late.items():
        found[article] = found.get(article, b"") + marks
    return found


def all_views(past: Mapping[Article, int], late: Mapping[Article, int]) -> dict[Article, int]:
    """Return the views of each article, of days and of days after them."""
    found = dict(past)
    for article, n in late.items():
        found[article] = found.get(article, 0) + n
    return found


def _query(one: Typed) -> Query:
    return one.locale, one.q


def _day(one: Failed) -> int:
    return one.day

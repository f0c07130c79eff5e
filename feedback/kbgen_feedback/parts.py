"""What the sums of some days come to, in a shape that two such parts can be put together in.

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


def typed_of(
    ended: Iterable[tuple[Query, Ended]],
    failed: Iterable[tuple[Query, Failed]],
    older: Iterable[tuple[Query, int]] = (),
    asked: Iterable[tuple[Query, int]] = (),
    past: Sequence[Typed] = (),
) -> list[Typed]:
    """Return the queries of these counts, in order: of each, where it ended and how it failed.

    `failed` are by day, `older` is how many searches failed before these, `asked` how many there
    were; the last two have a query once. The words of queries of the `past` are known.
    """
    ends: defaultdict[Query, list[Ended]] = defaultdict(list)
    for query, end in ended:
        ends[query].append(end)
    days: defaultdict[Query, list[Failed]] = defaultdict(list)
    for query, day in failed:
        days[query].append(day)
    lost = {query: _all_failed(some) for query, some in days.items()}
    before, often, known = dict(older), dict(asked), _by_query(past)
    return [
        _typed(
            query,
            known[query].stems if query in known else fold(query[1], query[0]),
            often.get(query, 0),
            before.get(query, 0) + (lost[query].n if query in lost else 0),
            ends.get(query, ()),
            lost.get(query),
        )
        for query in sorted({*ends, *lost, *before, *often})
    ]


def _typed(
    query: Query,
    stems: tuple[str, ...],
    asked: int,
    lost: int,
    ends: Collection[Ended],
    failed: Failed | None,
) -> Typed:
    told: list[Ended] = []
    faint: list[Ended] = []
    for end in sorted(ends, key=_page) if len(ends) > 1 else ends:
        (told if end.misses or end.readers > 1 or end.clicks > 1 else faint).append(end)
    return Typed(*query, stems, asked, lost, tuple(told), failed, tuple(faint))


def _by_query(typed: Iterable[Typed]) -> dict[Query, Typed]:
    return {(one.locale, one.q): one for one in typed}


def together(past: Part, late: Part) -> Part:
    """Return what the sums of two parts come to, of days and of other days after them."""
    return Part(
        finds=past.finds + late.finds,
        typed=_all_typed(past.typed, late.typed),
        openers=_all_openers(past.openers, late.openers),
        first=_earliest(past.first, late.first),
        views=_all_views(past.views, late.views),
    )


def _all_typed(past: list[Typed], late: list[Typed]) -> list[Typed]:
    """Return the queries of both, in order."""
    found = _by_query(past)
    for query, one in _by_query(late).items():
        known = found.get(query)
        found[query] = _plus(known, one) if known else one
    return [found[query] for query in sorted(found)]


def _plus(one: Typed, two: Typed) -> Typed:
    ends = {end.page: end for end in one.ended + one.faint}
    for end in two.ended + two.faint:
        known = ends.get(end.page)
        ends[end.page] = _both(known, end) if known else end
    failed = one.failed or two.failed
    if one.failed and two.failed:
        failed = _all_failed((one.failed, two.failed))
    query, asked, lost = (one.locale, one.q), one.asked + two.asked, one.lost + two.lost
    return _typed(query, one.stems, asked, lost, ends.values(), failed)


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


def _earliest(past: list[Edit], late: list[Edit]) -> list[Edit]:
    """Return the first sight of each revision."""
    seen = {(one.page, one.locale, one.revision) for one in past}
    return past + [one for one in late if (one.page, one.locale, one.revision) not in seen]


def _all_openers(
    past: Mapping[Article, Marks], late: Mapping[Article, Marks]
) -> dict[Article, Marks]:
    found = dict(past)
    for article, marks in late.items():
        found[article] = found.get(article, b"") + marks
    return found


def _all_views(past: Mapping[Article, int], late: Mapping[Article, int]) -> dict[Article, int]:
    found = dict(past)
    for article, n in late.items():
        found[article] = found.get(article, 0) + n
    return found


def _page(one: Ended) -> str:
    return one.page


def _day(one: Failed) -> int:
    return one.day

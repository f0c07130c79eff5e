"""From what one reader did, in order, to what they were after and whether they found it.

Pure functions: acts in, visits, search episodes and outcomes out. Times are milliseconds.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter

import msgspec

from kbgen_feedback.settings import Rules
from kbgen_feedback.similarity import alike, overlap, still_typed

ASKING = frozenset({"contact", "wanted"})

KINDS = ("no_result", "contact", "reformulated", "quick_return", "no_click")
_WEIGHTS = {kind: attrgetter(f"failed_{kind}") for kind in KINDS}


class Search(msgspec.Struct, frozen=True, gc=False):
    """A query as it is compared, what was shown for it and which pages of that were opened."""

    at: int
    locale: str
    text: str
    results: int | None = None
    shown: tuple[str, ...] | None = None
    clicked: tuple[str, ...] | None = None
    previewed: bool = False


class Act(msgspec.Struct, frozen=True, gc=False):
    """Anything else that a reader did; the fields a type does not have keep their defaults.

    `helped` is whether the article was read, used or liked, None when the act tells nothing of it.
    """

    at: int
    type: str
    page: str = ""
    source: str = ""
    dwell_ms: int | None = None
    helped: bool | None = None
    hard: bool = False


class Visit(msgspec.Struct, gc=False):
    """What a reader did without a long pause: their searches, and all acts from the first on.

    `began` is the time of the first act, `end` is when the last was over; `told` are those acts by
    which the reader said something: votes and requests for help.
    """

    reader: str
    began: int
    end: int = 0
    searches: list[Search] = []
    acts: list[Act] = []
    told: list[Act] = []


Opened = dict[str, bool | None]
"""Results that were opened, and whether they satisfied: None when nothing tells."""


class Query(msgspec.Struct, frozen=True, gc=False):
    """A settled query and what came of it; `failed` is a kind, "" for none, None for no data."""

    search: Search
    opened: Opened
    failed: str | None = None
    weight: float = 0.0


class Episode(msgspec.Struct, frozen=True, gc=False):
    """The queries of one need, and the result on which the reader ended satisfied, if any.

    `missed` when the article was not found at once; `said` when the reader voted that it is hard
    to find, which is a miss, too.
    """

    queries: list[Query]
    ended: str = ""
    missed: bool = False
    said: bool = False


def settled(searches: Sequence[Search], rules: Rules) -> list[Search]:
    """Return the settled queries; those that were still being typed lend theirs what they had."""
    kept = [searches[0]]
    for search in searches[1:]:
        if _goes_on_typing(kept[-1], search, rules):
            kept[-1] = _merged(kept[-1], search)
        else:
            kept.append(search)
    return kept


def _goes_on_typing(one: Search, two: Search, rules: Rules) -> bool:
    soon = two.at - one.at <= rules.settled_query_s * 1000
    return soon and still_typed(one.text, two.text, rules.settled_query_distance)


def _merged(one: Search, two: Search) -> Search:
    """Return the later spelling, with the clicks of both."""
    if one.clicked is None or (two.clicked is not None and not one.clicked and not one.previewed):
        return two  # there is nothing to lend
    return msgspec.structs.replace(
        two,
        clicked=tuple(dict.fromkeys(one.clicked + (two.clicked or ()))),
        previewed=one.previewed or two.previewed,
    )


def related(one: Search, two: Search, rules: Rules) -> bool:
    """Return whether two queries are about one need."""
    if overlap(one.shown or (), two.shown or ()) >= rules.episode_overlap:
        return True
    return alike(one.text, two.text, rules.episode_similarity)


def reworded(one: Search, two: Search, visit: Visit, rules: Rules) -> bool:
    """Return whether a reader who found nothing by one query went on at once with other words.

    Such queries share neither letters nor results, and are the mark of an article whose words are
    not its readers'. Time and lack of success tell them from a new need (Jones and Klinkner 2008,
    CIKM, "Beyond the session timeout").
    """
    if one.clicked is None:
        return False
    between = [act for act in visit.acts if one.at <= act.at < two.at]
    ends = [act.at + (act.dwell_ms or 0) for act in between]
    asked = [search.at for search in visit.searches if one.at <= search.at < two.at]
    if two.at - max(ends + asked, default=one.at) > rules.reworded_gap_s * 1000:
        return False
    if any(act.type == "view" and act.source not in {"", "search"} for act in between):
        return False
    return set(_opened(one, between).values()) <= {False}


def grouped(queries: Sequence[Search], visit: Visit, rules: Rules) -> list[list[Search]]:
    """Group settled queries, in order, into episodes: close in time and about one need."""
    groups = [[queries[0]]]
    for query in queries[1:]:
        if _goes_on(groups[-1], query, visit, rules):
            groups[-1].append(query)
        else:
            groups.append([query])
    return groups


def _goes_on(group: list[Search], query: Search, visit: Visit, rules: Rules) -> bool:
    if query.at - group[-1].at > rules.episode_gap_s * 1000:
        return False
    one_need = any(related(one, query, rules) for one in group)
    return one_need or reworded(group[-1], query, visit, rules)


def enough_dwell_ms(words: int, rules: Rules) -> float:
    """Return how long an article must have been visible for its click to be satisfied."""
    reading_s = words / rules.reading_words_per_minute * 60
    needed = rules.satisfied_share * reading_s if words else rules.satisfied_unknown_s
    return 1000 * min(max(needed, rules.satisfied_min_s), rules.satisfied_max_s)


def satisfied(page: str, since: int, acts: Iterable[Act]) -> bool | None:
    """Return whether an article was read, used or liked since a time; None when nothing tells."""
    found: bool | None = None
    for act in acts:
        if act.page == page and act.at >= since and act.helped is not None:
            found = found or act.helped
    return found


def episodes(visit: Visit, rules: Rules) -> list[Episode]:
    """Return the search episodes of one visit, each with what came of it."""
    queries, acts, told = visit.searches, visit.acts, visit.told
    if len(queries) > 1:
        queries = settled(queries, rules)
    if len(queries) == 1:  # as most visits have: nothing to take apart
        return [_alone(queries[0], acts, told, rules)]
    found = []
    for group in reversed(grouped(queries, visit, rules)):
        found.append(_episode(group, acts, told, rules))
        acts, told = _before(group[0].at, acts), _before(group[0].at, told)
    return found[::-1]


def _before(end: int, acts: Iterable[Act]) -> list[Act]:
    return [act for act in acts if act.at < end]


def _alone(query: Search, acts: Sequence[Act], told: Sequence[Act], rules: Rules) -> Episode:
    """Judge the episode of a visit's only query."""
    opened = _opened(query, acts)
    return _outcome([_judged(query, opened, False, told, rules)], _ended(opened), told, rules)


def _episode(
    group: Sequence[Search], acts: Sequence[Act], told: Sequence[Act], rules: Rules
) -> Episode:
    """Judge one episode by what the reader did from its first query until the next began."""
    opened = [_opened(query, acts) for query in group]
    ended = next(filter(None, map(_ended, reversed(opened))), "")
    queries = []
    for query, after, results in zip(group, [*group[1:], group[-1]], opened, strict=True):
        changed = query.text != after.text
        asked = () if changed else told
        queries.append(_judged(query, results, changed and not ended, asked, rules))
    return _outcome(queries, ended, told, rules)


def _judged(
    query: Search, opened: Opened, gave_up: bool, told: Sequence[Act], rules: Rules
) -> Query:
    helped = bool(told) and _asked_soon(query.at, told, rules)
    kind = _failed(query, opened, gave_up, helped)
    return Query(query, opened, kind, failed_weight(kind, query, rules) if kind else 0.0)


def _outcome(queries: list[Query], ended: str, told: Sequence[Act], rules: Rules) -> Episode:
    if not ended:
        return Episode(queries)
    said = bool(told) and _said_hard(ended, queries[0].search.at, told)
    return Episode(queries, ended, said or _missed(queries, ended, rules), said)


def _said_hard(page: str, since: int, told: Iterable[Act]) -> bool:
    """Return whether the reader voted since a time that an article is hard to find."""
    return any(act.hard and act.page == page and act.at >= since for act in told)


def _asked_soon(since: int, told: Iterable[Act], rules: Rules) -> bool:
    """Return whether the reader asked for help soon after a time."""
    within = rules.contact_within_s * 1000
    return any(act.type in ASKING and 0 <= act.at - since <= within for act in told)


def _opened(query: Search, acts: Sequence[Act]) -> Opened:
    """Return the results opened for a query, with what the views and votes after it tell."""
    if not query.clicked:
        return {}
    since = query.at
    if len(query.clicked) == 1:  # as nearly always
        (page,) = query.clicked
        return {page: satisfied(page, since, acts)}
    return {page: satisfied(page, since, acts) for page in query.clicked}


def _ended(opened: Opened) -> str:
    """Return the last result that satisfied, "" for none.

    What is read by navigation after a failed search is mostly about something else, and says
    nothing of it.
    """
    ended = ""
    for page, satisfied in opened.items():
        if satisfied:
            ended = page
    return ended


def _missed(queries: Sequence[Query], ended: str, rules: Rules) -> bool:
    """Return whether the article was not among the first results at once."""
    first = queries[0].search
    if first.results == 0 or len({query.search.text for query in queries}) > 1:
        return True
    return first.shown is not None and ended not in first.shown[: rules.top_results]


def _failed(query: Search, opened: Opened, gave_up: bool, helped: bool) -> str | None:
    """Return the first kind of failure that matches, "" for none, None for no data."""
    if query.results == 0 or (query.results is None and query.shown == ()):
        return "no_result"
    if helped:
        return "contact"
    if gave_up:
        return "reformulated"
    if query.clicked is None:
        return None
    if not opened:
        return "no_click"
    found = opened.values()
    if True in found:
        return ""
    return None if None in found else "quick_return"


def failed_weight(kind: str | None, query: Search, rules: Rules) -> float:
    """Return how much a failed search of this kind weighs."""
    if not kind or (kind == "no_click" and query.previewed):
        return 0.0
    weight: float = _WEIGHTS[kind](rules)
    return weight

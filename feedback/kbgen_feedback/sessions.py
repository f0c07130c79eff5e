"""From what one reader did, in order, to what they were after and whether they found it.

Pure functions: acts in, visits, search episodes and outcomes out. Times are milliseconds.
"""

from collections.abc import Iterable, Sequence

import msgspec

from kbgen_feedback.settings import Rules
from kbgen_feedback.similarity import folded, jaccard, overlap, still_typed, trigrams

_SILENT = frozenset({"search", "view", "notfound"})
_ASKING = frozenset({"contact", "wanted"})

KINDS = ("no_result", "contact", "reformulated", "quick_return", "no_click")


class Act(msgspec.Struct, frozen=True, gc=False):
    """One thing a reader did; the fields a type does not have keep their defaults.

    `enough_ms` is how long the article must be visible for its click to be satisfied.
    """

    at: int
    type: str
    page: str = ""
    locale: str = ""
    source: str = ""
    dwell_ms: int | None = None
    enough_ms: float = 0.0
    used: bool = False
    q: str = ""
    results: int | None = None
    shown: tuple[str, ...] | None = None
    clicked: tuple[str, ...] | None = None
    previewed: bool = False
    value: str = ""
    hard: bool = False


class Visit(msgspec.Struct, gc=False):
    """What a reader did without a long pause, from the first search on.

    `began` and `last` are the times of the first act and the last, `end` is when that was over.
    """

    reader: str
    began: int
    last: int = 0
    end: int = 0
    acts: list[Act] = []


class Opened(msgspec.Struct, frozen=True, gc=False):
    """A result that was opened; `satisfied` is None when nothing tells."""

    page: str
    satisfied: bool | None


class Query(msgspec.Struct, frozen=True, gc=False):
    """A settled query and what came of it; `failed` is a kind, "" for none, None for no data.

    `text` is the query as it is compared.
    """

    act: Act
    text: str
    opened: list[Opened]
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


def end_of(act: Act) -> int:
    """Return when an act was over (ms)."""
    return act.at + (act.dwell_ms or 0)


def settled(acts: Iterable[Act], rules: Rules) -> list[Act]:
    """Return the settled queries; those that were still being typed lend theirs what they had."""
    kept: list[Act] = []
    for act in acts:
        if act.type != "search":
            continue
        if kept and _goes_on_typing(kept[-1], act, rules):
            kept[-1] = _merged(kept[-1], act)
        else:
            kept.append(act)
    return kept


def _goes_on_typing(one: Act, two: Act, rules: Rules) -> bool:
    soon = two.at - one.at <= rules.settled_query_s * 1000
    return soon and still_typed(one.q, two.q, rules.settled_query_distance)


def _merged(one: Act, two: Act) -> Act:
    """Return the later spelling, with the clicks of both."""
    if one.clicked is None:
        return two
    return msgspec.structs.replace(
        two,
        clicked=tuple(dict.fromkeys(one.clicked + (two.clicked or ()))),
        previewed=one.previewed or two.previewed,
    )


def related(one: Act, two: Act, rules: Rules) -> bool:
    """Return whether two queries are about one need."""
    a, b = folded(one.q), folded(two.q)
    if a in b or b in a or jaccard(trigrams(a), trigrams(b)) >= rules.episode_similarity:
        return True
    return overlap(one.shown or (), two.shown or ()) >= rules.episode_overlap


def reworded(one: Act, two: Act, acts: Sequence[Act], rules: Rules) -> bool:
    """Return whether a reader who found nothing by one query went on at once with other words.

    Such queries share neither letters nor results, and are the mark of an article whose words are
    not its readers'. Time and lack of success tell them from a new need (Jones and Klinkner 2008,
    CIKM, "Beyond the session timeout").
    """
    between = [act for act in acts if one.at <= act.at < two.at]
    idle = two.at - max(map(end_of, between), default=one.at)
    if one.clicked is None or idle > rules.reworded_gap_s * 1000:
        return False
    elsewhere = any(act.type == "view" and act.source not in {"", "search"} for act in between)
    return not elsewhere and all(it.satisfied is False for it in _opened(one, between))


def grouped(queries: Sequence[Act], acts: Sequence[Act], rules: Rules) -> list[list[Act]]:
    """Group settled queries, in order, into episodes: close in time and about one need."""
    groups: list[list[Act]] = []
    for query in queries:
        if groups and _goes_on(groups[-1], query, acts, rules):
            groups[-1].append(query)
        else:
            groups.append([query])
    return groups


def _goes_on(group: list[Act], query: Act, acts: Sequence[Act], rules: Rules) -> bool:
    if query.at - group[-1].at > rules.episode_gap_s * 1000:
        return False
    alike = any(related(one, query, rules) for one in group)
    return alike or reworded(group[-1], query, acts, rules)


def enough_dwell_ms(words: int, rules: Rules) -> float:
    """Return how long an article must have been visible for its click to be satisfied."""
    reading_s = words / rules.reading_words_per_minute * 60
    needed = rules.satisfied_share * reading_s if words else rules.satisfied_unknown_s
    return 1000 * min(max(needed, rules.satisfied_min_s), rules.satisfied_max_s)


def satisfied(page: str, since: int, acts: Iterable[Act]) -> bool | None:
    """Return whether an article was read, used or liked since a time; None when nothing tells."""
    found: bool | None = None
    for act in acts:
        if act.page != page or act.at < since:
            continue
        if act.used or act.value == "yes":
            return True
        if act.type == "view" and act.dwell_ms is not None:
            found = found or act.dwell_ms >= act.enough_ms
    return found


def episodes(acts: Sequence[Act], rules: Rules) -> list[Episode]:
    """Return the search episodes of one visit, each with what came of it."""
    queries = settled(acts, rules)
    if len(queries) == 1:  # as most visits have: nothing to take apart
        return [_episode(queries, acts, rules)]
    groups = grouped(queries, acts, rules)
    ends = [group[0].at for group in groups[1:]]
    parts = [*([act for act in acts if act.at < end] for end in ends), acts]
    return [_episode(group, part, rules) for group, part in zip(groups, parts, strict=False)]


def _episode(group: Sequence[Act], acts: Sequence[Act], rules: Rules) -> Episode:
    """Judge one episode by what the reader did from its first query until the next began."""
    opened = [_opened(query, acts) for query in group]
    ended, since = _ended(opened), group[0].at
    told = [act for act in acts if act.type not in _SILENT and act.at >= since]
    texts = [folded(query.q) for query in group]
    following = [*texts[1:], texts[-1]]
    queries = []
    for query, text, after, results in zip(group, texts, following, opened, strict=True):
        changed = text != after
        helped = bool(told) and not changed and _asked_soon(query.at, told, rules)
        kind = _failed(query, results, changed and not ended, helped)
        weight = failed_weight(kind, query, rules) if kind else 0.0
        queries.append(Query(query, text, results, kind, weight))
    said = bool(ended and told) and any(act.hard and act.page == ended for act in told)
    missed = said or _missed(group[0], texts, ended, rules)
    return Episode(queries, ended, missed, said)


def _asked_soon(since: int, told: Iterable[Act], rules: Rules) -> bool:
    """Return whether the reader asked for help soon after a time."""
    within = rules.contact_within_s * 1000
    return any(act.type in _ASKING and 0 <= act.at - since <= within for act in told)


def _opened(query: Act, acts: Sequence[Act]) -> list[Opened]:
    """Return the results opened for a query, with what the views and votes after it tell."""
    if not query.clicked:
        return []
    return [Opened(page, satisfied(page, query.at, acts)) for page in query.clicked]


def _ended(opened: Iterable[Iterable[Opened]]) -> str:
    """Return the last result that satisfied.

    What is read by navigation after a failed search is mostly about something else, and says
    nothing of it.
    """
    ended = ""
    for results in opened:
        for one in results:
            if one.satisfied:
                ended = one.page
    return ended


def _missed(first: Act, texts: Sequence[str], ended: str, rules: Rules) -> bool:
    """Return whether the article was not among the first results at once."""
    if not ended:
        return False
    changed = texts.count(texts[0]) < len(texts)
    found = first.shown is None or ended in first.shown[: rules.top_results]
    return changed or not found or first.results == 0


def _failed(query: Act, opened: Sequence[Opened], gave_up: bool, helped: bool) -> str | None:
    """Return the first kind of failure that matches, "" for none, None for no data."""
    if query.results == 0 or (query.results is None and query.shown == ()):
        return "no_result"
    if helped:
        return "contact"
    if gave_up:
        return "reformulated"
    if query.clicked is None:
        return None
    if not query.clicked:
        return "no_click"
    bounced = True
    for one in opened:
        if one.satisfied:
            return ""
        bounced = bounced and one.satisfied is False
    return "quick_return" if bounced else None


def failed_weight(kind: str | None, query: Act, rules: Rules) -> float:
    """Return how much a failed search of this kind weighs."""
    if not kind or (kind == "no_click" and query.previewed):
        return 0.0
    weight: float = getattr(rules, f"failed_{kind}")
    return weight

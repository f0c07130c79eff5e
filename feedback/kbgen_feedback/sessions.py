"""From what one reader did, in order, to what they were after and whether they found it.

Pure functions: acts in, visits, search episodes and outcomes out. Times are milliseconds.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from kbgen_feedback.settings import Rules
from kbgen_feedback.similarity import folded, jaccard, overlap, still_typed, trigrams

KINDS = ("no_result", "contact", "reformulated", "quick_return", "no_click")


class Act(msgspec.Struct, frozen=True, gc=False):
    """One thing a reader did; the fields a type does not have keep their defaults."""

    at: int
    type: str
    page: str = ""
    locale: str = ""
    source: str = ""
    dwell_ms: int | None = None
    used: bool = False
    q: str = ""
    results: int | None = None
    shown: tuple[str, ...] | None = None
    clicked: tuple[str, ...] | None = None
    previewed: bool = False
    value: str = ""
    hard: bool = False
    words: int = 0


class Opened(msgspec.Struct, frozen=True, gc=False):
    """A result that was opened; `satisfied` is None when nothing tells."""

    page: str
    satisfied: bool | None


class Query(msgspec.Struct, frozen=True, gc=False):
    """A settled query and what came of it; `failed` is a kind, "" for none, None for no data."""

    act: Act
    opened: tuple[Opened, ...]
    failed: str | None = None
    weight: float = 0.0


class Episode(msgspec.Struct, frozen=True, gc=False):
    """The queries of one need, and the result on which the reader ended satisfied, if any.

    `missed` when the article was not found at once; `said` when the reader voted that it is hard
    to find, which is a miss, too.
    """

    queries: tuple[Query, ...]
    ended: str = ""
    missed: bool = False
    said: bool = False


def visits(acts: Sequence[Act], rules: Rules) -> Iterator[tuple[Act, ...]]:
    """Split one reader's acts, sorted by time, where they paused longer than a visit's gap."""
    start, gap = 0, rules.visit_gap_s * 1000
    for i, (one, two) in enumerate(pairwise(acts), start=1):
        if two.at - one.at > gap and two.at - end_of(one) > gap:
            yield tuple(acts[start:i])
            start = i
    if acts:
        yield tuple(acts[start:])


def end_of(act: Act) -> int:
    """Return when an act was over (ms)."""
    return act.at + (act.dwell_ms or 0)


def settled(acts: Iterable[Act], rules: Rules) -> list[Act]:
    """Return the settled queries; those that were still being typed lend theirs what they had."""
    kept: list[Act] = []
    for act in acts:
        if act.type != "search":
            continue
        last = kept[-1] if kept else None
        soon = last is not None and act.at - last.at <= rules.settled_query_s * 1000
        if last and soon and still_typed(last.q, act.q, rules.settled_query_distance):
            kept[-1] = _merged(last, act)
        else:
            kept.append(act)
    return kept


def _merged(one: Act, two: Act) -> Act:
    """Return the later spelling, with the clicks of both."""
    if one.clicked is None:
        return two
    return msgspec.structs.replace(
        two,
        clicked=one.clicked + (two.clicked or ()),
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
    return not elsewhere and all(it.satisfied is False for it in _opened(one, between, rules))


def grouped(queries: Sequence[Act], acts: Sequence[Act], rules: Rules) -> list[list[Act]]:
    """Group settled queries, in order, into episodes: close in time and about one need."""
    groups: list[list[Act]] = []
    for query in queries:
        last = groups[-1] if groups else None
        near = last is not None and query.at - last[-1].at <= rules.episode_gap_s * 1000
        if last is not None and near and _same_need(last, query, acts, rules):
            last.append(query)
        else:
            groups.append([query])
    return groups


def _same_need(group: list[Act], query: Act, acts: Sequence[Act], rules: Rules) -> bool:
    alike = any(related(one, query, rules) for one in group)
    return alike or reworded(group[-1], query, acts, rules)


def enough_dwell_ms(words: int, rules: Rules) -> float:
    """Return how long an article must have been visible for its click to be satisfied."""
    reading_s = words / rules.reading_words_per_minute * 60
    needed = rules.satisfied_share * reading_s if words else rules.satisfied_unknown_s
    return 1000 * min(max(needed, rules.satisfied_min_s), rules.satisfied_max_s)


def satisfied(page: str, since: int, acts: Iterable[Act], rules: Rules) -> bool | None:
    """Return whether an article was read, used or liked since a time; None when nothing tells."""
    found: bool | None = None
    for act in acts:
        if act.page != page or act.at < since:
            continue
        if act.used or act.value == "yes":
            return True
        if act.type == "view" and act.dwell_ms is not None:
            found = found or act.dwell_ms >= enough_dwell_ms(act.words, rules)
    return found


def episodes(acts: Sequence[Act], rules: Rules) -> tuple[Episode, ...]:
    """Return the search episodes of one visit, each with what came of it."""
    groups = grouped(settled(acts, rules), acts, rules)
    if not groups:
        return ()
    ends = [*(group[0].at for group in groups[1:]), acts[-1].at + 1]
    return tuple(
        _episode(group, [act for act in acts if group[0].at <= act.at < end], rules)
        for group, end in zip(groups, ends, strict=True)
    )


def _episode(group: list[Act], acts: list[Act], rules: Rules) -> Episode:
    """Judge one episode by what the reader did until the next began."""
    opened = [_opened(query, acts, rules) for query in group]
    ended = _ended(opened)
    asked = [act.at for act in acts if act.type == "contact" or act.type == "wanted"]
    texts = [folded(query.q) for query in group]
    queries = []
    for i, (query, results) in enumerate(zip(group, opened, strict=True)):
        changed = i + 1 < len(group) and texts[i] != texts[i + 1]
        helped = bool(asked) and _asked_soon(query.at, asked, rules)
        kind = _failed(query, results, changed and not ended, helped and not changed)
        queries.append(Query(query, results, kind, failed_weight(kind, query, rules)))
    said = bool(ended) and any(act.hard and act.page == ended for act in acts)
    missed = said or _missed(group[0], texts, ended, rules)
    return Episode(tuple(queries), ended, missed, said)


def _asked_soon(since: int, asked: Iterable[int], rules: Rules) -> bool:
    return any(0 <= at - since <= rules.contact_within_s * 1000 for at in asked)


def _opened(query: Act, acts: Sequence[Act], rules: Rules) -> tuple[Opened, ...]:
    """Return the results opened for a query, with what the views and votes after it tell."""
    if not query.clicked:
        return ()
    pages = dict.fromkeys(query.clicked)
    return tuple([Opened(page, satisfied(page, query.at, acts, rules)) for page in pages])


def _ended(opened: Sequence[tuple[Opened, ...]]) -> str:
    """Return the last result that satisfied.

    What is read by navigation after a failed search is mostly about something else, and says
    nothing of it.
    """
    clicks = [one.page for results in opened for one in results if one.satisfied]
    return clicks[-1] if clicks else ""


def _missed(first: Act, texts: Sequence[str], ended: str, rules: Rules) -> bool:
    """Return whether the article was not among the first results at once."""
    if not ended:
        return False
    changed = len(set(texts)) > 1
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
    if any(one.satisfied for one in opened):
        return ""
    return "quick_return" if all(one.satisfied is False for one in opened) else None


def failed_weight(kind: str | None, query: Act, rules: Rules) -> float:
    """Return how much a failed search of this kind weighs."""
    if not kind or (kind == "no_click" and query.previewed):
        return 0.0
    weight: float = getattr(rules, f"failed_{kind}")
    return weight

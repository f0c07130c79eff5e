"""Flags that queries and addresses raise: content gaps, confusable articles, broken addresses."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from msgspec.structs import replace

from kbgen_feedback.attribution import Asked, Askings, Sought
from kbgen_feedback.beta import Beta
from kbgen_feedback.evidence import (
    MARK_BITS,
    Broken,
    Ended,
    Evidence,
    Failed,
    Key,
    Mark,
    Marks,
    Resolver,
    Typed,
    unpacked,
)
from kbgen_feedback.findings import FLAG, UNSURE, WATCH, Finding, rounded
from kbgen_feedback.gaps import Cluster, Row, clusters
from kbgen_feedback.sessions import KINDS
from kbgen_feedback.settings import Rules
from kbgen_feedback.tallies import WEEK, Missed
from kbgen_feedback.words import fold

Words = tuple[str, ...]
NOBODY: frozenset[Mark] = frozenset()


@dataclass(frozen=True)
class Shared:
    """Failed searches whose article is known from other readers of the same query; and the rest."""

    missed: Mapping[Key, Missed]
    rest: list[tuple[Typed, Failed, Words]]


def share_out(
    evidence: Evidence, telling: Askings, resolver: Resolver, sought: Sought, rules: Rules
) -> Shared:
    """Attribute failed searches to the article on which others with the same query ended.

    At least `shared_readers` of them, and `shared_share` of all who ended anywhere, must agree, and
    be `shared_least` of all who asked; else the article whose title the query says in other words.
    What neither explains is `rest`.
    """
    known: list[tuple[Typed, Failed, Key]] = []
    rest: list[tuple[Typed, Failed, Words]] = []
    for (locale, words), some in telling.items():
        failed = [(one, one.failed) for one in some.typed if one.failed]
        if failed:
            agreed = _agreed(words, locale, some, resolver, sought, rules)
            key = agreed or sought.article(words, locale)
            if key is None:
                rest += [(*one, words) for one in failed]
            else:
                known += [(*one, key) for one in failed]
    return Shared(_missed(known, evidence.openers), rest)


def _missed(
    known: Iterable[tuple[Typed, Failed, Key]], openers: Mapping[Key, Marks]
) -> Mapping[Key, Missed]:
    """Return how many readers never saw the article they sought, each counted once a day.

    Who opened it found it, however little it helped.
    """
    opened = {article: frozenset(unpacked(who)) for article, who in openers.items()}
    found: defaultdict[Key, list[tuple[Typed, Failed]]] = defaultdict(list)
    for one, failed, key in sorted(known, key=lambda each: (each[0].q, each[0].locale)):
        found[key].append((one, failed))
    told = {key: _never_saw(key[0], some, opened) for key, some in found.items()}
    return {key: missed for key, missed in told.items() if missed.days}


def _never_saw(
    page: str, some: Iterable[tuple[Typed, Failed]], opened: Mapping[Key, Set[Mark]]
) -> Missed:
    """Return what readers of these queries missed one page."""
    seen: set[Mark] = set()
    queries: list[tuple[int, str, int]] = []
    for one, failed in some:
        new = set(unpacked(failed.who)) - seen - opened.get((page, one.locale), NOBODY)
        if new:
            seen |= new
            queries.append((min(new) >> MARK_BITS, one.q, len(new)))
    return Missed(Counter([mark >> MARK_BITS for mark in seen]), sorted(queries, key=_first))


def _agreed(
    words: Words, locale: str, some: Asked, resolver: Resolver, sought: Sought, rules: Rules
) -> Key | None:
    """Return the article on which those who asked in these words agree, if they do.

    Not one whose title lacks what a word is known to mean: they took what there was.
    """
    ends = {
        key: n for page, n in some.ended.items() if (key := resolver.key(page, locale)) is not None
    }
    key = _of_most(ends, sum([one.lost for one in some.typed]), rules) if ends else None
    return None if key is None or sought.contradicts(words, key) else key


def _of_most(ends: Mapping[Key, int], lost: int, rules: Rules) -> Key | None:
    """Return the article on which enough readers ended, of all who ended and of all who asked."""
    key, n = min(ends.items(), key=lambda end: (-end[1], end[0]))
    whole = sum(ends.values())
    least = max(
        rules.shared_readers, rules.shared_share * whole, rules.shared_least * (whole + lost)
    )
    return key if n >= least else None


def content_gaps(
    rest: Iterable[tuple[Typed, Failed, Words]], telling: Askings, sought: Sought, rules: Rules
) -> Iterator[Finding]:
    """Give the clusters of recent failed queries that no article answers.

    Words that mean the same are taken together; queries that name several articles are too broad
    to tell what is missing.
    """
    unmet: dict[tuple[str, str], Failed] = {}
    rows: list[Row] = []
    for one, failed, told in sorted(rest, key=_by_day):
        words = sought.said(told, one.locale)
        if not sought.is_broad(words, one.locale):
            unmet[one.locale, one.q] = failed
            rows.append(Row(one.q, one.locale, words, failed.weight))
    often = _often(telling, sought)
    for cluster in clusters(rows, rules.content_gap_similarity):
        yield _gap(cluster, [unmet[row.locale, row.q] for row in cluster.rows], often, rules)


def _by_day(each: tuple[Typed, Failed, Words]) -> tuple[int, str, str]:
    one, failed, _ = each
    return failed.day, one.q, one.locale


Often = Mapping[tuple[str, frozenset[str]], int]
"""How often queries of a locale that say these words were searched for."""


def _often(telling: Askings, sought: Sought) -> Often:
    """Return how often each set of words was searched for."""
    found: defaultdict[tuple[str, frozenset[str]], int] = defaultdict(int)
    for (locale, words), some in telling.items():
        n = sum([one.asked for one in some.typed])
        found[locale, frozenset(sought.said(words, locale))] += n
    return found


def unanswered(cluster: Cluster, failed: int, often: Often, rules: Rules) -> float:
    """Return P(more than the set share of all searches like these found no answer), flat before.

    Of a query that many type, some always fail; only against all who typed it do they tell.
    """
    words = {frozenset(row.words) for row in cluster.rows}
    n = sum(often.get((cluster.locale, one), 0) for one in words)
    return Beta(1, 1).after(failed, max(0, n - failed)).above(rules.content_gap_share)


def _gap(cluster: Cluster, failed: Sequence[Failed], often: Often, rules: Rules) -> Finding:
    days, weight = reader_days(failed), sum([row.weight for row in cluster.rows])
    searches = sum([one.n for one in failed])
    sure = unanswered(cluster, searches, often, rules)
    enough = (
        sure > rules.flag_confidence
        and days >= rules.content_gap_reader_days
        and weight >= rules.content_gap_weight
    )
    near = days >= rules.content_gap_reader_days or weight >= rules.content_gap_weight
    kinds = Counter({kind: sum([getattr(one, kind) for one in failed]) for kind in KINDS})
    evidence = {
        "reader_days": days,
        "weight": rounded(weight, 2),
        "searches": searches,
        "failed": {kind: n for kind, n in kinds.items() if n},
    }
    # The chance that a need this often met is chance: weight as a Poisson count, none expected.
    confidence = min(sure, 1 - 0.5 ** min(days, weight))
    return Finding(
        kind="content_gap",
        page="",
        locale=cluster.locale,
        tier=FLAG if enough else WATCH if near and days >= 2 else UNSURE,
        confidence=confidence,
        n=days,
        wasted=weight / rules.content_gap_days * WEEK,
        needs_more=0 if enough else max(1, rules.content_gap_reader_days - days),
        subject=_subject(cluster),
        evidence=evidence,
        queries=tuple(cluster.queries[:20]),
    )


def reader_days(failed: Iterable[Failed]) -> int:
    """Return the distinct readers of each day, summed: a reader's id lasts no longer."""
    return len({mark for one in failed for mark in unpacked(one.who)})


def _subject(cluster: Cluster) -> str:
    """Return the cluster's lasting name: the folded words of its leading query."""
    return " ".join(sorted(set(cluster.rows[0].words)))[:1000]


def broken_inbound(rows: Iterable[Broken], as_of: int, rules: Rules) -> Iterator[Finding]:
    """Give the addresses that readers follow and that do not exist."""
    hits: Counter[str] = Counter()
    readers: Counter[str] = Counter()
    for row in rows:
        if as_of - row.day < rules.broken_inbound_days:
            hits[row.path] += row.n
            readers[row.path] += row.readers
    for path, n in readers.items():
        enough = n >= rules.broken_inbound_reader_days
        yield Finding(
            kind="broken_inbound",
            page="",
            locale="",
            tier=FLAG if enough else UNSURE,
            confidence=1 - 0.5**n,
            n=n,
            wasted=hits[path] / rules.broken_inbound_days * WEEK,
            needs_more=0 if enough else rules.broken_inbound_reader_days - n,
            subject=path,
            evidence={"path": path, "visits": hits[path], "reader_days": n},
        )


@dataclass(frozen=True)
class Confusable:
    """Two articles between which the clicks of one query are split."""

    q: str
    pages: tuple[Key, Key]
    clicks: tuple[int, int]
    bounced: float


def confusable(
    typed: Iterable[Typed], resolver: Resolver, as_of: int, rules: Rules
) -> list[Confusable]:
    """Return the pairs of articles that share a query's clicks while readers bounce."""
    since = as_of - rules.horizon_days
    found = []
    for q, some in _with_several_ends(typed).items():
        ends = _ends(some, resolver, since)
        if pair := _pair(q, ends, rules):
            first = min(where for where, _, _ in ends)
            found.append((-sum(pair.clicks), first, q, pair))
    return [pair for *_, pair in sorted(found, key=lambda each: each[:3])]


def _with_several_ends(typed: Iterable[Typed]) -> Mapping[str, Sequence[Typed]]:
    """Return by their text the queries whose readers ended on several articles: few do."""
    told = [one for one in typed if one.ended]
    seen: set[str] = set()
    again: set[str] = set()
    for _, some in groupby(told, attrgetter("locale")):
        there = {one.q for one in some}
        again |= seen & there
        seen |= there
    found: defaultdict[str, list[Typed]] = defaultdict(list)
    for one in [one for one in told if len(one.ended) > 1 or one.q in again]:
        found[one.q].append(one)
    return found


def _ends(typed: Iterable[Typed], resolver: Resolver, since: int) -> list[tuple[Key, Key, Ended]]:
    """Return where readers of a query ended: a page with a locale, the article that it means."""
    return [
        ((end.page, one.locale), key, end)
        for one in typed
        for end in one.ended
        if end.day >= since and (key := resolver.key(end.page, one.locale))
    ]


def shown_pairs(evidence: Evidence, resolver: Resolver, rules: Rules) -> list[dict[str, Any]]:
    """Return the confusable pairs of articles, for queries that enough readers share."""
    pairs = confusable(evidence.typed, resolver, evidence.as_of, rules)
    wanted = {pair.q for pair in pairs}
    stems = {(one.q, one.locale): one.stems for one in evidence.typed if one.q in wanted}
    asked = {pair.q: _stems(pair.q, pair.pages[0][1], stems) for pair in pairs}
    words = frozenset(asked.values())
    plain = ((one.stems, (one,)) for one in evidence.typed if one.stems in words)
    known = widely_asked(plain, words, rules)
    return [
        {"q": pair.q, "pages": [page for page, _ in pair.pages], "bounced": pair.bounced}
        for pair in pairs
        if asked[pair.q] in known
    ]


def _stems(q: str, locale: str, known: Mapping[tuple[str, str], Words]) -> Words:
    return known[q, locale] if (q, locale) in known else fold(q, locale)


def _pair(q: str, ends: Sequence[tuple[Key, Key, Ended]], rules: Rules) -> Confusable | None:
    total = sum([end.clicks for _, _, end in ends])
    bounces = sum([end.bounces for _, _, end in ends])
    if total < max(1, rules.confusable_n) or bounces / total < rules.confusable_bounce:
        return None
    counts: defaultdict[Key, int] = defaultdict(int)
    for _, key, end in sorted(ends, key=_where):
        counts[key] += end.clicks
    if len(counts) < 2:
        return None
    (one, n), (two, m), *_ = sorted(counts.items(), key=_clicks, reverse=True)
    if m < rules.confusable_share * total:
        return None
    return Confusable(q, (one, two), (n, m), rounded(bounces / total))


_first = _where = itemgetter(0)
_clicks = itemgetter(1)


def shown_queries(
    findings: Sequence[Finding], asked: Askings, sought: Sought, rules: Rules
) -> Iterator[Finding]:
    """Give the findings with only those queries that enough reader-days share."""
    words = {
        (q, one.locale): sought.spelled(q, one.locale) for one in findings for q in one.queries
    }
    spelled = ((some, one.typed) for (_, some), one in asked.items())
    known = widely_asked(spelled, frozenset(words.values()), rules)
    for finding in findings:
        shared = [q for q in finding.queries if words[q, finding.locale] in known]
        hidden = len(finding.queries) - len(shared)
        extra: dict[str, Any] = {"queries_hidden": hidden} if hidden else {}
        if "group" in finding.evidence:
            extra["group"] = [q for q in finding.evidence["group"] if q in shared]
        yield replace(finding, queries=tuple(shared), evidence=finding.evidence | extra)


def widely_asked(
    typed: Iterable[tuple[Words, Sequence[Typed]]], asked: Set[Words], rules: Rules
) -> set[Words]:
    """Return those of these queries that enough reader-days share.

    `typed` are all queries by their words, in the form that `asked` has them in.
    """
    found: defaultdict[Words, list[Typed]] = defaultdict(list)
    for words, some in typed:
        if words in asked:
            found[words] += some
    least = rules.query_reader_days
    return {words for words in asked if least < 1 or _reaches(least, found[words])}


def _reaches(least: int, typed: Iterable[Typed]) -> bool:
    """Return whether at least so many reader-days share these queries."""
    failed: set[Mark] = set()
    for one in typed:
        failed.update(unpacked(one.failed.who) if one.failed else ())
        if len(failed) >= least or any(end.readers >= least for end in one.ended):
            return True
    return False

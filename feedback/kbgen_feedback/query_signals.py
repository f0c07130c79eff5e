"""Flags that queries and addresses raise: content gaps, confusable articles, broken addresses."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from kbgen_feedback.attribution import Sought
from kbgen_feedback.beta import Beta
from kbgen_feedback.evidence import Broken, Evidence, Finds, Key, Resolver, Searches
from kbgen_feedback.findings import FLAG, UNSURE, WATCH, Finding, rounded
from kbgen_feedback.gaps import Cluster, Fold, clusters
from kbgen_feedback.sessions import KINDS
from kbgen_feedback.settings import Rules
from kbgen_feedback.tallies import WEEK


@dataclass(frozen=True)
class Shared:
    """Failed searches whose article is known from other readers of the same query."""

    finds: tuple[Finds, ...]
    rest: tuple[Searches, ...]


def share_out(evidence: Evidence, resolver: Resolver, sought: Sought, rules: Rules) -> Shared:
    """Attribute failed searches to the article on which others with the same query ended.

    At least `shared_readers` of them, and `shared_share` of all who ended anywhere, must agree, and
    be `shared_least` of all who asked; else the article whose title the query says in other words.
    What neither explains is `rest`.
    """
    agreed = _agreed(evidence, resolver, sought, rules)
    missed = _Missed(evidence.openers)
    finds, rest = [], []

    @cache
    def article(q: str, locale: str) -> Key | None:
        words = sought.fold(q, locale)
        return agreed.get((locale, words)) or sought.article(words, locale)

    for row in evidence.searches:
        key = article(row.q, row.locale)
        if key is None or not row.open_n:
            rest.append(row)
        elif n := missed.readers(key, row):
            finds.append(Finds(key[0], key[1], row.q, row.day, n, n, readers=n))
    return Shared(tuple(finds), tuple(rest))


class _Missed:
    """Counts readers who never saw the article they sought, each once a day.

    Who opened it found it, however little it helped.
    """

    def __init__(self, openers: Mapping[tuple[str, str, int], frozenset[str]]) -> None:
        self.openers = openers
        self._counted: defaultdict[tuple[Key, int], set[str]] = defaultdict(set)

    def readers(self, key: Key, row: Searches) -> int:
        """Return how many readers of a failed query missed the article and are not counted yet."""
        counted = self._counted[key, row.day]
        opened = self.openers.get((key[0], row.locale, row.day), frozenset())
        new = row.who.difference(counted, opened)
        counted |= new
        return len(new)


Asking = tuple[str, tuple[str, ...]]
"""A locale and the stems of a query."""


def _agreed(
    evidence: Evidence, resolver: Resolver, sought: Sought, rules: Rules
) -> dict[Asking, Key]:
    """Return the article on which those who asked in these words agree, where they do.

    Not one whose title lacks what a word is known to mean: they took what there was.
    """
    fold = sought.fold
    ended: defaultdict[Asking, Counter[Key]] = defaultdict(Counter)
    for find in evidence.queries:
        key = resolver.key(find.page, find.locale)
        if key is not None and find.readers and find.q:
            ended[find.locale, fold(find.q, find.locale)][key] += find.readers
    lost: Counter[Asking] = Counter()
    for (q, locale), rows in evidence.by_query.items():
        lost[locale, fold(q, locale)] += sum([row.open_n for row in rows])
    found = ((asking, _of_most(ends, lost[asking], rules)) for asking, ends in ended.items())
    return {
        asking: key
        for asking, key in found
        if key is not None and not sought.contradicts(asking[1], key)
    }


def _of_most(ends: Counter[Key], lost: int, rules: Rules) -> Key | None:
    """Return the article on which enough readers ended, of all who ended and of all who asked."""
    key, n = ends.most_common(1)[0]
    asked = ends.total() + lost
    least = max(rules.shared_readers, rules.shared_share * ends.total(), rules.shared_least * asked)
    return key if n >= least else None


def content_gaps(
    rows: Sequence[Searches], evidence: Evidence, sought: Sought, rules: Rules
) -> Iterator[Finding]:
    """Give the clusters of recent failed queries that no article answers.

    Words that mean the same are taken together; queries that name several articles are too broad
    to tell what is missing.
    """
    since = evidence.as_of - rules.content_gap_days
    recent = [
        row
        for row in rows
        if row.open_n and row.day > since and not sought.is_broad(row.q, row.locale)
    ]
    asked = _asked(evidence.asked, sought.words)
    for cluster in clusters(recent, sought.words, rules.content_gap_similarity):
        yield _gap(cluster, asked, sought.words, rules)


Asked = Mapping[tuple[str, frozenset[str]], int]


def _asked(asked: Mapping[tuple[str, str], int], fold: Fold) -> Asked:
    """Return how often each set of folded words was searched for."""
    found: Counter[tuple[str, frozenset[str]]] = Counter()
    for (q, locale), n in asked.items():
        found[locale, frozenset(fold(q, locale))] += n
    return found


def unanswered(cluster: Cluster, asked: Asked, fold: Fold, rules: Rules) -> float:
    """Return P(more than the set share of all searches like these found no answer), flat before.

    Of a query that many type, some always fail; only against all who typed it do they tell.
    """
    failed = sum(row.open_n for row in cluster.rows)
    words = {frozenset(fold(q, cluster.locale)) for q in cluster.queries}
    n = sum(asked.get((cluster.locale, one), 0) for one in words)
    return Beta(1, 1).after(failed, max(0, n - failed)).above(rules.content_gap_share)


def _gap(cluster: Cluster, asked: Asked, fold: Fold, rules: Rules) -> Finding:
    days, weight = cluster.reader_days, cluster.weight
    sure = unanswered(cluster, asked, fold, rules)
    enough = (
        sure > rules.flag_confidence
        and days >= rules.content_gap_reader_days
        and weight >= rules.content_gap_weight
    )
    near = days >= rules.content_gap_reader_days or weight >= rules.content_gap_weight
    kinds = Counter({kind: sum(getattr(row, kind) for row in cluster.rows) for kind in KINDS})
    evidence = {
        "reader_days": days,
        "weight": rounded(weight, 2),
        "searches": sum(row.open_n for row in cluster.rows),
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
        subject=_subject(cluster, fold),
        evidence=evidence,
        queries=tuple(cluster.queries[:20]),
    )


def _subject(cluster: Cluster, fold: Fold) -> str:
    """Return the cluster's lasting name: the folded words of its leading query."""
    return " ".join(sorted(set(fold(cluster.rows[0].q, cluster.locale))))[:1000]


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
    finds: Sequence[Finds], resolver: Resolver, as_of: int, rules: Rules
) -> list[Confusable]:
    """Return the pairs of articles that share a query's clicks while readers bounce."""
    articles = Counter(row.q for row in finds)
    clicks: defaultdict[str, Counter[Key]] = defaultdict(Counter)
    bounces: Counter[str] = Counter()
    for row in finds:
        key = resolver.key(row.page, row.locale) if articles[row.q] > 1 else None
        if key and row.q and as_of - row.day <= rules.horizon_days:
            clicks[row.q][key] += row.clicks
            bounces[row.q] += row.bounces
    pairs = (_pair(q, counts, bounces[q], rules) for q, counts in clicks.items())
    return sorted((pair for pair in pairs if pair), key=lambda pair: -sum(pair.clicks))


def shown_pairs(
    evidence: Evidence, resolver: Resolver, fold: Fold, rules: Rules
) -> list[dict[str, Any]]:
    """Return the confusable pairs of articles, for queries that enough readers share."""
    pairs = confusable(evidence.queries, resolver, evidence.as_of, rules)
    asked = {pair.q: fold(pair.q, pair.pages[0][1]) for pair in pairs}
    known = widely_asked(evidence, fold, frozenset(asked.values()), rules)
    return [
        {"q": pair.q, "pages": [page for page, _ in pair.pages], "bounced": pair.bounced}
        for pair in pairs
        if asked[pair.q] in known
    ]


def _pair(q: str, counts: Counter[Key], bounced: int, rules: Rules) -> Confusable | None:
    total = counts.total()
    if len(counts) < 2 or total < rules.confusable_n:
        return None
    (one, n), (two, m) = counts.most_common(2)
    share = bounced / total
    if m < rules.confusable_share * total or share < rules.confusable_bounce:
        return None
    return Confusable(q, (one, two), (n, m), rounded(share))


def shown_queries(
    findings: Iterable[Finding], known: Set[tuple[str, ...]], fold: Fold
) -> Iterator[Finding]:
    """Give the findings with only those queries that enough reader-days share."""
    for finding in findings:
        shared = [q for q in finding.queries if fold(q, finding.locale) in known]
        hidden = len(finding.queries) - len(shared)
        extra: dict[str, Any] = {"queries_hidden": hidden} if hidden else {}
        if "group" in finding.evidence:
            extra["group"] = [q for q in finding.evidence["group"] if q in shared]
        yield replace(finding, queries=tuple(shared), evidence=finding.evidence | extra)


def widely_asked(
    evidence: Evidence, fold: Fold, asked: Set[tuple[str, ...]], rules: Rules
) -> set[tuple[str, ...]]:
    """Return those of these queries, word forms folded, that enough reader-days share."""
    if rules.query_reader_days < 1:
        return set(asked)
    enough = {
        words
        for find in evidence.queries
        if find.readers >= rules.query_reader_days and (words := fold(find.q, find.locale)) in asked
    }
    failed: defaultdict[tuple[str, ...], set[tuple[int, str]]] = defaultdict(set)
    for (q, locale), rows in evidence.by_query.items():
        words = fold(q, locale)
        if words in asked and words not in enough:
            failed[words].update((row.day, mark) for row in rows for mark in row.who)
            if len(failed[words]) >= rules.query_reader_days:
                enough.add(words)
    return enough

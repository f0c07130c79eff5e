"""Flags as rows: read, moved on, and every act of an editor kept with who and when."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from kbgen_feedback import lifecycle
from kbgen_feedback.evidence import Evidence, Key, Resolver
from kbgen_feedback.findings import Finding
from kbgen_feedback.lifecycle import Flag, Step
from kbgen_feedback.proof import BY_SEARCH, Proof, Replay, replayed
from kbgen_feedback.settings import Rules
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import day_of
from kbgen_search.errors import KbError

_JSON = ("finding", "queries", "proof")
_NAMES = tuple(column.name for column in schema.flags.columns if column.name != "site")


@dataclass(frozen=True)
class Entry:
    """One line of a flag's history."""

    at: int
    who: str
    action: str
    note: str


def flags(store: Store) -> list[Flag]:
    """Return every flag that ever was, the newest first."""
    query = select(schema.flags).where(schema.flags.c.site == store.site)
    with store.read() as connection:
        rows = connection.execute(query.order_by(schema.flags.c.since.desc())).mappings().all()
    return [_flag(row) for row in rows]


def find(store: Store, flag: str) -> Flag:
    """Return the flag with this id.

    Raises:
        KbError: there is none.
    """
    f = schema.flags.c
    with store.read() as connection:
        query = select(schema.flags).where(f.site == store.site, f.id == flag)
        row = connection.execute(query).mappings().first()
    if row is None:
        raise KbError(f"there is no flag '{flag}'", remedy="see kbgen flags list")
    return _flag(row)


def history(store: Store, flag: str) -> list[Entry]:
    """Return what happened to a flag, the oldest first."""
    h = schema.history.c
    query = select(h.at, h.who, h.action, h.note).where(h.site == store.site, h.flag == flag)
    with store.read() as connection:
        return [Entry(*row) for row in connection.execute(query.order_by(h.at, h.seq))]


def save(store: Store, steps: Iterable[Step], who: str, now: int) -> None:
    """Store the flags after a step, and their history where something happened."""
    steps = list(steps)
    if not steps:
        return
    with store.write() as connection:
        connection.execute(store.replace(schema.flags), [_row(store, one.flag) for one in steps])
        for step in steps:
            if step.action:
                connection.execute(
                    schema.history.insert(), _entry(store, connection, step, who, now)
                )


def remember(store: Store, subject: str, who: str, action: str, note: str, now: int) -> None:
    """Keep what an editor decided about something that is no flag."""
    h = schema.history.c
    row = {"site": store.site, "flag": subject, "at": now, "who": who, "action": action}
    with store.write() as connection:
        count = select(func.count()).where(h.site == store.site, h.flag == subject)
        seq = connection.scalar(count) or 0
        connection.execute(schema.history.insert(), row | {"seq": seq, "note": note})


def _entry(store: Store, connection: Connection, step: Step, who: str, now: int) -> dict[str, Any]:
    h = schema.history.c
    count = select(func.count()).where(h.site == store.site, h.flag == step.flag.id)
    return {
        "site": store.site,
        "flag": step.flag.id,
        "at": now,
        "seq": connection.scalar(count) or 0,
        "who": who,
        "action": step.action,
        "note": step.note,
    }


def _flag(row: Any) -> Flag:
    fields = {name: row[name] for name in _NAMES}
    for name in _JSON:
        fields[name] = msgspec.json.decode(row[name]) if row[name] else {}
    fields["queries"] = tuple(fields["queries"])
    return Flag(**fields)


def _row(store: Store, flag: Flag) -> dict[str, Any]:
    row = {name: getattr(flag, name) for name in _NAMES}
    row |= {name: msgspec.json.encode(row[name]).decode() for name in _JSON}
    return row | {"site": store.site}


def follow_all(
    store: Store,
    findings: Iterable[Finding],
    evidence: Evidence,
    rules: Rules,
    now: int,
    search: Replay | None = None,
) -> list[Step]:
    """Move every flag on by a day's findings, begin new ones, and store them."""
    known = flags(store)
    matched = match(known, findings)
    resolver = Resolver(evidence.articles)
    steps: list[Step] = []
    for flag in known:
        finding = matched.pop(flag.key, None)
        revision = _revision(resolver, flag)
        proof = proof_of(store, flag, evidence, resolver, search, rules, now)
        step = lifecycle.follow(flag, finding, revision, proof, now, rules)
        if step.flag != flag:
            steps.append(step)
    for finding in matched.values():
        article = resolver.known.get((finding.page, finding.locale))
        owner, revision = (article.owner, article.revision) if article else ("", "")
        if begun := lifecycle.begin(finding, owner, revision, now):
            steps.append(begun)
    save(store, steps, "kbgen", now)
    return steps


def match(
    known: Iterable[Flag], findings: Iterable[Finding]
) -> dict[tuple[str, str, str, str], Finding]:
    """Return findings by key; a gap whose leading query changed keeps its flag's subject."""
    subjects = {
        (flag.locale, q): flag.subject
        for flag in known
        if flag.kind == "content_gap"
        for q in flag.queries
    }
    found: dict[tuple[str, str, str, str], Finding] = {}
    for finding in findings:
        if finding.kind == "content_gap":
            old = (subjects.get((finding.locale, q)) for q in finding.queries)
            finding = replace(finding, subject=next(filter(None, old), finding.subject))
        found.setdefault(finding.key, finding)
    return found


def _revision(resolver: Resolver, flag: Flag) -> str:
    article = resolver.known.get((flag.page, flag.locale))
    return article.revision if article else ""


def proof_of(
    store: Store,
    flag: Flag,
    evidence: Evidence,
    resolver: Resolver,
    search: Replay | None,
    rules: Rules,
    now: int,
) -> Proof:
    """Return what happened before and since a flag's fix was claimed."""
    if flag.claimed is None:
        return Proof()
    since, today = day_of(flag.claimed), day_of(now)
    if flag.kind == "broken_inbound":
        hits = sum(b.n for b in evidence.broken if b.path == flag.subject and b.day > since)
        return Proof(failures=hits)
    trials = list(_trials(store, flag, evidence, resolver))
    recent = today - rules.verify_quiet_days
    proof = Proof(
        before_bad=sum(bad for day, bad, _ in trials if day <= since),
        before_good=sum(good for day, _, good in trials if day <= since),
        after_bad=sum(bad for day, bad, _ in trials if day > since),
        after_good=sum(good for day, _, good in trials if day > since),
        failures=sum(bad for day, bad, _ in trials if day > max(since, recent)),
    )
    page = flag.page or flag.answer
    if search is None or flag.kind not in BY_SEARCH or not page:
        return proof
    ran, found = replayed(flag.queries, flag.locale, page, search, rules.top_results)
    return replace(proof, replayed=ran, found=found)


def _trials(
    store: Store, flag: Flag, evidence: Evidence, resolver: Resolver
) -> Iterable[tuple[int, int, int]]:
    """Give (day, bad, good) of what a flag's kind counts."""
    key: Key = (flag.page, flag.locale)
    if flag.kind == "hard_to_find":
        for find_ in evidence.finds:
            if resolver.key(find_.page, find_.locale) == key:
                yield find_.day, find_.misses, find_.trials - find_.misses
    elif flag.kind == "content_gap":
        yield from _searches(store, flag)
    else:
        for vote in evidence.votes:
            if resolver.key(vote.page, vote.locale) == key:
                bad = vote.n if vote.value == "no" else 0
                yield vote.day, bad, vote.n - bad


def _searches(store: Store, flag: Flag) -> Iterable[tuple[int, int, int]]:
    s = schema.searches.c
    query = select(s.day, s.open_n, s.n - s.open_n).where(
        s.site == store.site, s.q.in_(flag.queries), s.locale == flag.locale
    )
    with store.read() as connection:
        yield from (tuple(row) for row in connection.execute(query))

"""Flags as rows: read, moved on, and every act of an editor kept with who and when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import reduce
from typing import Any

import msgspec
from sqlalchemy import Connection, Insert, bindparam, func, select

from kbgen_feedback import lifecycle
from kbgen_feedback.evidence import Resolver
from kbgen_feedback.findings import KINDS, Finding, joined
from kbgen_feedback.gapbook import KIND, Gaps, timely, typed
from kbgen_feedback.lifecycle import Flag, Step
from kbgen_feedback.proof import Replay
from kbgen_feedback.reading import Reading
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store
from kbgen_feedback.trials import Counted, proof_of
from kbgen_search.errors import KbError

_TRIES = 5
_NOTED_MS = 3_600_000  # how often it is written down that a flag is still seen
_JSON = ("finding", "queries", "proof")
_NAMES = tuple(one.name for one in fields(Flag))


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


def states(store: Store) -> dict[str, tuple[str, str]]:
    """Return the state and owner of every flag, by its id."""
    f = schema.flags.c
    with store.read() as connection:
        rows = connection.execute(select(f.id, f.state, f.owner).where(f.site == store.site))
        return {row.id: (row.state, row.owner) for row in rows}


def stamp(store: Store) -> tuple[int, int]:
    """Return what differs when a flag has changed, by an editor or another collector."""
    f = schema.flags.c
    query = select(func.count(), func.coalesce(func.sum(f.version), 0))
    with store.read() as connection:
        count, versions = connection.execute(query.where(f.site == store.site)).one()
    return int(count), int(versions)


def history(store: Store, flag: str) -> list[Entry]:
    """Return what happened to a flag, the oldest first."""
    h = schema.history.c
    query = select(h.at, h.who, h.action, h.note).where(h.site == store.site, h.flag == flag)
    with store.read() as connection:
        rows = connection.execute(query.order_by(h.at, h.seq)).mappings()
        return [msgspec.convert(row, Entry) for row in rows]


def save(store: Store, steps: Iterable[Step], who: str, now: int) -> list[Step]:
    """Store the flags after a step, and their history where something happened.

    Returns the steps that were stored: not those whose flag somebody else has changed since it
    was read.
    """
    steps = list(steps)
    if not steps:
        return []
    with store.write() as connection:
        stored = _put(store, connection, steps, who, now)
        return [step for step, done in zip(steps, stored, strict=True) if done]


def _put(
    store: Store, connection: Connection, steps: Iterable[Step], who: str, now: int
) -> list[bool]:
    """Store flags after a step; return of each whether it still was as it had been read."""
    same = schema.flags.c.version == bindparam("read")
    upsert = store.replace(schema.flags, where=same).execution_options(preserve_rowcount=True)
    return [_put_one(store, connection, upsert, step, who, now) for step in steps]


def _put_one(
    store: Store, connection: Connection, upsert: Insert, step: Step, who: str, now: int
) -> bool:
    read = step.flag.version
    row = _row(store, replace(step.flag, version=read + 1)) | {"read": read}
    stored = connection.execute(upsert, row).rowcount == 1
    if stored and step.action:
        connection.execute(schema.history.insert(), _entry(store, connection, step, who, now))
    return stored


def decide(store: Store, flag: str, action: str, note: str, who: str, now: int) -> Flag:
    """Do what an editor decided about a flag, as it stands now; return the flag after it.

    Raises:
        KbError: there is no such flag or action, or the flag changes all the time.
    """
    for _ in range(_TRIES):
        found = find(store, flag)
        if action == "claim" and found.kind == KIND and note.strip():
            _check_answer(store, note.strip())
        step = lifecycle.act(found, action, note, now)
        steps = [step, *_handed_over(store, step.flag)] if action == "merge" else [step]
        with suppress(_ChangedError), store.write() as connection:
            if not all(_put(store, connection, steps, who, now)):
                raise _ChangedError
            return step.flag
    raise KbError(f"the flag '{flag}' is being changed by somebody else", remedy="try again")


def _check_answer(store: Store, page: str) -> None:
    """Refuse an article that no build has; before the first build any is taken.

    Raises:
        KbError: it does not exist.
    """
    a = schema.articles.c
    with store.read() as connection:
        pages = set(connection.scalars(select(a.page).where(a.site == store.site)))
    if pages and page not in pages:
        remedy = "give the id of one of the newest build; build first if it is new"
        raise KbError(f"there is no article '{page}'", remedy=remedy)


class _ChangedError(Exception):
    """A flag is no longer as it was read."""


def _handed_over(store: Store, flag: Flag) -> list[Step]:
    """Return the flag into which another was merged, with its queries: a fix must answer both.

    Raises:
        KbError: that one is the same, is itself a part of another, or is put aside.
    """
    into = find(store, flag.merged_into)
    if into.id == flag.id or into.state == "merged":
        raise KbError(f"'{flag.id}' cannot become a part of '{into.id}'", remedy="name another")
    if into.state in {"dismissed", "expired"}:
        raise KbError(
            f"'{into.id}' is {into.state}: nobody would look after these readers",
            remedy=f"make it a part of '{flag.id}' instead, or dismiss both",
        )
    queries = tuple(dict.fromkeys((*into.queries, *flag.queries)))[: lifecycle.MOST_QUERIES]
    return [Step(replace(into, queries=queries), "took over", flag.id)]


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
    kept = {name: row[name] for name in _NAMES if name not in _JSON}
    kept |= {name: msgspec.json.decode(row[name]) for name in _JSON if row[name]}
    flag = msgspec.convert(kept, Flag)
    if flag.kind not in KINDS or flag.state not in lifecycle.STATES:
        raise msgspec.ValidationError(f"no flag is `{flag.kind}` and `{flag.state}`")
    return flag


def _row(store: Store, flag: Flag) -> dict[str, Any]:
    row = {name: getattr(flag, name) for name in _NAMES}
    row |= {name: msgspec.json.encode(row[name]).decode() for name in _JSON}
    return row | {"site": store.site}


def follow_all(
    store: Store,
    findings: Sequence[Finding],
    reading: Reading,
    settings: Settings,
    now: int,
    search: Replay | None = None,
) -> list[Step]:
    """Move every flag on by a day's findings, begin new ones, and store them."""
    resolver, rules = reading.resolver, settings.rules
    gaps = Gaps(store, resolver, reading.judged.sought)
    counted = Counted(reading, gaps)
    since = now - settings.query_days * lifecycle.DAY_MS
    before = flags(store)
    now_typed = typed(findings)
    named = [timely(flag, now_typed, since) for flag in before]
    known = [settled(flag, before, resolver) for flag in named]
    matched = match(known, findings)
    steps: list[Step] = []
    for old, flag in zip(before, known, strict=True):
        finding = matched.pop(flag.key, None)
        step = gaps.answered(flag, now)
        if flag.state == "merged" != old.state:
            step = Step(flag, "merged", flag.merged_into)
        if step is None:
            proof = proof_of(flag, counted, search, rules, now)
            revision = _revision(resolver, flag)
            step = lifecycle.follow(flag, finding, revision, proof, now, rules)
        if _is_news(step, old):
            steps.append(step)
    steps += begun(matched.values(), resolver, now)
    return save(store, steps, "kbgen", now)


def _is_news(step: Step, old: Flag) -> bool:
    """Return whether a step says more than that the flag is still seen, or that for the hour."""
    still = replace(step.flag, changed=old.changed) == old
    return not still or step.flag.changed - old.changed >= _NOTED_MS


def begun(findings: Iterable[Finding], resolver: Resolver, now: int) -> Iterator[Step]:
    """Give the first steps of the flags that these findings raise."""
    for finding in findings:
        article = resolver.known.get((finding.page, finding.locale))
        owner, revision = (article.owner, article.revision) if article else ("", "")
        if step := lifecycle.begin(finding, owner, revision, now):
            yield step


def settled(flag: Flag, known: Iterable[Flag], resolver: Resolver) -> Flag:
    """Return a flag under its article's own locale, once there is a build that tells it.

    Flags that were raised before have none. When the article has a flag of that kind already, the
    older one becomes a part of it.
    """
    key = resolver.key(flag.page, flag.locale) if flag.page and resolver.known else None
    if key is None or key == (flag.page, flag.locale) or flag.state == "merged":
        return flag
    moved = replace(flag, locale=key[1])
    same = next((one for one in known if one.key == moved.key), None)
    if same is None:
        return moved
    return replace(flag, state="merged", merged_into=same.id)


def match(
    known: Iterable[Flag], findings: Iterable[Finding]
) -> dict[tuple[str, str, str, str], Finding]:
    """Return findings by the key of the flag that they belong to.

    A gap whose leading query changed keeps its flag's subject. Gaps that were merged are one
    finding, the words of the flag that lives on first.
    """
    subjects = _subjects(known)
    found: dict[tuple[str, str, str, str], list[Finding]] = {}
    for finding in findings:
        moved = _under_its_flag(finding, subjects) if finding.kind == KIND else finding
        same = found.setdefault(moved.key, [])
        same.insert(0 if moved.subject == finding.subject else len(same), moved)
    return {key: reduce(joined, some) for key, some in found.items()}


def _subjects(known: Iterable[Flag]) -> dict[tuple[str, str], str]:
    """Return by locale and query, or subject, of gaps the subject of the flag that they go under.

    Those of merged flags go under the other's, unless that one has the words itself.
    """
    flags = {flag.id: flag for flag in known}
    gaps = [flag for flag in flags.values() if flag.kind == KIND]
    subjects: dict[tuple[str, str], str] = {}
    for flag in sorted(gaps, key=lambda one: one.state != "merged"):
        heir = _heir(flag, flags)
        subjects |= {(flag.locale, q): heir.subject for q in (flag.subject, *flag.queries)}
    return subjects


def _heir(flag: Flag, flags: Mapping[str, Flag]) -> Flag:
    """Return the gap into which a gap was merged, of the same language, or the flag itself."""
    into = flags.get(flag.merged_into) if flag.state == "merged" else None
    if into is None or (into.kind, into.locale) != (flag.kind, flag.locale):
        return flag
    return _heir(into, flags)


def _under_its_flag(finding: Finding, subjects: Mapping[tuple[str, str], str]) -> Finding:
    words = (*finding.queries, finding.subject)
    known = (subjects.get((finding.locale, q)) for q in words)
    subject = next(filter(None, known), finding.subject)
    return msgspec.structs.replace(finding, subject=subject)


def _revision(resolver: Resolver, flag: Flag) -> str:
    article = resolver.known.get((flag.page, flag.locale))
    return article.revision if article else ""

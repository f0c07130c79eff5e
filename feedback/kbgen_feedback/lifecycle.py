"""The life of a flag: from a finding to a proven fix. Pure: a flag and the day's findings in."""

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from kbgen_feedback.findings import FLAG, UNSURE, WATCH, Finding
from kbgen_feedback.proof import BY_SEARCH, Proof, still_bad, verdict
from kbgen_feedback.settings import Rules
from kbgen_search.errors import KbError

STATES = (
    "watch",
    "open",
    "assigned",
    "claimed",
    "verifying",
    "verified",
    "reopened",
    "unproven",
    "dismissed",
    "merged",
    "expired",
)
ACTIVE = frozenset({"open", "assigned", "reopened", "claimed", "verifying", "unproven"})
WATCHED_OVER = frozenset({"claimed", "verifying", "verified"})  # fixes that readers prove
FIXABLE = frozenset({"open", "assigned", "reopened", "unproven"})
DAY_MS = 86_400_000
MOST_QUERIES = 50


@dataclass(frozen=True)
class Flag:
    """One kind of trouble with one article, and what editors did about it. Times are ms."""

    id: str
    kind: str
    page: str
    locale: str
    subject: str
    state: str
    since: int
    changed: int
    owner: str = ""
    claimed: int | None = None
    announced: int | None = None
    revision: str = ""
    answer: str = ""
    merged_into: str = ""
    finding: dict[str, Any] = field(default_factory=dict)
    queries: tuple[str, ...] = ()
    proof: dict[str, Any] = field(default_factory=dict)
    version: int = 0

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same as a finding."""
        return self.kind, self.page, self.locale, self.subject


@dataclass(frozen=True)
class Step:
    """A flag after a look at it, and what happened to it, if anything."""

    flag: Flag
    action: str = ""
    note: str = ""


def flag_id(key: tuple[str, str, str, str]) -> str:
    """Return the short name of a flag: its kind's initials and a hash of its key."""
    initials = "".join(part[0] for part in key[0].split("_"))
    return f"{initials}-{blake2b(chr(0).join(key).encode(), digest_size=4).hexdigest()}"


def described(finding: Finding) -> dict[str, Any]:
    """Return the finding as it is kept and shown."""
    return {
        "tier": finding.tier,
        "confidence": round(finding.confidence, 4),
        "n": finding.n,
        "wasted": round(finding.wasted, 2),
        "needs_more": finding.needs_more,
        "evidence": finding.evidence,
    }


def begin(finding: Finding, owner: str, revision: str, now: int) -> Step | None:
    """Return the flag of a new finding; None when there is not enough evidence."""
    if finding.tier == UNSURE:
        return None
    state = "open" if finding.tier == FLAG else "watch"
    flag = Flag(
        id=flag_id(finding.key),
        kind=finding.kind,
        page=finding.page,
        locale=finding.locale,
        subject=finding.subject,
        state=state,
        since=now,
        changed=now,
        owner=owner,
        revision=revision,
        finding=described(finding),
        queries=finding.queries,
    )
    return Step(flag, state, f"confidence {finding.confidence:.2f}, n {finding.n:g}")


def follow(
    flag: Flag, finding: Finding | None, revision: str, proof: Proof, now: int, rules: Rules
) -> Step:
    """Return the flag after a day's look: new evidence appended, its state moved on if due.

    Args:
        flag: the flag so far.
        finding: what the signals say of it today, if anything.
        revision: the article's revision in the newest build, empty when unknown.
        proof: what happened before and since a fix was claimed.
        now: the time, in milliseconds.
        rules: thresholds.
    """
    flag = _with_evidence(flag, finding, now)
    tier = finding.tier if finding else UNSURE
    match flag.state:
        case "watch" | "expired":
            return _watched(flag, tier, now, rules)
        case "open" | "assigned" | "reopened" | "unproven":
            return _in_work(flag, tier, revision, now, rules)
        case "claimed" | "verifying":
            return _proven(flag, proof, revision, now, rules)
        case "verified":
            return _watch_over(flag, tier, proof, now, rules)
        case "dismissed":
            return _dismissed(flag, tier, now, rules)
    return Step(flag)


def kept_queries(flag: Flag) -> list[tuple[str, str]]:
    """Return (query, article) that builds must find from the claim of a fix on; none before it."""
    page = flag.page or flag.answer
    fixed = flag.claimed is not None and flag.state not in {"dismissed", "merged"}
    return [(q, page) for q in flag.queries] if fixed and page and flag.kind in BY_SEARCH else []


def _with_evidence(flag: Flag, finding: Finding | None, now: int) -> Flag:
    if finding is None or flag.state == "merged":
        return flag
    queries = tuple(dict.fromkeys((*flag.queries, *finding.queries)))[:MOST_QUERIES]
    seen = now if finding.tier != UNSURE and flag.state not in {"dismissed"} else flag.changed
    return replace(flag, finding=described(finding), queries=queries, changed=seen)


def _to(flag: Flag, state: str, now: int, note: str = "", **changes: Any) -> Step:
    return Step(replace(flag, state=state, changed=now, **changes), state, note)


def _watched(flag: Flag, tier: str, now: int, rules: Rules) -> Step:
    if tier == FLAG:
        return _to(flag, "open", now, since=now)
    if tier == WATCH and flag.state == "expired":
        return _to(flag, "watch", now, since=now)
    return _expired(flag, now, rules)


def _expired(flag: Flag, now: int, rules: Rules) -> Step:
    old = now - flag.changed > rules.expired_days * DAY_MS
    return _to(flag, "expired", now) if old and flag.state != "expired" else Step(flag)


def _in_work(flag: Flag, tier: str, revision: str, now: int, rules: Rules) -> Step:
    if revision and flag.revision and revision != flag.revision:
        note = f"the article changed from {flag.revision} to {revision}"
        return _to(flag, "claimed", now, note, claimed=now, revision=revision)
    return _expired(flag, now, rules) if tier == UNSURE else Step(flag)


def _proven(flag: Flag, proof: Proof, revision: str, now: int, rules: Rules) -> Step:
    days = (now - (flag.claimed or now)) / DAY_MS
    outcome, why = verdict(flag.kind, proof, days, rules)
    flag = replace(flag, proof=proof.shown())
    if outcome == "wait":
        return _to(flag, "verifying", now) if flag.state == "claimed" else Step(flag)
    since = now if outcome == "reopened" else flag.since
    return _to(flag, outcome, now, why, revision=revision or flag.revision, since=since)


def _watch_over(flag: Flag, tier: str, proof: Proof, now: int, rules: Rules) -> Step:
    """Open a verified flag again when the evidence since its fix would be enough for a flag.

    Or when its queries, which all found the article when it was proven, no longer do.
    """
    if tier == FLAG and still_bad(flag.kind, proof, rules):
        return _to(flag, "reopened", now, "it came back", claimed=None, since=now)
    kept = flag.proof.get("found", 0)
    if 0 < kept == flag.proof.get("replayed") and proof.replayed and proof.found < kept:
        note = f"of {kept} queries that found it, the newest build answers {proof.found}"
        return _to(flag, "reopened", now, note, claimed=None, since=now)
    return Step(flag)


def _dismissed(flag: Flag, tier: str, now: int, rules: Rules) -> Step:
    quiet = now - flag.changed < rules.dismissed_days * DAY_MS
    return Step(flag) if quiet or tier != FLAG else _to(flag, "open", now, since=now)


def assign(flag: Flag, owner: str, now: int) -> Step:
    """Return the flag in an owner's hands."""
    state = "assigned" if flag.state in {"watch", "open", "reopened", "assigned"} else flag.state
    step = _to(flag, state, now, owner, owner=owner)
    return replace(step, action="assigned")


def claim(flag: Flag, answer: str, now: int) -> Step:
    """Return the flag with a fix claimed; `answer` is the article that now fills a gap."""
    filled = answer if flag.kind == "content_gap" else ""
    return _to(flag, "claimed", now, answer, claimed=now, answer=filled or flag.answer)


def resolve(flag: Flag, note: str, now: int) -> Step:
    """Return the flag as fixed on an editor's word."""
    step = _to(flag, "verified", now, note, claimed=flag.claimed or now)
    return replace(step, action="resolved")


def dismiss(flag: Flag, reason: str, now: int) -> Step:
    """Return the flag put aside, quiet for a while."""
    return _to(flag, "dismissed", now, reason)


def merge(flag: Flag, into: str, now: int) -> Step:
    """Return the flag as a part of another."""
    return _to(flag, "merged", now, into, merged_into=into)


def act(flag: Flag, action: str, note: str, now: int) -> Step:
    """Return the flag after an editor's decision.

    Args:
        flag: the flag.
        action: assign, claim, resolve, dismiss or merge.
        note: the owner, the article that fills a gap, the reason, or the other flag's id.
        now: the time, in milliseconds.

    Raises:
        KbError: there is no such action, or its note is missing.
    """
    note = note.strip()
    if action in {"assign", "dismiss", "merge"} and not note:
        raise KbError(f"'{action}' needs {_NOTES[action]}")
    if len(note) > (most := longest(action)):
        raise KbError(f"the text is too long: {len(note)} characters", remedy=f"at most {most}")
    match action:
        case "assign":
            return assign(flag, note, now)
        case "claim":
            return claim(flag, note, now)
        case "resolve":
            return resolve(flag, note, now)
        case "dismiss":
            return dismiss(flag, note, now)
        case "merge":
            return merge(flag, note, now)
    raise KbError(f"there is no action '{action}'", remedy=f"one of {', '.join(_NOTES)}")


def longest(action: str) -> int:
    """Return how many characters the note of an action may have."""
    return _LONGEST.get(action, MOST_NOTE)


MOST_NOTE = 300  # characters; the desk's fields take no more
_LONGEST = {"assign": 200}  # what the tables have room for

_NOTES = {
    "assign": "an owner",
    "claim": "the article, for a content gap",
    "resolve": "a reason",
    "dismiss": "a reason",
    "merge": "the id of the other flag",
}

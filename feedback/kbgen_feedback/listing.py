"""Flags as editors and scripts read them: the JSON of `kbgen flags` and lines of plain words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from kbgen_feedback import flagbook, refresh, wording
from kbgen_feedback.events import moment
from kbgen_feedback.findings import UNSURE, WATCH, Finding
from kbgen_feedback.lifecycle import Flag, described, flag_id
from kbgen_feedback.proof import Replay
from kbgen_feedback.reading import read
from kbgen_feedback.replay import searching
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import DAY_MS, day_of

CLOSED = frozenset({"verified", "dismissed", "merged", "expired"})
_EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Return the days from 1970 to a date."""
    return day.toordinal() - _EPOCH


def day_name(day: int) -> str:
    """Return the date, as YYYY-MM-DD, so many days after 1970."""
    return date.fromordinal(day + _EPOCH).isoformat()


def as_of(store: Store, settings: Settings, day: int) -> dict[str, Any]:
    """Return the flags as they stand on the evidence up to a day; no flag's life moves on."""
    refresh.bring_up(store, settings)
    reading = read(store, day, settings)
    until = (day + 1) * DAY_MS
    known = [flag for flag in flagbook.flags(store) if flag.since < until]
    owners = {(one.page, one.locale): one.owner for one in reading.articles}
    found = _document(day, reading.judged.findings, known, owners)
    return found | {"confusable": reading.judged.confusable}


def now(store: Store, settings: Settings, at: int, search: Replay | None = None) -> dict[str, Any]:
    """Return today's flags after moving each flag's life on."""
    done = refresh.refresh(store, settings, at, search)
    flags = _document(day_of(at), done.findings, flagbook.flags(store), {})
    return flags | {"confusable": done.reading.judged.confusable}


def now_with_search(store: Store, settings: Settings, at: int) -> dict[str, Any]:
    """Return what `now` does, failed searches run again on the newest build."""
    with searching(store, settings) as search:
        return now(store, settings, at, search)


def _document(
    day: int,
    findings: Iterable[Finding],
    known: Iterable[Flag],
    owners: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    known = list(known)
    matched = flagbook.match(known, findings)
    rows: list[dict[str, Any]] = []
    unsure: list[dict[str, Any]] = []
    for flag in known:
        finding = matched.pop(flag.key, None)
        if flag.state not in CLOSED:
            faint = flag.state == "watch" and (finding is None or finding.tier == UNSURE)
            (unsure if faint else rows).append(flag_json(flag, finding))
    for key, finding in matched.items():
        row = finding_json(finding, day, owners.get((key[1], key[2]), ""))
        (unsure if finding.tier == UNSURE else rows).append(row)
    order = {"flag": 0, "watch": 1}
    rows.sort(key=lambda r: (order.get(r["tier"], 2), -r["wasted_visits_per_week"], r["id"]))
    unsure = [row for row in unsure if row["needs_more"] and row["confidence"] > 0.5]
    return {"as_of": day_name(day), "flags": rows, "not_enough_evidence": unsure}


def finding_json(finding: Finding, day: int, owner: str) -> dict[str, Any]:
    """Return a finding that is no flag of the book yet."""
    state = {"flag": "open", "watch": "watch"}.get(finding.tier, "not_enough_evidence")
    row = _json(flag_id(finding.key), finding.key, state, owner, day_name(day), described(finding))
    return _with_queries(row, finding.queries)


def flag_json(flag: Flag, finding: Finding | None) -> dict[str, Any]:
    """Return a flag of the book, with today's evidence when there is any."""
    today = described(finding) if finding else flag.finding
    since = moment(flag.since).date().isoformat()
    # What an editor has been told stays on the list until it is fixed, however faint it gets.
    tier = WATCH if today["tier"] == UNSURE else today["tier"]
    row = _json(flag.id, flag.key, flag.state, flag.owner, since, today | {"tier": tier})
    return _with_queries(row, finding.queries if finding else flag.queries)


def _with_queries(row: dict[str, Any], queries: Sequence[str]) -> dict[str, Any]:
    """Return a row with the queries that may be shown; of a missing article the first names it.

    Its lasting name is made of what a single reader may have typed, and of stems.
    """
    if row["kind"] == "content_gap":
        row = row | {"subject": next(iter(queries), "")}
    return row | {"queries": list(queries)}


def _json(
    name: str,
    key: tuple[str, str, str, str],
    state: str,
    owner: str,
    since: str,
    today: Mapping[str, Any],
) -> dict[str, Any]:
    kind, page, locale, subject = key
    return {
        "id": name,
        "kind": kind,
        "page": page or None,
        "locale": locale,
        "subject": subject,
        "state": state,
        "tier": today["tier"],
        "confidence": round(today["confidence"], 4),
        "n": today["n"],
        "evidence": today["evidence"],
        "wasted_visits_per_week": round(today["wasted"], 2),
        "needs_more": today["needs_more"],
        "owner": owner,
        "since": since,
    }


def as_decided(
    document: Mapping[str, Any], states: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    """Return a document of flags with the state and owner that each has by now."""
    rows = []
    for row in document["flags"]:
        state, owner = states.get(row["id"], (row["state"], row["owner"]))
        if state not in CLOSED:
            rows.append({**row, "state": state, "owner": owner})
    return {**document, "flags": rows}


def lines(document: Mapping[str, Any]) -> list[str]:
    """Return the flags as lines for a terminal."""
    found = [line for row in document["flags"] for line in [*block(row), ""]]
    unsure = len(document["not_enough_evidence"])
    end = f"{wording.plural(len(document['flags']), 'flag', 'flags')} as of {document['as_of']}"
    more = wording.plural(unsure, "article needs", "articles need")
    return [*found, end + (f"; {more} more evidence" if unsure else "")]


def block(row: Mapping[str, Any]) -> list[str]:
    """Return one flag as a few lines."""
    name = row["page"] or row["subject"] or "(rare queries)"
    where = f"{name} [{row['locale']}]" if row["locale"] else name
    needs = wording.needs(row["needs_more"], row["kind"]) if row["tier"] != "flag" else ""
    typed = ", ".join(f"“{q}”" for q in row["queries"][:5])
    facts = [
        wording.confidence(row["confidence"]),
        f"n {row['n']:g}",
        wording.cost(row["wasted_visits_per_week"]),
        needs,
    ]
    return [
        f"{row['id']}  {wording.KINDS[row['kind']]}: {where}  ({wording.STATES[row['state']]})",
        f"    {wording.sentence(row['kind'], row['evidence'])}",
        f"    {'; '.join(fact for fact in facts if fact)}",
        *([f"    they typed {typed}"] if typed else []),
    ]

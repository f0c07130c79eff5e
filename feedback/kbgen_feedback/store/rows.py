"""Events as rows and back."""

from hashlib import blake2b
from typing import Any

import msgspec

from kbgen_feedback.events import Event, NotFound, View, Vote, millis, moment
from kbgen_feedback.store import schema

Row = dict[str, Any]

EVENTS = tuple(schema.events.columns.keys())
_COLUMNS = ("id", "at", "type", "reader", "visit", "locale", "page", "revision")
_encoder = msgspec.json.Encoder()


def event_row(site: str, event: Event, arrived: int) -> tuple[Any, ...]:
    """Return the row of the events table for one event, its columns in the order of `EVENTS`."""
    rest = msgspec.to_builtins(event)
    row = {"site": site, "source": "", "dwell_ms": None, "held": rest.pop("held", "")}
    row["arrived"] = arrived
    row |= {name: rest.pop(name, "") for name in _COLUMNS}
    if isinstance(event, View):
        row |= {"source": rest.pop("from", ""), "dwell_ms": rest.pop("dwell_ms", None)}
    if isinstance(event, NotFound):
        row["page"] = event.path[:300]
    row |= {"id": event.id.bytes, "at": millis(event.at)}
    row["body"] = _encoder.encode(rest).decode() if rest else ""
    return tuple([row[name] for name in EVENTS])


def event_json(row: Any) -> Row:
    """Return the JSON object from which `event_row` made the row."""
    whole = {"id": _uuid(row["id"]), "type": row["type"], "at": _stamp(row["at"])}
    whole |= {name: row[name] for name in (*_COLUMNS[3:], "held") if row[name]}
    if row["type"] == "notfound":
        del whole["page"]  # there it is the path again, for sums by address
    if row["source"]:
        whole["from"] = row["source"]
    if row["dwell_ms"] is not None:
        whole["dwell_ms"] = row["dwell_ms"]
    return whole | (msgspec.json.decode(row["body"], type=Row) if row["body"] else {})


def vote_row(site: str, vote: Vote) -> Row:
    """Return the row of the votes table for one vote."""
    return {
        "site": site,
        "page": vote.page,
        "locale": vote.locale,
        "revision": vote.revision,
        "token": vote.token or _token(vote),
        "at": millis(vote.at),
        "value": vote.value,
        "reasons": ",".join(vote.reasons),
        "comment": vote.comment,
        "q": vote.q,
        "reader": vote.reader,
        "net": vote.net,
        "agent": vote.agent,
        "held": vote.held,
    }


def _token(vote: Vote) -> str:
    """Return a token for a vote without one: the reader's for this article, or the vote's own."""
    who = f"{vote.reader}\n{vote.page}" if vote.reader else str(vote.id)
    return blake2b(who.encode(), digest_size=12).hexdigest()


def _uuid(raw: bytes) -> str:
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _stamp(at_ms: int) -> str:
    return moment(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")

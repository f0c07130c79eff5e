"""What each field of an event must be, in words: for the message about a line that is none."""

from kbgen_feedback.reasons import REASONS

_NAME = "a text of at most 64 characters"
_PAGE = "the article's id: a text of 1 to 300 characters"

FIELDS = {
    "id": 'a UUID, such as "0b5f7c1e-8a55-4f0c-9a3e-2f1d5c6b7a80"',
    "type": "one of view, search, vote, wanted, notfound and contact",
    "at": 'a time with its zone, such as "2026-11-22T09:30:00Z"',
    "locale": 'a language, such as "en" or "pt-BR"',
    "visit": _NAME,
    "reader": _NAME,
    "net": _NAME,
    "agent": _NAME,
    "held": _NAME,
    "token": _NAME,
    "revision": _NAME,
    "bot": "true or false",
    "printed": "true or false",
    "copied": "true or false",
    "page": _PAGE,
    "rank": "a whole number from 1",
    "from": "one of search, nav, path, external and notfound",
    "dwell_ms": "a whole number: the milliseconds the page was visible, at most a day's",
    "q": "a text: what was typed",
    "results": "a whole number: how many results there were",
    "shown": "a list of at most ten ids of articles",
    "clicked": 'a list such as [{"page": "billing/invoices", "rank": 1}]',
    "settled_by": "one of enter, click, blur and idle",
    "previewed": "true, false or a list of ids of articles",
    "value": "yes or no",
    "reasons": f"a list of some of {', '.join(REASONS)}",
    "comment": "a text of at most 4,000 characters",
    "text": "a text of at most 4,000 characters",
    "path": "a text of 1 to 1,000 characters: the address that does not exist",
    "referrer": "a text of at most 1,000 characters",
    "queries": "a list of at most 20 texts",
    "json": "a JSON object",
    "size": "at most 65,536 bytes",
    "event": "a JSON object with the fields of an event",
}

_OTHERS = {
    "purged day": "its day's raw events are deleted, so the day cannot be counted again",
    "empty.q": "nothing is left of the query without addresses, numbers and secrets",
}


def explained(fault: str) -> str:
    """Return why a line was not stored, by the name under which it is counted."""
    kind, _, field = fault.partition(".")
    if kind == "malformed" and field in FIELDS:
        subject = "the line" if field in {"json", "size", "event"} else f"`{field}`"
        return f"{subject} must be {FIELDS[field]}"
    return _OTHERS.get(fault, fault)

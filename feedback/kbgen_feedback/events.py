"""What a reader's browser tells: seven kinds of event, and what is refused about them."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from kbgen_feedback.reasons import Reason

Page = Annotated[str, Meta(min_length=1, max_length=300)]
Revision = Annotated[str, Meta(max_length=64)]
Locale = Annotated[str, Meta(pattern=r"^([A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,3})?$")]
Token = Annotated[str, Meta(max_length=64)]
Query = Annotated[str, Meta(min_length=1, max_length=2000)]
Text = Annotated[str, Meta(max_length=4000)]
Path = Annotated[str, Meta(min_length=1, max_length=1000)]
Millis = Annotated[int, Meta(ge=0, le=86_400_000)]
Count = Annotated[int, Meta(ge=0, le=10_000_000)]
Rank = Annotated[int, Meta(ge=1, le=10_000)]
Pages = Annotated[list[Page], Meta(max_length=10)]
When = Annotated[datetime, Meta(tz=True)]


class Click(msgspec.Struct, frozen=True):
    """A result that was opened; ranks count from 1."""

    page: Page
    rank: Rank


class Base(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """What every event has; `reader`, `net`, `agent`, `held` are the collector's alone to say."""

    id: UUID
    at: When
    locale: Locale = ""
    visit: Token = ""
    bot: bool = False
    reader: Token = ""
    net: Token = ""
    agent: Token = ""
    held: Token = ""


class View(Base, frozen=True, kw_only=True, tag="view"):
    """An article was open; `dwell_ms` is how long it was visible."""

    page: Page
    revision: Revision = ""
    source: Literal["", "search", "nav", "path", "external", "notfound"] = msgspec.field(
        default="", name="from"
    )
    dwell_ms: Millis | None = None
    printed: bool = False
    copied: bool = False


class Search(Base, frozen=True, kw_only=True, tag="search"):
    """A settled query, the first ten articles shown for it and those opened."""

    q: Query
    results: Count | None = None
    shown: Pages | None = None
    clicked: Annotated[list[Click], Meta(max_length=50)] | None = None
    settled_by: Literal["", "enter", "click", "blur", "idle"] = ""
    page: Annotated[str, Meta(max_length=300)] = ""
    previewed: bool | Pages = False


class Vote(Base, frozen=True, kw_only=True, tag="vote"):
    """A reader's answer to "was this helpful?"; the newest of a token and revision counts."""

    page: Page
    revision: Revision = ""
    value: Literal["yes", "no"]
    reasons: Annotated[list[Reason], Meta(max_length=7)] = []
    comment: Text = ""
    q: Annotated[str, Meta(max_length=2000)] = ""
    token: Token = ""
    dwell_ms: Millis | None = None


class Wanted(Base, frozen=True, kw_only=True, tag="wanted"):
    """What a reader was looking for and did not find, in their words."""

    q: Annotated[str, Meta(max_length=2000)] = ""
    text: Text = ""
    page: Annotated[str, Meta(max_length=300)] = ""


class NotFound(Base, frozen=True, kw_only=True, tag="notfound"):
    """An address that was followed and does not exist."""

    path: Path
    referrer: Annotated[str, Meta(max_length=1000)] = ""


class Contact(Base, frozen=True, kw_only=True, tag="contact"):
    """The reader went on to ask for help."""

    page: Annotated[str, Meta(max_length=300)] = ""
    queries: Annotated[list[Annotated[str, Meta(max_length=2000)]], Meta(max_length=20)] = []


Event = View | Search | Vote | Wanted | NotFound | Contact

_one = msgspec.json.Decoder(Event)
_many = msgspec.json.Decoder(list[msgspec.Raw])
_encoder = msgspec.json.Encoder()
_FIELD = re.compile(r"`\$\.([a-z_]+)|field `([a-z_]+)`")


class BadBatchError(Exception):
    """A body that is no list of events."""


def split(body: bytes, most: int) -> list[msgspec.Raw]:
    """Return the undecoded events of a body: a JSON array, or a single object.

    Raises:
        BadBatchError: no JSON, no array, or more than `most` events.
    """
    try:
        raws = [msgspec.Raw(body)] if body.lstrip()[:1] == b"{" else _many.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BadBatchError("the body is no JSON array of events") from error
    if len(raws) > most:
        raise BadBatchError(f"a batch has at most {most} events")
    return raws


def decode(raw: bytes | msgspec.Raw) -> Event | str:
    """Return the event, or the name under which its fault is counted."""
    try:
        event = _one.decode(raw)
    except msgspec.ValidationError as error:
        return _fault(str(error))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return "malformed.json"
    if not 1970 < event.at.year < 9999:
        return "malformed.at"
    return _without_nul(event) if b"\\u0000" in bytes(raw) else event


def _without_nul(event: Event) -> Event | str:
    """Return the event without the one character that PostgreSQL takes in no text."""
    try:
        cleared: Event = msgspec.convert(_cleared(msgspec.to_builtins(event)), Event)
    except msgspec.ValidationError as error:
        return _fault(str(error))
    return cleared


def _cleared(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cleared(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_cleared(one) for one in value]
    return value.replace("\0", "") if isinstance(value, str) else value


def encode(event: Event) -> bytes:
    """Return the event as one line of JSON, defaults left out."""
    return _encoder.encode(event)


def millis(at: datetime) -> int:
    """Return milliseconds since 1970 in UTC."""
    return int(at.timestamp() * 1000)


def moment(at_ms: int) -> datetime:
    """Return the time in UTC of milliseconds since 1970.

    Raises:
        msgspec.ValidationError: there is no such time, as in a damaged database.
    """
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC)
    except (OverflowError, TypeError, ValueError, OSError) as error:
        raise msgspec.ValidationError(f"`{at_ms}` is no time") from error


def _fault(message: str) -> str:
    """Return `malformed.` and the field that is at fault."""
    if "Invalid value '" in message and "`$.type`" in message:
        return "malformed.type"
    found = _FIELD.search(message)
    return f"malformed.{found[1] or found[2]}" if found else "malformed.event"

"""Events that are taken, and many ways to be none."""

import json
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from feedback_events import event

from kbgen_feedback import events, expected
from kbgen_feedback.events import BadBatchError, Vote, decode, encode, split

GOOD = event("vote", page="a", revision="r1", value="no", reasons=["other"])


def changed(base: dict[str, Any] | None = None, **fields: Any) -> bytes:
    whole = {**(base or GOOD), **fields}
    return json.dumps({name: value for name, value in whole.items() if value != "DROP"}).encode()


SEARCH = event("search", q="x", results=1, shown=["a"], clicked=[{"page": "a", "rank": 1}])
VIEW = {**event("view", page="a", revision="r1", dwell_ms=5), "from": "nav"}
MALFORMED = {
    "no id": changed(id="DROP"),
    "empty id": changed(id=""),
    "id is no uuid": changed(id="123"),
    "id is a number": changed(id=5),
    "id is null": changed(id=None),
    "no type": changed(type="DROP"),
    "unknown type": changed(type="hack"),
    "type is a number": changed(type=1),
    "type is null": changed(type=None),
    "type is a list": changed(type=["vote"]),
    "no at": changed(at="DROP"),
    "at is no date": changed(at="yesterday"),
    "at without zone": changed(at="2026-01-01T00:00:00"),
    "at is a number": changed(at=1700000000),
    "at is null": changed(at=None),
    "at before 1970": changed(at="0001-01-01T00:00:00Z"),
    "at in month 13": changed(at="2026-13-01T00:00:00Z"),
    "locale is a number": changed(locale=5),
    "locale is a path": changed(locale="../../etc"),
    "locale has markup": changed(locale="<b>"),
    "locale is long": changed(locale="a" * 60),
    "visit is a list": changed(visit=[]),
    "visit is long": changed(visit="v" * 65),
    "bot is text": changed(bot="yes"),
    "vote without page": changed(page="DROP"),
    "vote with empty page": changed(page=""),
    "vote on a long page": changed(page="p" * 301),
    "page is a number": changed(page=3),
    "page is null": changed(page=None),
    "revision is long": changed(revision="r" * 65),
    "revision is an object": changed(revision={}),
    "no value": changed(value="DROP"),
    "value is maybe": changed(value="maybe"),
    "value is true": changed(value=True),
    "value is upper case": changed(value="YES"),
    "reason is unknown": changed(reasons=["spam"]),
    "reasons is text": changed(reasons="other"),
    "reasons are numbers": changed(reasons=[1]),
    "eight reasons": changed(reasons=["other"] * 8),
    "comment is an object": changed(comment={"a": 1}),
    "comment is huge": changed(comment="c" * 4001),
    "token is long": changed(token="t" * 65),
    "dwell is negative": changed(VIEW, dwell_ms=-1),
    "dwell is a fraction": changed(VIEW, dwell_ms=1.5),
    "dwell is text": changed(VIEW, dwell_ms="5"),
    "dwell is over a day": changed(VIEW, dwell_ms=86_400_001),
    "view without page": changed(VIEW, page="DROP"),
    "from is unknown": changed(VIEW, **{"from": "space"}),
    "from is null": changed(VIEW, **{"from": None}),
    "printed is a number": changed(VIEW, printed=1),
    "search without q": changed(SEARCH, q="DROP"),
    "search with empty q": changed(SEARCH, q=""),
    "q is huge": changed(SEARCH, q="q" * 2001),
    "q is a list": changed(SEARCH, q=["a"]),
    "results is negative": changed(SEARCH, results=-1),
    "results is text": changed(SEARCH, results="many"),
    "shown is text": changed(SEARCH, shown="a"),
    "eleven shown": changed(SEARCH, shown=["a"] * 11),
    "shown has an empty page": changed(SEARCH, shown=[""]),
    "clicked are pages": changed(SEARCH, clicked=["a"]),
    "clicked without rank": changed(SEARCH, clicked=[{"page": "a"}]),
    "rank is zero": changed(SEARCH, clicked=[{"page": "a", "rank": 0}]),
    "settled by magic": changed(SEARCH, settled_by="magic"),
    "notfound without path": json.dumps(event("notfound")).encode(),
    "contact with deep queries": json.dumps(event("contact", queries=[["x"]])).encode(),
    "an event that is a list": b"[]",
    "an event that is null": b"null",
    "an event that is text": b'"vote"',
    "an event that is a number": b"7",
    "deep nesting": b'{"type":"vote","id":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "half a surrogate pair": b'{"type":"search","q":"\\ud800"}',
    "not a number": changed(VIEW, dwell_ms="N").replace(b'"N"', b"NaN"),
}


def test_there_are_at_least_64_kinds_of_malformed_event() -> None:
    assert len(MALFORMED) >= 64


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_event_gets_the_name_of_its_fault(name: str) -> None:
    fault = decode(MALFORMED[name])
    assert isinstance(fault, str)
    assert fault.startswith("malformed.")
    assert len(fault) < 40


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("no id", "malformed.id"),
        ("unknown type", "malformed.type"),
        ("value is maybe", "malformed.value"),
        ("rank is zero", "malformed.clicked"),
        ("at before 1970", "malformed.at"),
    ],
)
def test_the_fault_names_the_field(name: str, fault: str) -> None:
    assert decode(MALFORMED[name]) == fault


@pytest.mark.parametrize("good", [GOOD, SEARCH, VIEW, event("wanted", text="x"), event("contact")])
def test_a_good_event_survives_a_round_trip(good: dict[str, Any]) -> None:
    one = decode(json.dumps(good).encode())
    assert not isinstance(one, str)
    assert decode(encode(one)) == one


def test_unknown_fields_are_ignored() -> None:
    assert isinstance(decode(changed(colour="red")), Vote)


@pytest.mark.parametrize("body", [b"", b"nope", b"[1,", b'"x"', b"7", b"[" * 9000, b"\xff\xfe"])
def test_a_body_that_is_no_array_is_refused(body: bytes) -> None:
    with pytest.raises(BadBatchError):
        [decode(raw) for raw in split(body, 20)]


def test_a_body_of_one_object_is_a_batch_of_one() -> None:
    assert len(split(changed(), 20)) == 1


def test_too_many_events_are_refused() -> None:
    body = json.dumps([{"id": str(uuid4())}] * 21).encode()
    with pytest.raises(BadBatchError, match="at most 20"):
        split(body, 20)


def test_every_field_that_can_be_wrong_is_explained() -> None:
    """Whatever is wrong with an event, the message says what its field must be."""
    kinds = (events.View, events.Search, events.Vote, events.Wanted, events.NotFound)
    structs = (*kinds, events.Contact, events.Click)
    names = {field.encode_name for kind in structs for field in msgspec.structs.fields(kind)}
    assert names | {"type", "json", "size", "event"} == set(expected.FIELDS)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"results": "many"}, "`results` must be a whole number: how many results there were"),
        ({"clicked": [{"page": "a"}]}, "`rank` must be a whole number"),
        ({"at": "yesterday"}, "`at` must be a time with its zone"),
        ({"type": "click"}, "`type` must be one of view, search"),
    ],
)
def test_a_fault_is_told_in_words(fields: dict[str, object], says: str) -> None:
    fault = decode(changed(SEARCH, **fields))
    assert isinstance(fault, str)
    assert expected.explained(fault).startswith(says)

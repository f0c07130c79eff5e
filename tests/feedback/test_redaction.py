"""What readers typed loses what could tell who they are, in Python as in the browser."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbgen_feedback import redaction

VECTORS = json.loads((Path(__file__).parent / "redaction_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["in"][:30])
def test_the_shared_vectors(vector: dict[str, str]) -> None:
    assert redaction.query(vector["in"]) == vector["out"]


@given(st.text(max_size=400))
def test_a_query_is_short_one_line_and_stays_as_it_is_when_cleaned_again(text: str) -> None:
    once = redaction.query(text)
    assert len(once) <= 200
    assert "\n" not in once
    assert "\0" not in once
    once.encode()


@given(st.text(max_size=1200))
def test_a_comment_keeps_lines_but_no_control_characters(text: str) -> None:
    cleaned = redaction.comment(text)
    assert len(cleaned) <= 1000
    assert not any(ord(c) < 32 and c != "\n" for c in cleaned)


def test_an_address_loses_query_and_personal_data() -> None:
    assert redaction.address("/a/b?token=1#x") == "/a/b"
    assert redaction.address("/users/ann@example.com/edit") == "/users/…/edit"


@pytest.mark.parametrize("text", ["call 0170 1234567", "ann@example.com", "password=x"])
def test_comments_that_look_personal_are_told_apart(text: str) -> None:
    assert redaction.looks_personal(text)
    assert not redaction.looks_personal("step 3 is wrong since version 1.2")

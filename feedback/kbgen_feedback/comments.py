"""What readers wrote about a flag's article, or about what they did not find."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from kbgen_feedback.events import moment
from kbgen_feedback.lifecycle import Flag
from kbgen_feedback.redaction import looks_personal
from kbgen_feedback.similarity import folded
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store

MOST = 20  # shown with one flag
_MOST_READ = 500  # newest messages that are looked through for a missing article


@dataclass(frozen=True)
class Comment:
    """A reader's words, when they came, and what they came with."""

    at: datetime
    about: str
    text: str

    @property
    def personal(self) -> bool:
        """Whether it may hold personal data, and is to be opened by hand."""
        return looks_personal(self.text)


def on(store: Store, flag: Flag) -> list[Comment]:
    """Return the newest comments on a flag's article; for a missing one, what readers wanted."""
    if flag.page:
        return list(_votes(store, flag))
    return list(_wanted(store, flag))[:MOST] if flag.kind == "content_gap" else []


def _votes(store: Store, flag: Flag) -> Iterator[Comment]:
    """Give the comments on an article, but those on what it is in other languages."""
    v, a = schema.votes.c, schema.articles.c
    others = select(a.locale).where(
        a.site == store.site, a.page == flag.page, a.locale != flag.locale
    )
    query = (
        select(v.at, v.value, v.comment)
        .where(v.site == store.site, v.page == flag.page, v.comment != "", v.held == "")
        .where(v.locale.not_in(others))
        .order_by(v.at.desc())
        .limit(MOST)
    )
    with store.read() as connection:
        for at, value, text in connection.execute(query):
            yield Comment(moment(at), f"voted {value}", text)


def _wanted(store: Store, flag: Flag) -> Iterator[Comment]:
    e = schema.events.c
    query = (
        select(e.at, e.body)
        .where(e.site == store.site, e.type == "wanted", e.held == "")
        .order_by(e.at.desc())
        .limit(_MOST_READ)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    for at, body in rows:
        wanted: dict[str, Any] = msgspec.json.decode(body) if body else {}
        q = folded(wanted.get("q", ""))
        if wanted.get("text") and q in flag.queries:
            yield Comment(moment(at), f"searched for “{q}”", wanted["text"])

"""Decide what becomes of each event of a request: kept, held back, or refused under a name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kbgen_feedback import redaction
from kbgen_feedback.events import (
    Contact,
    Event,
    NotFound,
    Search,
    View,
    Vote,
    Wanted,
    decode,
    millis,
    moment,
)
from kbgen_feedback.limits import Buckets, Rate, per_day, per_minute
from kbgen_feedback.manifest import Manifest
from kbgen_feedback.readers import Marks
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.record import Batch, day_of


@dataclass(frozen=True)
class Sender:
    """What is known of a request: whose it is, when it came, whether it is a bot's."""

    marks: Marks
    now: int
    bot: str = ""
    automation: bool = True
    opted_out: bool = False


@dataclass(frozen=True)
class Known:
    """The articles of the newest build, and every revision that readers may still have open."""

    manifest: Manifest = field(default_factory=Manifest)
    revisions: Mapping[str, frozenset[str]] = field(default_factory=dict)


class ReaderLimits:
    """The limits of one reader, by what is sent."""

    def __init__(self, settings: Settings) -> None:
        self.votes = self._pair(settings.votes_a_minute, settings.votes_a_day)
        self.comments = self._pair(settings.comments_a_minute, settings.comments_a_day)
        self.searches = (Buckets(per_minute(settings.searches_a_minute)),)
        self.others = (Buckets(Rate(settings.requests_a_second * 20, 400)),)

    @staticmethod
    def _pair(minute: int, day: int) -> tuple[Buckets, Buckets]:
        return Buckets(per_minute(minute)), Buckets(per_day(day))


def allowed(buckets: Iterable[Buckets], key: str) -> bool:
    """Take one from each of the key's buckets; False when one of them is empty."""
    taken = [one.take(key) for one in buckets]
    return all(taken)


class RefusedError(Exception):
    """An event that is not stored; the text is the name it is counted under."""


class Intake:
    """The rules of arrival for one site."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.limits = ReaderLimits(settings)

    def batch(self, raws: Iterable[bytes | msgspec.Raw], sender: Sender, known: Known) -> Batch:
        """Return the events to store, and how many were refused under which name."""
        kept: list[Event] = []
        refused: Counter[tuple[int, str]] = Counter()
        for raw in raws:
            event = decode(raw)
            try:
                kept.append(self.accept(event, sender, known))
                if getattr(event, "comment", "") and not getattr(kept[-1], "comment", ""):
                    refused[day_of(sender.now), "limit.comments"] += 1
            except RefusedError as reason:
                refused[day_of(sender.now), str(reason)] += 1
        return Batch(kept, refused)

    def accept(self, event: Event | str, sender: Sender, known: Known) -> Event:
        """Return the event as it is to be stored.

        Raises:
            RefusedError: it is malformed, forged, too late, or not wanted by the reader.
        """
        if isinstance(event, str):
            raise RefusedError(event)
        if sender.opted_out and isinstance(event, View | Search | NotFound):
            raise RefusedError("optout")
        check_article(event, known)
        changes = clean(event, self.settings) | _server_fields(event, sender)
        changes["at"] = moment(self._time(event, sender.now))
        changes["held"] = self._held(event, sender)
        if changes.get("comment") and not allowed(self.limits.comments, sender.marks.reader):
            changes["comment"] = ""
        stored: Event = msgspec.structs.replace(event, **changes)
        return stored

    def _time(self, event: Event, now: int) -> int:
        """Return when it happened, in milliseconds; a clock that is a little ahead is corrected."""
        at = millis(event.at)
        if at < now - self.settings.late_days * 86_400_000:
            raise RefusedError("late")
        if at > now + self.settings.early_drop_s * 1000:
            raise RefusedError("early")
        return now if at > now + self.settings.early_s * 1000 else at

    def _held(self, event: Event, sender: Sender) -> str:
        """Return why the event is stored without counting; an empty text when it counts."""
        if sender.bot or (event.bot and sender.automation):
            return sender.bot or "bot.webdriver"
        reader = sender.marks.reader
        if isinstance(event, Vote):
            return self._held_vote(event, reader)
        if isinstance(event, Search):
            return "" if allowed(self.limits.searches, reader) else "limit.searches"
        return "" if allowed(self.limits.others, reader) else "limit.events"

    def _held_vote(self, vote: Vote, reader: str) -> str:
        if not allowed(self.limits.votes, reader):
            return "limit.votes"
        return unseen(vote, self.settings).get("held", "")


def unseen(event: Event, settings: Settings) -> dict[str, str]:
    """Return that a vote is held when the page was not visible long enough to be read."""
    seen = event.dwell_ms if isinstance(event, Vote) and not event.held else None
    quick = seen is not None and seen < settings.rules.vote_visible_s * 1000
    return {"held": "quick"} if quick else {}


def check_article(event: Event, known: Known) -> None:
    """Refuse articles and revisions that no build has had; without a manifest all are taken.

    Raises:
        RefusedError: `forged.page` or `forged.revision`.
    """
    page = getattr(event, "page", "")
    if not page or not known.manifest.articles:
        return
    if page not in known.manifest.pages:
        raise RefusedError("forged.page")
    revision = getattr(event, "revision", "")
    if revision and revision not in known.revisions.get(page, frozenset()):
        raise RefusedError("forged.revision")


def _server_fields(event: Event, sender: Sender) -> dict[str, Any]:
    """Return what only the collector may say of an event, whatever the client wrote there."""
    marks = sender.marks
    vote = isinstance(event, Vote)
    return {
        "reader": marks.reader,
        "net": marks.net if vote else "",
        "agent": marks.agent if vote else "",
        "visit": redaction.plain(event.visit),
    }


def clean(event: Event, settings: Settings) -> dict[str, Any]:
    """Return the fields of an event that a reader may have typed into, redacted and cut."""
    match event:
        case Search():
            q = redaction.query(event.q, settings.query_chars)
            if not q:
                raise RefusedError("empty.q")
            return {"q": q, "page": redaction.plain(event.page)}
        case Vote():
            return _clean_vote(event, settings)
        case Wanted():
            text = redaction.comment(event.text, settings.comment_chars)
            return {"q": redaction.query(event.q, settings.query_chars), "text": text}
        case NotFound():
            return {
                "path": redaction.address(event.path),
                "referrer": redaction.address(event.referrer),
            }
        case Contact():
            queries = [redaction.query(q, settings.query_chars) for q in event.queries]
            return {"queries": [q for q in queries if q][:10]}
        case View():
            return {
                "page": redaction.plain(event.page),
                "revision": redaction.plain(event.revision),
            }


def _clean_vote(vote: Vote, settings: Settings) -> dict[str, Any]:
    return {
        "page": redaction.plain(vote.page),
        "revision": redaction.plain(vote.revision),
        "token": redaction.plain(vote.token),
        "q": redaction.query(vote.q, settings.query_chars),
        "comment": redaction.comment(vote.comment, settings.comment_chars),
        "reasons": list(dict.fromkeys(vote.reasons)) if vote.value == "no" else [],
    }

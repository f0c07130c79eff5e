"""Two rules teams use to find bad articles, read weekly from the same votes as the detector.

Both get the votes of readers alone: the model tells them which votes were a bot's or a brigade's,
which no team knows. A page that a rule still names in the next reading is the same flag.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.feedback.scoring import Raised
from benchmarks.feedback.visits import Event

NOT_READERS = ("agent-brigade",)
NETS = ("bot-", "crawler-")


@dataclass(frozen=True)
class Ballot:
    """One reader's vote, as a rule sees it."""

    day: int
    page: str
    yes: bool


def ballots(day: int, events: Iterable[Event]) -> Iterator[Ballot]:
    """Yield the votes of a day's readers."""
    for event in events:
        if event["type"] == "vote" and is_reader(event):
            yield Ballot(day, event["page"], event["value"] == "yes")


def is_reader(event: Event) -> bool:
    """Return whether the model made this event for a reader."""
    return event["agent"] not in NOT_READERS and not event["net"].startswith(NETS)


def more_no_than_yes(votes: Sequence[Ballot], day: int) -> set[str]:
    """Return the pages with more no than yes in the seven days before."""
    balance: Counter[str] = Counter()
    for vote in votes:
        if day - 7 <= vote.day < day:
            balance[vote.page] += 1 if vote.yes else -1
    return {page for page, value in balance.items() if value < 0}


def under_sixty(votes: Sequence[Ballot], day: int) -> set[str]:
    """Return the pages under 60 % helpful with at least five votes since the beginning."""
    yes, all_votes = Counter[str](), Counter[str]()
    for vote in votes:
        if vote.day < day:
            all_votes[vote.page] += 1
            yes[vote.page] += vote.yes
    return {page for page, n in all_votes.items() if n >= 5 and yes[page] / n < 0.6}


RULES: dict[str, Callable[[Sequence[Ballot], int], set[str]]] = {
    "more no than yes in 7 days": more_no_than_yes,
    "under 60 % helpful, 5 votes": under_sixty,
}


def readings(name: str, votes: Sequence[Ballot], days: Iterable[int]) -> list[Raised]:
    """Return the flags of a rule, each on the day it appeared; a page that left may come back."""
    raised: list[Raised] = []
    before: set[str] = set()
    for day in days:
        now = RULES[name](votes, day)
        raised += [Raised(day, name, (page,), 1) for page in sorted(now - before)]
        before = now
    return raised

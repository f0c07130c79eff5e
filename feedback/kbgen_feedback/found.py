"""The sums of a day that need sessions: what queries led to, and how articles were found."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from kbgen_feedback.sessions import KINDS, Episode, Query, Visit, episodes
from kbgen_feedback.settings import Rules
from kbgen_feedback.store.record import day_of

MOST_READERS = 50  # marks of readers kept for one query of a day: more would tell nothing new

_OPEN = ("weight", "open_weight", "open_n", "open_readers")
SEARCHES = ("q", "locale", "n", "readers", "satisfied", "judged", *KINDS, *_OPEN)
_FOUND = ("trials", "misses", "said", "clicks", "bounces")
FINDS = ("page", "locale", "q", *_FOUND, "readers", "open_readers")


@dataclass(slots=True)
class Asked:
    """What came of one query in one language."""

    n: int = 0
    satisfied: int = 0
    judged: int = 0
    weight: float = 0.0
    open_weight: float = 0.0
    open_n: int = 0
    kinds: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    readers: set[str] = field(default_factory=set)
    open_readers: set[str] = field(default_factory=set)

    def add(self, query: Query, reader: str, mark: str) -> None:
        """Add one search; `mark` is the reader's when it stayed open, else ""."""
        self.n += 1
        self.readers.add(reader)
        self.satisfied += not mark
        kind, weight = query.failed, query.weight
        if kind is None:
            return
        self.judged += 1
        if kind:
            self.kinds[kind] += 1
            self.weight += weight
            if weight and mark:
                self.open_weight += weight
                self.open_n += 1
                self.open_readers.add(mark)

    def row(self) -> tuple[object, ...]:
        """Return the counts in the order of `SEARCHES`, after the key."""
        counts = (self.n, len(self.readers), self.satisfied, self.judged, *self.kinds.values())
        return (*counts, self.weight, self.open_weight, self.open_n, _marks(self.open_readers))


@dataclass(slots=True)
class Sought:
    """How often one article was found, or only opened, by one query."""

    trials: int = 0
    misses: int = 0
    said: int = 0
    clicks: int = 0
    bounces: int = 0
    readers: set[str] = field(default_factory=set)
    open_readers: set[str] = field(default_factory=set)

    def row(self) -> tuple[object, ...]:
        """Return the counts in the order of `FINDS`, after the key."""
        counts = (self.trials, self.misses, self.said, self.clicks, self.bounces)
        return (*counts, len(self.readers), _marks(self.open_readers))


def _mark(reader: str, day: int) -> str:
    """Return what is kept of a reader for a day."""
    return blake2b(f"{day}\n{reader}".encode(), digest_size=4).hexdigest()


def _marks(readers: Iterable[str]) -> str:
    return ",".join(sorted(readers)[:MOST_READERS])


@dataclass
class Crossing:
    """A fingerprint of the visits that reach across midnight, in whatever order they come.

    While it stays the same, events of the next day or the one before change nothing in a day.
    """

    total: int = 0

    def add(self, visit: Visit) -> None:
        """Add a visit that is on two days."""
        whole = msgspec.msgpack.encode(visit)
        self.total += int.from_bytes(blake2b(whole, digest_size=8).digest())

    def shown(self) -> str:
        """Return the fingerprint as 16 characters."""
        return f"{self.total % (1 << 64):016x}"


@dataclass
class Found:
    """The sums of a day that need sessions."""

    asked: dict[tuple[str, str], Asked] = field(default_factory=lambda: defaultdict(Asked))
    sought: dict[tuple[str, str, str], Sought] = field(default_factory=lambda: defaultdict(Sought))
    crossing: Crossing = field(default_factory=Crossing)

    def add_visit(self, visit: Visit, day: int, rules: Rules) -> None:
        """Add what a reader did in a visit, if it began on the day."""
        began = day_of(visit.began)
        if began != day_of(visit.last):
            self.crossing.add(visit)
        if began == day:
            for episode in episodes(visit.acts, rules):
                self._add_episode(episode, visit.reader, day)

    def _add_episode(self, episode: Episode, reader: str, day: int) -> None:
        """Add one search episode; when it stayed open, the reader's mark is kept."""
        ended, locale = episode.ended, episode.queries[0].act.locale
        mark = "" if ended else _mark(reader, day)
        for query in episode.queries:
            q = query.text
            asked = self.asked[q, locale]
            asked.add(query, reader, mark)
            for one in query.opened:
                sought = self.sought[one.page, locale, q]
                sought.clicks += 1
                sought.bounces += one.satisfied is False
                if mark:
                    sought.open_readers.add(mark)
            if ended:
                self.sought[ended, locale, q].readers.add(reader)
        if ended:
            first = self.sought[ended, locale, episode.queries[0].text]
            first.trials += 1
            first.misses += episode.missed
            first.said += episode.said

    def searches(self) -> list[tuple[object, ...]]:
        """Return the rows of the table of searches, as `SEARCHES` names their columns."""
        return [(*key, *self.asked[key].row()) for key in sorted(self.asked)]

    def finds(self) -> list[tuple[object, ...]]:
        """Return the rows of the table of finds, as `FINDS` names their columns."""
        return [(*key, *self.sought[key].row()) for key in sorted(self.sought)]

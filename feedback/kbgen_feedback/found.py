"""The sums of a day that need sessions: what queries led to, and how articles were found."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from kbgen_feedback.sessions import KINDS, Act, Episode, Opened, episodes, visits
from kbgen_feedback.settings import Rules
from kbgen_feedback.similarity import folded
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


def _marks(readers: Iterable[str]) -> str:
    return ",".join(sorted(readers)[:MOST_READERS])


@dataclass
class Crossing:
    """A fingerprint of the visits that reach across midnight, in whatever order they come.

    While it stays the same, events of the next day or the one before change nothing in a day.
    """

    total: int = 0

    def add(self, reader: str, visit: Sequence[Act]) -> None:
        """Add a visit that is on two days."""
        whole = msgspec.msgpack.encode((reader, visit))
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

    def add_reader(self, reader: str, day: int, acts: Sequence[Act], rules: Rules) -> None:
        """Add what one reader did in the visits that began on the day."""
        mark = blake2b(f"{day}\n{reader}".encode(), digest_size=4).hexdigest()
        for visit in visits(acts, rules):
            began = day_of(visit[0].at)
            if began != day_of(visit[-1].at):
                self.crossing.add(reader, visit)
            if began == day:
                for episode in episodes(visit, rules):
                    self.add_episode(episode, mark)

    def add_episode(self, episode: Episode, mark: str) -> None:
        """Add one search episode."""
        ended = bool(episode.ended)
        locale = episode.queries[0].act.locale
        for query in episode.queries:
            q = folded(query.act.q)
            asked = self.asked[q, locale]
            asked.n += 1
            asked.readers.add(mark)
            asked.satisfied += ended
            asked.judged += query.failed is not None
            asked.weight += query.weight
            if query.failed:
                asked.kinds[query.failed] += 1
            if query.weight and not ended:
                asked.open_weight += query.weight
                asked.open_n += 1
                asked.open_readers.add(mark)
            self._add_clicks(query.opened, q, locale, "" if ended else mark)
        if ended:
            self._add_trial(episode, locale, mark)

    def _add_clicks(self, opened: Iterable[Opened], q: str, locale: str, mark: str) -> None:
        """Count the results opened; `mark` is the reader's when their search stayed open."""
        for one in opened:
            sought = self.sought[one.page, locale, q]
            sought.clicks += 1
            sought.bounces += one.satisfied is False
            if mark:
                sought.open_readers.add(mark)

    def _add_trial(self, episode: Episode, locale: str, mark: str) -> None:
        """Count an episode under its first query; its reader, under all of them."""
        queries = [folded(query.act.q) for query in episode.queries]
        first = self.sought[episode.ended, locale, queries[0]]
        first.trials += 1
        first.misses += episode.missed
        first.said += episode.said
        for q in queries:
            self.sought[episode.ended, locale, q].readers.add(mark)

    def searches(self) -> list[tuple[object, ...]]:
        """Return the rows of the table of searches, as `SEARCHES` names their columns."""
        return [(*key, *one.row()) for key, one in sorted(self.asked.items())]

    def finds(self) -> list[tuple[object, ...]]:
        """Return the rows of the table of finds, as `FINDS` names their columns."""
        return [(*key, *one.row()) for key, one in sorted(self.sought.items())]

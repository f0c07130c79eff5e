"""The sums of a day that need sessions: what queries led to, and how articles were found."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from kbgen_feedback.sessions import KINDS, Episode, Query, Visit, episodes
from kbgen_feedback.settings import Rules
from kbgen_feedback.store.record import day_of

MARK_LENGTH = 8  # characters of what is kept of a reader for a day

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
    readers: list[str] = field(default_factory=list)
    open_readers: list[str] = field(default_factory=list)

    def add(self, query: Query, reader: str, mark: str) -> None:
        """Add one search; `mark` is the reader's when it stayed open, else ""."""
        self.n += 1
        self.readers.append(reader)
        self.satisfied += not mark
        kind, weight = query.failed, query.weight
        if kind is None:
            return
        self.judged += 1
        if kind:
            self.kinds[kind] += 1
            weight = _exact(weight)
            self.weight += weight
            if weight and mark:
                self.open_weight += weight
                self.open_n += 1
                self.open_readers.append(mark)

    def row(self) -> tuple[object, ...]:
        """Return the counts in the order of `SEARCHES`, after the key."""
        counts = (self.n, _different(self.readers), self.satisfied, self.judged)
        weights = (self.weight, self.open_weight, self.open_n)
        return (*counts, *self.kinds.values(), *weights, listed(self.open_readers))


@dataclass(slots=True)
class Sought:
    """How often one article was found, or only opened, by one query."""

    trials: int = 0
    misses: int = 0
    said: int = 0
    clicks: int = 0
    bounces: int = 0
    readers: list[str] = field(default_factory=list)
    open_readers: list[str] = field(default_factory=list)

    def row(self) -> tuple[object, ...]:
        """Return the counts in the order of `FINDS`, after the key."""
        counts = (self.trials, self.misses, self.said, self.clicks, self.bounces)
        return (*counts, _different(self.readers), listed(self.open_readers))


def _exact(weight: float) -> float:
    """Return a weight as whole parts of 2^-20: sums of these are exact, in whatever order."""
    return round(weight * (1 << 20)) / (1 << 20)


def _different(readers: Sequence[str]) -> int:
    return len(set(readers)) if len(readers) > 1 else len(readers)


def listed(marks: Collection[str]) -> str:
    """Return marks of readers as they are kept: each once, in order."""
    return ",".join(sorted(set(marks)) if len(marks) > 1 else marks)


class Found:
    """The sums of a day that need sessions."""

    def __init__(self, day: int) -> None:
        self.day = day
        self.asked: defaultdict[tuple[str, str], Asked] = defaultdict(Asked)
        self.sought: defaultdict[tuple[str, str, str], Sought] = defaultdict(Sought)
        self._begun = blake2b(f"{day}\n".encode(), digest_size=MARK_LENGTH // 2)

    def add_visit(self, visit: Visit, rules: Rules) -> None:
        """Add what a reader did in a visit, if it began on the day."""
        if day_of(visit.began) == self.day:
            for episode in episodes(visit, rules):
                self._add_episode(episode, visit.reader)

    def _add_episode(self, episode: Episode, reader: str) -> None:
        """Add one search episode; when it stayed open, the reader's mark is kept."""
        ended, first = episode.ended, episode.queries[0]
        locale = first.search.locale
        mark = "" if ended else self._mark(reader)
        for query in episode.queries:
            q = query.search.text
            self.asked[q, locale].add(query, reader, mark)
            for page, satisfied in query.opened.items():
                sought = self.sought[page, locale, q]
                sought.clicks += 1
                sought.bounces += satisfied is False
                if mark:
                    sought.open_readers.append(mark)
            if ended:
                sought = self.sought[ended, locale, q]
                sought.readers.append(reader)
                if query is first:
                    sought.trials += 1
                    sought.misses += episode.missed
                    sought.said += episode.said

    def _mark(self, reader: str) -> str:
        """Return what is kept of a reader for the day."""
        digest = self._begun.copy()
        digest.update(reader.encode())
        return digest.hexdigest()

    def searches(self) -> list[tuple[object, ...]]:
        """Return the rows of the table of searches, as `SEARCHES` names their columns."""
        return [(*key, *self.asked[key].row()) for key in sorted(self.asked)]

    def finds(self) -> list[tuple[object, ...]]:
        """Return the rows of the table of finds, as `FINDS` names their columns."""
        return [(*key, *self.sought[key].row()) for key in sorted(self.sought)]

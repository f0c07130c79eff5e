"""The sums of a day that need sessions: what queries led to, and how articles were found."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any

from kbgen_feedback.sessions import Act, Episode, episodes, visits
from kbgen_feedback.settings import Rules
from kbgen_feedback.similarity import folded
from kbgen_feedback.store.record import day_of

MOST_READERS = 50  # marks of readers kept for one query of a day: more would tell nothing new

Tally = dict[str, Any]


def _search_tally() -> Tally:
    names = ("n", "satisfied", "judged", "no_result", "contact", "reformulated", "quick_return")
    return dict.fromkeys((*names, "no_click", "open_n"), 0) | {
        "weight": 0.0,
        "open_weight": 0.0,
        "readers": set(),
        "open_readers": set(),
    }


def _find_tally() -> Tally:
    names = ("trials", "misses", "said", "clicks", "bounces")
    return {**dict.fromkeys(names, 0), "readers": set()}


@dataclass
class Found:
    """The sums of a day that need sessions."""

    searches: dict[tuple[str, ...], Tally] = field(
        default_factory=partial(defaultdict, _search_tally)
    )
    finds: dict[tuple[str, ...], Tally] = field(default_factory=partial(defaultdict, _find_tally))

    def add_reader(self, reader: str, day: int, acts: Sequence[Act], rules: Rules) -> None:
        """Add what one reader did in the visits that began on the day."""
        mark = blake2b(f"{day}\n{reader}".encode(), digest_size=4).hexdigest()
        for visit in visits(acts, rules):
            if day_of(visit[0].at) == day:
                for episode in episodes(visit, rules):
                    self.add_episode(episode, mark)

    def add_episode(self, episode: Episode, mark: str) -> None:
        """Add one search episode."""
        locale = episode.queries[0].act.locale
        for query in episode.queries:
            tally = self.searches[folded(query.act.q), locale]
            tally["n"] += 1
            tally["readers"].add(mark)
            tally["satisfied"] += bool(episode.ended)
            tally["judged"] += query.failed is not None
            tally["weight"] += query.weight
            if query.failed:
                tally[query.failed] += 1
            if query.weight and not episode.ended:
                tally["open_weight"] += query.weight
                tally["open_n"] += 1
                tally["open_readers"].add(mark)
            self._add_clicks(query.opened, folded(query.act.q), locale)
        self._add_trial(episode, locale, mark)

    def _add_clicks(self, opened: Iterable[Any], q: str, locale: str) -> None:
        for one in opened:
            tally = self.finds[one.page, locale, q]
            tally["clicks"] += 1
            tally["bounces"] += one.satisfied is False

    def _add_trial(self, episode: Episode, locale: str, mark: str) -> None:
        """Count an episode under its first query; its reader, under all of them."""
        if not episode.ended:
            return
        queries = [folded(query.act.q) for query in episode.queries]
        first = self.finds[episode.ended, locale, queries[0]]
        first["trials"] += 1
        first["misses"] += episode.missed
        first["said"] += episode.said
        for q in queries:
            self.finds[episode.ended, locale, q]["readers"].add(mark)


_KEYS = {2: ("q", "locale"), 3: ("page", "locale", "q")}


def rows_of(site: str, day: int, tallies: dict[tuple[str, ...], Tally]) -> list[Tally]:
    """Return the tallies of a day as rows of their table."""
    rows = []
    for key, tally in tallies.items():
        row = {"site": site, "day": day, **dict(zip(_KEYS[len(key)], key, strict=True)), **tally}
        row["readers"] = len(tally["readers"])
        if "open_readers" in row:
            row["open_readers"] = ",".join(sorted(tally["open_readers"])[:MOST_READERS])
        rows.append(row)
    return rows

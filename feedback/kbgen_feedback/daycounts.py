"""The sums of a day that need no sessions: activity, views, addresses that do not exist.

They are counted while the day's events pass by to the sums that need sessions, which have to read
every event anyway: to let SQL group them would be to read the day again for each table.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kbgen_feedback.acts import Row
from kbgen_feedback.settings import Rules
from kbgen_feedback.store.record import DAY_MS

HOUR_MS = 3_600_000

ACTIVITY = ("hour", "type", "locale", "held", "n")
VIEWS = ("page", "locale", "revision", "source", "n", "dwell_n", "dwell_ms")
NOTFOUND = ("path", "n", "readers")

Rows = list[tuple[Any, ...]]


@dataclass
class DayCounts:
    """What the events of one day come to, one by one."""

    events: Counter[tuple[int, str, str, str]] = field(default_factory=Counter)
    hours: dict[int, dict[str, int]] = field(default_factory=dict)  # views, by locale
    dwells: dict[tuple[str, str, str, str], list[int | None]] = field(
        default_factory=lambda: defaultdict(list)
    )
    missing: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def counting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Count the events of the day, in order of time; give those that are not held back."""
        events, dwells = self.events, self.dwells
        hour = until = 0
        seen: dict[str, int] = {}
        for row in rows:
            who, at, kind, page, locale, source, dwell_ms, _, revision, held = row
            if at >= until:
                hour = at // HOUR_MS
                until = (hour + 1) * HOUR_MS
                seen = self.hours[hour] = defaultdict(int)
            if kind == "view" and not held:  # most events
                seen[locale] += 1
                dwells[page, locale, revision, source].append(dwell_ms)
            else:
                events[hour, kind, locale, held] += 1
                if held:
                    continue
                if kind == "notfound":
                    self.missing[who][page] += 1
            yield row

    def activity(self) -> Rows:
        """Return the rows of the table of activity, as `ACTIVITY` names their columns."""
        day = DAY_MS // HOUR_MS
        views = {
            (hour, "view", locale, ""): n
            for hour, seen in self.hours.items()
            for locale, n in seen.items()
        }
        whole = sorted((self.events | views).items())
        return [(hour % day, *rest, n) for (hour, *rest), n in whole]

    def views(self) -> Rows:
        """Return the rows of the table of views, as `VIEWS` names their columns."""
        rows: Rows = []
        for key in sorted(self.dwells):
            every = self.dwells[key]
            known = [ms for ms in every if ms is not None]
            rows.append((*key, len(every), len(known), sum(known)))
        return rows

    def notfound(self, rules: Rules) -> Rows:
        """Return the rows of the table of addresses, without those that scanners tried."""
        times, readers = Counter[str](), Counter[str]()
        for tried in self.missing.values():
            if len(tried) < rules.scanner_addresses:
                times.update(tried)
                readers.update(tried.keys())
        return [(path, n, readers[path]) for path, n in sorted(times.items())]

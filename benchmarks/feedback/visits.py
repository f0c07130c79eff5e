"""One visit in the making: its clock, its reader's marks, the events it leaves behind."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.feedback.needs import Needs
from benchmarks.feedback.parameters import Parameters
from benchmarks.feedback.results import Ranking
from benchmarks.feedback.site import Site
from benchmarks.feedback.truth import Log

Event = dict[str, Any]


@dataclass(frozen=True)
class Today:
    """What all visits of a day share."""

    day: int
    parameters: Parameters
    site: Site
    ranking: Ranking
    needs: Needs
    log: Log

    @property
    def midnight(self) -> datetime:
        """Return the moment the day begins, in UTC."""
        first = datetime.fromisoformat(self.parameters.start).replace(tzinfo=UTC)
        return first + timedelta(days=self.day)


@dataclass
class Visit:
    """One visit in the making: its clock runs as the reader acts, its events pile up."""

    today: Today
    rng: random.Random
    locale: str
    second: float
    marks: dict[str, str]
    page: str = ""
    opened: str = ""
    """The result opened last, "" when the last query led nowhere."""
    events: list[Event] = field(default_factory=list)

    def tell(self, kind: str, **fields: Any) -> None:
        """Add one event at the visit's present time; empty fields are left out."""
        at = self.today.midnight + timedelta(seconds=self.second)
        self.events.append(
            {
                "id": uuid(self.rng),
                "type": kind,
                "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "locale": self.locale,
                **self.marks,
                **{name: value for name, value in fields.items() if value not in ("", None)},
            }
        )

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.rng.random() < probability


def uuid(rng: random.Random) -> str:
    """Return a random version 4 UUID that depends on the seed alone."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def marks(rng: random.Random, network: str = "") -> dict[str, str]:
    """Return what the collector knows of a reader: a day's id, the hashed network and browser."""
    return {
        "visit": f"{rng.getrandbits(64):016x}",
        "reader": f"{rng.getrandbits(64):016x}",
        "net": network or f"net-{rng.randrange(5000)}",
        "agent": f"agent-{int(rng.expovariate(0.15))}",
    }

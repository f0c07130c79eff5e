"""From new events to flags: sums, floods, findings, and what becomes of each flag."""

from dataclasses import dataclass

from kbgen_feedback import abuse, flagbook
from kbgen_feedback.findings import Finding
from kbgen_feedback.proof import Replay
from kbgen_feedback.reading import Reading, read
from kbgen_feedback.replay import with_candidates
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import day_of
from kbgen_feedback.sums import bring_up_to_date
from kbgen_search.garbage import no_collector


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: days summed, votes held back, the day's findings and how they came."""

    days: int
    held: int
    findings: list[Finding]
    reading: Reading


def bring_up(store: Store, settings: Settings) -> tuple[int, int]:
    """Bring sums up to date and hold floods back; return how many days and votes that were."""
    with no_collector():  # neither events nor evidence have circles, and there is much of both
        days = bring_up_to_date(store, settings.rules)
        return len(days), abuse.hold_floods(store, days, settings)


def refresh(store: Store, settings: Settings, now: int, search: Replay | None = None) -> Refreshed:
    """Bring everything up to date, the flags' lives included, as of `now` (ms)."""
    days, held = bring_up(store, settings)
    with no_collector():
        reading = read(store, day_of(now), settings)
        findings = list(with_candidates(reading.judged.findings, search))
        flagbook.follow_all(store, findings, reading, settings, now, search)
    return Refreshed(days, held, findings, reading)

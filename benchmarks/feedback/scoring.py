"""How good a detector's weekly readings are, against what was really wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.feedback.truth import Fault


@dataclass(frozen=True)
class Raised:
    """A flag on the day it first appeared in a reading.

    `subjects` are what it may be about: an article, a dead path, or the topics its queries name.
    """

    day: int
    kind: str
    subjects: tuple[str, ...]
    n: float
    locale: str = ""

    def about(self, fault: Fault) -> bool:
        """Return whether it names what the fault is about, while it is there.

        Where either tells no language, it is about all of them.
        """
        same_language = fault.locale == self.locale or not (fault.locale and self.locale)
        return fault.subject in self.subjects and same_language and fault.active(self.day)


@dataclass(frozen=True)
class Score:
    """One kind of flag, or all, over one simulation; None where there is nothing to count."""

    kind: str
    flags: int
    right: int
    misnamed: int
    false: int
    zero_evidence: int
    faults: int
    found: int
    median_delay_days: float | None
    wasted_visits: int
    wasted_flagged_in_28: int
    wasted_flagged_in_14: int

    @property
    def false_share(self) -> float | None:
        """Return the share of flags on something with nothing wrong."""
        return self.false / self.flags if self.flags else None

    @property
    def precision(self) -> float | None:
        """Return the share of flags whose kind and subject are both right."""
        return self.right / self.flags if self.flags else None

    @property
    def recall(self) -> float | None:
        """Return the share of faults that were flagged at any time."""
        return self.found / self.faults if self.faults else None


def judge(flag: Raised, faults: Iterable[Fault]) -> str:
    """Return `right`, `misnamed` (something is wrong there, of another kind) or `false`."""
    there = [fault for fault in faults if flag.about(fault)]
    if any(fault.kind == flag.kind for fault in there):
        return "right"
    return "misnamed" if there else "false"


def score(kind: str, flags: Sequence[Raised], faults: Sequence[Fault]) -> Score:
    """Return the score of one kind; the faults of the other kinds tell misnamed from false."""
    own = [flag for flag in flags if flag.kind == kind]
    verdicts = Counter(judge(flag, faults) for flag in own)
    wanted = [fault for fault in faults if fault.kind == kind and fault.wasted]
    delays = [(fault, delay(fault, own)) for fault in wanted]
    known = [days for _, days in delays if days is not None]
    return Score(
        kind=kind,
        flags=len(own),
        right=verdicts["right"],
        misnamed=verdicts["misnamed"],
        false=verdicts["false"],
        zero_evidence=sum(flag.n <= 0 for flag in own),
        faults=len(wanted),
        found=len(known),
        median_delay_days=median(known) if known else None,
        wasted_visits=wasted(wanted),
        wasted_flagged_in_28=wasted(fault for fault, days in delays if within(days, 28)),
        wasted_flagged_in_14=wasted(fault for fault, days in delays if within(days, 14)),
    )


def delay(fault: Fault, flags: Iterable[Raised]) -> int | None:
    """Return the days from the fault's beginning to its first right flag, None without one."""
    days = [flag.day - fault.begins for flag in flags if flag.about(fault)]
    return min(days, default=None)


def within(days: int | None, limit: int) -> bool:
    """Return whether the flag came, and in time."""
    return days is not None and days <= limit


def wasted(faults: Iterable[Fault]) -> int:
    """Return the visits that the faults wasted while they lasted."""
    return sum(sum(fault.wasted.values()) for fault in faults)


def total(scores: Sequence[Score], name: str) -> Score:
    """Return the sum over kinds or simulations; delays become the median of the medians."""
    delays = [one.median_delay_days for one in scores if one.median_delay_days is not None]
    sums = {
        field: sum(getattr(one, field) for one in scores)
        for field in Score.__dataclass_fields__
        if field not in ("kind", "median_delay_days")
    }
    return Score(kind=name, median_delay_days=median(delays) if delays else None, **sums)

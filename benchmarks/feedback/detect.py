"""Measure the detector on simulated readers: right and false flags, delays, two simple rules.

Feeds `benchmarks.feedback.simulate` day by day through the trusted import into an SQLite store,
registers each simulated build, and reads the flags weekly, as `kbgen flags list --json` gives them;
raw events are purged as they would be. A flag counts once, on the day it first stands in a reading
with tier `flag`. It is *right* when its kind and subject match a fault of the model that is there
(or was fixed less than 28 days ago), *misnamed* when something of another kind is wrong there, and
*false* when nothing is. A fault's wasted visits count as flagged in 28 days when its first right
flag came within 28 days of its beginning.

The same votes go to two rules teams use: more no than yes in 7 days; under 60 % helpful with at
least 5 votes. For them a flag is right when anything at all is wrong with the article.

    python -m benchmarks.feedback.detect --views 600 --seeds 11 12 13 [--healthy] [--json FILE]

Everything here is simulated. Seeds below 10 were used while the detector was made; seeds from 11 on
are held back for reporting.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.feedback import builds, rules, simulate, site, truth
from benchmarks.feedback.parameters import Parameters
from benchmarks.feedback.scoring import Raised, Score, judge, score, total
from benchmarks.feedback.site import Site
from benchmarks.feedback.topics import Topics
from benchmarks.feedback.truth import Fault
from benchmarks.feedback.visits import Event
from kbgen_feedback import catalog, flagbook, listing, retention
from kbgen_feedback.manifest import read as read_manifest
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.transfer import import_lines

WEEK, DAY_MS = 7, 86_400_000


@dataclass(frozen=True)
class Outcome:
    """One simulation read weekly: the detector's scores by kind, and the two rules'."""

    seed: int
    kinds: tuple[Score, ...]
    rules: dict[str, dict[str, int]]
    seconds: float


class Detector:
    """The feedback room behind its public functions, on a store of its own."""

    def __init__(self, folder: Path, made: Site, parameters: Parameters) -> None:
        """Open an empty store in the folder."""
        self.settings = Settings(database=str(folder / "feedback.sqlite3"))
        self.store: Store = open_store(self.settings.database)
        self.manifest = folder / "kb-manifest.json"
        self.made, self.parameters = made, parameters
        self.topics = Topics(made)
        self.seen: set[str] = set()

    def take(self, day: int, events: Sequence[Event], midnight: int) -> None:
        """Register the day's build, if there is one, and import the day's events."""
        if day in self.made.build_days():
            content = builds.manifest(self.made, day, self.parameters)
            self.manifest.write_text(json.dumps(content), "utf-8")
            catalog.register(self.store, read_manifest(self.manifest), midnight)
        import_lines(self.store, map(msgspec.json.encode, events), self.settings)

    def read(self, day: int, midnight: int) -> Iterator[Raised]:
        """Yield the flags that are new in the reading at the end of the day before `day`."""
        document = listing.now(self.store, self.settings, midnight - 1000)
        for row in document["flags"]:
            if row["tier"] == "flag" and row["id"] not in self.seen:
                self.seen.add(row["id"])
                yield Raised(day, row["kind"], self.subjects(row), row["n"], row["locale"])
        retention.purge(self.store, self.settings, midnight)

    def subjects(self, row: dict[str, Any]) -> tuple[str, ...]:
        """Return what a flag is about, in the model's names."""
        if row["kind"] != "content_gap":
            return (row["page"] or row["subject"],)
        words = flagbook.find(self.store, row["id"]).subject  # rare queries are not in the row
        return self.topics.of_any((*row["queries"], words), row["locale"])


def run(parameters: Parameters, folder: Path, verbose: bool = False) -> Outcome:
    """Return the outcome of one simulation."""
    began = time.monotonic()
    made, log = site.make(parameters), truth.Log()
    detector = Detector(folder, made, parameters)
    raised: list[Raised] = []
    ballots: list[rules.Ballot] = []
    for day, events in enumerate(simulate.days(parameters, made, log)):
        midnight = midnight_ms(parameters.start) + day * DAY_MS
        detector.take(day, events, midnight)
        ballots += rules.ballots(day, events)
        if (day + 1) % WEEK == 0:
            raised += detector.read(day + 1, midnight + DAY_MS)
    detector.store.close()
    faults = truth.faults(made, log, parameters)
    if verbose:
        tell_wrong(raised, faults)
    kinds = tuple(score(kind, raised, faults) for kind in truth.KINDS)
    seconds = round(time.monotonic() - began, 1)
    return Outcome(parameters.seed, kinds, by_rules(ballots, faults, parameters), seconds)


def midnight_ms(date: str) -> int:
    """Return when a day begins in UTC, in milliseconds since 1970."""
    return int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() * 1000)


def tell_wrong(raised: Sequence[Raised], faults: Sequence[Fault]) -> None:
    """Print the flags that are not right, for whoever improves the detector."""
    for flag in raised:
        if (verdict := judge(flag, faults)) != "right":
            print(f"  {verdict}: day {flag.day} {flag.kind} {flag.subjects} n {flag.n}")


def by_rules(
    ballots: Sequence[rules.Ballot], faults: Sequence[Fault], parameters: Parameters
) -> dict[str, dict[str, int]]:
    """Return for each simple rule its flags, and how many had nothing wrong under them."""
    days = range(WEEK, parameters.days + 1, WEEK)
    raised = {name: rules.readings(name, ballots, days) for name in rules.RULES}
    return {
        name: {"flags": len(flags), "false": sum(judge(one, faults) == "false" for one in flags)}
        for name, flags in raised.items()
    }


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the outcomes of several seeds added up."""
    kinds = [
        total([one.kinds[at] for one in outcomes], name) for at, name in enumerate(truth.KINDS)
    ]
    everything = total(kinds, "all")
    return {
        "simulated": True,
        "seeds": [one.seed for one in outcomes],
        "seconds": [one.seconds for one in outcomes],
        "kinds": [row(one) for one in [*kinds, everything]],
        "rules": {
            name: {key: sum(one.rules[name][key] for one in outcomes) for key in ("flags", "false")}
            for name in rules.RULES
        },
    }


def row(one: Score) -> dict[str, Any]:
    """Return a score with its shares."""
    visits = one.wasted_visits
    return {
        **asdict(one),
        "precision": share(one.right, one.flags),
        "false_share": share(one.false, one.flags),
        "recall": share(one.found, one.faults),
        "wasted_in_28": share(one.wasted_flagged_in_28, visits),
        "wasted_in_14": share(one.wasted_flagged_in_14, visits),
    }


def share(part: int, whole: int) -> float | None:
    """Return part / whole, None of nothing."""
    return round(part / whole, 3) if whole else None


def table(result: dict[str, Any]) -> str:
    """Return the result as lines of text."""
    names = ("kind", "flags", "right", "misnamed", "false", "faults", "found", "median_delay_days")
    shares = ("wasted_in_28", "wasted_in_14")
    head = "  ".join(f"{name:>17}" for name in (*names, *shares))
    rows = ["  ".join(f"{one[n]!s:>17}" for n in (*names, *shares)) for one in result["kinds"]]
    simple = [
        f"rule: {name}: {counts['flags']} flags, {counts['false']} false"
        for name, counts in result["rules"].items()
    ]
    return "\n".join([head, *rows, *simple])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--views", type=int, default=600, help="article views a day")
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--seeds", type=int, nargs="+", default=[*range(11, 26)])
    parser.add_argument("--healthy", action="store_true", help="plant no fault")
    parser.add_argument("--verbose", action="store_true", help="print each flag that is not right")
    parser.add_argument("--json", type=Path, help="write parameters and result here")
    given = parser.parse_args()
    outcomes = []
    for seed in given.seeds:
        parameters = Parameters(seed=seed, views_per_day=given.views, days=given.days)
        parameters = parameters.healthy() if given.healthy else parameters
        with tempfile.TemporaryDirectory(prefix="kbgen-detect-") as folder:
            outcomes.append(run(parameters, Path(folder), given.verbose))
    result = report(outcomes) | {"parameters": asdict(parameters)}
    print(table(result))
    if given.json:
        given.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""Simulate a site and its readers; write the events as `kbgen feedback import` reads them.

Measures nothing itself: it is the declared model behind `benchmarks.feedback.detect`. Every number
of the model stands in `parameters.py` and is written out with the result. The events are simulated
and say nothing about real readers beyond what the model assumes. One seed, the same bytes.

    python -m benchmarks.feedback.simulate --seed 7 --views 600 --days 180 -o /tmp/simulated

writes events.jsonl, manifests/DAY.json (one a build, as `kbgen build` writes it), parameters.json
and truth.json (what is really wrong, from when, and the visits it wasted).
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import asdict
from operator import itemgetter
from pathlib import Path

from benchmarks.feedback import builds, site, truth
from benchmarks.feedback.incidents import incidents
from benchmarks.feedback.needs import Needs
from benchmarks.feedback.parameters import Parameters
from benchmarks.feedback.readers import visit
from benchmarks.feedback.results import Ranking
from benchmarks.feedback.site import Site
from benchmarks.feedback.visits import Event, Today

MORNING, SPREAD = 50_000.0, 14_000.0


def days(parameters: Parameters, made: Site, log: truth.Log) -> Iterator[list[Event]]:
    """Yield each simulated day's events in order of time; `log` fills with what really happened."""
    ranking, stand = Ranking(made.articles, 0), standing(made, 0)
    for day in range(parameters.days):
        if standing(made, day) != stand:
            ranking, stand = Ranking(made.articles, day), standing(made, day)
        today = Today(day, parameters, made, ranking, Needs(made, day), log)
        yield one_day(today)


def standing(made: Site, day: int) -> list[bool]:
    """Return which faults exist that day; the search results change only when this does."""
    return [article.begins <= day < article.fixed for article in made.articles]


def one_day(today: Today) -> list[Event]:
    """Return the events of all visits of a day, by time."""
    rng = random.Random(f"day {today.parameters.seed} {today.day}")
    events = [event for _ in range(visits(today)) for event in visit(today, rng, moment(rng))]
    events += [event for found in incidents(today, rng) for event in found]
    return sorted(events, key=itemgetter("at", "id"))


def visits(today: Today) -> int:
    """Return how many visits the day has: fewer at the weekend."""
    parameters = today.parameters
    weekend = today.midnight.weekday() >= 5
    mean = (5 + 2 * parameters.weekend) / 7
    share = (parameters.weekend if weekend else 1.0) / mean
    return round(parameters.views_per_day / parameters.views_per_visit * share)


def moment(rng: random.Random) -> float:
    """Return the second of the day at which a visit begins, mostly around early afternoon."""
    return min(85_000.0, max(0.0, rng.gauss(MORNING, SPREAD)))


def write(parameters: Parameters, folder: Path) -> None:
    """Write the whole simulation into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made, log = site.make(parameters), truth.Log()
    with (folder / "events.jsonl").open("w", encoding="utf-8") as lines:
        for events in days(parameters, made, log):
            lines.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
    faults = [asdict(fault) for fault in truth.faults(made, log, parameters)]
    put(folder / "parameters.json", {"simulated": True, **asdict(parameters)})
    put(folder / "truth.json", {"simulated": True, "faults": faults})
    for day in made.build_days():
        put(folder / "manifests" / f"{day:03d}.json", builds.manifest(made, day, parameters))


def put(file: Path, content: object) -> None:
    """Write JSON."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--views", type=int, default=600, help="article views a day")
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--healthy", action="store_true", help="plant no fault")
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()
    parameters = Parameters(seed=given.seed, views_per_day=given.views, days=given.days)
    write(parameters.healthy() if given.healthy else parameters, given.output)
    print(f"simulated {given.days} days at {given.views} views a day in {given.output}")


if __name__ == "__main__":
    main()

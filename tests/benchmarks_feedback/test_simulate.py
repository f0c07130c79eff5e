"""The simulated site is the same for the same seed, and its events are ones the collector takes."""

import json
from collections import Counter

import pytest
from benchmarks.feedback import builds, simulate, site, truth
from benchmarks.feedback.parameters import PROBLEMS, Parameters
from benchmarks.feedback.visits import Event

from kbgen_feedback import events
from kbgen_feedback.manifest import changed_share

SMALL = Parameters(seed=3, days=4, views_per_day=300, articles=60, brigade_days=(2,))


def run(parameters: Parameters) -> tuple[list[Event], truth.Log]:
    log = truth.Log()
    made = site.make(parameters)
    return [one for day in simulate.days(parameters, made, log) for one in day], log


def test_one_seed_gives_one_stream_and_another_seed_another() -> None:
    assert run(SMALL)[0] == run(SMALL)[0]
    assert run(SMALL)[0] != run(Parameters(**{**SMALL.__dict__, "seed": 4}))[0]


def test_every_event_is_one_the_collector_reads() -> None:
    decoded = [events.decode(json.dumps(event).encode()) for event in run(SMALL)[0]]
    assert [one for one in decoded if isinstance(one, str)] == []
    assert {type(one).__name__.lower() for one in decoded} >= {"view", "search", "vote", "notfound"}


def test_no_event_id_comes_twice() -> None:
    stream, _ = run(SMALL)
    assert len({event["id"] for event in stream}) == len(stream)


def test_readers_view_about_as_many_articles_as_asked_for() -> None:
    parameters = Parameters(seed=3, days=7, articles=60, brigade_days=())
    views = [event for event in run(parameters)[0] if event["type"] == "view"]
    readers = [event for event in views if not event["net"].startswith(("crawler", "bot"))]
    assert len(readers) / 7 == pytest.approx(600, rel=0.1)


def test_hard_to_find_articles_are_missed_and_the_others_mostly_found() -> None:
    parameters = Parameters(seed=5, days=14, views_per_day=2000, late_share=0.0)
    _, log = run(parameters)
    made = site.make(parameters)
    planted = {one.id for one in made.articles if one.problem == "hard_to_find"}
    rates = {
        hard: sum(n for (page, _, _), n in log.missed.items() if (page in planted) is hard)
        / sum(n for (page, _, _), n in log.searched.items() if (page in planted) is hard)
        for hard in (True, False)
    }
    assert rates[True] > 0.6
    assert rates[False] < 0.2


def test_a_healthy_site_has_no_planted_fault() -> None:
    parameters = SMALL.healthy()
    made = site.make(parameters)
    assert {article.problem for article in made.articles} == {""}
    assert not made.gaps
    assert not made.dead
    assert all(getattr(parameters, name) == 0 for name in PROBLEMS)


def test_every_kind_of_flag_has_a_fault_to_find() -> None:
    parameters = Parameters(seed=1)
    found = truth.faults(site.make(parameters), truth.Log(), parameters)
    kinds = Counter(fault.kind for fault in found if fault.planted)
    assert set(kinds) == set(truth.KINDS)


def test_the_sketches_of_a_manifest_tell_major_edits_from_minor_ones() -> None:
    made = site.make(Parameters(seed=1))
    shares: dict[bool, list[float]] = {True: [], False: []}
    for article in made.articles:
        for edit in article.edits:
            before, after = (builds.sketch(article, "en", day) for day in (edit.day - 1, edit.day))
            shares[edit.major].append(changed_share(before, after))
    assert min(shares[True]) > 0.15
    assert max(shares[False]) < 0.2
    assert sum(share > 0.2 for share in shares[True]) / len(shares[True]) > 0.95


def test_the_command_writes_events_builds_parameters_and_truth(tmp_path) -> None:
    simulate.write(SMALL, tmp_path)
    lines = (tmp_path / "events.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == len(run(SMALL)[0])
    assert json.loads((tmp_path / "parameters.json").read_text("utf-8"))["simulated"] is True
    assert json.loads((tmp_path / "truth.json").read_text("utf-8"))["faults"]
    assert (tmp_path / "manifests" / "000.json").exists()

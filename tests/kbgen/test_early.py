"""Processes that wait for work: the site is what it would be without them, whatever they do."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kb_support import MakeProject, Project, tree

from kbgen.indexes import packed, unpacked
from kbgen.staging import Filled, Staging
from kbgen.workers import Helper, Message
from kbgen_search.errors import KbError


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    project = make_project()
    project.build()
    return project


@pytest.fixture
def helper(tmp_path: Path) -> Iterator[Helper]:
    helper = Helper(tmp_path, lambda: None, reversed_order)
    yield helper
    helper.dismiss()


def reversed_order(order: Message) -> bytes:
    told = order[:]
    if told == b"bad":
        raise KbError("no good")
    return told[::-1] if told != b"who" else str(os.getpid()).encode()


def test_an_edit_is_indexed_by_processes_that_were_ready(project: Project) -> None:
    project.article("billing/plans.md", "# Plans\n\nNow with marmalade.\n")
    summary = project.build_early()
    assert summary.rendered == 1
    assert "marmalade" in project.run("search", "marmalade").stdout
    assert any(b"marmalade" in text for path, text in tree(project.site / "search").items())


def test_no_process_is_left_after_a_build(project: Project) -> None:
    before = set(psutil.Process().children())
    project.article("billing/plans.md", "# Plans\n\nOther.\n")
    project.build_early()
    project.article("billing/plans.md", "---\nid: [\n---\n# Plans\n")
    assert project.build_early().errors
    assert set(psutil.Process().children()) == before


def test_orders_are_carried_out_elsewhere_one_after_the_other(helper: Helper) -> None:
    assert helper.begin(b"abc")() == b"cba"
    assert helper.begin(b"x" * 10**6 + b"y")()[:2] == b"yx"
    assert int(helper.begin(b"who")()) != os.getpid()


def test_a_mistake_that_a_helper_finds_is_raised_here(helper: Helper) -> None:
    with pytest.raises(KbError, match="no good"):
        helper.begin(b"bad")()
    assert helper.begin(b"abc")() == b"cba"


def test_a_helper_that_was_killed_is_done_without(helper: Helper) -> None:
    other = psutil.Process(int(helper.begin(b"who")()))
    other.kill()
    psutil.wait_procs([other])
    assert helper.begin(b"abc")() == b"cba"
    assert int(helper.begin(b"who")()) == os.getpid()


def test_a_helper_ends_after_its_last_order(helper: Helper) -> None:
    process = psutil.Process(int(helper.begin(b"who")()))
    assert helper.begin(b"abc", last=True)() == b"cba"
    deadline = time.monotonic() + 10
    while process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.status() == psutil.STATUS_ZOMBIE


def test_what_a_new_site_is_filled_with_is_the_old_sites_and_stays_so(tmp_path: Path) -> None:
    staging = Staging.of(tmp_path / "site", tmp_path / "home")
    records = {name: staging.put(name, name.encode(), b"1") for name in ("a/b.html", "c", "d")}
    staging.publish()
    (tmp_path / "site/d").write_bytes(b"changed by somebody")
    staging = Staging.of(tmp_path / "site", tmp_path / "home")
    stray = Path(os.fsdecode(b"stray\xe9"))  # as a plugin of another time may have named it
    (staging.folder / stray).touch()
    filled = unpacked(packed(staging.fill(records)), Filled)
    assert sorted(filled.paths) == ["a/b.html", "c", str(stray)]
    (staging.folder / stray).unlink()
    staging.put("a/b.html", b"new", b"2")
    assert not staging.holds("a/b.html", records["a/b.html"], b"2")
    staging.keep("c")
    assert tree(staging.folder) == {"a/b.html": b"new", "c": b"c"}
    assert tree(tmp_path / "site") == {
        "a/b.html": b"a/b.html",
        "c": b"c",
        "d": b"changed by somebody",
    }


def test_what_was_filled_in_and_removed_is_taken_over_again(tmp_path: Path) -> None:
    staging = Staging.of(tmp_path / "site", tmp_path / "home")
    records = {"a": staging.put("a", b"1", b"1")}
    staging.publish()
    staging = Staging.of(tmp_path / "site", tmp_path / "home")
    staging.fill(records)
    staging.keep_only(())
    staging.keep("a")
    assert tree(staging.folder) == {"a": b"1"}

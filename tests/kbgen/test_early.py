"""Processes that wait for work: the site is what it would be without them, whatever they do."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kb_support import MakeProject, Project, tree

from kbgen.staging import Staging
from kbgen.workers import Helper
from kbgen_search.errors import KbError


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    project = make_project()
    project.build()
    return project


@pytest.fixture
def helper() -> Iterator[Helper]:
    helper = Helper(lambda: None, reversed_order)
    yield helper
    helper.dismiss()


def reversed_order(order: bytes) -> bytes:
    if order == b"bad":
        raise KbError("no good")
    return order[::-1] if order != b"who" else str(os.getpid()).encode()


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


def test_what_a_new_site_is_filled_with_is_the_old_sites_and_stays_so(tmp_path: Path) -> None:
    staging = Staging.of(tmp_path / "site", tmp_path / "home")
    records = {name: staging.put(name, name.encode(), b"1") for name in ("a/b.html", "c", "d")}
    staging.publish()
    (tmp_path / "site/d").write_bytes(b"changed by somebody")
    staging = Staging.of(tmp_path / "site", tmp_path / "home")
    assert sorted(staging.fill(records)) == ["a/b.html", "c"]
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

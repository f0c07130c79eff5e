"""Whatever interrupts a build, the site is the old one or the new one."""

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from kb_support import MakeProject, Project, tree

from kbgen.lock import held
from kbgen.staging import Staging


def versioned(project: Project, number: int, pages: int = 30) -> None:
    for page in range(pages):
        project.article(f"a{page}.md", f"# Article {page}\n\nversion{number}\n")


def start(project: Project) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kbgen", "build"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=project.root, stdout=quiet, stderr=quiet, process_group=0)


@pytest.mark.parametrize("pages", [12, 30])  # few are indexed by processes begun early
def test_kill_at_any_moment_leaves_the_last_good_site(
    make_project: MakeProject, pages: int
) -> None:
    project = make_project({"index.md": "# Home\n"})
    versioned(project, 0, pages)
    project.build()
    dice = random.Random(7)
    for number in range(1, 9):
        versioned(project, number, pages)
        build = start(project)
        time.sleep(dice.uniform(0.2, 1.6))
        if number % 2:
            os.killpg(build.pid, signal.SIGKILL)
        else:
            build.kill()  # as a machine without memory does: one process, not those it has begun
        build.wait()
        found = {
            text.split(b"version")[1][:1]
            for path, text in tree(project.site).items()
            if path.startswith("a") and path.endswith("index.html") and b"version" in text
        }
        assert len(found) == 1
        assert len([p for p in tree(project.site) if p.endswith("index.html")]) == pages + 1
    project.build()
    assert "version8" in project.page("a0/index.html")
    cold = Project(project.root.with_name("cold"))
    shutil.copytree(project.root, cold.root, ignore=shutil.ignore_patterns(".kbgen", "site"))
    cold.build()
    assert tree(project.site) == tree(cold.site)
    found, wanted = (one.run("search", "version8", "--json").stdout for one in (project, cold))
    assert json.loads(found)["results"] == json.loads(wanted)["results"] != []


@pytest.mark.parametrize("is_first", [True, False])
def test_a_killed_build_leaves_no_process_that_keeps_the_next_from_building(
    make_project: MakeProject, is_first: bool
) -> None:
    project = make_project({"index.md": "# Home\n"})
    if not is_first:  # then processes wait for what they are to index
        project.build()
    for page in range(200):
        project.article(f"a{page}.md", "# Article\n\n" + f"- *words* of {page}\n" * 200)
    command = [sys.executable, "-m", "kbgen", "build", "--workers", "2"]
    quiet = subprocess.DEVNULL
    build = subprocess.Popen(command, cwd=project.root, stdout=quiet, stderr=quiet)
    helpers = wait_for(lambda: psutil.Process(build.pid).children())
    build.kill()
    build.wait()
    assert psutil.wait_procs(helpers, timeout=20)[1] == []
    with held(project.root / ".kbgen", lambda: pytest.fail("the lock is held")):
        pass


def wait_for(found: Callable[[], list[psutil.Process]]) -> list[psutil.Process]:
    for _ in range(600):
        if here := found():
            return here
        time.sleep(0.05)
    raise TimeoutError


@pytest.mark.parametrize("is_first", [True, False])
def test_two_builds_at_a_time_do_not_harm_each_other(
    make_project: MakeProject, is_first: bool
) -> None:
    project = make_project({"index.md": "# Home\n"})
    versioned(project, 1)
    if not is_first:  # then processes wait for what they are to index
        project.build()
        versioned(project, 2)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: project.run("build", "--no-cache"), range(3)))
    assert [one.returncode for one in done] == [0, 0, 0]
    assert any("another build of this project is running" in one.stderr for one in done)
    one = tree(project.site)
    project.build()
    assert tree(project.site) == one


def test_a_disk_that_takes_no_more_is_one_clear_line(project: Project) -> None:
    project.build()
    old = tree(project.site)
    project.article("index.md", "# Changed\n\n" + "word " * 200_000)
    limit = 200_000
    done = subprocess.run(
        [sys.executable, "-m", "kbgen", "build", "--workers", "1"],
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(project.site) == old


def test_an_output_folder_that_cannot_be_made(project: Project) -> None:
    (project.root / "file").write_text("no folder")
    done = project.run("build", "-d", "file/site")
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_damaged_cache_is_made_anew(project: Project) -> None:
    project.build()
    good = tree(project.site)
    (cache,) = (project.root / ".kbgen/cache").glob("*.sqlite3")
    cache.write_bytes(b"no database" * 1000)
    project.build()
    assert tree(project.site) == good


def test_the_cache_of_another_version_is_not_left_behind(project: Project) -> None:
    old = project.root / ".kbgen/cache/build-1.sqlite3"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"what it was")
    project.build()
    assert [path.name for path in old.parent.glob("*.sqlite3")] != [old.name]
    assert not old.exists()


@pytest.mark.parametrize("path", [b"docs/caf\xe9.md", b"docs/caf\xe9.png"])
def test_a_name_that_is_not_utf8_is_one_clear_line(project: Project, path: bytes) -> None:
    project.build()
    (project.root / os.fsdecode(path)).write_bytes(b"# Coffee\n")
    done = project.run("build")
    assert done.returncode == 2
    assert "docs/caf\ufffd" in done.stderr
    assert "its name is not UTF-8" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_folders_whose_names_are_not_utf8_are_one_clear_line(
    make_project: MakeProject, tmp_path: Path
) -> None:
    project = make_project({"index.md": "# Home\n"})
    odd = os.fsdecode(b"caf\xe9")
    for done in (project.run("build", "-d", str(tmp_path / odd)), moved(project, odd).run("build")):
        assert done.returncode == 2
        assert "its name is not UTF-8" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def moved(project: Project, name: str) -> Project:
    return Project(project.root.rename(project.root.with_name(name)))


def staged(root: Path) -> Staging:
    return Staging.of(root / "site", root / ".kbgen")


def test_hidden_files_move_over_and_staging_goes(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / ".git").mkdir(parents=True)
    (site / "old.html").write_text("old")
    staging = staged(tmp_path)
    staging.put("new.html", b"new", b"key")
    assert (site / "old.html").exists()
    staging.publish()
    staging.close(keep=False)
    assert sorted(path.name for path in site.iterdir()) == [".git", "new.html"]
    assert list((tmp_path / ".kbgen").iterdir()) == []


def test_writing_into_the_new_site_leaves_the_old_one_alone(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.html").write_text("old")
    staging = staged(tmp_path)
    staging.keep("a.html")
    staging.put("a.html", b"new", b"key")
    assert (site / "a.html").read_text() == "old"


def test_the_site_before_is_the_beginning_of_the_next(tmp_path: Path) -> None:
    staging = staged(tmp_path)
    first = {name: staging.put(name, b"1", b"1") for name in ("a/index.html", "b.html", "c.html")}
    staging.publish()
    staging = staged(tmp_path)
    for name, record in first.items():
        assert staging.holds(name, record, b"1")
        staging.keep(name)
    second = staging.put("b.html", b"2", b"2")
    staging.publish()
    # What was before the last build lies in the staging folder now: `b.html` is not as it was.
    staging = staged(tmp_path)
    assert staging.holds("b.html", second, b"2")
    staging.keep("b.html")
    assert staging.holds("a/index.html", first["a/index.html"], b"1")
    staging.keep("a/index.html")
    staging.keep_only({"a/index.html", "b.html"})
    assert tree(staging.folder) == {"a/index.html": b"1", "b.html": b"2"}
    assert tree(tmp_path / "site") == {"a/index.html": b"1", "b.html": b"2", "c.html": b"1"}


def test_what_others_wrote_into_a_file_of_the_site_is_not_taken_over(tmp_path: Path) -> None:
    record = staged(tmp_path).put("a.html", b"1", b"1")
    staged(tmp_path).publish()
    (tmp_path / "site/a.html").write_bytes(b"else")
    assert not staged(tmp_path).holds("a.html", record, b"1")


def test_a_file_takes_the_place_of_a_folder_and_the_other_way_round(tmp_path: Path) -> None:
    staging = staged(tmp_path)
    staging.put("a", b"file", b"1")
    staging.put("b/c/d.html", b"deep", b"1")
    staging.put("a/b/index.html", b"deep", b"2")
    staging.put("b", b"file", b"2")
    assert tree(staging.folder) == {"a/b/index.html": b"deep", "b": b"file"}


def test_folders_without_files_go(tmp_path: Path) -> None:
    staging = staged(tmp_path)
    staging.put("a/b/index.html", b"1", b"1")
    staging.keep_only(())
    assert list(staging.folder.iterdir()) == []


def test_folders_may_be_made_by_several_at_once(tmp_path: Path) -> None:
    staging = Staging.of(tmp_path / "site", tmp_path / "home")
    together = threading.Barrier(8, timeout=10)

    def write(number: int) -> None:
        for folder in range(100):
            together.wait()
            staging.put(f"{folder}/a/b/{number}.html", b"", b"")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len(list(staging.files())) == 800


def run_without_rights(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody to whom the rights of files apply, which root is not."""
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if os.geteuid() == 0 and not shutil.which(drop[0]):
        pytest.skip("root may read all, and setpriv is not here")
    command = [*(drop if os.geteuid() == 0 else []), sys.executable, "-m", "kbgen", *arguments]
    return subprocess.run(command, cwd=project.root, capture_output=True, text=True, timeout=120)


def the_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a build has failed with."""
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if not re.match(r"\w+: (done|\d)", line)]
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize("path", ["docs", "docs/billing", "docs/billing/plans.md", "mkdocs.yml"])
def test_what_cannot_be_read_does_not_vanish_from_the_site(project: Project, path: str) -> None:
    project.build()
    old, place = tree(project.site), project.root / path
    mode = place.stat().st_mode
    place.chmod(0)
    try:
        line = the_line(run_without_rights(project, "build"))
    finally:
        place.chmod(mode)
    assert f"{place}: cannot read: Permission denied. give this user the right to read" in line
    assert tree(project.site) == old


@pytest.mark.parametrize("mode", [0, 0o555])
def test_a_folder_of_ours_that_cannot_be_written(project: Project, mode: int) -> None:
    home = project.root / ".kbgen"
    project.build()
    project.article("index.md", "# Changed\n")
    home.chmod(mode)
    try:
        line = the_line(run_without_rights(project, "build"))
    finally:
        home.chmod(0o755)
    assert f"{home}" in line
    assert "cannot write: Permission denied" in line


def test_a_file_in_the_place_of_our_folder(project: Project) -> None:
    project.write(".kbgen", "mine")
    line = the_line(project.run("build"))
    assert ".kbgen: cannot write: File exists. name another folder, or remove" in line


@pytest.mark.parametrize("name", ["x.md", "x.png"])
def test_a_link_to_nothing_is_said_of_the_link(project: Project, name: str) -> None:
    (project.root / "docs" / name).symlink_to("nothing")
    line = the_line(project.run("build"))
    assert f"docs/{name}: cannot read: No such file or directory. add it" in line


def test_a_link_that_leads_back(project: Project) -> None:
    (project.root / "docs/loop").symlink_to(".")
    assert "docs/loop: cannot read: Too many levels" in the_line(project.run("build"))


def test_a_link_to_itself(project: Project) -> None:
    project.run("build")
    (project.root / "docs/self").symlink_to("self")
    assert "docs/self: cannot read: Too many levels" in the_line(project.run("build"))


def test_a_file_in_the_place_of_the_site_stays(project: Project) -> None:
    project.write("site", "notes")
    assert "site: a file is where the site should go" in the_line(project.run("build"))
    assert project.site.read_text() == "notes"
    project.site.unlink()
    assert project.run("build").returncode == 0


def test_a_file_in_the_place_of_the_staging_folder_goes(project: Project) -> None:
    project.write(".kbgen/staging", "left over")
    project.build()
    assert "Welcome" in project.page("index.html")


def test_a_site_on_a_disk_of_its_own(project: Project) -> None:
    project.site.mkdir()
    script = (
        "mount -t tmpfs none site || exit 77; touch site/.git; "
        '"$0" -m kbgen build && rm docs/billing/refunds.md && "$0" -m kbgen build && ls -AR site'
    )
    done = run_with_mounts(project, script)
    assert done.returncode == 0, done.stderr
    assert ".git\n" in done.stdout
    assert "plans" in done.stdout
    assert "refunds" not in done.stdout


def run_with_mounts(project: Project, script: str) -> "subprocess.CompletedProcess[str]":
    """Run a shell script that mounts something for itself, or exits with 77 if it may not."""
    command = ["unshare", "-m", "sh", "-c", script, sys.executable]
    try:
        done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, timeout=99)
    except FileNotFoundError:
        pytest.skip("unshare is not here")
    if done.returncode == 77 or done.stderr.startswith("unshare:"):
        pytest.skip("nothing can be mounted here")
    return done


FILL = "head -c 99m /dev/zero >full 2>/dev/null"


def test_a_full_disk_is_said_of_what_it_had_no_room_for(project: Project) -> None:
    build = '"$0" -m kbgen build'
    done = run_with_mounts(
        project,
        "mkdir .kbgen; mount -t tmpfs -o size=16m none .kbgen || exit 77; "
        f"{build} >&2 || exit 1; (cd .kbgen; {FILL}); echo more >>docs/index.md; {build}",
    )
    assert done.returncode == 2
    line = done.stderr.splitlines()[-1]
    assert "cannot write: No space left on device. free some space" in line
    assert "Welcome" in project.page("index.html")


def test_no_empty_article_is_left_on_a_full_disk(project: Project) -> None:
    done = run_with_mounts(
        project,
        "mkdir docs/x; mount -t tmpfs -o size=64k none docs/x || exit 77; "
        f'(cd docs/x; {FILL}); "$0" -m kbgen new article Refunds --in x; ls -A docs/x',
    )
    assert "refunds.md: cannot write: No space left on device" in done.stderr
    assert done.stdout.split() == ["full"]


@pytest.mark.parametrize("arguments", [("build",), ("build", "--json"), ("check",)])
def test_what_is_printed_to_a_full_disk(project: Project, arguments: tuple[str, ...]) -> None:
    project.build()
    command = [sys.executable, "-m", "kbgen", *arguments]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=project.root, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120
        )
    assert "kbgen: cannot print: No space left on device" in the_line(done)


def test_a_build_that_nobody_listens_to(project: Project) -> None:
    command = ["sh", "-c", '"$0" -m kbgen build >&- 2>&-', sys.executable]
    done = subprocess.run(command, cwd=project.root, check=False, timeout=120)
    assert done.returncode == 0
    assert "Welcome" in project.page("index.html")

"""Pages rendered on a cluster of separate processes are those that this machine renders."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kb_support import ARTICLES, CONFIG, MakeProject, Project, tree

from kbgen import pipeline, recipes
from kbgen.loading import open_project
from kbgen.project import Wish
from kbgen_search.errors import KbError

TEXTS = {f"a{n}.md": f"# Article {n}\n\n[next](a{(n + 1) % 30}.md#free)\n" for n in range(30)}


@contextmanager
def started(program: str, *arguments: str) -> Iterator[None]:
    command = [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard", *arguments]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    contact = folder / "scheduler.json"
    file = ("--scheduler-file", str(contact))
    local = ("--host", "127.0.0.1")
    with started("dask_scheduler", "--port", "0", *local, *file):
        limit = time.monotonic() + 60
        while not (contact.exists() and contact.stat().st_size) and time.monotonic() < limit:
            time.sleep(0.05)
        worker = ("dask_worker", "--nthreads", "2", "--no-nanny", *file)
        with started(*worker), started(*worker):
            yield str(json.loads(contact.read_text())["address"])


def test_a_cluster_gives_the_same_bytes(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project({**ARTICLES, **TEXTS})
    project.build()
    alone = tree(project.site)
    with cluster(tmp_path) as address:
        done = project.run("build", "--no-cache", "--scheduler", address, "--json")
        assert done.returncode == 0, done.stderr
        assert tree(project.site) == alone
        assert json.loads(done.stdout)["rendered"] == 33
        project.article("a3.md", "# Changed\n\n[gone](missing.md)\n")
        again = project.run("build", "--scheduler", address)
        assert "docs/a3.md:3: link 'missing.md'" in again.stderr
    assert "Changed" in project.page("a3/index.html")


def test_nothing_is_rendered_by_other_settings_than_the_builds(project: Project) -> None:
    render = recipes.follow(open_project(project.config, Wish()))
    project.config.write_text(f"{CONFIG}copyright: somebody\n", encoding="utf-8")
    with pytest.raises(KbError, match="other software or settings"):
        render([("index.md", b"key")])


def test_a_scheduler_that_does_not_answer_is_one_mistake(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kbgen.cluster.PATIENCE_S", 0.5)
    options = pipeline.Options(scheduler="tcp://127.0.0.1:9")
    with pytest.raises(KbError, match="no Dask scheduler with workers"):
        pipeline.build(project.config, Wish(), options)
    assert not project.site.exists()


def test_dask_is_asked_for_where_it_is_missing(project: Project) -> None:
    code = (
        "import sys; sys.modules['distributed'] = None; sys.argv = sys.argv[1:]\n"
        "from kbgen.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "kbgen", "build", "--scheduler", "tcp://x:1"]
    done = subprocess.run(
        command, cwd=project.root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "--scheduler needs Dask. pip install 'kbgen[dask]'" in done.stderr

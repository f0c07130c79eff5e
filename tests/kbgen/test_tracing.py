"""What is read and asked while a page is rendered is seen, whoever does it and however."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kbgen import fingerprints
from kbgen.tracing import process_tracer

# The other ways to ask are what is tested.
# ruff: noqa: PTH110, PTH116, PTH204
QUESTIONS: list[Callable[[str], object]] = [
    os.path.exists,
    os.path.lexists,
    os.path.isfile,
    os.path.isdir,
    os.path.islink,
    lambda path: os.access(path, os.R_OK),
    lambda path: Path(path).exists(),
    lambda path: Path(path).is_file(),
    lambda path: Path(path).is_dir(),
    lambda path: Path(path).is_symlink(),
    lambda path: os.path.getmtime(path) if os.path.exists(path) else 0,
    lambda path: os.stat(path, follow_symlinks=False) if os.path.lexists(path) else None,
    lambda path: os.path.exists(os.fsencode(path)),
    lambda path: os.path.exists(os.path.relpath(path)),
    shutil.which,
]


@pytest.mark.parametrize("ask", QUESTIONS)
@pytest.mark.parametrize("there", [True, False])
def test_a_question_is_seen(tmp_path: Path, ask: Callable[[str], object], there: bool) -> None:
    file = tmp_path / "data.csv"
    if there:
        file.write_text("x")
    with process_tracer().watch() as seen:
        ask(str(file))
    assert seen.unread == {str(file)}
    assert not seen.files


def test_what_was_read_needs_no_question(tmp_path: Path) -> None:
    file, missing = tmp_path / "data.csv", tmp_path / "missing.csv"
    file.write_text("x")
    with process_tracer().watch() as seen:
        for path in (file, missing):
            if path.exists():
                path.read_text()
    assert seen.files == {str(file)}
    assert seen.unread == {str(missing)}


def test_nothing_is_heard_afterwards(tmp_path: Path) -> None:
    stat = os.stat
    with process_tracer().watch() as seen:
        assert os.stat is not stat
    assert os.stat is stat
    (tmp_path / "late").exists()
    assert not seen.asked


def test_a_copy_that_keeps_links_works_while_watched(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    with process_tracer().watch():
        shutil.copy2(tmp_path / "link", tmp_path / "copy", follow_symlinks=False)
        with os.scandir(tmp_path) as found:
            assert {one.name for one in found} == {"link", "copy"}
        shutil.rmtree(tmp_path)
    assert not tmp_path.exists()


def test_threads_of_the_work_are_seen_and_those_of_others_are_not(tmp_path: Path) -> None:
    go, done = threading.Event(), threading.Event()

    def serve() -> None:
        go.wait()
        (tmp_path / "served").exists()
        done.set()

    threading.Thread(target=serve).start()
    with ThreadPoolExecutor(1) as pool:
        with process_tracer().watch() as first:
            pool.submit((tmp_path / "one").exists).result()
        with process_tracer().watch() as second:
            pool.submit((tmp_path / "two").exists).result()
            go.set()
            done.wait()
    assert first.asked == {str(tmp_path / "one")}
    assert second.asked == {str(tmp_path / "two")}


def test_a_thread_that_worked_before_and_serves_now_is_another(tmp_path: Path) -> None:
    """As the preview's main thread, which makes the first build, and then starts other threads."""
    begun, go = threading.Event(), threading.Event()
    with process_tracer().watch():
        (tmp_path / "first").exists()

    def work() -> set[str]:
        with process_tracer().watch() as seen, ThreadPoolExecutor(1) as pool:
            pool.submit((tmp_path / "mine").exists).result()
            begun.set()
            go.wait()
        return seen.asked

    with ThreadPoolExecutor(1) as builder, ThreadPoolExecutor(1) as server:
        built = builder.submit(work)
        begun.wait()
        (tmp_path / "served").exists()
        server.submit((tmp_path / "served").exists).result()
        go.set()
        assert built.result() == {str(tmp_path / "mine")}


def test_other_programs_are_seen() -> None:
    with process_tracer().watch() as seen:
        subprocess.run([sys.executable, "-c", ""], check=True)
    assert seen.outside


def test_an_answer_changes_with_what_one_may_learn(tmp_path: Path) -> None:
    path, answers = tmp_path / "thing", []

    def look() -> None:
        answers.append(fingerprints.of_answer(path))

    look()
    path.symlink_to("target")
    look()
    (tmp_path / "target").mkdir()
    look()
    path.unlink()
    path.mkdir()
    look()
    path.rmdir()
    path.write_text("one")
    look()
    path.write_text("longer")
    look()
    path.chmod(0o600)
    look()
    assert len(set(answers)) == len(answers)


def test_an_answer_about_a_folder_stays_when_files_come_into_it(tmp_path: Path) -> None:
    before = fingerprints.of_answer(tmp_path)
    (tmp_path / "new").write_text("x")
    assert fingerprints.of_answer(tmp_path) == before


def test_a_path_that_cannot_be_has_an_answer() -> None:
    assert fingerprints.of_answer("a\0b") == fingerprints.of_answer("/nowhere/at/all")

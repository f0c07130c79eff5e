"""Templates are compiled once, whoever does so, and anew for other software."""

import multiprocessing
from pathlib import Path

import jinja2
import pytest
from kb_support import MakeProject, Project

from kbgen import compiling, early, programs, workers


def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the templates that are compiled from now on."""
    names: list[str] = []
    compile_one = jinja2.Environment.compile

    def noted(self: jinja2.Environment, source: str, name: str, *args: str) -> object:
        names.append(name)
        return compile_one(self, source, name, *args)  # type: ignore[call-overload]

    monkeypatch.setattr(jinja2.Environment, "compile", noted)
    return names


def cache(project: Project) -> Path:
    return project.root / ".kbgen" / "cache"


def test_what_another_process_has_compiled_is_not_compiled_again(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project()
    compiling.compile_material(cache(project))
    names = compiled(monkeypatch)
    project.build()
    assert not [name for name in names if name.endswith(".html")]


def test_templates_of_the_site_are_its_own(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project()
    config = project.config.read_text().replace("name: material", "name: material, custom_dir: own")
    project.write("mkdocs.yml", config)
    project.write("own/partials/copyright.html", "<p>Ours, all of it.</p>")
    compiling.compile_material(cache(project))
    names = compiled(monkeypatch)
    project.build()
    assert "partials/copyright.html" in names
    assert "Ours, all of it." in project.page("index.html")


def test_other_software_compiles_anew(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project()
    project.build()
    (before,) = (cache(project) / "templates").iterdir()
    monkeypatch.setattr(programs, "installed", lambda: b"something newer")
    names = compiled(monkeypatch)
    project.build()
    assert "base.html" in names
    (after,) = (cache(project) / "templates").iterdir()
    assert after != before


def test_the_first_build_has_templates_compiled_beside_it(make_project: MakeProject) -> None:
    project = make_project()
    begun = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(early, "begin", begun.append)
        early.compile_templates(project.config, workers=1)
        assert not begun
        early.compile_templates(project.root / "none.yml", workers=2)
        assert not begun
        early.compile_templates(project.config, workers=2)
    (work,) = begun
    work()
    assert any((cache(project) / "templates").rglob("*.cache"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(early, "begin", begun.append)
        early.compile_templates(project.config, workers=2)
    assert begun == [work]  # it is not the first any more


def test_work_that_nobody_waits_for_fails_quietly(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done, failed = tmp_path / "done", tmp_path / "none" / "failed"
    workers.begin(failed.touch)
    workers.begin(done.touch)
    for process in multiprocessing.active_children():
        process.join(30)
    assert done.exists()
    assert capfd.readouterr() == ("", "")


def test_a_build_does_not_need_what_could_not_be_compiled(make_project: MakeProject) -> None:
    project = make_project()
    project.write(".kbgen/cache", "")  # a file where the folder has to be
    done = project.run("build")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (project.root / ".kbgen" / "cache").unlink()
    assert project.run("build").returncode == 0


def test_templates_that_name_each_other_are_all_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {
        "main.html": '{% extends "base.html" %}{% include "missing.html" %}',
        "base.html": '{% include "a.html" %}{% include "made.html" %}',
        "a.html": '{%- import "main.html" as m -%}',
        "404.html": "{% broken",
        "other.html": "x",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    made = jinja2.DictLoader({"made.html": '{% include "other.html" %}'})
    loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(tmp_path), made])
    names = compiled(monkeypatch)
    compiling.load(jinja2.Environment(loader=loader), ["404.html", "feed.xml"])
    assert sorted(names) == ["404.html", "a.html", "base.html", "made.html", "main.html"]

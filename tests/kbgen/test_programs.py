"""Code of the project's own, and settings that are code, count for what is kept between builds."""

import markdown
import pytest
from kb_support import CONFIG, MakeProject, Project

from kbgen import programs, workers
from kbgen.pipeline import Options
from kbgen.project import Wish
from kbgen.session import Session

EXTENSION = """\
from markdown import Extension
from markdown.preprocessors import Preprocessor

class Shout(Preprocessor):
    def run(self, lines):
        return [line.replace("Three", "WORD") for line in lines]

class ShoutExtension(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(Shout(md), "shout", 1)

def makeExtension(**_):
    return ShoutExtension()
"""


def extended(make_project: MakeProject, name: str) -> Project:
    return make_project(config=CONFIG.replace("[admonition", f"[{name}, admonition"))


def with_slugs(make_project: MakeProject, slugify: str) -> Project:
    anchors = f"{{toc: {{slugify: !!python/{slugify}}}}}"
    return make_project(config=CONFIG.replace("toc: {permalink: true}", anchors))


def built(project: Project) -> str:
    done = project.run("build")
    assert done.returncode == 0, done.stderr
    return project.page("billing/plans/index.html")


def test_a_change_of_the_projects_own_extension_is_seen(make_project: MakeProject) -> None:
    project = extended(make_project, "shout")
    for word in ("FOUR", "SEVEN"):  # Python itself sees no edit of the same second and length
        project.write("shout.py", EXTENSION.replace("WORD", word))
        assert word in built(project)


def test_a_change_of_what_an_extension_imports_is_seen(make_project: MakeProject) -> None:
    project = extended(make_project, "parts.shout")
    project.write("parts/__init__.py", "")
    text = EXTENSION.replace('"WORD"', "LOUD")
    project.write("parts/shout.py", f"from loud.words import LOUD\n{text}")
    for word in ("FOUR", "SEVEN"):
        project.write("loud/words.py", f'LOUD = "{word}"\n')
        assert word in built(project)


def test_a_change_of_a_function_that_settings_name_is_seen(make_project: MakeProject) -> None:
    project = with_slugs(make_project, "name:slugs.slug ''")
    for word in ("four", "seven"):
        project.write("slugs.py", f"def slug(text, separator):\n    return '{word}-' + text\n")
        assert f'id="{word}-Free"' in built(project)


def test_a_change_of_what_such_a_function_goes_by_is_seen(make_project: MakeProject) -> None:
    for case, anchor in (("lower", "no-cost"), ("none", "No-Cost")):
        slugify = f"object/apply:pymdownx.slugs.slugify {{kwds: {{case: {case}}}}}"
        project = with_slugs(make_project, slugify)
        project.article("billing/plans.md", "# Plans\n\n## No Cost\n\nText.\n")
        assert f'id="{anchor}"' in built(project)


@pytest.mark.parametrize("new_processes", [False, True])
def test_a_preview_keeps_nothing_made_by_old_code_as_made_by_the_new(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, new_processes: bool
) -> None:
    if new_processes:  # they would load the new code
        monkeypatch.setattr(workers, "WORTH_NEW_PROCESSES", 1)
        monkeypatch.setattr(workers, "cores", lambda: 2)
    name = f"shout_in_preview_{int(new_processes)}"
    project = extended(make_project, name)
    project.write(f"{name}.py", EXTENSION.replace("WORD", "FOUR"))
    monkeypatch.syspath_prepend(str(project.root))
    session = Session(project.config, Wish(), Options(workers=1))
    session.build()
    project.write(f"{name}.py", EXTENSION.replace("WORD", "SEVEN"))
    project.article("new.md", "# New\n\nThree.\n")
    session.build([project.root / "docs/new.md"])
    assert "FOUR" in project.page("new/index.html")  # the code that the preview has loaded
    assert "SEVEN" in built(project)
    assert "SEVEN" in project.page("new/index.html")


def test_installed_code_is_known_by_its_version_alone() -> None:
    assert programs.own([markdown.__name__, "json", "kbgen.programs", "not.loaded"]) == []
    assert __file__ in programs.own([__name__])

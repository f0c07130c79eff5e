import subprocess
from pathlib import Path

import pytest
from kb_support import Project

from kbgen.starter import slug_of


def test_a_new_knowledge_base_builds_without_a_warning(tmp_path: Path) -> None:
    project = Project(tmp_path / "help")
    made = Project(tmp_path).run("init", "help", "--name", 'The "best": help')
    assert made.returncode == 0, made.stderr
    built = project.run("build", "--strict")
    assert built.returncode == 0, built.stderr
    assert project.manifest()["site"]["name"] == 'The "best": help'
    assert project.run("check").returncode == 0


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("docs/index.md", "mine")
    done = project.run("init")
    assert done.returncode == 2
    assert "docs/index.md: the file is there already" in done.stderr
    assert [path.name for path in tmp_path.rglob("*.*")] == ["index.md"]


@pytest.mark.parametrize("kind", ["article", "path", "reply"])
def test_new_files_have_what_can_be_guessed(project: Project, kind: str) -> None:
    subprocess.run(["git", "init", "-q"], cwd=project.root, check=True)
    subprocess.run(["git", "config", "user.email", "ana@example.com"], cwd=project.root, check=True)
    done = project.run("new", kind, 'Say "no": politely', "--in", "some/where")
    file = project.root / "docs/some/where/say-no-politely.md"
    assert done.stdout.strip() == f"made {file}"
    text = file.read_text()
    assert 'title: "Say \\"no\\": politely"' in text
    assert 'owner: "ana"' in text
    assert project.build().warnings == []
    again = project.run("new", kind, "Say no politely", "--in", "some/where")
    assert again.returncode == 2
    assert "already" in again.stderr


@pytest.mark.parametrize("under", ["../out", "/tmp/out", "billing/../.."])
def test_new_files_are_among_the_articles(project: Project, under: str) -> None:
    done = project.run("new", "article", "Moved", "--in", under)
    assert done.returncode == 2
    assert f"`{under}` is not below" in done.stderr
    assert not list(project.root.parent.rglob("moved.md"))


def test_the_next_command_can_be_pasted(tmp_path: Path) -> None:
    done = Project(tmp_path).run("init", "My handbook")
    assert done.stdout.splitlines()[-1] == "Next: cd 'My handbook' && kbgen serve"
    (tmp_path / "empty").mkdir()
    here = Project(tmp_path / "empty").run("init")
    assert here.stdout.splitlines()[-1] == "Next: kbgen serve"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Change your plan", "change-your-plan"),
        ("Où est-ce ?", "ou-est-ce"),
        ("パスワードの変更", "パスワードの変更"),
        ("../../etc/passwd", "etc-passwd"),
        ("???", ""),
    ],
)
def test_titles_become_file_names(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_new_files_go_where_the_settings_say(project: Project) -> None:
    project.write("mkdocs.yml", "INHERIT: base.yml\nsite_name: Help\n")
    project.write("base.yml", "docs_dir: !ENV [NO_SUCH_VARIABLE, texts]\n")
    assert project.run("new", "article", "Plans").returncode == 0
    assert (project.root / "texts/plans.md").is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ("new", "article", "long " * 200),
        ("new", "article", "Plans", "--in", "index.md"),
        ("init", "mkdocs.yml/below"),
    ],
)
def test_a_file_that_cannot_be_made_is_one_clear_line(
    project: Project, arguments: tuple[str, ...]
) -> None:
    done = project.run(*arguments)
    assert done.returncode == 2
    assert "cannot write: " in done.stderr
    assert len(done.stderr.splitlines()) == 1

"""`kbgen mv`: an article or a folder goes elsewhere, and all that leads to it follows."""

from collections.abc import Callable
from posixpath import dirname, relpath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kb_support import Project

from kbgen import moving

MakeProject = Callable[..., Project]
CONFIG = """\
site_name: Help
theme: {name: material}
plugins: [kbgen]
markdown_extensions: [pymdownx.superfences]
# billing/plans.md is what most people read
nav:
  - index.md
  - Money:
      - billing/plans.md
      - billing/old/plans.md
"""
DOCS = {
    "index.md": """\
# Home

[Plans](billing/plans.md) and ![chart](billing/chart.png), [once more](<billing/plans.md#team>), [web](https://x.org/billing/plans.md)

`[Plans](billing/plans.md)`

```markdown
[Plans](billing/plans.md)
```

[by name]: billing/plans.md "Plans"
""",
    "billing/plans.md": """\
# Plans

## Team

![chart](chart.png) [home](../index.md) [down](#team)
""",
    "billing/old/plans.md": "# Old plans\n\n[Plans](../plans.md#team)\n",
}


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    project = make_project(DOCS, CONFIG)
    project.article("billing/chart.png", b"\x89PNG")
    return project


def text(project: Project, name: str) -> str:
    return (project.root / "docs" / name).read_text("utf-8")


def test_links_navigation_and_id_follow_an_article(project: Project) -> None:
    done = project.run("mv", "billing/plans.md", "account/choose a plan.md")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:-1] == [
        "moved billing/plans.md to account/choose a plan.md",
        "changed billing/old/plans.md: 1 link",
        "changed account/choose a plan.md: 1 link",
        "changed index.md: 3 links",
        "changed mkdocs.yml: 2 links",
    ]
    home = text(project, "index.md")
    assert "[Plans](account/choose%20a%20plan.md) and ![chart](billing/chart.png)" in home
    assert "[web](https://x.org/billing/plans.md)" in home
    assert "`[Plans](billing/plans.md)`" in home
    assert "```markdown\n[Plans](billing/plans.md)\n```" in home
    assert '[by name]: account/choose%20a%20plan.md "Plans"' in home
    moved = text(project, "account/choose a plan.md")
    assert moved.startswith('---\nid: "billing/plans"\n---\n\n# Plans\n')
    assert "![chart](../billing/chart.png) [home](../index.md) [down](#team)" in moved
    assert "- account/choose a plan.md\n      - billing/old/plans.md" in project.config.read_text()
    assert project.run("build", "--strict").returncode == 0
    ids = {article["id"]: article["url"] for article in project.manifest()["articles"]}
    assert ids["billing/plans"] == "account/choose%20a%20plan/"


def test_a_folder_goes_with_all_that_is_in_it(project: Project) -> None:
    done = project.run("mv", "docs/billing", "docs/money")
    assert done.returncode == 0, done.stderr
    assert "moved billing/chart.png to money/chart.png" in done.stdout
    assert not (project.root / "docs/billing").exists()
    assert "![chart](chart.png) [home](../index.md)" in text(project, "money/plans.md")
    assert "[Plans](money/plans.md) and ![chart](money/chart.png)" in text(project, "index.md")
    assert project.run("build", "--strict").returncode == 0
    ids = {article["id"] for article in project.manifest()["articles"]}
    assert ids == {"index", "billing/plans", "billing/old/plans"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("---\ntitle: T\n---\n# A\n", '---\nid: "a"\ntitle: T\n---\n# A\n'),
        ("---\nid: own\n---\n# A\n", "---\nid: own\n---\n# A\n"),
        (
            "\ufeff---\r\ntitle: T\r\n---\r\n# A\r\n",
            '\ufeff---\r\nid: "a"\r\ntitle: T\r\n---\r\n# A\r\n',
        ),
        ("# A\r\n", '---\r\nid: "a"\r\n---\r\n\r\n# A\r\n'),
    ],
)
def test_an_article_says_its_id_once(make_project: MakeProject, before: str, after: str) -> None:
    project = make_project({"a.md": before})
    assert project.run("mv", "a.md", "b").returncode == 0
    assert (project.root / "docs/b.md").read_bytes() == after.encode()


def test_a_dot_in_a_name_begins_no_suffix(make_project: MakeProject) -> None:
    project = make_project({"a.md": "# A\n"})
    done = project.run("mv", "docs/a.md", "docs/./notes/v1.2 and more")
    assert done.stdout.startswith("moved a.md to notes/v1.2 and more.md\n")


def test_an_article_that_keeps_its_id_stays_as_it_is(make_project: MakeProject) -> None:
    project = make_project({"guide.md": b"# Gu\xefde\n"})
    assert project.run("mv", "guide.md", "guide/index.md").returncode == 0
    assert (project.root / "docs/guide/index.md").read_bytes() == b"# Gu\xefde\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("billing/none.md", "x.md", "there is no such file"),
        ("billing/plans.md", "index.md", "there is such a file already"),
        ("billing/plans.md", "../x.md", "`../x.md` is not below"),
        ("../mkdocs.yml", "x.md", "`../mkdocs.yml` is not below"),
        ("billing", "billing/old/more/", "is inside of `billing`"),
        ("link.md", "x.md", "move what it leads to"),
        ("empty", "x", "there is nothing in it"),
        (".", "x", "`.` is not below"),
        ("x" * 300, "y.md", "there is no such file"),
        ("billing/plans.md", "x" * 300, "give a shorter name"),
        ("billing/plans.md", "index.md/x.md", "remove the file that is in its place"),
    ],
)
def test_what_cannot_be_moved(project: Project, old: str, new: str, said: str) -> None:
    (project.root / "docs/empty").mkdir()
    (project.root / "docs/link.md").symlink_to("index.md")
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    done = project.run("mv", old, new)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    after = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    assert after == before


def test_translations_that_share_an_id_have_to_declare_it(make_project: MakeProject) -> None:
    config = "site_name: Help\nplugins:\n  - i18n: {languages: []}\n  - kbgen\n"
    project = make_project({"a.fr.md": "# A\n"}, config)
    done = project.run("mv", "a.fr.md", "b.fr.md")
    assert "translations share it" in done.stderr
    project.article("a.fr.md", "---\nid: a\n---\n# A\n")
    assert project.run("mv", "a.fr.md", "b.fr.md").returncode == 0


NAMES = ["a.md", "b.md", "x/a.md", "x/b.md", "x/y/c.md", "d d.md"]


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=8), st.data())
@settings(deadline=None)
def test_links_lead_to_the_same_articles_as_before(
    links: list[tuple[str, str]], data: st.DataObject
) -> None:
    goes = {"a.md": "q/a.md", "x/a.md": "a.md", "x/y/c.md": "x/c.md", "d d.md": "x/e (f).md"}
    old = data.draw(st.sampled_from(sorted(goes)))
    moved = {old: goes[old]}
    for here, target in links:
        address = relpath(target, dirname(here) or ".").replace(" ", "%20")
        change = moving.relinked(f"[l]({address}#s)\n", here, moved, NAMES)
        there, leads = moved.get(here, here), moved.get(target, target)
        shown = change.text[4:-4]
        plain = shown.replace("%20", " ").replace("%28", "(").replace("%29", ")")
        assert plain == relpath(leads, dirname(there) or ".")
        assert change.links == (shown != address)

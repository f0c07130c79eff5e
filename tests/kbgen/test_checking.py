import datetime
import json

from kb_support import MakeProject, Project

from kbgen.checking import check

TODAY = datetime.date(2026, 6, 1)


def findings(project: Project) -> list[str]:
    return [str(finding) for finding in check(project.config, TODAY).findings]


def test_a_clean_base_has_none(project: Project) -> None:
    assert findings(project) == []
    done = project.run("check")
    assert (done.returncode, done.stdout) == (0, "3 articles, 0 findings\n")
    assert not project.site.exists()


def test_each_finding_has_its_place(make_project: MakeProject) -> None:
    project = make_project(
        {
            "index.md": "# A\n\n[x](missing.md)\n\n[y](b.md#nope)\n",
            "b.md": "---\nreviewed: 2024-01-01\n---\n# B\n\n![p](https://img.example/p.png)\n",
            "c.md": "---\nreviewed: 2030-01-01\n---\n",
        }
    )
    found = findings(project)
    assert [line.split(": ")[0] for line in found] == [
        "docs/b.md:2",
        "docs/b.md:6",
        "docs/c.md:1",
        "docs/c.md:2",
        "docs/index.md:3",
        "docs/index.md:5",
    ]
    done = project.run("check", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["articles"] == 3


def test_articles_that_could_not_be_looked_at_are_not_counted(project: Project) -> None:
    project.article("bad.md", '---\ntitle: "open\n---\n# Bad\n')
    done = project.run("check")
    assert done.stdout.splitlines()[-1] == "1 finding; mend the errors to have the articles checked"
    assert json.loads(project.run("check", "--json").stdout)["articles"] is None

import datetime
import json
import subprocess
import sys

from kb_support import MakeProject, Project

from kbgen.checking import check
from kbgen.messages import Message, annotation

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


def test_github_shows_findings_beside_their_lines(project: Project) -> None:
    project.article("50%, a:b.md", "---\nreviewed: 2024-01-01\n---\n# Half\n\nPrice.\n")
    project.write("search-tests.yml", "- query: plans\n  page: nothing\n")
    there = project.root.relative_to(project.root.parent)
    command = [sys.executable, "-m", "kbgen", "check", "--github", "-f", f"{there}/mkdocs.yml"]
    done = subprocess.run(command, cwd=project.root.parent, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    place = f"file={there}/docs/50%25%2C a%3Ab.md,line=2"
    assert f"::warning {place}::last reviewed on 2024-01-01; read it again" in lines[0]
    assert lines[1].startswith(f"::warning file={there}/search-tests.yml,line=")
    assert lines[-1] == "4 articles, 2 findings"
    assert done.returncode == 1
    both = project.run("check", "--github", "--json")
    assert (both.returncode, "not both" in both.stderr) == (2, True)


def test_a_finding_without_a_place_is_shown_with_the_run() -> None:
    assert annotation(Message(20, "two\nlines"), ".") == "::notice::two lines"


def test_articles_that_could_not_be_looked_at_are_not_counted(project: Project) -> None:
    project.article("bad.md", '---\ntitle: "open\n---\n# Bad\n')
    done = project.run("check")
    assert done.stdout.splitlines()[-1] == "1 finding; mend the errors to have the articles checked"
    assert json.loads(project.run("check", "--json").stdout)["articles"] is None


def test_a_link_without_target_names_the_file_that_may_be_meant(make_project: MakeProject) -> None:
    project = make_project(
        {
            "index.md": "# A\n\n[x](account/pasword.md)\n\n[y](plans.md)\n\n[z](unlike-it.md)\n",
            "account/password.md": "# Password\n\nSee [plans](../plans.md#prices).\n",
            "billing/plans.md": "# Plans\n\nThree.\n",
        }
    )
    found = findings(project)
    assert [line.rpartition("; ")[2] for line in found] == [
        "did you mean `../billing/plans.md`?",
        "did you mean `account/password.md`?",
        "did you mean `billing/plans.md`?",
        "correct it, or add what it points to",
    ]


def test_html_that_leads_nowhere_is_told_once_with_its_line(make_project: MakeProject) -> None:
    text = '# B\n\n<img src="p.png" alt="">\n\n<a href="c.md">c</a> [d](d.md)\n\n'
    fine = '<a href="../c/">c</a> <img src="../p.png" alt=""> <a href="#b">b</a> ![p](p.png)\n'
    fine += '<a href="http://[/">broken</a> <a href="&#109;ailto:a@example.org">post</a>\n'
    project = make_project(
        {"index.md": "# A\n\nA.\n", "b.md": text + fine, "c.md": "# C\n\nText.\n"}
    )
    project.article("p.png", "p")
    one, two, three = findings(project)
    assert one.startswith("docs/b.md:3: `p.png` leads to b/p.png, which is not in the site; ")
    assert "write `../p.png`" in one
    assert two.startswith("docs/b.md:5: `c.md` leads to b/c.md, which is not in the site; ")
    assert three.startswith("docs/b.md:5: link 'd.md'")


def test_files_that_the_settings_name_and_that_are_not_there_are_told(
    make_project: MakeProject,
) -> None:
    project = make_project()
    project.article("own.css", "p {}")
    config = project.config.read_text()
    project.config.write_text(f"{config}extra_css:\n  - own.css\n  - css/gone.css\n")
    line = len(config.splitlines()) + 3
    told = f"mkdocs.yml:{line}: there is no css/gone.css in the site; "
    assert findings(project) == [f"{told}correct it, or add it to the docs folder"]

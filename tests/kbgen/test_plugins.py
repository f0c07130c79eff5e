"""Sites with other plugins: the same bytes as MkDocs, side by side where they allow it."""

from pathlib import Path

import pytest
from kb_support import ARTICLES, CONFIG, MakeProject, Project, mkdocs_build, tree

TAGGED = {**ARTICLES, "tagged.md": "---\ntags: [price]\n---\n# Tagged\n\nText.\n"}
META = {**ARTICLES, "billing/.meta.yml": "description: About money\n"}


def with_plugin(entry: str) -> str:
    return CONFIG.replace("[kbgen]", f"[{entry}, kbgen]")


def assert_same(project: Project, site: Path) -> None:
    mkdocs_build(project, site)
    assert tree(project.site) == tree(site)


def test_settings_of_folders_are_followed(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(META, with_plugin("material/meta"))
    assert project.build().careful == ""
    assert 'content="About money"' in project.page("billing/refunds/index.html")
    project.article("billing/.meta.yml", "description: About cash\n")
    project.build()
    assert 'content="About cash"' in project.page("billing/refunds/index.html")
    assert_same(project, tmp_path / "theirs")


def test_a_plugin_that_needs_all_pages_has_them_one_at_a_time(
    make_project: MakeProject, tmp_path: Path
) -> None:
    project = make_project(TAGGED, with_plugin("material/tags"))
    summary = project.build()
    assert summary.careful == "plugin material/tags: it collects the tags of all pages"
    assert "pages are built one at a time: plugin material/tags" in str(summary.messages[0])
    assert_same(project, tmp_path / "theirs")


LISTING = """\
import os, subprocess, sys
from markdown import Extension
from markdown.preprocessors import Preprocessor

class Listing(Preprocessor):
    def run(self, lines):
        return [self.filled(line) for line in lines]

    def filled(self, line):
        if line == "LIST":
            return " ".join(sorted(os.listdir("FOLDER")))
        if line == "ASK":
            command = [sys.executable, "-c", "print(open('FOLDER/answer').read())"]
            return subprocess.run(command, capture_output=True, text=True).stdout.strip()
        return line

class ListingExtension(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(Listing(md), "listing", 1)

def makeExtension(**_):
    return ListingExtension()
"""


@pytest.mark.parametrize(
    ("ask", "first", "second"), [("LIST", "answer", "answer b"), ("ASK", "1", "2")]
)
def test_listed_folders_and_other_programs_are_followed(
    make_project: MakeProject, ask: str, first: str, second: str
) -> None:
    config = CONFIG.replace("[admonition", "[listing, admonition")
    project = make_project({**ARTICLES, "index.md": f"# Home\n\n{ask}\n"}, config)
    folder = project.root / "parts"
    project.write("listing.py", LISTING.replace("FOLDER", str(folder)))
    project.write("parts/answer", "1")
    project.run("build")
    assert f"<p>{first}</p>" in project.page("index.html")
    project.write("parts/answer", "2")
    if ask == "LIST":
        project.write("parts/b", "")
    project.run("build", "--workers", "1")
    assert f"<p>{second}</p>" in project.page("index.html")

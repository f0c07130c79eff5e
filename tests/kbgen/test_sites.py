"""`kbgen index` on sites that other generators built."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from kb_support import ARTICLES, MakeProject, Project, mkdocs_build, tree

from kbgen import sites, workers
from kbgen.settings import Settings

PAGE = (
    "<!doctype html><html lang='{lang}'><head><title>{title} - Docs</title></head>"
    "<body><nav><a href='/'>Home</a></nav><main><h1>{title}</h1><p>{text}</p>"
    "<h2 id='more'>More</h2><p>Further words.</p></main></body></html>"
)


def page(title: str, text: str = "Some words.", lang: str = "en") -> str:
    return PAGE.format(title=title, text=text, lang=lang)


@pytest.fixture
def plain(tmp_path: Path) -> Project:
    project = Project(tmp_path / "plain")
    project.write("site/index.html", page("Home"))
    project.write("site/guide/start/index.html", page("Start"))
    project.write("site/guide/end.html", page("End"))
    project.write("site/es/fin.html", page("Fin", lang="es"))
    project.write("site/404.html", page("Not found"))
    project.write("site/old.html", "<meta http-equiv=refresh content='0; url=new.html'>")
    return project


def test_pages_read_side_by_side_give_the_same_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = Project(tmp_path / "one"), Project(tmp_path / "two")
    for project, number in itertools.product((one, two), range(40)):
        text = page(f"Page {number}", f"With word{number}x.")
        project.write(f"site/p{number}/index.html", text)
    assert json.loads(one.run("index", "site", "--json").stdout)["articles"] == 40
    monkeypatch.setattr(workers, "cores", lambda: 1)
    assert sites.index(two.site, Settings()).articles == 40
    assert tree(one.site) == tree(two.site)


def test_any_html_gets_search_and_manifest(plain: Project) -> None:
    done = plain.run("index", "site", "--collector", "https://c.example", "--json")
    assert json.loads(done.stdout) == {"articles": 4, "others": 2, "rewritten": 5}
    found = [(a["id"], a["url"], a["locale"], a["title"]) for a in plain.manifest()["articles"]]
    assert found == [
        ("es/fin", "es/fin.html", "es", "Fin"),
        ("guide/end", "guide/end.html", "en", "End"),
        ("guide/start", "guide/start/", "en", "Start"),
        ("index", "", "en", "Home"),
    ]
    html = plain.page("guide/start/index.html")
    assert '<meta name="kb:page" content="guide/start">' in html
    assert '<meta name="kb:base" content="../../">' in html
    assert html.index("<form") < html.index("</main>")
    assert (plain.site / "search/index.js").exists()
    assert "kb:page" not in plain.page("404.html")
    assert "kb:" not in plain.page("old.html")


def test_the_page_for_what_is_missing_finds_its_scripts_at_any_depth(plain: Project) -> None:
    plain.run("index", "site", "--site-url", "https://docs.example.com/help/")
    missing = plain.page("404.html")
    assert '<meta name="kb:base" content="/help/">' in missing
    assert '<script defer src="/help/assets/kb/' in missing
    assert '<meta name="kb:notfound" content="1">' in missing


def test_doing_it_again_changes_nothing(plain: Project) -> None:
    plain.run("index", "site")
    once = tree(plain.site)
    again = json.loads(plain.run("index", "site", "--json").stdout)
    assert again["rewritten"] == 0
    assert tree(plain.site) == once
    plain.run("index", "site", "--collector", "https://c.example")
    assert plain.page("index.html").count("kb:page") == 1


def test_an_empty_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = Project(tmp_path).run("index", "empty")
    assert done.returncode == 2
    assert "there is no HTML in this folder" in done.stderr


def test_a_wrong_collector_is_one_clear_line(plain: Project) -> None:
    done = plain.run("index", "site", "--collector", "c.example")
    assert done.returncode == 2
    assert "--collector" in done.stderr


def test_a_site_that_zensical_built(make_project: MakeProject) -> None:
    project = make_project(config="site_name: Help\nsite_dir: site\n")
    build = [sys.executable, "-m", "zensical", "build"]
    subprocess.run(build, cwd=project.root, check=True, capture_output=True, timeout=120)
    done = project.run("index", "site", "--collector", "https://c.example")
    assert done.returncode == 0, done.stderr
    assert [a["id"] for a in project.manifest()["articles"]] == [
        "billing/plans",
        "billing/refunds",
        "index",
    ]
    html = project.page("billing/plans/index.html")
    assert 'class="kb-open"' in html
    assert 'data-md-component="search"' not in html
    assert "fonts.g" not in html
    assert "<script>" not in html


def test_pages_in_the_folder_of_the_search_stay_however_the_site_is_built(
    make_project: MakeProject, tmp_path: Path
) -> None:
    project = make_project({**ARTICLES, "search/tips.md": "# Tips\n\nText.\n"})
    project.build()
    mkdocs_build(project, tmp_path / "by-mkdocs")
    whole = tree(project.site)
    assert "search/tips/index.html" in whole
    assert tree(tmp_path / "by-mkdocs") == whole
    project.write("hook.py", "def on_env(env, **_): return env\n")
    project.config.write_text(project.config.read_text() + "hooks: [hook.py]\n")
    assert project.build().careful
    assert tree(project.site) == whole

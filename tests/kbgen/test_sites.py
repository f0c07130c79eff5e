"""`kbgen index` on sites that other generators built."""

import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from kb_support import ARTICLES, CONFIG, MakeProject, Project, mkdocs_build, run_mkdocs, tree

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
    wanted = {"articles": 4, "others": 2, "rewritten": 5, "messages": []}
    assert json.loads(done.stdout) == wanted
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


def test_each_language_has_its_page_for_what_is_missing(plain: Project) -> None:
    for name, lang in {"es/404": "es", "fr/404": "fr", "api/404": "en"}.items():
        plain.write(f"site/{name}.html", page("Missing", lang=lang))
    plain.run("index", "site", "--site-url", "https://docs.example.com/help/")
    missing = plain.page("es/404.html")
    assert '<meta name="kb:base" content="/help/">' in missing
    assert '<meta name="kb:notfound" content="1">' in missing
    assert '<meta name="kb:locale" content="es">' in missing
    assert "kb:notfound" not in plain.page("api/404.html")
    [texts] = re.findall(r"/help/(assets/kb/kb-strings-\w+\.\w+\.js)", plain.page("fr/404.html"))
    assert (plain.site / texts).is_file()


def test_the_folder_of_a_language_is_no_area(plain: Project) -> None:
    plain.write("site/es/uso-diario/clave/index.html", page("Clave", lang="es"))
    plain.write("site/fr/debut.html", page("Debut", lang="fr"))
    plain.run("index", "site")
    for query, area in (("clave", "Uso diario"), ("debut", ""), ("end", "Guide")):
        found = json.loads(plain.run("search", "--json", query).stdout)
        assert found["results"][0]["area"] == area


def test_doing_it_again_changes_nothing(plain: Project) -> None:
    plain.run("index", "site")
    once = tree(plain.site)
    again = json.loads(plain.run("index", "site", "--json").stdout)
    assert again["rewritten"] == 0
    assert tree(plain.site) == once
    plain.run("index", "site", "--collector", "https://c.example")
    assert plain.page("index.html").count("kb:page") == 1


def test_a_worker_keeps_what_was_read_where_that_is_asked_for(plain: Project) -> None:
    assert plain.run("index", "site", "--service-worker").returncode == 0
    assert (plain.site / "kb-worker.js").is_file()
    assert "assets/kb/kb-offline." in plain.page("guide/start/index.html")
    assert plain.run("index", "site").returncode == 0
    assert "kb-offline." not in plain.page("guide/start/index.html")


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


def titles(project: Project) -> dict[str, str]:
    return {one["id"]: one["title"] for one in project.manifest()["articles"]}


def test_pages_are_read_and_written_in_the_charset_they_declare(tmp_path: Path) -> None:
    project = Project(tmp_path)
    latin = page("Größe").replace("<head>", "<head><meta charset=iso-8859-1>")
    project.write("site/latin.html", latin.encode("latin-1"))
    project.write("site/wide.html", b"\xff\xfe" + page("Weite").encode("utf-16-le"))
    done = project.run("index", "site")
    assert (done.returncode, done.stderr) == (0, "")
    assert titles(project) == {"latin": "Größe", "wide": "Weite"}
    assert "<h1>Größe</h1>" in (project.site / "latin.html").read_text("latin-1")
    assert "kb:page" in (project.site / "wide.html").read_text("utf-16")


@pytest.mark.parametrize(("head", "title"), [("", "Größe"), ("<meta charset=utf-8>", "Gr��e")])
def test_a_page_in_an_unknown_charset_is_read_as_browsers_do_and_named(
    tmp_path: Path, head: str, title: str
) -> None:
    project = Project(tmp_path)
    project.write("site/p.html", page("Größe").replace("<head>", f"<head>{head}").encode("latin-1"))
    done = project.run("index", "site")
    assert done.returncode == 0
    assert "warning: site/p.html: not UTF-8" in done.stderr
    assert titles(project) == {"p": title}


def test_what_is_no_page_is_named_or_passed_by(plain: Project) -> None:
    (plain.site / "gone.html").symlink_to("nowhere")
    plain.write("site/folder.html/index.html", page("In a folder"))
    done = plain.run("index", "site", "--json")
    assert done.returncode == 0, done.stderr
    assert "gone.html: the link leads nowhere" in json.loads(done.stdout)["messages"][0]
    assert titles(plain)["folder.html"] == "In a folder"


def test_what_the_disk_refuses_is_one_clear_line(plain: Project) -> None:
    plain.write(".kbgen", "a file")
    done = plain.run("index", "site")
    assert done.returncode == 2
    assert ".kbgen" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "html",
    [
        "<HTML><HEAD><TITLE>T</TITLE></HEAD><BODY><P>Words.</BODY></HTML>",
        "<html><head><title>T</title></head ><body><p>Words.</body></html>",
        "<!doctype html><meta charset=utf-8><title>T</title><body><p>Words.",
        "<!doctype html><meta charset=utf-8><title>T</title><script>a</script><p>Words.",
        "<p>Words.",
    ],
)
def test_pages_without_the_usual_end_of_a_head_get_the_search(tmp_path: Path, html: str) -> None:
    project = Project(tmp_path)
    project.write("site/t.html", html)
    project.run("index", "site")
    once = project.page("t.html")
    assert once.count('<meta name="kb:page" content="t">') == 1
    assert once.lower().find("<title>") < once.index("kb:page") < once.lower().index("<p>")
    project.run("index", "site")
    assert project.page("t.html") == once


def test_pages_are_articles_wherever_generators_put_no_furniture(plain: Project) -> None:
    own = ["guide/search", "reference/tags", "search/tips", "assets/laptops", "api/404"]
    for name in own:
        plain.write(f"site/{name}/index.html", page(name))
    for name in ("search", "tags", "es/404"):
        plain.write(f"site/{name}.html", page(name, lang="es" if name[:2] == "es" else "en"))
    plain.write("site/assets/chart.html", "<div>Bars</div>")
    plain.run("index", "site")
    assert titles(plain).keys() == {"index", "guide/start", "guide/end", "es/fin", *own}
    assert plain.page("assets/chart.html") == "<div>Bars</div>"


def test_addresses_lead_to_pages_of_any_name(tmp_path: Path) -> None:
    project = Project(tmp_path)
    for name in ("c#/index.html", "sp ace?.html", "100%25.html"):
        project.write(f"site/{name}", page(name))
    project.run("index", "site")
    found = {one["url"] for one in project.manifest()["articles"]}
    assert found == {"c%23/", "sp%20ace%3F.html", "100%2525.html"}


def test_a_page_without_title_is_called_by_its_file(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("site/guide/my-first_page.html", "<html><head></head><body><p>Words.")
    project.run("index", "site")
    assert titles(project) == {"guide/my-first_page": "My first page"}


@pytest.mark.parametrize("hooks", ["", "hooks: [hook.py]\n"])
def test_a_writers_file_in_the_way_of_the_search_is_named(
    make_project: MakeProject, tmp_path: Path, hooks: str
) -> None:
    project = make_project(config=CONFIG + hooks)
    project.write("hook.py", "def on_env(env, **_): return env\n")
    project.write("docs/search/index.js", "alert(1)")
    for done in (project.run("build"), run_mkdocs(project, tmp_path / "by-mkdocs")):
        assert done.returncode != 0
        assert "docs/search/index.js: the search needs a file of this name" in done.stderr
        assert "Traceback" not in done.stderr

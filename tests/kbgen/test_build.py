"""What a writer sees of a build: the site, the summary, the mistakes."""

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest
from kb_support import ARTICLES, CONFIG, MakeProject, Project, mkdocs_build, tree

from kbgen_search.errors import KbError


def test_articles_are_in_the_manifest(project: Project) -> None:
    project.build()
    manifest = project.manifest()
    assert manifest["format"] == 1
    assert manifest["site"] == {
        "name": "Help",
        "url": "https://help.example.com/",
        "locales": ["en"],
        "default_locale": "en",
        "offline": False,
        "collector": None,
    }
    plans = manifest["articles"][0]
    assert [a["id"] for a in manifest["articles"]] == ["billing/plans", "billing/refunds", "index"]
    assert (plans["url"], plans["title"], plans["locale"]) == ("billing/plans/", "Plans", "en")
    assert plans["headings"] == [{"level": 2, "id": "free", "text": "Free"}]
    assert plans["words"] == 4


def test_a_page_says_what_it_is(project: Project) -> None:
    project.build()
    page = project.page("billing/plans/index.html")
    assert '<meta name="kb:page" content="billing/plans">' in page
    assert '<meta name="kb:base" content="../../">' in page
    assert '<meta name="kb:locale" content="en">' in page
    assert 'class="kb-open"' in page
    assert "kb:page" not in project.page("404.html")
    assert 'class="kb-open"' in project.page("404.html")


def test_nothing_is_asked_without_a_collector(project: Project) -> None:
    project.build()
    page = project.page("billing/plans/index.html")
    assert "kb:collector" not in page
    assert "kb-widget" not in page
    assert "<form" not in page


def test_with_a_collector_readers_are_asked(make_project: MakeProject) -> None:
    config = CONFIG.replace("[kbgen]", "[kbgen: {collector: 'https://c.example/'}]")
    project = make_project(config=config)
    project.build()
    page = project.page("billing/plans/index.html")
    assert '<meta name="kb:collector" content="https://c.example">' in page
    assert 'action="https://c.example/v1/vote-form"' in page
    assert project.manifest()["site"]["collector"] == "https://c.example"


def test_the_theme_keeps_its_own_search_to_itself(project: Project) -> None:
    project.build()
    files = tree(project.site)
    assert "search/search_index.json" not in files
    assert not [path for path in files if "lunr" in path or path.endswith(".map")]
    assert "md-search" not in project.page("index.html")


def test_no_page_asks_for_a_file_that_is_not_there(project: Project) -> None:
    project.build()
    asked = {
        normpath(join(dirname(page), path))
        for page in tree(project.site)
        if page.endswith(".html") and page != "404.html"
        for path in re.findall(r'(?:src|href)="([^"#:]+)"', project.page(page))
    }
    assert len(asked) > 5
    assert not [path for path in asked if not (project.site / path).exists()]


def test_every_article_is_reachable_by_plain_links(make_project: MakeProject) -> None:
    deep = {f"a/b{n}/c.md": f"# C {n}\n" for n in range(3)}
    project = make_project({**ARTICLES, **deep})
    project.build()
    seen, todo = set(), ["index.html"]
    while todo:
        page = todo.pop()
        seen.add(page)
        for link in links(project, page):
            if link not in seen and link not in todo:
                todo.append(link)
    pages = {path for path in tree(project.site) if path.endswith(".html")} - {"404.html"}
    assert seen == pages


def links(project: Project, page: str) -> list[str]:
    found = []
    for href in re.findall(r'href="([^"#:]*)"', project.page(page)):
        target = normpath(join(dirname(page), href))
        file = project.site / target
        if file.is_dir():
            found.append("index.html" if target == "." else f"{target}/index.html")
        elif file.suffix == ".html":
            found.append(target)
    return found


def test_navigation_as_given(make_project: MakeProject) -> None:
    nav = "nav:\n  - Home: index.md\n  - Money:\n    - What it costs: billing/plans.md\n"
    project = make_project(config=CONFIG + nav)
    summary = project.build()
    page = project.page("index.html")
    assert '<a href="./billing/plans/" class="md-nav__link">Money' in page
    assert not summary.warnings
    plans = project.manifest()["articles"][0]
    assert plans["title"] == "What it costs"


def test_addresses_without_folders(make_project: MakeProject) -> None:
    project = make_project(config=CONFIG + "use_directory_urls: false\n")
    project.build()
    assert {a["url"] for a in project.manifest()["articles"]} == {
        "index.html",
        "billing/plans.html",
        "billing/refunds.html",
    }
    assert 'content="../"' in project.page("billing/plans.html")


def test_an_offline_site_links_to_files(project: Project) -> None:
    project.build(offline=True)
    assert project.manifest()["site"]["offline"] is True
    assert 'href="../index.html"' in project.page("billing/plans.html")


def test_languages_of_folders(make_project: MakeProject) -> None:
    project = make_project({"en/index.md": "# Hello\n", "ar/index.md": "# مرحبا\n"})
    project.build()
    assert project.manifest()["site"]["locales"] == ["ar", "en"]
    page = project.page("ar/index.html")
    assert '<html lang="ar" dir="rtl"' in page
    assert '<body dir="rtl"' in page


I18N = """\
site_name: Help
theme: {{name: material}}
plugins:
  - kbgen
  - i18n:
      docs_structure: {structure}
      languages:
        - {{locale: en, name: English, default: true, build: true}}
        - {{locale: fr, name: Français, build: true, site_name: Aide}}
"""
TRANSLATED = {
    "suffix": {"index.md": "# Home", "index.fr.md": "# Accueil", "only.md": "# Only here\n\ntext"},
    "folder": {
        "en/index.md": "# Home",
        "fr/index.md": "# Accueil",
        "en/only.md": "# Only here\n\ntext",
    },
}


@pytest.mark.parametrize("structure", ["suffix", "folder"])
def test_translations_share_an_id(make_project: MakeProject, structure: str) -> None:
    project = make_project(TRANSLATED[structure], I18N.format(structure=structure))
    project.build()
    articles = [(a["id"], a["locale"], a["url"]) for a in project.manifest()["articles"]]
    assert articles == [("index", "en", ""), ("index", "fr", "fr/"), ("only", "en", "only/")]
    stand_in = project.page("fr/only/index.html")
    assert '<meta name="kb:page" content="only">' in stand_in
    assert '<html lang="fr"' in stand_in
    assert '<meta name="kb:locale" content="fr">' in stand_in
    assert '<meta name="kb:article-locale" content="en">' in stand_in
    assert '<article lang="en" dir="ltr" class="md-content__inner' in stand_in
    assert "kb-strings-fr." in stand_in
    assert "kb:article-locale" not in project.page("fr/index.html")


@pytest.mark.parametrize("structure", ["suffix", "folder"])
def test_each_language_has_its_page_for_what_is_missing(
    make_project: MakeProject, structure: str
) -> None:
    project = make_project(TRANSLATED[structure], I18N.format(structure=structure))
    project.build()
    assert '<html lang="en"' in project.page("404.html")
    assert "kb-strings-en." in project.page("404.html")
    assert '<html lang="fr"' in project.page("fr/404.html")
    assert '<meta name="kb:base" content="/">' in project.page("fr/404.html")
    site = project.manifest()["site"]
    assert (site["name"], site["default_locale"]) == ("Help", "en")
    assert '"locales":["en","fr"]' in project.page("search/index.js")


def test_a_language_without_articles_has_its_texts(make_project: MakeProject) -> None:
    further = "        - {locale: de, name: Deutsch, build: true}\n"
    project = make_project(TRANSLATED["suffix"], I18N.format(structure="suffix") + further)
    project.article("index.de.md", "# Start")
    (project.root / "docs/index.fr.md").unlink()
    project.build()
    [texts] = re.findall(r"assets/kb/kb-strings-fr\.\w+\.js", project.page("fr/only/index.html"))
    assert (project.site / texts).is_file()


def test_an_audience_gets_its_own_articles_and_those_for_all(make_project: MakeProject) -> None:
    secret = "---\naudience: [support]\n---\n# Refund by hand\n"
    nav = "nav:\n  - index.md\n  - Inside:\n    - secret.md\n"
    project = make_project({"index.md": "# Home\n", "secret.md": secret}, CONFIG + nav)
    project.build(audience=("customer",))
    assert [a["id"] for a in project.manifest()["articles"]] == ["index"]
    assert "Inside" not in project.page("index.html")
    project.build(audience=("support",))
    assert [a["id"] for a in project.manifest()["articles"]] == ["index", "secret"]


ASKED = {
    "index.md": "# Home\n",
    "en/pay/bill.md": "# Bill\n\nzebra\n",
    "en/start.md": "# Start\n\nzebra\n",
    "id/pay/bill.md": "# Tagihan\n\nzebra\n",
    "id/start.md": "# Mulai\n\nzebra\n",
}


def areas(project: Project) -> dict[str, str]:
    """Return the area that search names for each article."""
    found = json.loads(project.run("search", "--json", "zebra").stdout)["results"]
    return {one["page"]: one["area"] for one in found}


def test_results_do_not_tell_readers_that_they_are_in_the_folder_of_their_language(
    make_project: MakeProject,
) -> None:
    project = make_project(ASKED)
    project.build()
    assert areas(project) == {
        "en/pay/bill": "Pay",
        "en/start": "",
        "id/pay/bill": "Pay",
        "id/start": "",
    }


def test_sections_of_a_language_are_areas_when_there_are_several(make_project: MakeProject) -> None:
    nav = (
        "nav:\n  - Money: [en/pay/bill.md, id/pay/bill.md]\n  - Begin: [en/start.md, id/start.md]\n"
    )
    project = make_project(ASKED, CONFIG + nav)
    project.build()
    assert areas(project) == {
        "en/pay/bill": "Money",
        "en/start": "Begin",
        "id/pay/bill": "Money",
        "id/start": "Begin",
    }


def test_related_articles_are_linked(make_project: MakeProject) -> None:
    project = make_project(
        {
            "index.md": "# Home\n",
            "fr/a.md": "---\nrelated: [b, nowhere]\n---\n# A\n",
            "fr/b.md": "# Béta\n",
            "es/c.md": "# C\n",
        }
    )
    summary = project.build()
    assert '<a href="../../fr/b/">Béta</a>' in project.page("fr/a/index.html")
    assert "Articles liés" in project.page("fr/a/index.html")
    assert [str(m) for m in summary.warnings] == [
        "docs/fr/a.md:2: related article `nowhere` does not exist; give its id or remove it"
    ]


BAD = {
    "index.md": "---\nid: same\n---\n# A\n\n[x](missing.md)\n\n[y](c.md#nope)\n",
    "b.md": '---\ntitle: "open\nx: y\n---\n# B\n',
    "c.md": "---\nid: same\nreviewed: soon\n---\n# C\n",
    "d.md": b"# D\nline\n\xff bad\n",
}


def test_each_mistake_is_one_line_with_file_line_and_remedy(make_project: MakeProject) -> None:
    done = make_project(BAD).run("build")
    lines = done.stderr.splitlines()
    assert done.returncode == 2
    assert not [line for line in lines if "Traceback" in line]
    assert [line for line in lines if line.startswith("error: docs/b.md:2: front matter")]
    assert "error: docs/d.md:3: the file is not UTF-8; save it as UTF-8" in lines
    assert [
        line for line in lines if re.match("error: docs/(index|c).md:2: id `same` is also", line)
    ]
    assert [
        line for line in lines if line.startswith("warning: docs/index.md:6: link 'missing.md'")
    ]
    assert [line for line in lines if line.startswith("note: docs/index.md:8: link 'c.md#nope'")]
    assert [line for line in lines if line.startswith("warning: docs/c.md:3: `reviewed`")]
    assert lines[-1] == "The site was not built: 3 mistakes to mend."


@pytest.mark.parametrize("name", ["a.md", "z.md"])
def test_an_id_that_another_article_has_by_its_path_is_told_where_it_is_written(
    make_project: MakeProject, name: str
) -> None:
    project = make_project(
        {"index.md": "# Home\n", "m.md": "# M\n", name: "---\nid: m\n---\n# B\n"}
    )
    told = project.run("build").stderr
    assert f"error: docs/{name}:2: id `m` is also the id of docs/m.md; change one of them" in told


def test_mkdocs_says_the_same(make_project: MakeProject) -> None:
    import subprocess
    import sys

    project = make_project(BAD)
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 1
    assert "docs/d.md:3: the file is not UTF-8" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project.site / "kb-manifest.json").exists()


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("site_name: B\ndocs_dir: nodocs\nplugins: [kbgen]\n", "mkdocs.yml:2: The path"),
        ("site_name: B\n  nav: [", "mkdocs.yml:2: not valid YAML: mapping values are not allowed"),
        (
            "plugins: [a\n\nx: 1\n",
            "mkdocs.yml:3: not valid YAML: while parsing a flow sequence, expected",
        ),
        ("site_name: B\nplugins: [kbgen, unheard-of]\n", 'mkdocs.yml:2: The "unheard-of" plugin'),
        ("plugins: [kbgen]\n", "mkdocs.yml: `site_name`"),
        (
            "plugins: [kbgen]\nsite_nmae: B\n",
            "mkdocs.yml:2: there is no setting `site_nmae`. did you mean `site_name`?",
        ),
        (
            "site_name: B\nplugins:\n - kbgen:\n   collector: https://c.example\n",
            "it is an option of `kbgen`; indent it deeper",
        ),
        (
            "site_name: B\nmarkdown_extensions:\n  - tables\n  - admonitions\n",
            "mkdocs.yml:4: extension `admonitions` cannot be loaded: ModuleNotFoundError",
        ),
        (
            "site_name: B\nmarkdown_extensions:\n  - toc:\n      permalnk: true\n",
            "mkdocs.yml:3: extension `toc` cannot be loaded: KeyError: 'permalnk'",
        ),
        ("site_name: B\nplugins:\n - kbgen:\n    collector: nope\n", "mkdocs.yml:4: option"),
        ("site_name: B\nplugins:\n - kbgen:\n    fonts: comic\n", "mkdocs.yml:4: option `fonts`"),
        ("site_name: B\ntheme: {name: nothere}\n", "mkdocs.yml:2: `theme`"),
        ("- a\n- b\n", "mkdocs.yml"),
    ],
)
def test_unusable_settings_are_one_line(
    make_project: MakeProject, config: str, expected: str
) -> None:
    done = make_project(config=config).run("build")
    assert done.returncode == 2
    assert expected in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_unknown_settings_are_named_with_what_was_meant(make_project: MakeProject) -> None:
    config = (
        CONFIG.replace("[kbgen]", "\n  - kbgen:\n      colector: https://c.example") + "nva: []\n"
    )
    project = make_project(config=config)
    done = project.run("build")
    assert done.returncode == 0
    assert "mkdocs.yml:6: plugin kbgen has no option `colector`; did you mean `collector`?" in (
        done.stderr
    )
    assert "mkdocs.yml:8: there is no setting `nva`; did you mean `nav`?" in done.stderr
    assert project.run("build", "--strict").returncode == 1


def test_a_setting_that_stands_twice_is_told_with_its_line(make_project: MakeProject) -> None:
    project = make_project(config=f"{CONFIG}extra:\n  a: 1\nextra:\n  b: 2\n")
    line = CONFIG.count("\n") + 3
    assert f"warning: mkdocs.yml:{line}: `extra` stands there twice" in project.run("build").stderr


def test_a_folder_without_settings(tmp_path: Path) -> None:
    done = Project(tmp_path).run("build")
    assert done.returncode == 2
    assert "no mkdocs.yml" in done.stderr
    assert Project(tmp_path).run("build", "-f", "gone.yml").returncode == 2


def test_strict_keeps_the_old_site(project: Project) -> None:
    project.build()
    old = tree(project.site)
    project.article("index.md", "# Changed\n\n[x](missing.md)\n")
    done = project.run("build", "--strict")
    assert done.returncode == 1
    assert tree(project.site) == old
    assert project.run("build").returncode == 0
    assert "Changed" in project.page("index.html")


def test_the_summary_as_json(project: Project) -> None:
    first = json.loads(project.run("build", "--json").stdout)
    assert (first["pages"], first["rendered"], first["reused"]) == (3, 3, 0)
    assert first["written"] > 3
    assert {"discover", "render", "arrange", "write", "index", "manifest", "total"} <= set(
        first["seconds"]
    )
    project.article("billing/plans.md", "# Plans\n\nFour.\n")
    second = json.loads(project.run("build", "--json").stdout)
    assert (second["rendered"], second["reused"]) == (1, 2)
    assert second["written"] < first["written"]


def test_a_log_gets_a_line_when_a_stage_begins_and_ends(project: Project) -> None:
    lines = project.run("build").stderr.splitlines()
    stages = [line.split(":")[0] for line in lines]
    assert stages == ["render", "render", "write", "write", "index", "index"]
    assert lines[0] == "render: 3 pages"
    assert lines[1].startswith("render: done in ")
    assert project.run("build", "--json").stderr == ""


def test_a_terminal_gets_a_bar_with_stage_and_rate(project: Project) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kbgen", "build"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    subprocess.run(command, cwd=project.root, stderr=theirs, env=environment, check=True)
    os.close(theirs)
    read = []
    with suppress(OSError):  # a terminal gives a few kilobytes at a time, and an error at its end
        while piece := os.read(ours, 100_000):
            read.append(piece)
    os.close(ours)
    shown = b"".join(read).decode()
    assert re.search(r"render .*3/3.*\d+ pages/s", shown)


def test_when_nothing_changed_nothing_is_touched(project: Project) -> None:
    project.build()
    stamp = {path: (project.site / path).stat().st_mtime_ns for path in tree(project.site)}
    project.run("build")  # the first build may have been too close to the files' making
    done = json.loads(project.run("build", "--json").stdout)
    assert done["unchanged"] is True
    assert {p: (project.site / p).stat().st_mtime_ns for p in tree(project.site)} == stamp


def is_unchanged(project: Project) -> bool:
    return bool(json.loads(project.run("build", "--json").stdout)["unchanged"])


def test_a_file_of_the_site_that_somebody_changed_is_made_again(project: Project) -> None:
    for _ in range(2):
        project.build()
    page = project.site / "index.html"
    was = page.read_bytes()
    page.write_bytes(was + b"<!-- by hand -->")
    assert not is_unchanged(project)
    assert page.read_bytes() == was
    (project.site / "stray.html").touch()
    assert not is_unchanged(project)
    assert not (project.site / "stray.html").exists()


def test_articles_behind_a_link_are_read_again(project: Project) -> None:
    project.write("shared/terms.md", "# Terms\n\nOld.\n")
    (project.root / "docs/shared").symlink_to(project.root / "shared")
    for _ in range(2):
        project.build()
    project.write("shared/terms.md", "# Terms\n\nNew.\n")
    assert not is_unchanged(project)
    assert "New." in project.page("shared/terms/index.html")


def test_what_is_hidden_in_the_site_is_not_the_builds(project: Project) -> None:
    for _ in range(2):
        project.build()
    (project.site / ".git").mkdir()
    (project.site / ".git/HEAD").write_text("ref: refs/heads/pages")
    assert is_unchanged(project)
    project.article("index.md", "# Home\n\nOther.\n")
    project.build()
    assert (project.site / ".git/HEAD").exists()


FORWARDING = """\
from pathlib import Path
from mkdocs.plugins import BasePlugin

class Plugin(BasePlugin):
    def on_post_build(self, config):
        site = Path(config.site_dir)
        (site / "old.html").write_text("moved")
        page = (site / "404.html").read_text()
        (site / "404.html").unlink()
        (site / "404.html").write_text(page + "<!-- moved -->")
"""


def test_what_plugins_do_to_the_site_at_the_end_is_part_of_it(make_project: MakeProject) -> None:
    project = make_project(config=CONFIG.replace("[kbgen]", "[kbgen, redirects]"))
    project.write("forwarding.py", FORWARDING)
    entry = "[mkdocs.plugins]\nredirects = forwarding:Plugin\n"
    project.write("forwarding-1.dist-info/entry_points.txt", entry)
    project.write("forwarding-1.dist-info/METADATA", "Name: forwarding\nVersion: 1\n")
    for _ in range(2):
        project.run("build")
    assert project.page("old.html") == "moved"
    assert project.page("404.html").count("<!-- moved -->") == 1
    assert is_unchanged(project)


def test_warnings_are_said_again_when_nothing_changed(make_project: MakeProject) -> None:
    project = make_project({"index.md": "# A\n\n[x](missing.md)\n"})
    for _ in range(3):
        assert "docs/index.md:3: link 'missing.md'" in project.run("build").stderr


def test_a_touched_site_is_mended(project: Project) -> None:
    project.build()
    good = tree(project.site)
    page = project.site / "index.html"
    page.write_text("vandalised")
    (project.site / "billing/plans/index.html").unlink()
    (project.site / "extra.html").write_text("left over")
    (project.site / ".well-known").write_text("kept")
    project.build()
    assert tree(project.site) == {**good, ".well-known": b"kept"}


def test_hooks_make_mkdocs_build_with_a_reason(make_project: MakeProject) -> None:
    project = make_project(config=CONFIG + "hooks: [hook.py]\n")
    project.write(
        "hook.py", "def on_page_markdown(markdown, **_):\n    return markdown + '\\n\\nhooked\\n'\n"
    )
    summary = project.build()
    assert "hook.py" in summary.careful
    assert "hooked" in project.page("billing/plans/index.html")
    assert project.manifest()["articles"]


def test_one_font_and_no_foreign_address(make_project: MakeProject) -> None:
    config = CONFIG.replace("{name: material}", "{name: material, font: {text: Lato}}")
    project = make_project(config=config)
    summary = project.build()
    assert "fonts.g" not in project.page("index.html")
    assert [m for m in summary.messages if "theme.font" in m.text]


def test_a_worker_keeps_what_was_read_where_that_is_asked_for(make_project: MakeProject) -> None:
    project = make_project()
    worker = project.site / "kb-worker.js"
    project.build()
    assert not worker.exists()
    config = project.config.read_text().replace("[kbgen]", "[kbgen: {service_worker: true}]")
    project.write("mkdocs.yml", config)
    project.build()
    assert b"caches" in worker.read_bytes()
    for page in ("index.html", "billing/plans/index.html", "404.html"):
        assert "assets/kb/kb-offline." in project.page(page)
    other = project.root / "other"
    mkdocs_build(project, other)
    assert tree(other) == tree(project.site)
    project.build(offline=True)
    assert not worker.exists()
    project.build(collector="http://127.0.0.1:8400")  # as the preview does
    assert not worker.exists()
    project.article("kb-worker.js", "mine")
    with pytest.raises(KbError, match=r"kb-worker\.js: the search needs a file of this name"):
        project.build()


def test_only_sites_with_replies_have_their_script(make_project: MakeProject) -> None:
    project = make_project()
    project.build()
    scripts = project.site / "assets" / "kb"
    assert not list(scripts.glob("kb-reply.*"))
    project.article("thanks.md", "---\ntags: [reply]\nlang: ar\n---\n# شكرا\n\nأهلا {name}\n")
    project.build()
    (script,) = scripts.glob("kb-reply.*")
    assert f'src="../assets/kb/{script.name}"' in project.page("thanks/index.html")
    assert 'data-copied="تم النسخ"' in project.page("thanks/index.html")
    assert "kb-reply" not in project.page("billing/plans/index.html")
    other = project.root / "other"
    mkdocs_build(project, other)
    assert tree(other) == tree(project.site)
    project.article("thanks.md", "# Thanks\n\nHello {name}\n")
    project.build()
    assert not list(scripts.glob("kb-reply.*"))


def test_foreign_scripts_are_warned_about(make_project: MakeProject) -> None:
    project = make_project(config=CONFIG + "extra_javascript: [https://cdn.example/x.js]\n")
    assert [str(m) for m in project.build().warnings] == [
        "mkdocs.yml:6: extra_javascript: browsers fetch https://cdn.example/x.js from another "
        "server; put a copy into docs"
    ]


def test_a_title_is_the_text_of_its_heading(make_project: MakeProject) -> None:
    project = make_project(
        {
            "index.md": "---\nrelated: [lists]\n---\n# Home\n",
            "lists.md": "# Q&A about `List<T>`\n\nText.\n",
            "written.md": '---\ntitle: "R&amp;D"\n---\n# Research\n',
        }
    )
    project.build()
    titles = {article["id"]: article["title"] for article in project.manifest()["articles"]}
    assert (titles["lists"], titles["written"]) == ("Q&A about List<T>", "R&amp;D")
    assert '<a href="./lists/">Q&amp;A about List&lt;T&gt;</a>' in project.page("index.html")
    assert "Q&A about List<T>\n    lists/\n" in project.run("search", "text").stdout


def test_folders_named_like_languages_may_be_just_folders(make_project: MakeProject) -> None:
    config = CONFIG.replace("[kbgen]", "[kbgen: {language_folders: off}]")
    project = make_project({"it/index.md": "# Computers\n", "id/index.md": "# Cards\n"}, config)
    project.build()
    assert project.manifest()["site"]["locales"] == ["en"]


def test_each_broken_link_is_reported_at_its_own_line(make_project: MakeProject) -> None:
    text = "# Home\n\nOf gone.md.\n\n[a](gone.md)\n\n[b](gone.md 'B') and [c][c]\n\n[c]: gone.md\n"
    project = make_project({"index.md": text})
    lines = [message.line for message in project.build().warnings]
    assert lines == [5, 7, 9]


def test_two_articles_with_one_address_are_an_error(make_project: MakeProject) -> None:
    project = make_project({"index.md": "# Home\n", "b.md": "# B\n", "b/index.md": "# B too\n"})
    summary = project.build()
    assert ["has the same address" in str(m) for m in summary.errors] == [True]
    assert "b.md" in str(summary.errors[0])
    assert "b/index.md" in str(summary.errors[0])


def test_a_folder_may_become_a_file_and_a_file_a_folder(make_project: MakeProject) -> None:
    project = make_project({"index.md": "# Home\n", "img/x.png": "x", "LICENSE": "free\n"})
    project.build()
    (project.root / "docs/img/x.png").unlink()
    (project.root / "docs/img").rmdir()
    (project.root / "docs/LICENSE").unlink()
    (project.root / "docs/img").write_text("y")
    project.write("docs/LICENSE/s.md", "# S\n")
    assert not project.build().errors
    assert project.page("img") == "y"
    assert "S" in project.page("LICENSE/s/index.html")


def test_a_page_takes_the_place_of_a_file_with_its_address(make_project: MakeProject) -> None:
    project = make_project({"index.md": "# Home\n", "a.md": "# A\n"})
    project.build()
    project.article("a/index.html", "static")
    text = "docs/a.md has the same address and is there instead; rename one of them"
    assert [(m.file, m.text) for m in project.build().warnings] == [("docs/a/index.html", text)]
    assert "<h1" in project.page("a/index.html")
    (project.root / "docs/a.md").unlink()
    assert not project.build().warnings
    assert project.page("a/index.html") == "static"


def test_a_writers_404_page_takes_the_place_of_the_themes(make_project: MakeProject) -> None:
    project = make_project({"index.md": "# Home\n", "404.md": "# No such page\n"})
    project.config.write_text(project.config.read_text() + "use_directory_urls: false\n")
    for text in ("Look elsewhere", "Look again"):
        project.article("index.md", f"# Home\n\n{text}\n")
        project.build()
        assert "No such page" in project.page("404.html")


def test_headings_may_keep_the_letters_of_their_script(make_project: MakeProject) -> None:
    text = (Path(__file__).parents[2] / "docs/writers/translations.md").read_text("utf-8")
    setting = (
        text.partition("## Addresses of headings")[2].partition("```yaml\n")[2].partition("```")[0]
    )
    project = make_project({"index.md": "# Home\n\n## كلمة المرور\n\nهنا.\n"}, CONFIG + setting)
    project.build()
    assert 'id="كلمة-المرور"' in project.page("index.html")
    project.article("new.md", "# New\n")
    assert project.build().reused == 1

"""A previewed site stays in memory: an edit of a text makes its page anew, and little else."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kb_support import CONFIG, MakeProject, Project, tree

from kbgen import workers
from kbgen.pipeline import Options
from kbgen.project import Wish
from kbgen.serving import watched
from kbgen.session import Session
from kbgen.summary import Summary
from kbgen.workshop import Workshop
from kbgen_search.errors import KbError

PLANS = "---\nkeywords: [price]\n---\n# Plans\n\n"


OTHERS = {"other.md": "# Other\n\nText.\n", "word.md": "Word.\n"}


def begun(project: Project) -> Session:
    session = Session(project.config, Wish(), Options(workers=1))
    assert not session.build().errors
    return session


def edit(session: Session, project: Project, path: str, text: str) -> Summary:
    project.article(path, text)
    return session.build([project.root / "docs" / path])


def is_whole(summary: Summary) -> bool:
    """Tell whether the pipeline built the site, from its files on."""
    return "discover" in summary.seconds


def found(project: Project, word: str) -> bool:
    return any(word in file.read_text() for file in (project.site / "search").rglob("*.js"))


def test_an_edited_text_is_on_its_page_and_found_without_a_whole_build(project: Project) -> None:
    session = begun(project)
    for word in ("zebrafinch", "nightjar"):
        summary = edit(
            session, project, "billing/plans.md", f"{PLANS}A {word}.\n\n## Free\n\nNo.\n"
        )
        assert not is_whole(summary)
        assert (summary.pages, summary.rendered, summary.reused) == (3, 1, 2)
        assert word in project.page("billing/plans/index.html")
        assert found(project, word)
        article = next(a for a in project.manifest()["articles"] if a["id"] == "billing/plans")
        assert article["words"] == 4


def test_an_edited_page_is_shown_before_its_words_are_in_the_index(project: Project) -> None:
    session = begun(project)
    seen: list[tuple[bool, bool]] = []

    def shown() -> None:
        on_page = "zebrafinch" in project.page("billing/plans/index.html")
        seen.append((on_page, found(project, "zebrafinch")))

    project.article("billing/plans.md", f"{PLANS}A zebrafinch.\n\n## Free\n\nNo.\n")
    plans = [project.root / "docs/billing/plans.md"]
    session.build(plans, shown)
    assert seen == [(True, False)]
    session.build(plans, shown)  # nothing has changed
    project.article("billing/plans.md", "# Another title\n")
    assert is_whole(session.build(plans, shown))
    assert len(seen) == 1


def test_commands_find_an_edited_text_once_the_writer_rests(project: Project) -> None:
    session = begun(project)
    edit(session, project, "billing/plans.md", f"{PLANS}A zebrafinch.\n\n## Free\n\nNo.\n")
    assert "billing/plans" not in project.run("search", "--json", "zebrafinch").stdout
    session.settle()
    assert "billing/plans" in project.run("search", "--json", "zebrafinch").stdout


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("billing/plans.md", "# Prices\n\nThree.\n\n## Free\n\nNo.\n"),
        ("billing/plans.md", f"{PLANS}Three.\n\n## Gratis\n\nNo.\n"),
        ("billing/plans.md", "---\ntags: [price]\n---\n# Plans\n\nThree.\n\n## Free\n\nNo.\n"),
        ("billing/new.md", "# New\n\nText.\n"),
        ("picture.png", "x"),
    ],
    ids=["title", "heading", "front matter", "new page", "new file"],
)
def test_what_other_pages_show_makes_a_whole_build(project: Project, path: str, text: str) -> None:
    assert is_whole(edit(begun(project), project, path, text))


def test_a_removed_page_makes_a_whole_build(project: Project) -> None:
    session = begun(project)
    page = project.root / "docs" / "billing" / "refunds.md"
    page.unlink()
    assert is_whole(session.build([page]))
    assert not (project.site / "billing" / "refunds").exists()


def test_a_page_that_others_include_makes_a_whole_build(make_project: MakeProject) -> None:
    project = make_project(
        {"index.md": '--8<-- "part.md"\n', "part.md": "# Part\n\nOne.\n", **OTHERS}
    )
    snippets = f"[pymdownx.snippets: {{base_path: {project.root}/docs}}, admonition"
    project.config.write_text(CONFIG.replace("[admonition", snippets))
    session = begun(project)
    assert is_whole(edit(session, project, "part.md", "# Part\n\nTwo.\n"))
    assert "Two." in project.page("index.html")
    assert not is_whole(edit(session, project, "other.md", '# Other\n\n--8<-- "word.md"\n'))
    assert is_whole(edit(session, project, "word.md", "Three.\n"))
    assert "Three." in project.page("other/index.html")


def test_files_that_come_and_go_and_texts_that_stay_make_nothing(project: Project) -> None:
    session = begun(project)
    summary = session.build([project.root / "docs/.plans.md.swp", project.root / "docs/index.md"])
    assert summary.unchanged


def test_a_broken_page_is_named_and_the_site_goes_on_when_it_is_mended(project: Project) -> None:
    session = begun(project)
    broken = edit(session, project, "billing/plans.md", '---\ntitle: "open\n---\n# Plans\n')
    assert [(one.file, one.line) for one in broken.errors] == [("docs/billing/plans.md", 2)]
    assert "Three." in project.page("billing/plans/index.html")
    other = edit(session, project, "index.md", "# Welcome\n\nMore.\n")
    assert [one.file for one in other.errors] == ["docs/billing/plans.md"]
    mended = edit(session, project, "billing/plans.md", f"{PLANS}Four.\n\n## Free\n\nNo.\n")
    assert not mended.errors
    assert "Four." in project.page("billing/plans/index.html")
    assert "More." in project.page("index.html")


def test_bytes_that_are_not_utf8_are_named_and_mended(project: Project) -> None:
    session = begun(project)
    project.article("billing/plans.md", PLANS.encode() + b"\xff\n")
    assert session.build([project.root / "docs/billing/plans.md"]).errors
    mended = edit(session, project, "billing/plans.md", f"{PLANS}Four.\n\n## Free\n\nNo.\n")
    assert not mended.errors
    assert "Four." in project.page("billing/plans/index.html")


def test_warnings_of_all_pages_are_said_after_each_edit(make_project: MakeProject) -> None:
    project = make_project({"index.md": "# Home\n\n[x](gone.md)\n", "a.md": "# A\n\nOne.\n"})
    session = begun(project)
    summary = edit(session, project, "a.md", "# A\n\nTwo.\n")
    assert not is_whole(summary)
    assert any("gone.md" in str(message) for message in summary.warnings)


def test_plugins_that_may_depend_on_all_pages_make_whole_builds(make_project: MakeProject) -> None:
    project = make_project(config=CONFIG + "hooks: [hook.py]\n")
    project.write("hook.py", "def on_post_build(config): pass\n")
    session = begun(project)
    edit(session, project, "index.md", "# Welcome\n\nMore.\n")
    assert "More." in project.page("index.html")


def test_a_session_that_began_with_a_mistake_recovers(project: Project) -> None:
    project.article("billing/plans.md", '---\ntitle: "open\n---\n# Plans\n')
    session = Session(project.config, Wish(), Options(workers=1))
    assert session.build().errors
    assert not edit(session, project, "billing/plans.md", "# Plans\n").errors
    assert Path(project.site / "index.html").is_file()


@pytest.mark.parametrize("path", ["overrides/partials/copyright.html", "synonyms.yml"])
def test_a_file_that_is_taken_away_makes_a_whole_build(
    make_project: MakeProject, path: str
) -> None:
    config = CONFIG.replace("{name: material}", "{name: material, custom_dir: overrides}")
    project = make_project(config=config)
    (project.root / "overrides").mkdir()
    project.write(path, "all: [[plan, price]]")
    session = begun(project)
    (project.root / path).unlink()
    assert is_whole(session.build([project.root / path]))
    passing = project.root / "docs/.index.md.swp"  # of an editor, gone before anybody looked
    assert not is_whole(session.build([passing]))


def test_a_folder_that_leaves_takes_its_pages_along(project: Project) -> None:
    session = begun(project)
    heard: set[Path] = set()
    with watched(session, heard.update):
        (project.root / "docs/billing").rename(project.root / "elsewhere")
        until(lambda: project.root / "docs/billing" in heard)
    assert is_whole(session.build(heard))
    assert not (project.site / "billing").exists()


def test_files_that_pages_include_are_watched_wherever_they_are(make_project: MakeProject) -> None:
    snippets = "pymdownx.snippets: {base_path: [ROOT/parts], check_paths: false}"
    project = make_project(config=CONFIG.replace("[admonition", f"[{snippets}, admonition"))
    project.write("mkdocs.yml", project.config.read_text().replace("ROOT", str(project.root)))
    project.article("index.md", '# Home\n\n--8<-- "note.md"\n')
    project.write("parts/note.md", "One.")
    session = begun(project)
    heard: set[Path] = set()
    with watched(session, heard.update):
        project.write("parts/other.md", "Nobody includes it yet.")
        project.write("parts/note.md", "Two.")
        until(lambda: project.root / "parts/note.md" in heard)
        assert project.root / "parts/other.md" not in heard
        session.build(heard)
        assert "Two." in project.page("index.html")
        edit(session, project, "other.md", '# Other\n\n--8<-- "other.md"\n')
        project.write("parts/other.md", "Now there is a page.")
        until(lambda: project.root / "parts/other.md" in heard)


def test_what_settings_name_later_is_watched_from_then_on(project: Project) -> None:
    session = begun(project)
    heard: set[Path] = set()
    with watched(session, heard.update) as follow:
        project.write("shared/terms.md", "# Terms\n")
        (project.root / "docs/shared").symlink_to(project.root / "shared")
        project.write("hooks.py", "def on_config(config): config.site_name = 'Hooked'\n")
        theme = "theme: {name: material, custom_dir: own}\nhooks: [hooks.py]"
        text = project.config.read_text().replace("theme: {name: material}", theme)
        project.write("own/main.html", '{% extends "base.html" %}')
        project.write("mkdocs.yml", text)
        until(lambda: project.config in heard)
        session.build(heard)
        follow()
        for path in ("own/main.html", "shared/terms.md", "shared/new.md", "hooks.py"):
            project.write(path, (project.root / path).read_text() if "new" not in path else "# N")
            until(lambda path=path: project.root / path in heard)  # type: ignore[misc]


@pytest.mark.parametrize("name", ["linked", "linked.md", "linked.png"])
def test_a_link_that_comes_goes_or_leads_elsewhere_changes_the_site(
    project: Project, name: str
) -> None:
    for folder, text in (("one", "First"), ("two", "Second")):
        project.write(f"{folder}/linked/a.md", f"# {text}\n")
        project.write(f"{folder}/linked.md", f"# {text}\n")
        project.write(f"{folder}/linked.png", text)
    shown = {"linked": "linked/a/index.html", "linked.md": "linked/index.html"}.get(name, name)
    link = project.root / "docs" / name
    session = begun(project)
    for target, text in (("one", "First"), ("two", "Second")):
        link.unlink(missing_ok=True)
        link.symlink_to(project.root / target / name)
        session.build([link])
        assert text in project.page(shown)
    link.unlink()
    session.build([link])
    assert not (project.site / shown).exists()


def test_hooks_are_loaded_again(project: Project) -> None:
    hook = "def on_config(config): config.site_name = {!r}\n"
    project.write("hooks.py", hook.format("One"))
    project.write("mkdocs.yml", f"{project.config.read_text()}hooks: [hooks.py]\n")
    session = begun(project)
    assert "<title>One<" in project.page("index.html")
    project.write("hooks.py", hook.format("Number two"))
    session.build([project.root / "hooks.py"])
    assert "<title>Number two<" in project.page("index.html")


def test_what_settings_name_in_vain_is_waited_for(project: Project) -> None:
    session = begun(project)
    heard: set[Path] = set()
    settings = project.config.read_text()
    with watched(session, heard.update) as follow:
        for setting, path in (("hooks: [hooks.py]", "hooks.py"), ("docs_dir: text", "text")):
            project.write("mkdocs.yml", f"{settings}{setting}\n")
            until(lambda: project.config in heard)
            with pytest.raises(KbError, match=path):
                session.build(heard)
            follow()
            heard.clear()
            project.write(f"{path}/index.md" if path == "text" else path, "")
            until(lambda path=path: project.root / path in heard)  # type: ignore[misc]
            session.build(heard)
            heard.clear()


def test_a_docs_folder_that_was_away_is_watched_again(project: Project) -> None:
    session = begun(project)
    heard: set[Path] = set()
    docs, aside = project.root / "docs", project.root / "aside"
    with watched(session, heard.update) as follow:
        docs.rename(aside)
        until(lambda: docs in heard)
        with pytest.raises(KbError, match="docs"):
            session.build(heard)
        follow()
        heard.clear()
        aside.rename(docs)
        until(lambda: docs in heard)
        session.build(heard)
        follow()
        project.article("index.md", "# Home\n\nAgain.\n")
        until(lambda: docs / "index.md" in heard)


def until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        time.sleep(0.02)
    raise TimeoutError


def test_a_whole_build_beside_threads_is_done_by_new_processes(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = {f"a{n}.md": f"# Article {n}\n\n[next](a{(n + 1) % 30}.md)\n" for n in range(30)}
    project = make_project(pages)
    monkeypatch.setattr(workers, "WORTH_NEW_PROCESSES", 30)
    monkeypatch.setattr(workers, "cores", lambda: 2)
    session = begun(project)
    monkeypatch.setattr(Workshop, "render", None)  # here nothing is rendered
    project.config.write_text(f"{CONFIG}copyright: somebody\n", encoding="utf-8")
    summary = session.build([project.config])
    assert (summary.rendered, summary.errors) == (30, [])
    previewed = tree(project.site)
    assert project.run("build", "--no-cache").returncode == 0
    assert tree(project.site) == previewed
    assert b"somebody" in previewed["a7/index.html"]

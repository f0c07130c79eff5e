"""Warm builds equal cold ones, and `kbgen build` equals `mkdocs build`, byte for byte."""

import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import kb_markdown
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kb_support import ARTICLES, CONFIG, MakeProject, Project, mkdocs_build, tree

from kbgen import fingerprints, pipeline, programs, stamp
from kbgen.project import Wish
from kbgen.session import Session
from kbgen_search.engine import Engine

ROUNDS = int(os.environ.get("KBGEN_EDIT_ROUNDS", "50" if os.environ.get("CI") else "12"))
FULL = """\
site_name: Help
site_url: https://help.example.com/
theme:
  name: material
  custom_dir: overrides
  features: [navigation.indexes]
plugins: [kbgen]
markdown_extensions:
  - attr_list
  - toc: {permalink: true}
  - pymdownx.snippets: {base_path: [ROOT/parts, ROOT/more, ROOT/docs], check_paths: false}
  - pymdownx.superfences
  - pymdownx.highlight: {anchor_linenums: true}
  - kb_markdown: {folder: ROOT/data}
"""
Edit = Callable[[Project, random.Random], None]


def pages(project: Project) -> list[Path]:
    return sorted((project.root / "docs").rglob("*.md"))


def some_page(project: Project, dice: random.Random) -> Path:
    return dice.choice(pages(project))


def change_text(project: Project, dice: random.Random) -> None:
    page = some_page(project, dice)
    page.write_text(page.read_text() + f"\nMore {dice.random()} text.\n")


def change_title(project: Project, dice: random.Random) -> None:
    page = some_page(project, dice)
    page.write_text(f"# Title {dice.randrange(99)}\n\n" + page.read_text().replace("# ", "## ", 1))


def link_somewhere(project: Project, dice: random.Random) -> None:
    page, target = some_page(project, dice), some_page(project, dice)
    link = os.path.relpath(target, page.parent)
    page.write_text(
        page.read_text() + f"\n[there]({link}#free) and [gone](gone{dice.randrange(3)}.md)\n"
    )


def relate(project: Project, dice: random.Random) -> None:
    page, target = some_page(project, dice), some_page(project, dice)
    source = target.relative_to(project.root / "docs").with_suffix("").as_posix()
    page.write_text(
        f"---\nrelated: [{source}]\ntags: [t{dice.randrange(3)}]\n---\n{page.read_text()}"
    )


def add_page(project: Project, dice: random.Random) -> None:
    folder = dice.choice(["", "billing/", "new/"])
    name = dice.choice(["gone0", "gone1", "404", f"page-{dice.randrange(9)}"])
    project.article(f"{folder}{name}.md", f"# New {dice.randrange(99)}\n\nWords.\n")


def remove_page(project: Project, dice: random.Random) -> None:
    if len(pages(project)) > 2:
        some_page(project, dice).unlink()


def move_page(project: Project, dice: random.Random) -> None:
    page = some_page(project, dice)
    target = project.root / "docs" / dice.choice(["", "moved"]) / f"m{dice.randrange(9)}.md"
    target.parent.mkdir(exist_ok=True)
    page.rename(target)


def move_folder(project: Project, dice: random.Random) -> None:
    folder = some_page(project, dice).parent
    target = project.root / f"docs/folder{dice.randrange(3)}"
    if folder != project.root / "docs" and not target.exists():
        folder.rename(target)


def change_navigation(project: Project, dice: random.Random) -> None:
    text = project.config.read_text().partition("nav:")[0]
    if dice.random() < 0.7:
        chosen = dice.sample(pages(project), k=min(3, len(pages(project))))
        sources = [page.relative_to(project.root / "docs").as_posix() for page in chosen]
        text += "nav:\n" + "".join(f"  - Entry {dice.randrange(9)}: {s}\n" for s in sources)
    project.config.write_text(text)


def change_config(project: Project, dice: random.Random) -> None:
    name = f"site_name: Help {dice.randrange(99)}"
    lines = project.config.read_text().splitlines()
    project.config.write_text("\n".join([name, *lines[1:]]) + "\n")


def override_template(project: Project, dice: random.Random) -> None:
    text = dice.choice(
        [
            '{% extends "base.html" %}{% block announce %}Hello N{% endblock %}',
            '{% extends "base.html" %}{% block announce %}{{ pages | length }} N{% endblock %}',
            '{% extends "base.html" %}',
        ]
    )
    project.write("overrides/main.html", text.replace("N", str(dice.randrange(9))))


def change_snippet(project: Project, dice: random.Random) -> None:
    name = f"part{dice.randrange(2)}.md"
    page = some_page(project, dice)
    page.write_text(page.read_text() + f'\n--8<-- "{name}"\n')
    place = project.root / dice.choice(["parts", "more"]) / name
    if place.exists() and dice.random() < 0.4:
        place.unlink()
    else:
        place.write_text(f"Snippet {dice.random()}.\n")


def include_page(project: Project, dice: random.Random) -> None:
    page, part = some_page(project, dice), some_page(project, dice)
    name = part.relative_to(project.root / "docs").as_posix()
    page.write_text(page.read_text() + f'\n--8<-- "{name}"\n')


def change_code(project: Project, dice: random.Random) -> None:
    """Add a block of code, which other pages may have, too; coloured or not, with its options."""
    page, language = some_page(project, dice), dice.choice(["python", "json", "nonsense", ""])
    options = dice.choice(["", ' linenums="3"', ' hl_lines="1"', ' title="Named"'])
    code = f"x = {{{dice.randrange(3)}: 'a'}}"
    page.write_text(f"{page.read_text()}\n```{language}{options}\n{code}\n```\n")


def change_coloring(project: Project, dice: random.Random) -> None:
    options = [
        "anchor_linenums: true",
        "line_spans: __span",
        "auto_title: true",
        "noclasses: true",
        "pygments_lang_class: true",
        "use_pygments: false",
        "linenums: true",
        "default_lang: python",
    ]
    chosen = ", ".join(dice.sample(options, k=2))
    change_setting(project, "- pymdownx.highlight:", f"  - pymdownx.highlight: {{{chosen}}}")


def change_data(project: Project, dice: random.Random) -> None:
    name = f"data{dice.randrange(2)}.csv"
    page = some_page(project, dice)
    page.write_text(page.read_text() + f"\ndata: {name}\n")
    file = project.root / "data" / name
    if file.exists() and dice.random() < 0.3:
        file.unlink()
    else:
        file.write_text(f"Row {dice.random()}")


def update_plugin(project: Project, dice: random.Random) -> None:
    kb_markdown.VERSION += 1
    (old,) = project.root.parent.glob("fake-packages/*")
    old.rename(old.with_name(f"kb_markdown-{kb_markdown.VERSION}.dist-info"))
    programs.installed.cache_clear()  # as in the process that has loaded the new version


def change_synonyms(project: Project, dice: random.Random) -> None:
    file = project.root / "synonyms.yml"
    if file.exists() and dice.random() < 0.3:
        file.unlink()
        return
    words = dice.sample(["plan", "refund", "money", "welcome", "free"], 2)
    file.write_text(f"all:\n  - [{', '.join(words)}]\n")


def change_settings_of_the_plugin(project: Project, dice: random.Random) -> None:
    chosen = dice.choice(
        ["kbgen", "kbgen: {prune: false}", "kbgen: {collector: 'https://c.example'}"]
    )
    lines = project.config.read_text().splitlines()
    lines = [f"plugins: [{chosen}]" if one.startswith("plugins:") else one for one in lines]
    project.config.write_text("\n".join(lines) + "\n")


def describe(project: Project, dice: random.Random) -> None:
    """Change what a page says of itself in its front matter."""
    page = some_page(project, dice)
    fields = dice.sample(
        [
            f"id: n{dice.randrange(999)}",
            f"title: Called {dice.randrange(9)}",
            f"description: About {dice.randrange(9)}.",
            f"lang: {dice.choice(['en', 'fr', 'ja'])}",
            f"keywords: [k{dice.randrange(9)}]",
            f"owner: o{dice.randrange(9)}",
            "hide: [toc]",
            "template: special.html",
        ],
        k=3,
    )
    text = page.read_text()
    if text.startswith("---\n"):
        text = text.partition("\n---\n")[2]
    page.write_text("---\n" + "\n".join(fields) + f"\n---\n{text}")


def change_page_template(project: Project, dice: random.Random) -> None:
    """Change a template of single pages, or what it or all pages include."""
    part = dice.choice(["special.html", "partials/copyright.html", "partials/note.html"])
    text = f"<p>Note {dice.randrange(99)}</p>"
    project.write(f"overrides/{part}", special(text) if part == "special.html" else text)


def special(text: str) -> str:
    include = '{% include "partials/note.html" ignore missing %}'
    return f'{{% extends "main.html" %}}{{% block footer %}}{text}{include}{{% endblock %}}'


def drop_template(project: Project, dice: random.Random) -> None:
    own = sorted((project.root / "overrides").rglob("*.html"))
    kept = project.root / "overrides/special.html"  # pages may name it
    if chosen := [file for file in own if file != kept]:
        dice.choice(chosen).unlink()


def translate(project: Project, dice: random.Random) -> None:
    """Add or change a page in a folder of its language."""
    language = dice.choice(["es", "ja", "ar"])
    page = some_page(project, dice)
    name = dice.choice([page.name, "index.md"])
    project.article(f"{language}/{name}", f"# {language} {dice.randrange(9)}\n\n日本語 y otros.\n")


def change_setting(project: Project, name: str, value: str) -> None:
    lines = project.config.read_text().splitlines()
    project.config.write_text(
        "\n".join(value if one.strip().startswith(name) else one for one in lines) + "\n"
    )


def change_theme(project: Project, dice: random.Random) -> None:
    chosen = ["indexes", *dice.sample(["tabs", "sections", "footer", "top", "expand"], k=2)]
    names = ", ".join(f"navigation.{name}" for name in chosen)
    change_setting(project, "features:", f"  features: [{names}]")


def change_extensions(project: Project, dice: random.Random) -> None:
    permalink = dice.choice(["{permalink: true}", "{permalink: '#', toc_depth: 2}", "{}"])
    change_setting(project, "- toc:", f"  - toc: {permalink}")


def change_addresses(project: Project, dice: random.Random) -> None:
    change_setting(project, "site_url:", f"site_url: https://help{dice.randrange(9)}.example.com/")
    lines = [
        one
        for one in project.config.read_text().splitlines(keepends=True)
        if not one.startswith("use_directory_urls")
    ]
    plain = f"use_directory_urls: {dice.choice(['true', 'false'])}\n"
    project.config.write_text("".join([lines[0], plain, *lines[1:]]))


def undo(project: Project, dice: random.Random) -> None:
    """Give some files the texts that they had at first, as a version control would."""
    for path, text in ARTICLES.items():
        if dice.random() < 0.7:
            project.article(path, text)


def change_image(project: Project, dice: random.Random) -> None:
    file = project.root / f"docs/images/{dice.randrange(3)}.png"
    if file.exists() and dice.random() < 0.3:
        file.unlink()
    else:
        project.article(f"images/{file.name}", os.urandom(20))


def occupy_address(project: Project, dice: random.Random) -> None:
    """Add a file that is copied to the address of a page, or of the theme's 404 page."""
    docs = project.root / "docs"
    page = some_page(project, dice).relative_to(docs)
    address = dice.choice([page.with_suffix(""), Path("404")])
    for name in (f"{address}/index.html", f"{address}.html"):
        file = docs / name
        if file.exists() and dice.random() < 0.3:
            file.unlink()
        elif dice.random() < 0.7:
            project.article(name, f"<p>Static {dice.randrange(9)}</p>")


def change_linked_folder(project: Project, dice: random.Random) -> None:
    """Change articles in a folder that a link in the docs folder leads to, or the link."""
    link = project.root / "docs/linked"
    if link.is_symlink() and dice.random() < 0.2:
        link.unlink()
        return
    project.write(f"shared/s{dice.randrange(3)}.md", f"# Shared\n\nText {dice.random()}.\n")
    if not link.is_symlink():
        link.symlink_to(project.root / "shared")


EDITS: list[Edit] = [
    change_text,
    change_title,
    link_somewhere,
    relate,
    add_page,
    remove_page,
    move_page,
    move_folder,
    change_navigation,
    change_config,
    override_template,
    change_snippet,
    include_page,
    change_code,
    change_coloring,
    change_data,
    update_plugin,
    change_synonyms,
    change_settings_of_the_plugin,
    change_image,
    occupy_address,
    change_linked_folder,
    describe,
    change_page_template,
    drop_template,
    translate,
    change_theme,
    change_extensions,
    change_addresses,
    undo,
]


def cold_copy(project: Project, folder: Path) -> Project:
    """Return the project without what builds keep, but for templates compiled by their text."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(project.root, folder, ignore=shutil.ignore_patterns(".kbgen", "site"))
    templates = Path(".kbgen/cache/templates")
    if (project.root / templates).exists():
        shutil.copytree(project.root / templates, folder / templates)
    return Project(folder)


after_any_edits = given(
    edits=st.lists(st.sampled_from(EDITS), min_size=1, max_size=6), seed=st.integers(0, 10**6)
)
for_many_rounds = settings(
    max_examples=ROUNDS,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@for_many_rounds
@after_any_edits
def test_a_warm_build_equals_a_cold_one_after_any_edits(
    make_project: MakeProject, tmp_path: Path, edits: list[Edit], seed: int
) -> None:
    project = full_project(make_project, tmp_path)
    with installed(tmp_path / "fake-packages"):
        build_and_compare(project, edits, random.Random(seed))


@for_many_rounds
@after_any_edits
def test_a_preview_equals_a_cold_build_after_any_edits(
    make_project: MakeProject, tmp_path: Path, edits: list[Edit], seed: int
) -> None:
    project = full_project(make_project, tmp_path)
    with installed(tmp_path / "fake-packages"):
        preview_and_compare(project, edits, random.Random(seed))


def full_project(make_project: MakeProject, folder: Path) -> Project:
    """Return a project with all that the edits change."""
    config = FULL.replace("ROOT", str(folder / "kb"))
    project = make_project(config=config)
    keep_templates(project)
    make_project(config=config)
    for name in ("parts", "more", "overrides", "data"):
        (project.root / name).mkdir()
    project.write("overrides/main.html", '{% extends "base.html" %}')
    project.write("overrides/special.html", special("<p>Note</p>"))
    for name in ("note", "copyright"):
        project.write(f"overrides/partials/{name}.html", "<p>One</p>")
    project.article("filled.md", "---\ntemplate: special.html\n---\n# Filled\n\ndata: data0.csv\n")
    code = '```python title="Named" linenums="1"\nimport this\n```'
    project.article("code.md", f"# Code\n\n{code}\n\n{code}\n")
    project.article("part.md", '# Part\n\n--8<-- "part0.md"\n')
    return project


def keep_templates(project: Project) -> None:
    """Empty the project, but for the templates that earlier rounds have compiled."""
    templates = project.root / ".kbgen/cache/templates"
    aside = project.root.with_name("templates")
    if templates.exists():
        templates.rename(aside)
    shutil.rmtree(project.root)
    if aside.exists():
        templates.parent.mkdir(parents=True)
        aside.rename(templates)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_each_kind_of_edit_changes_the_site(
    make_project: MakeProject, tmp_path: Path, edit: Edit
) -> None:
    project = full_project(make_project, tmp_path)
    for page in pages(project):
        page.write_text(page.read_text() + "\nText that may be taken back.\n")
    with installed(tmp_path / "fake-packages"):
        assert any(changes(edit, project, random.Random(seed)) for seed in range(9))


def changes(edit: Edit, project: Project, dice: random.Random) -> bool:
    before = tree(cold_build(project).site)
    edit(project, dice)
    return tree(cold_build(project).site) != before


def cold_build(project: Project) -> Project:
    cold = cold_copy(project, project.root.with_name("cold"))
    assert not cold.build().errors
    return cold


@contextmanager
def installed(packages: Path) -> Iterator[None]:
    """Have the test's extension count as an installed package of some version."""
    shutil.rmtree(packages, ignore_errors=True)
    (packages / f"kb_markdown-{kb_markdown.VERSION}.dist-info").mkdir(parents=True)
    sys.path.append(str(packages))
    programs.installed.cache_clear()
    try:
        yield
    finally:
        sys.path.remove(str(packages))
        programs.installed.cache_clear()


def build_and_compare(project: Project, edits: list[Edit], dice: random.Random) -> None:
    project.build()
    for edit in edits:
        edit(project, dice)
        project.build_early() if dice.random() < 0.5 else project.build()
    cold = cold_copy(project, project.root.with_name("cold"))
    failed = bool(cold.build().errors)
    if not failed:
        assert tree(project.site) == tree(cold.site)
        assert answers(project) == answers(cold)


def preview_and_compare(project: Project, edits: list[Edit], dice: random.Random) -> None:
    """Edit as in a preview, which is told what has changed; half of the edits are of texts."""
    session = Session(project.config, Wish(), pipeline.Options(workers=1))
    session.build()
    for edit in edits:
        for one in (edit, dice.choice([change_text, link_somewhere])):
            before = files_of(project)
            one(project, dice)
            session.build(Path(path) for path, _ in before ^ files_of(project))
    session.settle()
    cold = cold_copy(project, project.root.with_name("cold"))
    if not cold.build().errors:
        found, wanted = tree(project.site), tree(cold.site)
        assert {path: found.get(path) for path in wanted} == wanted
        assert all(path.startswith("search/") for path in found.keys() - wanted.keys())
        assert answers(project) == answers(cold)


def answers(project: Project) -> list[bytes]:
    """Return what the index of record answers in each language."""
    engine = Engine.open(project.root / ".kbgen/index")
    queries = ["plan", "more text", "title", "refunds there", "k1", "日本語"]
    found = (engine.search(text, lang=lang) for lang in engine.locales for text in queries)
    return [msgspec.json.encode(msgspec.structs.replace(one, took_ms=0)) for one in found]


def files_of(project: Project) -> set[tuple[str, tuple[int, ...]]]:
    folders = (project.root / name for name in ("docs", "parts", "more", "overrides", "data"))
    settings = [project.config, project.root / "synonyms.yml"]
    states = [(str(path), fingerprints.stat_of(path)) for path in settings if path.is_file()]
    return {*fingerprints.tree(folders), *states}


def test_a_file_that_a_page_asked_about_in_vain_is_seen_when_it_appears(
    make_project: MakeProject, tmp_path: Path
) -> None:
    project = full_project(make_project, tmp_path)
    project.article("prices.md", "# Prices\n\ndata: prices.csv\n")
    project.build()
    assert "no data by version" in project.page("prices/index.html")
    project.write("data/prices.csv", "Nine euros")
    project.build()
    assert "Nine euros by version" in project.page("prices/index.html")


ICONS = """\
  - pymdownx.emoji:
      emoji_index: !!python/name:material.extensions.emoji.twemoji
      emoji_generator: !!python/name:material.extensions.emoji.to_svg
      options: {custom_icons: [ROOT/icons]}
"""


def test_icons_of_the_site_are_those_of_now_on_every_page(
    make_project: MakeProject, tmp_path: Path
) -> None:
    config = (FULL + ICONS).replace("ROOT", str(tmp_path / "kb"))
    articles = {f"{name}.md": f"# {name}\n\n:my-star: :my-moon:\n" for name in ("a", "b", "c")}
    project = make_project(articles, config)
    (project.root / "overrides").mkdir()
    project.write("icons/my/star.svg", "<svg>one</svg>")
    session = Session(project.config, Wish(), pipeline.Options(workers=1))
    session.build()
    star, moon = project.root / "icons/my/star.svg", project.root / "icons/my/moon.svg"
    for shape in ("two", "three"):
        star.write_text(f"<svg>{shape}</svg>")
        moon.unlink() if moon.exists() else moon.write_text("<svg>full</svg>")
        session.build([star, moon])
        assert all(f"<svg>{shape}</svg>" in project.page(f"{name}/index.html") for name in "abc")
        wanted = "<svg>full</svg>" if moon.exists() else ":my-moon:"
        assert all(wanted in project.page(f"{name}/index.html") for name in "abc")
    star.write_text("<svg>four</svg>")
    project.build()
    assert all("<svg>four</svg>" in project.page(f"{name}/index.html") for name in "abc")


def test_a_folder_whose_name_begins_as_the_sites_is_not_the_site(
    make_project: MakeProject, tmp_path: Path
) -> None:
    config = FULL.replace("ROOT/parts", "ROOT/site-parts").replace("ROOT", str(tmp_path / "kb"))
    project = make_project(config=config)
    (project.root / "overrides").mkdir()
    project.article("index.md", '# Home\n\n--8<-- "part.md"\n')
    project.write("site-parts/part.md", "One.")
    time.sleep(2 * stamp.RACY_NS / 1e9)  # of what was changed just now no stamp is kept
    project.build()
    assert stamp.unchanged(project.config, Wish()) is not None
    project.write("site-parts/part.md", "Two.")
    assert stamp.unchanged(project.config, Wish()) is None


def test_mkdocs_gives_the_same_bytes(project: Project, tmp_path: Path) -> None:
    project.build()
    mkdocs_build(project, tmp_path / "by-mkdocs")
    assert tree(project.site) == tree(tmp_path / "by-mkdocs")


def test_mkdocs_gives_the_same_bytes_with_a_collector_and_plain_addresses(
    make_project: MakeProject, tmp_path: Path
) -> None:
    options = "use_directory_urls: false\n" + CONFIG.replace(
        "[kbgen]", "[kbgen: {collector: 'https://c.example', contact: 'mailto:a@b.example'}]"
    )
    languages = {f"{code}/index.md": f"# {code}\n\nText.\n" for code in ("ar", "es", "ja")}
    project = make_project({**ARTICLES, **languages}, options)
    project.build()
    mkdocs_build(project, tmp_path / "by-mkdocs")
    assert tree(project.site) == tree(tmp_path / "by-mkdocs")


def test_processes_give_the_same_bytes_as_one(make_project: MakeProject) -> None:
    articles = {f"a{n}.md": f"# Article {n}\n\n[next](a{(n + 1) % 40}.md)\n" for n in range(40)}
    project = make_project({"index.md": "# Home\n", **articles})
    project.build()
    one = tree(project.site)
    pipeline.build(project.config, Wish(), pipeline.Options(workers=3, cache=False))
    assert tree(project.site) == one

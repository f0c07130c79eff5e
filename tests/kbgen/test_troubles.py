"""What hooks, templates and settings do wrong is one line that names their file."""

import subprocess

import pytest
from kb_support import CONFIG, MakeProject

OWN = CONFIG.replace("{name: material}", "{name: material, custom_dir: over}")
EXTENDS = '{% extends "main.html" %}\n'


def the_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done.stderr
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("kbgen: "))
    assert "Traceback" not in done.stderr
    return line.removeprefix("kbgen: ")


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("main.html", '{% extends "base.html" %}\n{% if %}', ":2: Expected an expression"),
        ("main.html", '{% extends "base.html" %}\n{# caf\xe9 #}', ": it is not UTF-8"),
        ("partials/footer.html", "\n{{ nix.foo }}", ":2: 'nix' is undefined"),
        ("partials/footer.html", "{{ 1 / 0 }}", ":1: ZeroDivisionError: division by zero"),
        ("partials/footer.html", '{% include "no.html" %}', ":1: there is no template `no.html`"),
        ("404.html", EXTENDS + "{% block content %}{{ no.foo }}{% endblock %}", ":2: 'no' is unde"),
        ("404.html", EXTENDS + "{% block content %}", ":2: Unexpected end of template"),
    ],
)
def test_a_template_of_the_sites_own(
    make_project: MakeProject, path: str, text: str, said: str
) -> None:
    project = make_project(config=OWN)
    project.write(f"over/{path}", text.encode("latin-1"))
    assert f"/over/{path}{said}" in the_line(project.run("build"))


@pytest.mark.parametrize(
    ("hook", "line", "said"),
    [
        ("import nonono", 1, "ModuleNotFoundError: No module named 'nonono'"),
        ("x = (", 1, "SyntaxError: '(' was never closed"),
        ("def on_startup(**_):\n    1 / 0", 2, "ZeroDivisionError: division by zero"),
        ("def on_page_markdown(text, **_):\n    1 / 0", 2, "ZeroDivisionError: division by zero"),
        ("def on_env(env, **_):\n    1 / 0", 2, "ZeroDivisionError: division by zero"),
        (
            "from mkdocs.exceptions import PluginError\n"
            "def on_files(files, config):\n    raise PluginError('no files')",
            3,
            "PluginError: no files",
        ),
        ("def on_shutdown():\n    1 / 0", 2, "ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit()", 2, "it ends the program: sys.exit()"),
        ("import sys\ndef on_files(*_, **__):\n    sys.exit(0)", 3, "it ends the program"),
    ],
)
def test_a_hook(make_project: MakeProject, hook: str, line: int, said: str) -> None:
    project = make_project(config=CONFIG + "hooks: [hook.py]\n")
    project.write("hook.py", hook)
    assert f"/hook.py:{line}: {said}" in the_line(project.run("build"))


@pytest.mark.parametrize("hooks", ["", "hooks: [hook.py]\n"])
def test_front_matter_that_a_template_cannot_take(make_project: MakeProject, hooks: str) -> None:
    project = make_project({"index.md": "---\nhide: true\n---\n# Home\n"}, CONFIG + hooks)
    project.write("hook.py", "")
    line = the_line(project.run("build"))
    assert line.startswith("docs/index.md: ")
    assert "'bool' is not iterable" in line
    assert "page.meta.hide" in line


def test_an_icon_that_is_not_there(make_project: MakeProject) -> None:
    project = make_project({"index.md": "---\nicon: material/nonono\n---\n# Home\n"})
    line = the_line(project.run("build"))
    assert line.startswith("docs/index.md:2: there is no icon `material/nonono`. choose one")


@pytest.mark.parametrize(
    ("language", "remedy"),
    [("xx", "give a code such as `en` or `pt-BR`"), ("eng", "did you mean `en`?")],
)
def test_a_language_that_the_theme_has_not(
    make_project: MakeProject, language: str, remedy: str
) -> None:
    config = CONFIG.replace("{name: material}", f"\n  name: material\n  language: {language}")
    project = make_project(config=config)
    line = config.splitlines().index(f"  language: {language}") + 1
    told = f"mkdocs.yml:{line}: the theme has no words in the language `{language}`. {remedy}"
    assert told in the_line(project.run("build"))
    assert told in the_line(project.run("check"))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("plugins: [kbgen: 5]", "Invalid config options for the 'kbgen' plugin"),
        ("plugins: [kbgen: [a]]", "Invalid config options for the 'kbgen' plugin"),
        ("plugins: [kbgen: {enabled: false}]", "the plugin kbgen is switched off. remove"),
        ("INHERIT: mkdocs.yml", "`INHERIT` leads back to the file, or to no settings"),
        ("INHERIT: [a]", "`INHERIT` leads back to the file, or to no settings"),
    ],
)
def test_settings_that_are_none(make_project: MakeProject, setting: str, said: str) -> None:
    key = setting.partition(":")[0]
    others = [line for line in CONFIG.splitlines() if not line.startswith(key)]
    project = make_project(config="\n".join([*others, setting]))
    assert f"/mkdocs.yml:{len(others) + 1}: " in the_line(project.run("build"))
    assert said in the_line(project.run("build"))


def test_a_section_without_entries(make_project: MakeProject) -> None:
    nav = "nav: [Empty: [], Home: [Void: [], Welcome: index.md], Plans: billing/plans.md]\n"
    project = make_project(config=CONFIG + nav)
    assert not project.build().errors
    assert "Empty" in project.page("index.html")


@pytest.mark.parametrize(
    ("text", "hooks"),
    [
        ("[w](http://[::1)", ""),
        ("---\na: [\n---\n", ""),
        ("---\na: [\n---\n", "hooks: [hook.py]\n"),
    ],
)
def test_one_mistake_is_said_and_counted_once(
    make_project: MakeProject, text: str, hooks: str
) -> None:
    project = make_project({"index.md": text}, CONFIG + hooks)
    project.write("hook.py", "")
    stderr = project.run("build").stderr
    assert stderr.count("error: ") == stderr.count("error: docs/index.md") == 1
    assert "The site was not built: 1 mistake to mend." in stderr

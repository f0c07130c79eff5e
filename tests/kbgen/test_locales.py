import json
import re

import pytest
from kb_support import MakeProject, Project

from kbgen.locales import Locales, canonical, is_right_to_left, name_of


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "en"),
        ("pt_br", "pt-BR"),
        ("zh-hans", "zh-Hans"),
        ("zh-Hans-CN", "zh-Hans-CN"),
        ("es-419", "es-419"),
        ("guide", ""),
        ("EN", ""),
        ("xx", ""),
        ("", ""),
    ],
)
def test_tags_are_written_as_bcp_47_does(tag: str, expected: str) -> None:
    assert canonical(tag) == expected


def test_folders_named_like_languages_are_languages_when_there_are_two() -> None:
    locales = Locales.found_in(["en/a.md", "fr/a.md", "api/b.md", "index.md"], "en", infer=True)
    assert [locales.of(path) for path in ("fr/a.md", "api/b.md", "index.md")] == ["fr", "en", "en"]


def test_one_folder_named_like_a_language_may_be_anything() -> None:
    assert Locales.found_in(["it/printers.md", "hr/leave.md"], "en", infer=False).folders == set()
    assert Locales.found_in(["it/printers.md", "index.md"], "en", infer=True).of("it/a.md") == "en"


def test_what_an_article_declares_wins() -> None:
    locales = Locales.found_in(["en/a.md", "fr/a.md"], "en", infer=True)
    assert locales.of("fr/a.md", "ar") == "ar"
    assert locales.of("fr/a.md", "nonsense") == "fr"


def test_translations_have_a_path_in_common() -> None:
    locales = Locales.found_in(["en/a/b.md", "fr/a/b.md", "api/b.md"], "en", infer=True)
    assert {locales.common(path) for path in ("en/a/b.md", "fr/a/b.md")} == {"a/b.md"}
    assert [locales.common(path) for path in ("api/b.md", "en", "b.md")] == [
        "api/b.md",
        "en",
        "b.md",
    ]


def test_direction() -> None:
    assert is_right_to_left("ar-EG")
    assert not is_right_to_left("id")


def test_folders_of_languages_have_their_names(make_project: MakeProject) -> None:
    project = make_project(
        {
            "index.md": "# Home\n",
            "es/index.md": "# Inicio\n",
            "es/cuenta/clave.md": "# Clave\n",
            "pt-BR/start.md": "# Começo\n",
            "eo/start.md": "# Komenco\n",
        }
    )
    project.build()
    home = project.page("index.html")
    for name in ("Español", "Português (BR)", "Eo"):
        assert f">{name}<" in home
    for query, area in (("inicio", ""), ("clave", "Cuenta")):
        found = json.loads(project.run("search", "--json", "--lang", "es", query).stdout)
        assert found["results"][0]["area"] == area
    nav = "nav: [index.md, Es: [es/index.md, es/cuenta/clave.md]]\n"
    project.config.write_text(project.config.read_text() + nav)
    project.build()
    assert ">Es<" in project.page("index.html")


@pytest.mark.parametrize(
    ("locale", "name"),
    [("ar", "العربية"), ("zh-Hans", "简体中文"), ("fr-CA", "Français (CA)"), ("eo", "")],
)
def test_languages_name_themselves(locale: str, name: str) -> None:
    assert name_of(locale) == name


def test_the_theme_speaks_the_language_of_each_page(make_project: MakeProject) -> None:
    text = "## One\n\n## Two\n"
    project = make_project(
        {
            "index.md": f"# Home\n\n{text}",
            "es/start.md": f"# Inicio\n\n{text}",
            "zh-Hans/start.md": f"# 开始\n\n{text}",
            "ia/start.md": f"# Initio\n\n{text}",
            "said.md": f"---\nlang: fr-CA\n---\n# Bonjour\n\n{text}",
        }
    )
    project.build()
    pages = ("index.html", "es/start/index.html", "zh-Hans/start/index.html", "said/index.html")
    for page, words in zip(
        pages,
        ("Table of contents", "Tabla de contenidos", "目录", "Table des matières"),
        strict=True,
    ):
        assert words in project.page(page)
    assert "Table of contents" in project.page("ia/start/index.html")
    assert "Table of contents" not in project.page("es/start/index.html")


def test_words_that_the_theme_lacks_in_a_language_are_english(make_project: MakeProject) -> None:
    project = make_project({"en/a.md": "# A\n\n## One\n", "es/a.md": "# A\n\n## Uno\n"})
    config = project.config.read_text().replace("name: material", "name: material, custom_dir: own")
    project.write("mkdocs.yml", config + "extra: {homepage: /}\n")
    words = '{% macro t(key) %}{{ {"toc": "En esta hoja"}[key] }}{% endmacro %}'
    project.write("own/partials/languages/es.html", words)
    project.write("own/partials/footer.html", "<i>{{ lang.t('top') }}, {{ lang.t('no.word') }}</i>")
    project.build()
    assert "En esta hoja" in project.page("es/a/index.html")
    assert "<i>Back to top, no.word</i>" in project.page("es/a/index.html")
    assert "Table of contents" in project.page("en/a/index.html")


def menu(html: str) -> list[tuple[str, str]]:
    found = html.partition('<ul class="md-select__list">')[2].partition("</ul>")[0]
    return re.findall(r'href="([^"]*)" lang="([^"]*)"', found)


def test_readers_change_between_translations_of_a_page(make_project: MakeProject) -> None:
    project = make_project(
        {
            "index.md": "# Choose\n",
            "en/index.md": "# Home\n",
            "en/a/b.md": "# B\n",
            "es/index.md": "# Inicio\n",
            "es/a/b.md": "# B\n",
            "fr/index.md": "# Accueil\n",
        }
    )
    project.build()
    assert menu(project.page("en/a/b/index.html")) == [
        ("./", "en"),
        ("../../../es/a/b/", "es"),
        ("../../../fr/", "fr"),
    ]
    assert menu(project.page("index.html")) == [("en/", "en"), ("es/", "es"), ("fr/", "fr")]
    assert "Français" in project.page("en/a/b/index.html")
    (project.root / "docs/es/a/b.md").unlink()
    assert project.build().rendered == 0
    assert menu(project.page("en/a/b/index.html"))[1] == ("../../../es/", "es")
    own = "extra: {alternate: [{name: Mine, link: /mine/, lang: en}]}\n"
    project.config.write_text(project.config.read_text() + own)
    project.build()
    assert [lang for _, lang in menu(project.page("index.html"))] == ["en"]
    assert "Mine" in project.page("index.html")


def test_translations_may_share_an_id(make_project: MakeProject) -> None:
    text = "---\nid: start\n---\n# {}\n\nAbout kbgen.\n"
    project = make_project(
        {"en/start.md": text.format("Start"), "es/inicio.md": text.format("Inicio")}
    )
    project.build()
    keys = [(one["id"], one["locale"]) for one in project.manifest()["articles"]]
    assert keys == [("start", "en"), ("start", "es")]
    for lang, url in (("en", "en/start/"), ("es", "es/inicio/")):
        found = json.loads(project.run("search", "--json", "--lang", lang, "kbgen").stdout)
        assert [one["url"] for one in found["results"]] == [url]


def test_a_site_in_one_language_has_no_menu_of_languages(project: Project) -> None:
    project.build()
    assert "md-select" not in project.page("index.html")

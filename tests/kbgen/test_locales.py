import pytest

from kbgen.locales import Locales, canonical, is_right_to_left


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

"""The files that a build puts beside its pages: complete in every language, small, well-formed."""

import gzip
import json
import re
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Page

from kbgen import replies
from kbgen_feedback import widget
from kbgen_search import assets
from kbgen_search.browser import dialog, scripts

ROOMS = [dialog, widget]
LANGUAGES = {"en", "es", "fr", "id", "ar", "ja", "zh"}


@pytest.mark.parametrize("room", ROOMS)
def test_every_language_has_every_text(room: ModuleType) -> None:
    english = room.strings("en")
    assert set(room.locales()) >= LANGUAGES
    for locale in room.locales():
        texts = room.strings(locale)
        assert list(texts) == list(english), locale
        for key, text in texts.items():
            assert text.strip(), (locale, key)
            holes = re.findall(r"\{\w+\}", english[key])
            assert sorted(re.findall(r"\{\w+\}", text)) == holes, (locale, key)


@pytest.mark.parametrize("room", ROOMS)
def test_translations_differ_from_english(room: ModuleType) -> None:
    english = room.strings("en")
    for locale in set(room.locales()) - {"en"}:
        same = [key for key, text in room.strings(locale).items() if text == english[key]]
        assert len(same) <= 3, (locale, same)


@pytest.mark.parametrize(
    ("asked", "given"),
    [("pt-BR", "pt"), ("pt_BR", "pt"), ("zh-Hant-TW", "zh"), ("xx", "en"), ("", "en")],
)
def test_a_locale_without_texts_gets_the_nearest(asked: str, given: str) -> None:
    assert dialog.strings(asked) == dialog.strings(given)


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_is_used(room: ModuleType) -> None:
    folder = Path(room.__file__ or "").parent
    code = "".join(file.read_text("utf-8") for file in (folder / "js").glob("*.js"))
    code += (folder / "__init__.py").read_text("utf-8")
    elsewhere = {"thanks", "back"}  # The collector's page after a vote without scripts.
    unused = {
        key
        for key in room.strings("en")
        if not re.search(rf"['\"]{key}['\"]", code) and not key.startswith("voted_")
    }
    assert unused <= elsewhere


@pytest.mark.parametrize(
    "files",
    [
        dialog.SCRIPTS,
        widget.SCRIPTS,
        widget.EMBED_SCRIPTS,
        assets.WORKER_SCRIPTS,
        assets.OFFLINE_SCRIPTS,
        replies.SCRIPTS,
    ],
)
def test_a_script_is_served_in_its_small_version(files: tuple[Path, ...]) -> None:
    small = scripts.small_version(files, scripts.joined_lines(files))
    assert small.is_file(), "run python tools/small_scripts.py"
    assert scripts.join_scripts(files) == small.read_bytes()
    assert len(small.read_bytes()) < 0.75 * len(scripts.joined_lines(files))


def test_a_changed_source_is_not_served_by_an_old_small_version(tmp_path: Path) -> None:
    source = tmp_path / "js" / "one.js"
    source.parent.mkdir()
    source.write_text("const one = 1;\n")
    small = scripts.small_version([source], scripts.joined_lines([source]))
    small.parent.mkdir()
    small.write_text("small")
    assert scripts.join_scripts([source]) == b"small"
    source.write_text("const one = 2;\n")
    assert b"const one = 2;" in scripts.join_scripts([source])


def test_dialog_and_widget_are_small() -> None:
    files = {**dialog.files(), **widget.files()}
    sizes = {name: len(gzip.compress(data, 9, mtime=0)) for name, data in files.items()}
    assert sizes["kb-dialog.js"] < 8_200
    assert sizes["kb-widget.js"] < 5_400
    assert sizes["kb-dialog.css"] + sizes["kb-widget.css"] < 3_500


def test_the_texts_come_as_a_script_that_cannot_be_broken_out_of(page: Page) -> None:
    rooms = {"dialog": {"x": "</script>\u2028<!--", "y": "“é”"}}
    script = scripts.strings_script("en", rooms).decode()
    assert "</script" not in script
    page.set_content(f"<script>{script}</script>")
    assert page.evaluate("kb.strings") == {"locale": "en", **rooms}


def test_stripping_keeps_what_is_inside_a_line() -> None:
    source = "/**\n * Doc.\n */\n\n  const a = 'b // c'; // why\n// gone\n"
    assert scripts.strip_lines(source) == "const a = 'b // c'; // why"


def test_sources_hold_nothing_that_stripping_would_break() -> None:
    files = [*dialog.SCRIPTS, *dialog.STYLES, *widget.SCRIPTS, widget.STYLE]
    for file in files:
        for line in file.read_text("utf-8").splitlines():
            code = line.strip()
            assert not re.match(r"\*[^/\s*]", code), (file, line)
            assert "*/" not in code or code.endswith("*/"), (file, line)
            assert code.count("`") % 2 == 0, (file, line)


def test_the_scripts_make_no_markup_from_text_and_evaluate_none() -> None:
    for data in ({**dialog.files(), **widget.embed_files()}).values():
        found = re.findall(rb"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function", data)
        assert found == []


def test_the_button_is_escaped_and_translated() -> None:
    assert f">{dialog.strings('fr')['search']}<" in dialog.button_html("fr")
    assert 'aria-haspopup="dialog"' in dialog.button_html("en")


def test_the_collector_serves_all_that_the_embedded_widget_loads() -> None:
    files = widget.embed_files()
    assert {"embed.js", "kb-widget.js", "kb-widget.css"} <= set(files)
    known = json.loads(re.findall(rb"locales=(\[.*?\])", files["embed.js"])[0])
    assert {f"kb-strings-{locale}.js" for locale in known} <= set(files)

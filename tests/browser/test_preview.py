"""The preview in a browser: an edit comes on screen, and the reader stays where they were."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.preview import PLACE, edit, serving
from playwright.sync_api import Page, expect

CONFIG = """\
site_name: Help
theme: {name: material}
plugins: [kbgen]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text(CONFIG)
    (tmp_path / "docs/index.md").write_text("# Home\n\nText.\n" + "\nMore.\n" * 100)
    (tmp_path / "docs/plans.md").write_text("# Plans\n\nThree plans.\n")
    return tmp_path


@pytest.fixture
def shown(home: Path, page: Page) -> Iterator[Page]:
    with serving(home) as address:
        page.goto(address)
        yield page


def test_an_edit_is_on_screen_and_found_where_the_reader_was(home: Path, shown: Page) -> None:
    edit(home, shown, 1)
    assert shown.evaluate("window.scrollY") == PLACE


def test_an_open_search_is_open_again_with_its_words(home: Path, shown: Page) -> None:
    shown.keyboard.press("/")
    field = shown.get_by_role("combobox")
    field.fill("three pl")
    shown.evaluate("window.before = true")
    (home / "docs/index.md").write_text("# Home\n\nAnother text.\n")
    shown.wait_for_function("!window.before && document.body?.textContent.includes('Another')")
    expect(field).to_be_visible()
    expect(field).to_have_value("three pl")
    expect(shown.get_by_role("option").first).to_contain_text("Plans")


def test_a_mistake_is_shown_on_the_page_until_it_is_mended(home: Path, shown: Page) -> None:
    (home / "docs/plans.md").write_text('---\ntitle: "open\n---\n# Plans\n')
    alert = shown.locator("#kb-live")
    expect(alert).to_contain_text("docs/plans.md:2", timeout=20_000)
    (home / "docs/plans.md").write_text("# Plans\n\nFour plans.\n")
    expect(alert).to_be_hidden(timeout=20_000)

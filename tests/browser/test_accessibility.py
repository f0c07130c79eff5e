"""WCAG 2.2 AA by axe, and what axe cannot see: sizes, zoom, motion, direction, forced colours."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from kbgen_feedback import report

pytestmark = pytest.mark.browser
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1200, "height": 800}}
Open = Callable[..., Page]


@pytest.fixture
def reader(
    make_page: Callable[..., Path], serve_dir: Callable[..., str], new_context: Callable[..., Any]
) -> Open:
    """Opens an article with everything on it: `reader(locale="ar", **options of the context)`."""

    def open_article(locale: str = "en", **options: Any) -> Page:
        site = make_page(
            "guide/password", "<p id=reset>Password.</p>", locale=locale,
            collector="http://127.0.0.1:9", contact="mailto:help@example.com",
        )  # fmt: skip
        page: Page = new_context(**{**DESK, **options}).new_page()
        page.goto(serve_dir(site) + "guide/password.html")
        return page

    return open_article


def search(page: Page, query: str) -> None:
    page.evaluate("query => kb.open(query)", query)
    page.locator(".kb-option, .kb-none, .kb-error").first.wait_for()


def violations(page: Page) -> list[str]:
    """What axe objects to, as "rule: selector"."""
    outcome = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [
        f"{found['id']}: {node['target']}"
        for found in outcome.response["violations"]
        for node in found["nodes"]
    ]


@pytest.mark.parametrize(
    ("locale", "scheme", "device"),
    [
        ("en", "light", DESK),
        ("en", "dark", PHONE),
        ("ar", "dark", DESK),
        ("ar", "light", PHONE),
    ],
    ids=["en-light-desk", "en-dark-phone", "ar-dark-desk", "ar-light-phone"],
)
def test_axe_finds_nothing(reader: Open, locale: str, scheme: str, device: dict[str, Any]) -> None:
    page = reader(locale, color_scheme=scheme, **device)
    # axe takes a page without a background for white.
    page.add_style_tag(content=":root { color-scheme: light dark; background: Canvas }")
    page.locator(".kb-vote .kb-button").nth(1).click()
    assert violations(page) == []
    for query in ("how long pasword", "zzz", "broken"):
        search(page, query)
        page.keyboard.press("ArrowDown")
        assert violations(page) == []


def test_results_taller_than_the_dialog_are_scrolled_with_the_keys(reader: Open) -> None:
    page = reader(viewport={"width": 1280, "height": 500})
    page.add_style_tag(content=":root { color-scheme: light dark; background: Canvas }")
    search(page, "sign")
    results = page.get_by_role("region", name="Results")
    expect(results).to_have_attribute("tabindex", "0")
    assert violations(page) == []
    for _ in range(9):
        page.keyboard.press("Tab")
        if results.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("End")
    expect(page.get_by_role("option").last).to_be_in_viewport(ratio=1)
    page.get_by_role("combobox").press("ArrowDown")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.get_by_role("combobox").fill("users")
    expect(results).to_have_count(0)
    assert page.locator(".kb-body").get_attribute("tabindex") is None


def test_every_target_is_at_least_24_pixels(reader: Open) -> None:
    page = reader(**PHONE)
    page.locator(".kb-vote .kb-button").nth(1).click()
    for query in ("how long pasword", "zzz"):
        search(page, query)
        small = page.evaluate(
            """() => Array.from(document.querySelectorAll(
              '.kb button, .kb a, .kb .kb-reason, .kb textarea, .kb .kb-option, .kb-open'))
              .map((one) => [one.className || one.tagName, one.getBoundingClientRect()])
              .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
              .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
        )
        assert small == []


def test_on_a_phone_the_dialog_fills_the_screen(reader: Open) -> None:
    page = reader(**PHONE)
    search(page, "password")
    box = page.locator("dialog").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 800}


ANSWER_IN_ITS_MIDDLE = """() => {
    const search = kb.search;
    kb.search = async (...asked) => {
        const found = await search(...asked);
        const passage = 'word '.repeat(24) + 'needle ' + 'word '.repeat(40);
        return { ...found, answer: { ...found.answer, text: passage, highlights: [[120, 126]] } };
    };
}"""


def test_on_a_phone_a_long_answer_shows_the_words_that_were_sought(reader: Open) -> None:
    page = reader(**PHONE)
    page.evaluate(ANSWER_IN_ITS_MIDDLE)
    search(page, "how long password")
    passage, mark = page.locator(".kb-passage"), page.locator(".kb-passage mark")
    expect(page.get_by_role("button", name="Show the whole answer")).to_be_visible()
    whole, word = passage.bounding_box(), mark.bounding_box()
    assert whole
    assert word
    assert word["y"] + word["height"] <= whole["y"] + whole["height"]


def test_on_a_phone_enter_shows_the_results_instead_of_opening_one(reader: Open) -> None:
    page = reader(**PHONE)
    search(page, "start")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox")).not_to_be_focused()
    assert page.url.endswith("guide/password.html?q=start")


def test_at_200_percent_nothing_is_cut_off(reader: Open) -> None:
    # A 1,200 pixel window at 200 % has 600 CSS pixels.
    page = reader(viewport={"width": 600, "height": 400})
    search(page, "how long pasword")
    overflow = page.evaluate(
        """() => { const body = document.querySelector('.kb-body');
        return body.scrollWidth - body.clientWidth; }"""
    )
    assert overflow == 0
    page.get_by_role("option").last.scroll_into_view_if_needed()
    expect(page.get_by_role("option").last).to_be_in_viewport()


def test_a_report_fits_a_phone(new_context: Callable[..., Any]) -> None:
    week = report.Week("2026-11-21", *[12_345] * 7)
    made = report.Report("2026-11-27", [week], {"pt-BR": week}, [], [("x" * 80, 12)])
    page: Page = new_context(**PHONE).new_page()
    page.set_content(report.html(made, "Report"))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    head = page.get_by_role("columnheader", name="language")
    lines = (
        "e => (range => (range.selectNodeContents(e), range.getClientRects().length))(new Range)"
    )
    assert head.evaluate(lines) == 1, "no word is broken"


def test_text_twice_as_large_keeps_everything_usable(reader: Open) -> None:
    page = reader()
    page.add_style_tag(content="html { font-size: 200% }")
    search(page, "password")
    expect(page.get_by_role("button", name="Close")).to_be_in_viewport()
    expect(page.get_by_role("option").first).to_be_in_viewport()


def test_nothing_moves_for_who_wants_less_motion(reader: Open) -> None:
    page = reader(reduced_motion="reduce")
    search(page, "password")
    assert page.evaluate("document.getAnimations().length") == 0


def test_arabic_runs_from_right_to_left(reader: Open) -> None:
    page = reader("ar")
    search(page, "password")
    field = page.locator(".kb-input").bounding_box()
    close = page.locator(".kb-close").bounding_box()
    assert field
    assert close
    assert close["x"] < field["x"]
    assert page.get_by_role("combobox").get_attribute("aria-label") == "بحث"


def test_with_forced_colours_the_choice_is_still_visible(reader: Open) -> None:
    page = reader(forced_colors="active")
    search(page, "password")
    page.keyboard.press("ArrowDown")
    chosen = page.get_by_role("option", selected=True)
    assert chosen.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    assert chosen.evaluate("one => getComputedStyle(one).outlineWidth") == "2px"


def test_tab_stays_in_the_dialog_and_reaches_everything(reader: Open) -> None:
    page = reader()
    search(page, "zzz")
    seen = []
    for _ in range(9):
        seen.append(page.evaluate("document.activeElement.className || document.activeElement.id"))
        page.keyboard.press("Tab")
    assert {"kb-input", "kb-close", "kb-wanted", "kb-button", "kb-contact"} <= set(seen)
    assert page.evaluate("!!document.activeElement.closest('dialog, body')")


MATERIAL = """\
site_name: Help
theme:
  name: material
  features: [navigation.tabs]
  palette:
    - {media: "(prefers-color-scheme: light)", scheme: default}
    - {media: "(prefers-color-scheme: dark)", scheme: slate}
markdown_extensions:
  - tables
  - admonition
  - attr_list
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.tasklist: {custom_checkbox: true}
  - toc
plugins: [kbgen]
"""
WIDE = "| " + " | ".join(f"Column{n}WithALongName" for n in range(12)) + " |\n|" + "---|" * 12
ARTICLE = f"""# Reset

Ask the [service desk](other.md), see [`reset`](other.md) and `code`.

!!! note
    Read [more](other.md) first.

[Button](other.md){{.md-button}}

- [x] Sign in
- [ ] Choose *Reset*

    Your account page has it.

```python hl_lines="1 2"
# a comment
def show(): return print(len("text"), 12, None, r"x")
```

```console
$ export HOME=/tmp
what it prints
```

{WIDE}
"""


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory, build_site: Callable[[Path], Path]) -> Path:
    """A site with Material, as a writer gets it."""
    folder = tmp_path_factory.mktemp("material")
    (folder / "docs").mkdir()
    (folder / "mkdocs.yml").write_text(MATERIAL, "utf-8")
    (folder / "docs/index.md").write_text(ARTICLE, "utf-8")
    (folder / "docs/other.md").write_text("# Other\n\nText.\n", "utf-8")
    for language, title in {"ar": "مقالة", "es": "Artículo"}.items():
        (folder / "docs" / language).mkdir()
        (folder / "docs" / language / "other.md").write_text(f"# {title}\n", "utf-8")
    return build_site(folder)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_a_whole_page_of_material_keeps_wcag(
    material: Path,
    serve_dir: Callable[..., str],
    new_context: Callable[..., Any],
    scheme: str,
    device: dict[str, Any],
) -> None:
    page = new_context(**device, color_scheme=scheme).new_page()
    page.goto(serve_dir(material))
    expect(page.locator(".md-typeset__scrollwrap[tabindex='0']")).to_have_count(1)
    assert violations(page) == []
    expect(page.get_by_role("checkbox", name="Sign in", exact=True)).to_be_checked()
    expect(page.get_by_role("checkbox", name="Choose Reset", exact=True)).not_to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_the_menu_of_languages_keeps_wcag_and_works_by_key(
    material: Path,
    serve_dir: Callable[..., str],
    new_context: Callable[..., Any],
    scheme: str,
    device: dict[str, Any],
) -> None:
    page = new_context(**device, color_scheme=scheme).new_page()
    page.goto(serve_dir(material) + "ar/other/")
    page.locator(".kb-languages button").focus()
    expect(page.locator(".kb-languages").get_by_role("link", name="Español")).to_be_visible()
    assert violations(page) == []
    page.locator(".kb-languages").get_by_role("link", name="Español").press("Enter")
    expect(page.get_by_role("heading", name="Artículo")).to_be_visible()

"""Pages are furnished as by plain patterns, which say what is meant but are slow on whole pages."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kb_support import Project

from kbgen.injection import (
    before_article_end,
    with_button,
    without_foreign_requests,
    without_foreign_search,
    without_inline_scripts,
)
from kbgen.slimming import slim

TOGGLE = '<label class="md-header__button md-icon" for="__search">'
SOURCE = '<div class="md-header__source">'
BOX = '<div class="md-search" data-md-component="search"'
PIECES = [
    *("<p>", "</p>", "\n", " \t", "é", "a", "</article>", "</main>", "</body>", "<pre>", "</PRE >"),
    *("<SCRIPT>", "<script>", "</script>", "<style>\n", "</style>", "<textarea\n>", "</textarea>"),
    *("<print>", "<nav class=", '<nav class="md-header__inner">', "</nav>", TOGGLE, "</label>"),
    *(SOURCE, BOX, '<img class="twemoji" alt=":x:" src="https://x">', '<pre class="mermaid">'),
    '<link href="https://fonts.googleapis.com/x">',
]
PAGES = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)
BLOCKS = re.compile(r"(<(pre|textarea|script|style)\b.*?</\2\s*>)", re.IGNORECASE | re.DOTALL)


def slim_by_patterns(html: str) -> str:
    parts = [part for n, part in enumerate(BLOCKS.split(html)) if n % 3 != 2]
    return "".join(
        re.sub(r"\s*\n\s*", "\n", part) if n % 2 == 0 else part for n, part in enumerate(parts)
    )


@given(PAGES, PAGES, PAGES)
def test_white_space_goes_around_the_content_alone(before: str, content: str, after: str) -> None:
    html = before + content + after
    first, found, rest = html.partition(content) if content else (html, "", "")
    assert slim(html, content) == slim_by_patterns(first) + found + slim_by_patterns(rest)
    assert slim(html, "what is nowhere") == slim_by_patterns(html)


@given(PAGES)
def test_inline_scripts_become_files(html: str) -> None:
    page, files = without_inline_scripts(html, "../")
    moved = re.sub(r"<script>(.*?)</script>", "<script src></script>", html, flags=re.DOTALL)
    assert re.sub(r'src="\.\./assets/kb/inline\.\w+\.js"', "src", page) == moved
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert set(files.values()) == {script.strip().encode() for script in scripts}
    assert all(f'src="../{path}"' in page for path in files)


@given(PAGES)
def test_the_form_stands_at_the_end_of_the_article_or_before_what_ends_first(html: str) -> None:
    at = html.rfind("</article>")
    other = re.search("</main>|</body>", html)
    at = at if at >= 0 else (other.start() if other else -1)
    assert before_article_end(html, "FORM") == (html[:at] + "FORM" + html[at:] if at >= 0 else html)


@given(PAGES)
def test_our_search_takes_the_place_of_the_themes(html: str) -> None:
    header = re.search(r'<nav class="md-header__inner.*?</nav>', html, re.DOTALL)
    expected = html
    if header:
        end = header.end() - len("</nav>")
        source = header.group().find(SOURCE)
        at = header.start() + source if source >= 0 else end
        expected = html[:at] + "BUTTON" + html[at:]
    assert with_button(html, "BUTTON") == expected
    hidden = re.sub(re.escape(BOX), '<div class="md-search" hidden', html, count=1)
    expected = re.sub(re.escape(TOGGLE) + ".*?</label>", "", hidden, count=1, flags=re.DOTALL)
    assert without_foreign_search(html) == expected


@given(PAGES)
def test_nothing_is_asked_of_other_servers(html: str) -> None:
    page = without_foreign_requests(html, keep_fonts=False, keep_diagrams=False)
    assert not re.search(r'https://|"mermaid"', page)
    kept = without_foreign_requests(html, keep_fonts=True, keep_diagrams=True)
    assert kept == re.sub("<img[^>]*>", ":x:", html)


def test_content_is_found_after_what_begins_as_it_does() -> None:
    content = "a" * 70 + " \n b"
    assert slim(f"{'a' * 80} \n {content} \n ", content) == f"{'a' * 80}\n{content}\n"


def test_the_words_of_the_themes_search_are_left_out(project: Project) -> None:
    project.build()
    settings = project.page("index.html").partition('<script id="__config"')[2]
    found = json.loads(settings.partition(">")[2].partition("</script>")[0])
    assert found["translations"]["clipboard.copy"] == "Copy to clipboard"
    assert not [key for key in found["translations"] if key.startswith("search.")]


@pytest.mark.parametrize("settings", ["{", "[]", '{"translations": 1}', '{"a": 1}'])
def test_settings_of_another_theme_stay_as_they_are(settings: str) -> None:
    html = f'<html><head></head><script id="__config" type="application/json">{settings}</script>'
    assert without_foreign_search(html) == html

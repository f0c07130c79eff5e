"""Fewer tags, the same sections."""

from pathlib import Path

import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbgen.plainer import plainer
from kbgen_search.extract import sections

DOCS = sorted((Path(__file__).parents[2] / "docs").rglob("*.md"))
LINKS = ["a", 'a href="x"', 'a id="y" href="x"', 'a class="headerlink" href="#z"']
INLINE = ["em", "strong", "code", "span", 'span class="n"', 'em hidden=""', "b", "kbd"]
TEXTS = ["p", "pre", 'p hidden=""', 'p data-search-exclude=""', 'h2 id="h"', "h3", 'p class="x"']
WORDS = st.sampled_from(["one", "two ", " three", "a &lt;p&gt; b", "&amp;", "", "\n", "日本"])


def around(openings: list[str], inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Elements with up to three pieces of `inner` in each."""

    def build(opening: str, pieces: list[str]) -> str:
        return f"<{opening}>{''.join(pieces)}</{opening.split()[0]}>"

    return st.builds(build, st.sampled_from(openings), st.lists(inner, max_size=3))


PHRASES = st.recursive(
    WORDS | around(LINKS, WORDS), lambda inner: around(INLINE, inner), max_leaves=5
)
PARAGRAPHS = around(TEXTS, PHRASES)
CELLS = around(["td", "th", 'td class="linenos"', 'td style="x"'], PHRASES | PARAGRAPHS)
ROWS = around(["table"], around(["tr"], CELLS))
ITEMS = around(["ul"], around(["li", 'li hidden=""'], PHRASES | PARAGRAPHS))
BLOCKS = PARAGRAPHS | ROWS | ITEMS | around(["div", "blockquote"], PARAGRAPHS | ITEMS)


def words(html: str) -> list[tuple[object, ...]]:
    return [(s.anchor, s.level, s.heading, s.path, s.text, s.code) for s in sections(html)]


@pytest.mark.parametrize("page", DOCS, ids=lambda path: path.stem)
def test_articles_keep_their_sections(page: Path) -> None:
    extensions = ["attr_list", "tables", "toc", "pymdownx.superfences", "admonition"]
    html = markdown.markdown(page.read_text("utf-8"), extensions=extensions)
    assert words(plainer(html)) == words(html)
    assert plainer(html).count("<") <= html.count("<")


@settings(deadline=None, max_examples=300)
@given(st.lists(BLOCKS, max_size=4))
def test_any_blocks_keep_their_sections(parts: list[str]) -> None:
    html = "".join(parts)
    assert words(plainer(html)) == words(html)

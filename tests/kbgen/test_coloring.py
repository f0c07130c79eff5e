"""Blocks of code are coloured once, and come out as if they were coloured each time."""

from pathlib import Path
from typing import Any

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kb_support import CONFIG, MakeProject
from pygments.lexers.special import TextLexer  # type: ignore[import-untyped]
from pymdownx import highlight  # type: ignore[import-untyped]

from kbgen import cache
from kbgen.cache import Cache
from kbgen.coloring import Blocks, coloring

CODED = CONFIG.replace("[admonition", "[pymdownx.superfences, admonition")
BLOCK = "```python\nimport this\n```\n"
SCRIPT = """
import sys
from pathlib import Path
from kbgen import pipeline
from kbgen.project import Wish
pipeline.build(Path("mkdocs.yml"), Wish(), pipeline.Options(workers=1))
print("pygments.lexers.python" in sys.modules)
"""


def html(text: str, **highlight: Any) -> str:
    configs = {"pymdownx.highlight": highlight}
    extensions = ["pymdownx.superfences", "pymdownx.highlight", "pymdownx.inlinehilite"]
    return markdown.markdown(text, extensions=extensions, extension_configs=configs)


codes = st.sampled_from(["x = 1", "<b>&", "", "\n\nlong\n  text", "é日"])
titled = '{.python title_mode=html title="<b>"}'
languages = st.sampled_from(["python", "json", "nonsense", titled, ""])
options = st.sampled_from(["", ' linenums="2"', ' hl_lines="1"', ' title="<i>A</i>"', " .other"])
fences = st.builds("```{} {}\n{}\n```\n\n`#!python x = 1`\n\n".format, languages, options, codes)
settings = st.fixed_dictionaries(
    {},
    optional={
        "anchor_linenums": st.booleans(),
        "auto_title": st.booleans(),
        "auto_title_map": st.just({"Python": {"title": "<b>P</b>", "mode": "html"}}),
        "line_spans": st.just("__span"),
        "use_pygments": st.booleans(),
    },
)


@given(st.lists(st.tuples(st.lists(fences, max_size=3).map("".join), settings), max_size=6))
def test_what_comes_out_is_the_same(texts: list[tuple[str, dict[str, Any]]]) -> None:
    blocks = Blocks(b"settings")
    for text, chosen in [*texts, *texts]:
        with coloring(blocks):
            found = html(text, **chosen)
        assert found == html(text, **chosen)


def test_a_block_is_coloured_once_for_the_same_settings() -> None:
    for settings, more in ((b"one", 0), (b"two", 1)):
        blocks = Blocks(b"one")
        with coloring(blocks):
            html(BLOCK)
        kept = blocks.taken()
        assert len(kept) == 1
        assert not blocks.taken()
        again = Blocks(settings, kept.get)
        with coloring(again):
            assert html(BLOCK) == html(BLOCK)
        assert len(again.taken()) == more


def test_the_number_of_a_block_counts_where_its_lines_are_named_by_it() -> None:
    for chosen, count in (({}, 1), ({"anchor_linenums": True}, 2)):
        blocks = Blocks(b"settings")
        with coloring(blocks):
            html(BLOCK + "\n" + BLOCK, **chosen)
        assert len(blocks.taken()) == count


def test_what_other_rules_made_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = Blocks(b"settings")
    other = type("Other", (TextLexer,), {"__module__": "rules_of_somebody"})
    monkeypatch.setattr(highlight, "get_lexer_by_name", lambda name, **options: other(**options))
    with coloring(blocks):
        assert "import this" in html(BLOCK)
    assert not blocks.taken()


def test_an_edit_of_the_text_needs_no_rules_of_pygments(make_project: MakeProject) -> None:
    project = make_project(config=CODED)
    project.article("code.md", f"# Code\n\n{BLOCK}")
    assert project.python(SCRIPT) == "True\n"
    project.article("code.md", f"# Code\n\nEdited.\n\n{BLOCK}")
    assert project.python(SCRIPT) == "False\n"
    page = project.page("code/index.html")
    assert "Edited." in page
    assert '<span class="kn">import</span>' in page


def test_processes_colour_while_much_is_put_into_the_cache(make_project: MakeProject) -> None:
    """More than SQLite holds back in memory: from then on the file is locked to others."""
    project = make_project(config=CODED)
    for n in range(80):
        project.article(
            f"big/{n}.md",
            f"# Big {n}\n\n{BLOCK.replace('this', f'that_{n}')}\n\n{'word ' * 20_000}\n",
        )
    for name in ("One", "Two"):
        project.write("mkdocs.yml", CODED.replace("Help", name))
        assert "83 rendered" in project.run("build", "--workers", "2").stdout
        assert '<span class="kn">import</span>' in project.page("big/79/index.html")


def test_the_newest_blocks_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_BLOCKS", 3)
    kept = Cache(tmp_path)
    assert not kept.blocks()
    kept.put(b"page", b"", b"", {bytes([n]): str(n) for n in range(5)})
    kept.keep_only({b"page"})
    assert kept.blocks() == {bytes([n]): str(n) for n in (2, 3, 4)}
    assert [kept.block(bytes([n])) for n in range(5)] == [None, None, "2", "3", "4"]
    kept.close()

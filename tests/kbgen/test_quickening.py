"""Quickened libraries give what they give unquickened."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import treeprocessors

from kbgen.inlining import is_known, sign_of, signs_of
from kbgen.quickening import Converters

DOCS = Path(__file__).parents[2] / "docs"
SCRIPT = """
import json, sys
import markdown
quick, folder = sys.argv[1] == "quick", sys.argv[2]
make = markdown.Markdown
if quick:
    from kbgen.quickening import Converters, quicken
    quicken()
    make = Converters().Markdown
from pathlib import Path
texts = [path.read_text("utf-8") for path in sorted(Path(folder).rglob("*.md"))] + [
    "*a* **b** _c_ `d` [e](f \\"g\\") ![h](i) <j@k.l> <http://m.n>",
    "\\\\* &amp; o  \\np [q][r]\\n\\n[r]: s",
    "[a [b](c) d](e) **a *b* c** `` a ` b `` ***x*** __y__ [*z*](w)\\n\\n*unclosed **both",
    "```python\\nx = 1\\n```\\n\\n```nonsense\\ny\\n```\\n\\n`#!js var z` text[^1]\\n\\n[^1]: note",
    "==mark== ~~gone~~ H~2~O x^2^ ++ctrl+k++ :smile: (c) https://auto.link @user #12",
    "One\\n===\\n\\nTwo\\n---\\nthree\\n\\n1. f\\n2. g\\n\\n10.h 8.\\n\\n* nine\\n- - -\\n> ten",
    "plain *a*\\n\\n- one `b` two\\n- three [c](d) four **e `f` g** end\\n\\n<p>h *i* &amp; </p>j",
    "# A \\\\* b {title='c\\\\*d'}\\n\\n[TOC]\\n\\n## `\\\\*` \\\\_ [e\\\\]](f\\\\)g 'h\\\\*')",
    "i \\\\`j\\\\` \\\\[TOC]\\n\\n| k \\\\| l |\\n| - |\\n| m |\\n\\n\\\\[TOC]\\n\\n## n",
    "# A\\n\\n## A\\n\\n<div markdown>\\n[TOC]\\n</div>\\n\\n## B [TOC]\\n\\n- [TOC]\\n\\n`[TOC]`",
    "[a][b] [c] [![d](e)](f) \\\\[ *g [h* i](j) <a href='*k*'>*l*</a> \\\\\\\\ ** m ** *a**b* _c_d",
]
few = sys.argv[3] == "few"
extensions = [
    "abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "smarty", "tables",
    "toc", "pymdownx.betterem", "pymdownx.caret", "pymdownx.critic", "pymdownx.details",
    "pymdownx.emoji", "pymdownx.highlight", "pymdownx.inlinehilite", "pymdownx.keys",
    "pymdownx.magiclink", "pymdownx.mark", "pymdownx.smartsymbols", "pymdownx.superfences",
    "pymdownx.tilde",
]
if few:
    extensions = ["attr_list", "md_in_html", "pymdownx.inlinehilite", "pymdownx.superfences", "toc"]
configs = {}
texts += texts[::-1]
made = [make(extensions=extensions, extension_configs=configs) for text in texts[:2]]
assert (made[0] is made[1]) == quick
settings = {"extensions": extensions, "extension_configs": configs}
print(json.dumps([make(**settings).convert(text) for text in texts]))
"""


def rendered(how: str, extensions: str) -> list[str]:
    command = [sys.executable, "-c", SCRIPT, how, str(DOCS), extensions]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("extensions", ["many", "few"])
def test_what_comes_out_is_the_same(extensions: str) -> None:
    plain = rendered("plain", extensions)
    assert len(plain) > 10
    assert any('<span class="k' in html or 'class="n"' in html for html in plain)
    assert rendered("quick", extensions) == plain


def test_the_installed_library_is_one_whose_work_is_spared(tmp_path: Path) -> None:
    assert is_known(Path(treeprocessors.__file__))
    other = tmp_path / "treeprocessors.py"
    other.write_text(Path(treeprocessors.__file__).read_text() + "# other")
    assert not is_known(other)


def converted(extensions: list[str], configs: dict[str, dict[str, object]]) -> list[object]:
    make = Converters().Markdown
    return [make(extensions, configs), make(extensions, configs)]


def test_a_converter_with_unknown_or_counting_extensions_is_not_used_again() -> None:
    one, other = converted(["toc", "footnotes"], {})
    assert one is other
    one, other = converted(["toc", "wikilinks"], {})
    assert one is not other
    one, other = converted(["footnotes"], {"footnotes": {"UNIQUE_IDS": True}})
    assert one is not other


PATTERNS = [r"\*|_", r"a[*#]|`", "[*a]x", "(?:a*|#)b", r"`(a+)b`", r"(?<!k)(#[x)*`]a)|b#", "a*"]
PATTERNS += [r"(?:\*\*)+", "(?i)k#", r"\[(a|b#)\]"]


@given(st.sampled_from(PATTERNS), st.text("ab`[]*#kx_"))
def test_without_its_sign_a_pattern_does_not_match(pattern: str, text: str) -> None:
    found = re.compile(pattern)
    signs = signs_of(found)
    if sign_of(found) not in text or (signs and not signs.intersection(text)):
        assert found.search(text) is None


def test_signs_are_few_and_seldom() -> None:
    patterns = [r"<[a-z]+://[^>]*>", r"!\[", r"\*|_", "a*", "#|[a-z]"]
    assert [signs_of(re.compile(one)) for one in patterns] == [
        frozenset("<"),
        frozenset("["),
        frozenset("*_"),
        frozenset(),
        frozenset(),
    ]

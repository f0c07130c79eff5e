"""Quickened libraries give what they give unquickened."""

import json
import re
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kbgen.quickening import Converters, sign_of

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
]
extensions = [
    "abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "smarty", "tables",
    "toc", "pymdownx.betterem", "pymdownx.caret", "pymdownx.critic", "pymdownx.details",
    "pymdownx.emoji", "pymdownx.highlight", "pymdownx.inlinehilite", "pymdownx.keys",
    "pymdownx.magiclink", "pymdownx.mark", "pymdownx.smartsymbols", "pymdownx.superfences",
    "pymdownx.tilde",
]
configs = {}
texts += texts[::-1]
made = [make(extensions=extensions, extension_configs=configs) for text in texts[:2]]
assert (made[0] is made[1]) == quick
settings = {"extensions": extensions, "extension_configs": configs}
print(json.dumps([make(**settings).convert(text) for text in texts]))
"""


def rendered(how: str) -> list[str]:
    command = [sys.executable, "-c", SCRIPT, how, str(DOCS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found: list[str] = json.loads(done.stdout)
    return found


def test_what_comes_out_is_the_same() -> None:
    plain = rendered("plain")
    assert len(plain) > 10
    assert any('<span class="k' in html or 'class="n"' in html for html in plain)
    assert rendered("quick") == plain


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


PATTERNS = [r"`(a+)b`", r"(?<!k)(#[x)*`]a)|b#", "a*", r"(?:\\*\\*)+", "(?i)k#", r"\\[(a|b#)\\]"]


@given(st.sampled_from(PATTERNS), st.text("ab`[]*#kx"))
def test_without_its_sign_a_pattern_does_not_match(pattern: str, text: str) -> None:
    found = re.compile(pattern)
    if sign_of(found) not in text:
        assert found.search(text) is None

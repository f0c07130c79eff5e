"""The browser's files: what a site serves beside its pages for search to work."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from kbgen_search.browser import dialog, scripts
from kbgen_search.languages import LIGHT

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)  # Snowball's strings hold none
HERE = Path(__file__).parent / "browser"
ENGINE = (
    "folding",
    "tokens",
    "analysis",
    "ranking",
    "reading",
    "shards",
    "spelling",
    "planning",
    "shelf",
    "engine",
)


def files(locales: Iterable[str]) -> dict[str, bytes]:
    """Return the files to serve under `assets/kb/`: search engine, dialog, strings by locale."""
    strings = {
        f"kb-strings-{locale}.js": scripts.strings_script(
            locale, {"dialog": dialog.strings(locale)}
        )
        for locale in locales
    }
    return {"kb-search.js": engine(), **dialog.files(), **strings}


@cache
def engine() -> bytes:
    """Return the search engine as one classic script that defines `kb.search`."""
    return scripts.join_scripts(HERE / "engine" / f"{name}.js" for name in ENGINE)


@cache
def stemmer(name: str) -> bytes:
    """Return the stemmer of a language as a script that hands it to `kb.shard`.

    `name` is Snowball's, or that of our own; for "", a language without one, the script is empty.
    """
    if not name:
        return b""
    if name == LIGHT:
        script = scripts.strip_lines((HERE / "engine" / "arabic.js").read_text("utf-8"))
        made = f"kb.shard('stemmer',(function(){{{script}\nreturn{{stems}};}})());\n"
        return scripts.ascii_only(made)
    vendor = HERE / "vendor"
    sources = [vendor / "base-stemmer.js", vendor / f"{name}-stemmer.js"]
    bare = (_COMMENT.sub("", file.read_text("utf-8")) for file in sources)
    script = "\n".join(map(scripts.strip_lines, bare))
    made = f"kb.shard('stemmer',new {name.title()}Stemmer());"
    return f"(function(){{var BaseStemmer;{script}\n{made}\n}})();\n".encode()

"""The browser's files: what a site serves beside its pages for search to work."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from kbgen_search.browser import dialog, scripts
from kbgen_search.languages import Language

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)  # Snowball's strings hold none
WORKER = "kb-worker.js"  # at the root of a site, which is what it may see
HERE = Path(__file__).parent / "browser"
WORKER_SCRIPTS = (HERE / "worker" / "worker.js",)
OFFLINE_SCRIPTS = (scripts.COMMON / "dom.js", HERE / "worker" / "offline.js")
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
def worker() -> bytes:
    """Return the script that keeps what was read, and the search, for when there is no network."""
    return scripts.join_scripts(WORKER_SCRIPTS)


@cache
def offline() -> bytes:
    """Return the script by which a page tells that worker what to keep."""
    return scripts.join_scripts(OFFLINE_SCRIPTS)


@cache
def stemmer(language: Language) -> bytes:
    """Return the stemmer of a language as a script that hands it to `kb.shard`.

    For a language without one the script is empty.
    """
    if not (language.stemmer or language.own):
        return b""
    parts, made = [], "snowball"
    if language.stemmer:
        vendor = HERE / "vendor"
        sources = [vendor / "base-stemmer.js", vendor / f"{language.stemmer}-stemmer.js"]
        parts += [
            "var BaseStemmer;",
            *(_COMMENT.sub("", one.read_text("utf-8")) for one in sources),
        ]
        parts.append(f"const snowball=new {language.stemmer.title()}Stemmer();")
    if language.own:
        parts.append((HERE / "engine" / f"{language.own}.js").read_text("utf-8"))
        made = "{stems}"
    script = "\n".join(map(scripts.strip_lines, parts))
    made = f"(function(){{{script}\nreturn {made};\n}})()"
    return scripts.ascii_only(f"kb.shard('stemmer',{made});\n")

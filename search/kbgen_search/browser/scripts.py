"""Plain scripts from small source files, served in a small version where one was made."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

OPENING = "(function(){'use strict';"
CLOSING = "})();"
COMMON = Path(__file__).parent / "common"
_FOREIGN = re.compile(r"[^\x00-\x7f]")
COMMENT_STARTS = ("//", "/*", "*")


def strip_lines(source: str) -> str:
    """Return `source` without indentation, empty lines and lines that hold only a comment.

    Only whole lines go, so that no JavaScript or CSS has to be parsed: sources may not hold
    template strings over several lines, nor code lines that begin with `*`.
    """
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(COMMENT_STARTS))


def join_scripts(files: Iterable[Path]) -> bytes:
    """Return the scripts in `files` as one script with a scope of its own.

    It is the small version that `tools/small_scripts.py` made of them, else the joined lines.
    """
    sources = tuple(files)
    joined = joined_lines(sources)
    small = small_version(sources, joined)
    return small.read_bytes() if small.is_file() else joined


def joined_lines(files: Sequence[Path]) -> bytes:
    """Return the scripts in `files` as one, without comments and indentation."""
    sources = (strip_lines(file.read_text("utf-8")) for file in files)
    return ascii_only("\n".join((OPENING, *sources, CLOSING, "")))


def ascii_only(script: str) -> bytes:
    """Return a script with escapes for all other letters, so that no page can misread it.

    Pages that do not name their encoding have scripts read as Windows-1252.
    """
    return _FOREIGN.sub(_escaped, script).encode("ascii")


def _escaped(letter: re.Match[str]) -> str:
    units = letter[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def small_version(files: Sequence[Path], joined: bytes) -> Path:
    """Return where the small version of a script lies: beside its last file's folder.

    The name is a hash of what it was made from, so an old one is never served for a new source.
    """
    name = f"{blake2b(joined, digest_size=8).hexdigest()}.js"
    return files[-1].parent.parent / "minified" / name


def join_styles(files: Iterable[Path]) -> bytes:
    """Return the style sheets in `files` as one, in the order given."""
    sources = (strip_lines(file.read_text("utf-8")) for file in files)
    return "\n".join((*sources, "")).encode()


def strings_script(locale: str, rooms: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return the script that gives a page its texts as `kb.strings`.

    Args:
        locale: BCP 47 tag of the page.
        rooms: texts by name for each part of the page, for example `{"dialog": {...}}`.
    """
    data = json.dumps({"locale": locale, **rooms}, separators=(",", ":"))
    data = data.replace("<", "\\u003c")  # which could end an inline script
    return f"(window.kb=window.kb||{{}}).strings={data};\n".encode()

"""Plain scripts from small source files: joined, stripped of comments, never rewritten."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

OPENING = "(function(){'use strict';"
CLOSING = "})();"
COMMON = Path(__file__).parent / "common"
COMMENT_STARTS = ("//", "/*", "*")


def strip_lines(source: str) -> str:
    """Return `source` without indentation, empty lines and lines that hold only a comment.

    Only whole lines go, so that no JavaScript or CSS has to be parsed: sources may not hold
    template strings over several lines, nor code lines that begin with `*`.
    """
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(COMMENT_STARTS))


def join_scripts(files: Iterable[Path]) -> bytes:
    """Return the scripts in `files` as one script with a scope of its own."""
    sources = (strip_lines(file.read_text("utf-8")) for file in files)
    return "\n".join((OPENING, *sources, CLOSING, "")).encode()


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
    data = json.dumps({"locale": locale, **rooms}, ensure_ascii=False, separators=(",", ":"))
    # U+2028 and U+2029 end a line in older JavaScript; "<" cannot end an inline script.
    for character in "\u2028\u2029<":
        data = data.replace(character, f"\\u{ord(character):04x}")
    return f"(window.kb=window.kb||{{}}).strings={data};\n".encode()

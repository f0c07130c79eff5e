"""Text to chunks and parts: where words begin and end, before any language is considered.

A chunk is what a reader takes for one word (`don't`, `snake_case`, `numpy.array`, `--dry-run`,
`3.11`); its parts are the words within. The patterns are those of `browser/tokens.js`.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

# Marks that belong to a word although they are no letters, by block; both sides share the list
# because Python's `re` has no class for them.
_MARK = (
    "\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0900-\u0903"
    "\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09d7\u0a01-\u0a51\u0a81-\u0acd"
    "\u0b01-\u0b57\u0b82-\u0bd7\u0c00-\u0c56\u0c81-\u0cd6\u0d00-\u0d57\u0d81-\u0ddf\u0e31"
    "\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u0f71-\u0f84\u102b-\u103e"
    "\u17b4-\u17d3\u200c\u200d\u3099\u309a\ufe00-\ufe0f\uff9e\uff9f"
)
_LETTER = rf"[\w{_MARK}]"
CHUNK = re.compile(
    rf"(?:(?<![\w\-])--?(?=[A-Za-z]))?{_LETTER}+(?:(?:[.'’\-]|::){_LETTER}+)*"
    rf"(?:(?<=(?<!\w)[A-Za-z])(?:\+\+|\#))?"
)
_SEAMLESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u3130-\u318f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff"
)
_ASCII_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PART = re.compile(rf"\d+|(?:[^\W\d_]|[{_MARK}])+")
_VERSION = re.compile(r"[vV]?([0-9]+(?:\.[0-9]+)+)\Z")
_JOINED = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]|[^\W\d_]\d|\d[^\W\d_]|[._:\-+#]")


class Part(NamedTuple):
    """A word within a chunk: its place in the chunk and its text."""

    start: int
    end: int
    text: str


def chunks(text: str) -> Iterator[re.Match[str]]:
    """Return the chunks of a text in order, as matches."""
    return CHUNK.finditer(text)


def is_seamless(chunk: str) -> bool:
    """Tell whether a chunk begins in a script that puts no spaces between words."""
    return chunk >= _SEAMLESS[0] and bool(_seamless().match(chunk))


def runs(chunk: str) -> list[tuple[int, str]]:
    """Return the stretches of a chunk that are wholly in, or out of, such a script."""
    if chunk.isascii() or max(chunk) < _SEAMLESS[0] or not _seamless().search(chunk):
        return [(0, chunk)]
    return [(found.start(), found[0]) for found in _runs().finditer(chunk)]


def parts(chunk: str) -> list[Part]:
    """Return the words that a chunk is made of: identifiers are split, version numbers are not."""
    if not _JOINED.search(chunk):
        return [Part(0, len(chunk), chunk)]
    if version := _VERSION.match(chunk):
        return [Part(version.start(1), len(chunk), version[1])]
    pattern = _ASCII_PART if chunk.isascii() else _PART
    return [Part(found.start(), found.end(), found[0]) for found in pattern.finditer(chunk)]


@cache
def _seamless() -> re.Pattern[str]:
    """Return the pattern for one such character; made when needed, which takes long."""
    return re.compile(f"[{_SEAMLESS}]")


@cache
def _runs() -> re.Pattern[str]:
    return re.compile(f"[{_SEAMLESS}]+|[^{_SEAMLESS}]+")

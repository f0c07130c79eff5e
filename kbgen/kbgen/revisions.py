"""Fingerprints of an article's text: has it changed, by how much, how long is it to read."""

import base64
import re
import struct
import zlib
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

SKETCH_SIZE = 32
SHINGLE = 3
_EMPTY = 0xFFFFFFFF
LARGEST = 1 << 32  # than a hash
_UNSPACED_LETTERS = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
_UNSPACED = re.compile(f"[{_UNSPACED_LETTERS}]")


class Fingerprints(NamedTuple):
    """What is known of a text without it.

    `revision` is the first 12 hex digits of BLAKE2b of the text with white space folded; `words` is
    how many a reader reads, of which two characters of Chinese, Japanese or Thai are one; `sketch`
    is a minhash (see below).
    """

    revision: str
    words: int
    sketch: str


def fingerprints(text: str) -> Fingerprints:
    """Return the fingerprints of a text, which is parted into words once for all of them.

    What stands between white space is a word, with the marks around it, and so is each character of
    a script that puts no spaces between words.
    """
    parts = text.split()
    folded = " ".join(parts)
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    words = _word().findall(text) if unspaced else parts
    return Fingerprints(
        blake2b(folded.encode("utf-8", "surrogatepass")).hexdigest()[:12],
        len(words) - unspaced + (unspaced + 1) // 2,
        _sketch(" ".join(words) if unspaced else folded),
    )


@cache
def _word() -> re.Pattern[str]:
    """Return the pattern of a word where some have no spaces around; it takes long to make."""
    return re.compile(rf"[{_UNSPACED_LETTERS}]|[^\s{_UNSPACED_LETTERS}]+")


def _sketch(text: str) -> str:
    """Return a minhash of words with a space between them: base64 of 32 big-endian unsigned 32-bit
    integers.

    The share of equal positions of two sketches estimates the Jaccard similarity of their sets of
    3-word shingles. One hash a shingle, spread over 32 bins; an empty bin borrows from the next
    one that is not (one permutation hashing with rotation: Shrivastava and Li, 2014).
    """
    folded = text.casefold().encode("utf-8", "replace").split(b" ") if text else []
    count = min(SHINGLE, max(len(folded), 1))
    shingles = map(b" ".join, zip(*(folded[n:] for n in range(count)), strict=False))
    # One place's values are in the order of their quotients; met twice, they change nothing.
    least = [LARGEST] * SKETCH_SIZE
    for value in map(zlib.crc32, shingles):
        place = value % SKETCH_SIZE
        if value < least[place]:
            least[place] = value
    bins = [_EMPTY if value == LARGEST else value // SKETCH_SIZE for value in least]
    return base64.b64encode(struct.pack(f">{SKETCH_SIZE}I", *_filled(bins))).decode("ascii")


def _filled(bins: list[int]) -> list[int]:
    filled = list(bins)
    for n, value in enumerate(bins):
        if value == _EMPTY:
            steps = (k for k in range(1, SKETCH_SIZE) if bins[(n + k) % SKETCH_SIZE] != _EMPTY)
            step = next(steps, 0)
            filled[n] = (bins[(n + step) % SKETCH_SIZE] + step) & _EMPTY
    return filled

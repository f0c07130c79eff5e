"""Fingerprints of an article's text: has it changed, by how much, how long is it to read."""

import base64
import re
import struct
import zlib
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b

SKETCH_SIZE = 32
SHINGLE = 3
_EMPTY = 0xFFFFFFFF
LARGEST = 1 << 32  # than a hash
_UNSPACED_LETTERS = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
_UNSPACED = re.compile(f"[{_UNSPACED_LETTERS}]")


def revision(text: str) -> str:
    """Return the first 12 hex digits of BLAKE2b of `text` with white space folded."""
    return blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def tokens(text: str) -> list[str]:
    """Return what stands between white space in `text`: words, with the marks around them.

    Each character of Chinese, Japanese or Thai is returned by itself.
    """
    return _word().findall(text) if _has_unspaced(text) else text.split()


def _has_unspaced(text: str) -> bool:
    return not text.isascii() and bool(_UNSPACED.search(text))


@cache
def _word() -> re.Pattern[str]:
    """Return the pattern of a word where some have no spaces around; it takes long to make."""
    return re.compile(rf"[{_UNSPACED_LETTERS}]|[^\s{_UNSPACED_LETTERS}]+")


def words(tokens: Sequence[str]) -> int:
    """Return how many words a reader reads; two characters of Chinese, Japanese or Thai are one."""
    text = "".join(tokens)
    unspaced = len(_UNSPACED.findall(text)) if _has_unspaced(text) else 0
    return len(tokens) - unspaced + (unspaced + 1) // 2


def sketch(tokens: Sequence[str]) -> str:
    """Return a minhash of a text's tokens: base64 of 32 big-endian unsigned 32-bit integers.

    The share of equal positions of two sketches estimates the Jaccard similarity of their sets of
    3-word shingles. One hash a shingle, spread over 32 bins; an empty bin borrows from the next
    one that is not (one permutation hashing with rotation: Shrivastava and Li, 2014).
    """
    folded = " ".join(tokens).casefold().encode("utf-8", "replace").split(b" ") if tokens else []
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

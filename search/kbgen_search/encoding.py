"""Numbers and sorted words as compact printable text, the format of the browser index.

Digits are the 90 printable ASCII characters from `#` to `}` without the backslash, so that the
text stands in a JavaScript string as it is. A number is written in base 45, the last digit with
the upper half of the digits, those before it with the lower half.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")

DIGITS = "".join(chr(code) for code in range(35, 126) if code != 92)
HALF = len(DIGITS) // 2
VALUES = {letter: value for value, letter in enumerate(DIGITS)}


@lru_cache(maxsize=1 << 14)
def number(value: int) -> str:
    """Return a whole number, 0 or more, as text."""
    text = DIGITS[HALF + value % HALF]
    while value >= HALF:
        value = value // HALF - 1
        text = DIGITS[value % HALF] + text
    return text


def read_number(text: str) -> tuple[int, str]:
    """Return the number that a text begins with, and the rest of the text."""
    value = 0
    for at, letter in enumerate(text, 1):
        digit = VALUES[letter]
        if digit >= HALF:
            return value + digit - HALF, text[at:]
        value = (value + digit + 1) * HALF
    raise ValueError(text)


def gaps(values: Iterable[int]) -> list[int]:
    """Return rising numbers as the differences between them, less one, starting from -1."""
    found = []
    before = -1
    for value in values:
        found.append(value - before - 1)
        before = value
    return found


def numbers(values: Iterable[int]) -> str:
    """Return rising numbers as text."""
    return "".join(map(number, gaps(values)))


def postings(places: Iterable[tuple[int, int]]) -> str:
    """Return articles, in order, with their impacts as text."""
    parts = []
    before = -1
    for article, impact in places:
        parts.append(number(article - before - 1) + DIGITS[impact])
        before = article
    return "".join(parts)


def read_postings(text: str) -> Iterator[tuple[int, int]]:
    """Yield the articles and impacts of a text that `postings` has made."""
    article, value = -1, 0
    digits = map(VALUES.__getitem__, text)
    for digit in digits:
        if digit < HALF:
            value = (value + digit + 1) * HALF
        else:
            article += value + digit - HALF + 1
            value = 0
            yield article, next(digits)


def utf16(word: str) -> bytes:
    """Return the key under which words sort as JavaScript sorts them."""
    return word.encode("utf-16-be", "surrogatepass")


def common_length(one: str, two: str) -> int:
    """Return how many characters two words share from the start."""
    most = min(len(one), len(two))
    at = 0
    while at < most and one[at] == two[at]:
        at += 1
    return at


def ordered(entries: Iterable[T], key: Callable[[T], str] = str) -> list[T]:
    """Return entries in the order of their keys as JavaScript sorts them.

    That differs from Python's only where a key has a character beyond the first 65,536.
    """
    found = sorted(entries, key=key)
    joined = "".join(map(key, found))
    if len(utf16(joined)) > 2 * len(joined):
        found.sort(key=lambda entry: utf16(key(entry)))
    return found


def fronted(words: Iterable[str]) -> list[str]:
    """Return sorted words with what each shares with the one before it as one digit."""
    found = []
    before = ""
    for word in words:
        shared, most = 0, min(len(before), len(word), len(DIGITS) - 1)
        while shared < most and before[shared] == word[shared]:  # common_length, without the call
            shared += 1
        found.append(DIGITS[shared] + word[shared:])
        before = word
    return found

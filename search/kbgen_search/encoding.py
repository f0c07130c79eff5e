"""Numbers and sorted words as compact printable text, the format of the browser index.

Digits are the 90 printable ASCII characters from `#` to `}` without the backslash, so that the
text stands in a JavaScript string as it is. A number is written in base 45, the last digit with
the upper half of the digits, those before it with the lower half.
"""

from collections.abc import Iterable, Sequence

DIGITS = "".join(chr(code) for code in range(35, 126) if code != 92)
HALF = len(DIGITS) // 2


def number(value: int) -> str:
    """Return a whole number, 0 or more, as text."""
    text = DIGITS[HALF + value % HALF]
    while value >= HALF:
        value = value // HALF - 1
        text = DIGITS[value % HALF] + text
    return text


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
    return "".join(number(gap) for gap in gaps(values))


def postings(articles: Sequence[int], impacts: Sequence[int]) -> str:
    """Return articles with their impacts as text."""
    return "".join(
        number(gap) + DIGITS[impact] for gap, impact in zip(gaps(articles), impacts, strict=True)
    )


def common_length(one: str, two: str) -> int:
    """Return how many characters two words share from the start."""
    most = min(len(one), len(two))
    return next((at for at in range(most) if one[at] != two[at]), most)


def utf16(word: str) -> bytes:
    """Return the key under which words sort as JavaScript sorts them."""
    return word.encode("utf-16-be", "surrogatepass")


def fronted(words: Sequence[str]) -> list[str]:
    """Return sorted words with what each shares with the one before it as one digit."""
    found = []
    before = ""
    for word in words:
        shared = min(common_length(before, word), len(DIGITS) - 1)
        found.append(DIGITS[shared] + word[shared:])
        before = word
    return found

"""Words that may stand for one that is unknown: corrections, and two words written as one.

What is tried, in this order, until something is found: one edit after the same two first
letters; one edit anywhere; a split in two known words; in long words two edits after the same
two first letters. The stages let the browser load few of its files of words.
"""

from typing import NamedTuple

from kbgen_search.catalogue import Vocabulary

SHORTEST = 3  # letters of a word that is corrected at all
BRIEF = 5  # letters up to which a neighbour must be common
LONG = 8  # letters from which two edits are tried
SPELLED = range(3, 25)  # letters of the words that misspellings are corrected to
HALF = 3  # letters of the shorter half of a split word
NEVER = 99  # more than any word is common


class Correction(NamedTuple):
    """Words that may have been meant, with how many edits lie between; two words for a split."""

    words: tuple[str, ...]
    edits: int


def distance(one: str, two: str, most: int) -> int:
    """Return the edits from one word to the other, or `most` + 1 when there are more.

    Edits are insertions, deletions, substitutions and swaps of neighbours (optimal string
    alignment, the restricted form of Damerau and Levenshtein).
    """
    if abs(len(one) - len(two)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(two, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == two[j - 2] and one[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def corrections(
    word: str, vocabulary: Vocabulary, size: int, near: bool = False
) -> list[Correction]:
    """Return what an unknown unaccented word may have been meant to be, the likeliest first.

    `size` is the number of articles. With `near` only one edit after the same two first letters
    is tried, which is cheap: for words that may still be being typed.
    """
    if len(word) < SHORTEST or not word.isalpha():
        return []
    found = neighbours(word, vocabulary, size)
    alike = [one for one in found if vocabulary.bare[one][:2] == word[:2]]
    if near or (alike and vocabulary.counts[alike[0]]):
        found = alike
    if found or near:
        return [Correction((vocabulary.words[one],), 1) for one in found]
    if halves := split(word, vocabulary):
        return [Correction(halves, 1)]
    far = _two_edits(word, vocabulary) if len(word) >= LONG else []
    return [Correction((vocabulary.words[one],), 2) for one in far]


def neighbours(word: str, vocabulary: Vocabulary, size: int) -> list[int]:
    """Return the numbers of the known words one edit away: swapped letters first, then common."""
    found = {vocabulary.find(other) for other in one_edit(word, vocabulary.letters)}
    kept = [
        number
        for number in found
        if number is not None
        and len(vocabulary.bare[number]) in SPELLED
        and vocabulary.counts[number] >= least_common(word, vocabulary.bare[number], size)
    ]
    letters = sorted(word)
    return sorted(
        kept,
        key=lambda number: (
            sorted(vocabulary.bare[number]) != letters,
            -vocabulary.counts[number],
            vocabulary.bare[number],
        ),
    )


def least_common(word: str, other: str, size: int) -> int:
    """Return how common (binary order) a neighbour of a word must be to be its correction.

    Short words have many neighbours by chance, and the more, the more articles there are: those
    with another letter must be common, and those with one less are none. A letter left out and
    two letters swapped are seldom chance.
    """
    if len(word) > BRIEF or len(other) > len(word) or sorted(word) == sorted(other):
        return 0
    chance = max(0, (size.bit_length() - 9) // 2)
    return chance if len(other) == len(word) > SHORTEST or len(word) == BRIEF else NEVER


def one_edit(word: str, letters: str) -> set[str]:
    """Return all strings one edit away from a word (as in Norvig's "How to write a speller")."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    swapped = {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    shorter = {a + b[1:] for a, b in halves if b}
    other = {a + letter + b[1:] for a, b in halves if b for letter in letters}
    longer = {a + letter + b for a, b in halves for letter in letters}
    return (swapped | shorter | other | longer) - {word}


def _two_edits(word: str, vocabulary: Vocabulary) -> list[int]:
    found = [
        (-vocabulary.counts[number], vocabulary.bare[number], number)
        for number in vocabulary.starting(word[:2])
        if vocabulary.bare[number].isalpha() and distance(word, vocabulary.bare[number], 2) == 2
    ]
    return [number for *_, number in sorted(found)]


def split(word: str, vocabulary: Vocabulary) -> tuple[str, str] | None:
    """Return the two known words that a word is made of, those that are most common, if any."""
    best, most = None, 0
    for at in range(HALF, len(word) - HALF + 1):
        one, two = vocabulary.find(word[:at]), vocabulary.find(word[at:])
        if one is not None and two is not None:
            commonness = min(vocabulary.counts[one], vocabulary.counts[two])
            if commonness > most:
                best, most = (vocabulary.words[one], vocabulary.words[two]), commonness
    return best


def completions(prefix: str, vocabulary: Vocabulary) -> list[int]:
    """Return the numbers of the words that an unaccented prefix begins, the commonest first."""
    numbers = [n for n in vocabulary.starting(prefix) if vocabulary.bare[n] != prefix]
    return sorted(numbers, key=lambda n: (-vocabulary.counts[n], vocabulary.bare[n]))

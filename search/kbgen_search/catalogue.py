"""Figures about all articles of a locale that ranking needs, kept beside the Whoosh index.

Whoosh counts removed articles until it merges its segments; these figures are exact, so that
both indexes rank alike.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kbgen_search.errors import KbError
from kbgen_search.folding import fold
from kbgen_search.ranking import FIELDS, pinned
from kbgen_search.tokens import is_seamless

if TYPE_CHECKING:
    from kbgen_search.digests import Digest

FORMAT = 2


class Catalogue(msgspec.Struct, frozen=True):
    """Articles in order of id: their marks, field lengths, and Whoosh document numbers.

    `cap` is how many characters of a section are kept for quoting, `synonyms` are terms said
    with the terms meant.
    """

    format: int
    locale: str
    cap: int
    averages: tuple[float, ...]
    ids: list[str]
    marks: list[str]
    lengths: list[tuple[int, ...]]
    documents: list[int]
    facets: dict[str, dict[str, list[int]]]
    synonyms: list[tuple[tuple[str, ...], tuple[str, ...]]]


class Vocabulary(msgspec.Struct, frozen=True):
    """All words of a locale by their unaccented form, in order, with how common each is.

    `words` are as written (the most frequent writing of each), `counts` the binary logarithm of
    the number of articles, rounded down; `letters` are all that occur in words without digits.
    """

    bare: list[str]
    words: list[str]
    counts: list[int]
    letters: str

    def between(self, first: str, end: str) -> range:
        """Return the numbers of the words with `first <= bare form < end`."""
        return range(bisect_left(self.bare, first), bisect_left(self.bare, end))

    def find(self, bare: str) -> int | None:
        """Return the number of a word by its unaccented form, None when it is unknown."""
        at = bisect_left(self.bare, bare)
        return at if at < len(self.bare) and self.bare[at] == bare else None

    def starting(self, prefix: str) -> range:
        """Return the numbers of the words that begin with a prefix."""
        return self.between(prefix, prefix + "\U0010ffff")


def averages(digests: Sequence["Digest"]) -> tuple[float, ...]:
    """Return the pinned average length of each field."""
    size = max(len(digests), 1)
    return tuple(pinned(sum(one.lengths[n] for one in digests) / size) for n in range(len(FIELDS)))


def vocabulary(digests: Iterable["Digest"]) -> Vocabulary:
    """Return the vocabulary of the articles."""
    written = Counter(word for one in digests for word in one.words)
    best: dict[str, str] = {}
    for word in sorted(written, key=lambda word: (-written[word], word)):
        best.setdefault(fold(word), word)
    bare = sorted(best)
    letters = "".join(sorted({letter for word in bare if word.isalpha() for letter in word}))
    total = Counter[str]()
    for word, count in written.items():
        total[fold(word)] += count
    return Vocabulary(
        bare,
        [best[word] for word in bare],
        [total[word].bit_length() - 1 for word in bare],
        "".join(letter for letter in letters if not is_seamless(letter)),
    )


def save(folder: Path, name: str, value: Catalogue | Vocabulary) -> None:
    """Write one of the files in one step, so that no reader sees half of it."""
    part = folder / f"{name}.part"
    part.write_bytes(msgspec.msgpack.encode(value))
    part.replace(folder / f"{name}.msgpack")


def save_locales(folder: Path, locales: list[str]) -> None:
    """Write which locales an index folder holds, the default one first."""
    (folder / "locales.json").write_bytes(msgspec.json.encode(locales))


def load_locales(folder: Path) -> list[str]:
    """Return the locales that an index folder holds, the default one first.

    Raises:
        KbError: there is no index, or it is damaged.
    """
    path = folder / "locales.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[str])
    except FileNotFoundError:
        message = "there is no search index here yet"
        raise KbError(message, file=folder, remedy="run `kbgen build`") from None
    except msgspec.DecodeError as error:
        raise KbError(f"damaged ({error})", file=path, remedy="run `kbgen build` again") from None


def load_catalogue(folder: Path) -> Catalogue:
    """Return the catalogue in a folder.

    Raises:
        KbError: there is none, it is damaged, or of another version of kbgen.
    """
    path = folder / "catalogue.msgpack"
    try:
        found = msgspec.msgpack.decode(path.read_bytes(), type=Catalogue)
    except FileNotFoundError:
        message = "there is no search index here yet"
        raise KbError(message, file=folder, remedy="run `kbgen build`") from None
    except msgspec.DecodeError as error:
        raise KbError(f"damaged ({error})", file=path, remedy="run `kbgen build` again") from None
    if found.format != FORMAT:
        raise KbError("made by another version of kbgen", file=path, remedy="run `kbgen build`")
    return found


def load_vocabulary(folder: Path) -> Vocabulary:
    """Return the vocabulary in a folder; an empty one where there is none."""
    path = folder / "vocabulary.msgpack"
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Vocabulary)
    except FileNotFoundError:
        return Vocabulary([], [], [], "")

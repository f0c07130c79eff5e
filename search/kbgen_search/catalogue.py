"""Figures about all articles of a locale that ranking needs, kept beside the Whoosh index.

Whoosh counts removed articles until it merges its segments; these figures are exact, so that
both indexes rank alike.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from kbgen_search import hashing
from kbgen_search.errors import KbError
from kbgen_search.folding import fold
from kbgen_search.ranking import FIELDS, pinned
from kbgen_search.scratch import save_scratch
from kbgen_search.tokens import is_seamless

FORMAT = 4  # to be raised, too, when what Whoosh is given changes its shape


class Format(msgspec.Struct, frozen=True):
    """What every version of the catalogue begins with."""

    format: int


class Catalogue(Format, frozen=True):
    """Articles in order of id: their marks, those of their digests, lengths, Whoosh numbers.

    `generation` is that of the Whoosh index it belongs to, `cap` how many characters of a
    section are kept for quoting, `synonyms` are terms said with the terms meant.
    """

    generation: int
    locale: str
    cap: int
    averages: tuple[float, ...]
    ids: list[str]
    marks: list[str]
    digests: list[str]
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


class Words(msgspec.Struct, frozen=True):
    """In how many articles each word is, as written, in one generation of the Whoosh index."""

    generation: int
    counts: dict[str, int]


def averages(lengths: Sequence[Sequence[int]]) -> tuple[float, ...]:
    """Return the pinned average length of each field from the lengths in each article."""
    size = max(len(lengths), 1)
    return tuple(pinned(sum(one[n] for one in lengths) / size) for n in range(len(FIELDS)))


def vocabulary(written: Mapping[str, int]) -> Vocabulary:
    """Return the vocabulary from the number of articles that each word, as written, is in."""
    others = [word for word in written if not word.isascii()]
    total = dict(written)
    for word in others:
        del total[word]
    best = dict(zip(total, total, strict=True))
    folded = fold("\n".join(others)).split("\n")  # all at once takes a tenth of the time
    for word, bare in zip(others, folded, strict=False):
        count = written[word]
        known = best.get(bare)
        if known is None:
            best[bare], total[bare] = word, count
            continue
        total[bare] += count
        if (-count, word) < (-written[known], known):
            best[bare] = word
    bare_words = sorted(best)
    letters = set("".join(filter(str.isalpha, bare_words)))
    return Vocabulary(
        bare_words,
        [best[bare] for bare in bare_words],
        [total[bare].bit_length() - 1 for bare in bare_words],
        "".join(letter for letter in sorted(letters) if not is_seamless(letter)),
    )


def save_words(folder: Path, generation: int, counts: Mapping[str, int]) -> None:
    """Write in how many articles each word is, and the vocabulary that follows from it."""
    some = {word: count for word, count in counts.items() if count > 0}
    save(folder, "words", Words(generation, some))
    save(folder, "vocabulary", vocabulary(some))


def save(folder: Path, name: str, value: Catalogue | Vocabulary | Words) -> None:
    """Write one of the files in one step, so that no reader sees half of it."""
    save_scratch(folder / f"{name}.msgpack", value)


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
    except (FileNotFoundError, NotADirectoryError):
        message = "there is no search index here yet"
        raise KbError(message, file=folder, remedy="run `kbgen build`") from None
    except msgspec.DecodeError as error:
        raise KbError(f"damaged ({error})", file=path, remedy="run `kbgen build` again") from None


def stamp(index: Path) -> bytes:
    """Return what differs when an index does, or the program that searches it.

    Raises:
        KbError: there is no index.
    """
    from importlib import metadata  # who only searches need not wait for it

    locales = load_locales(index)
    files = [(index / locale / "catalogue.msgpack").read_bytes() for locale in locales]
    return hashing.of_values(metadata.version("kbgen"), locales, files)


def load_catalogue(folder: Path) -> Catalogue:
    """Return the catalogue in a folder.

    Raises:
        KbError: there is none, it is damaged, or of another version of kbgen.
    """
    path = folder / "catalogue.msgpack"
    try:
        content = path.read_bytes()
        if msgspec.msgpack.decode(content, type=Format).format == FORMAT:
            return msgspec.msgpack.decode(content, type=Catalogue)
    except FileNotFoundError:
        message = "there is no search index here yet"
        raise KbError(message, file=folder, remedy="run `kbgen build`") from None
    except msgspec.DecodeError as error:
        raise KbError(f"damaged ({error})", file=path, remedy="run `kbgen build` again") from None
    raise KbError("made by another version of kbgen", file=path, remedy="run `kbgen build`")


def load_vocabulary(folder: Path) -> Vocabulary:
    """Return the vocabulary in a folder.

    Raises:
        KbError: there is none, or it is damaged.
    """
    path = folder / "vocabulary.msgpack"
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Vocabulary)
    except (FileNotFoundError, msgspec.DecodeError) as error:
        raise KbError(f"damaged ({error})", file=path, remedy="run `kbgen build` again") from None


def load_words(folder: Path, generation: int) -> dict[str, int] | None:
    """Return the counts of words of a generation of the index; None when they are not known."""
    try:
        found = msgspec.msgpack.decode((folder / "words.msgpack").read_bytes(), type=Words)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return found.counts if found.generation == generation else None

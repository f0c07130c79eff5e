"""Files of the browser index: values under names made of their content, sorted words in runs."""

from base64 import b32encode
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import NamedTuple, Self

import msgspec

from kbgen_search import encoding, hashing
from kbgen_search.delivery import program

FORMAT = 1  # of the index: the browser reads no other
NAME_LENGTH = 7

Entry = tuple[str, str, str]  # the key that entries are in order of, the word, what belongs to it


class File(msgspec.Struct, frozen=True):
    """A file of the index: its content, made when asked for, and a hash of what it comes from."""

    mark: bytes
    content: Callable[[], bytes]

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Return a file whose content is known."""
        return cls(hashing.of(content), lambda: content)


class Shard(NamedTuple):
    """A file under a name made of its content; the name goes without `.js`."""

    name: str
    content: bytes

    @property
    def file(self) -> str:
        """Return the name of the file."""
        return f"{self.name}.js"


Runs = Mapping[bytes, Shard]
"""Runs of sorted words that were written, by the hash of what they are made of."""


class Shards:
    """Collects files under names made of their content.

    An edit changes few runs of words: those that are `known` are taken as they are. `runs` are the
    ones that were added.
    """

    def __init__(self, known: Runs | None = None) -> None:
        self.files: dict[str, bytes] = {}
        self.runs: dict[bytes, Shard] = {}
        self._known = known or {}

    def data(self, kind: str, value: object) -> str:
        """Add a value as a file that hands it to `kb.shard`; return the name."""
        return self._add(_shard(kind, value))

    def run(self, kind: str, entries: Sequence[Entry]) -> str:
        """Add a run of sorted words as a file; return the name."""
        made_from = hashing.of_values(program(), kind, entries)
        shard = self._known.get(made_from) or _shard(kind, joined(entries))
        self.runs[made_from] = shard
        return self._add(shard)

    def _add(self, shard: Shard) -> str:
        self.files[shard.file] = shard.content
        return shard.name

    def script(self, kind: str, script: bytes) -> str:
        """Add a script as it is; return its name, "" for an empty one."""
        return self._add(Shard(kind + short_hash(script), script)) if script else ""


def _shard(kind: str, value: object) -> Shard:
    name = kind + short_hash(json_of(value))
    return Shard(name, call("shard", name, value))


def short_hash(content: bytes) -> str:
    """Return a hash of the content as 7 lower-case letters and digits (35 bits)."""
    return b32encode(blake2b(content, digest_size=5).digest()).decode().lower()[:NAME_LENGTH]


def json_of(value: object) -> bytes:
    """Return a value as JSON without needless characters."""
    return msgspec.json.encode(value)


def call(function: str, *values: object) -> bytes:
    """Return a script that hands values to a function of `kb`."""
    return b"kb.%s(%s);\n" % (function.encode(), b",".join(map(json_of, values)))


def sharded(kind: str, entries: Sequence[Entry], size: int, shards: Shards) -> str:
    """Write entries (key, text, payload) that are in order of key as files of about `size`.

    Returns the directory: for each file the shortest start that tells its first key from the
    last of the file before, and its name, separated by spaces.
    """
    directory = []
    before = ""
    for group in _groups(entries, size):
        start = group[0][0][: encoding.common_length(before, group[0][0]) + 1]
        directory.append(f"{start} {shards.run(kind, group)}")
        before = group[-1][0]
    return " ".join(directory)


def _groups(entries: Sequence[Entry], size: int) -> Iterator[Sequence[Entry]]:
    """Yield runs of entries; where a run ends depends on the keys near there, not on all before.

    So an edit moves the borders around it only, and the other files stay as they are.
    """
    ends = list(accumulate(len(key) + len(payload) for key, _, payload in entries))
    start = weight = 0
    while start < len(entries):
        most = max(bisect_right(ends, weight + size * 2), start + 1)
        likely = bisect_right(ends, weight + size // 2) + 1
        borders = (at for at in range(likely, most) if _is_border(entries[at][0]))
        end = next(borders, most)
        yield entries[start:end]
        start, weight = end, ends[end - 1]


def _is_border(key: str) -> bool:
    """Tell whether a run may begin with a key: one of 16 does."""
    return blake2b(key.encode(), digest_size=1).digest()[0] < 16


def joined(group: Sequence[Entry]) -> str:
    """Return entries as one text, each word but for what it shares with the one before."""
    words = encoding.fronted(word for _, word, _ in group)
    return " ".join(f"{word} {entry[2]}" for word, entry in zip(words, group, strict=True))

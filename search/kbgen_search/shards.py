"""Files of the browser index: values under names made of their content, sorted words in runs."""

from base64 import b32encode
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b

import msgspec

from kbgen_search import encoding

NAME_LENGTH = 7

Entry = tuple[str, str, str]  # the key that entries are in order of, the word, what belongs to it


class Shards:
    """Collects files under names made of their content."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def data(self, kind: str, value: object) -> str:
        """Add a value as a file that hands it to `kb.shard`; return the name."""
        name = kind + short_hash(json_of(value))
        self.files[f"{name}.js"] = call("shard", name, value)
        return name

    def script(self, kind: str, script: bytes) -> str:
        """Add a script as it is; return its name, "" for an empty one."""
        name = kind + short_hash(script) if script else ""
        if name:
            self.files[f"{name}.js"] = script
        return name


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
        directory.append(f"{start} {shards.data(kind, joined(group))}")
        before = group[-1][0]
    return " ".join(directory)


def _groups(entries: Sequence[Entry], size: int) -> Iterator[Sequence[Entry]]:
    """Yield runs of entries; where a run ends depends on the keys near there, not on all before.

    So an edit moves the borders around it only, and the other files stay as they are.
    """
    group: list[Entry] = []
    weight = 0
    for entry in entries:
        own = len(entry[0]) + len(entry[2])
        border = weight > size // 2 and blake2b(entry[0].encode(), digest_size=1).digest()[0] < 16
        if group and (border or weight + own > size * 2):
            yield group
            group, weight = [], 0
        group.append(entry)
        weight += own
    if group:
        yield group


def joined(group: Sequence[Entry]) -> str:
    """Return entries as one text, each word but for what it shares with the one before."""
    return _joined(tuple(group))


@lru_cache(maxsize=4096)  # an edit changes few groups: in a preview the others are remembered
def _joined(group: tuple[Entry, ...]) -> str:
    words = encoding.fronted(word for _, word, _ in group)
    return " ".join(f"{word} {entry[2]}" for word, entry in zip(words, group, strict=True))

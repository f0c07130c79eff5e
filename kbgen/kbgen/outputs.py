"""The files of a site in the making: each is kept, if it was made from just this, or made anew."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from kbgen import fingerprints
from kbgen.cache import Record
from kbgen.staging import Staging


class Outputs(msgspec.Struct):
    """Files that are in `staging` by path; `old` are those that the last build has left."""

    staging: Staging
    old: Mapping[str, Record]
    records: dict[str, Record] = msgspec.field(default_factory=dict)
    kept: int = 0

    def sibling(self) -> "Outputs":
        """Return the beginning of other files of the same site, to be added later."""
        return Outputs(self.staging, self.old)

    def add(self, records: Mapping[str, Record], kept: int) -> None:
        """Take over files, of which so many were `kept`, from another process."""
        self.records |= records
        self.kept += kept

    def put(self, path: str, content: bytes, key: bytes, extras: Iterable[str] = ()) -> None:
        """Write `content`, made from what `key` is the hash of, to `path`, beside its `extras`."""
        self.records[path] = self.staging.put(path, content, key, tuple(extras))

    def place(self, path: str, content: bytes) -> None:
        """Write `content` to `path`, unless the present site has it."""
        self.make(path, lambda: content, fingerprints.of_bytes(content))

    def make(self, path: str, content: Callable[[], bytes], key: bytes) -> None:
        """Write what `content` returns, unless the present site has what is made from `key`."""
        if not self.keep(path, key):
            self.put(path, content(), key)

    def copy(self, path: str, source: Path) -> None:
        """Copy `source` to `path`, unless the present site has it."""
        key = fingerprints.of(str(source), fingerprints.stat_of(source))
        if not self.keep(path, key):
            self.records[path] = self.staging.copy(path, source, key)

    def keep(self, path: str, key: bytes) -> bool:
        """Keep the file of the present site if it was made from what `key` is the hash of."""
        if path in self.records and self.records[path].key == key:
            return True
        record = self.old.get(path)
        if record is None or not self.staging.holds(path, record, key):
            return False
        self.staging.keep(path)
        self.records[path] = record
        self.kept += 1
        return True

    def keep_whole(self, path: str, key: bytes) -> bool:
        """Keep a file as `keep` does, with those that it needs beside it, or none of them."""
        record = self.old.get(path)
        extras = record.extras if record else ()
        if not all(map(self._is_there, extras)) or not self.keep(path, key):
            return False
        for extra in extras:
            if extra not in self.records:
                self.keep(extra, self.old[extra].key)
        return True

    def _is_there(self, path: str) -> bool:
        record = self.old.get(path)
        return record is not None and self.staging.holds(path, record, record.key)

"""The new site beside the old one, until it takes its place in one step.

The old one then stays, as the beginning of the next: most of its files are those of the site.
"""

import ctypes
import os
import shutil
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from errno import EBUSY, EXDEV
from pathlib import Path
from typing import BinaryIO

import msgspec

from kbgen import fingerprints
from kbgen.cache import Record
from kbgen.files import unreadable, unwritable, write_changed
from kbgen_search.errors import KbError

EXCHANGE = 2
AT_FDCWD = -100

# How a file is missing: itself, its folder (a file now), or as a file (a folder now).
_GONE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class Filled(msgspec.Struct, frozen=True):
    """The paths of files in a new site: those that are as their records say, and any others.

    The others are as the disk has them: whoever put them there may have named them as he liked.
    """

    held: list[str]
    others: list[bytes]

    @property
    def paths(self) -> list[str]:
        """Return the paths of all."""
        return self.held + list(map(os.fsdecode, self.others))


class Staging(msgspec.Struct, frozen=True):
    """A folder in which a site is made; `site` is the folder it will take the place of.

    What is in the folder at first counts for nothing unless `holds` says that it is as it should.
    """

    site: Path
    folder: Path
    lasting: bool
    _held: dict[str, Record] = msgspec.field(default_factory=dict)

    @classmethod
    def of(cls, site: Path, home: Path) -> "Staging":
        """Return the staging folder for `site`: in `home`, or beside it if that is another disk.

        Raises KbError when it cannot be made, or `site` is a file.
        """
        site = site.resolve()
        if site.is_file():
            remedy = "remove it, or name another folder as `site_dir`"
            raise KbError("a file is where the site should go", file=site, remedy=remedy)
        beside = site.with_name(f".{site.name}.new")
        try:
            home.mkdir(parents=True, exist_ok=True)
            site.parent.mkdir(parents=True, exist_ok=True)
            near = home.stat().st_dev == site.parent.stat().st_dev
            staging = cls(site, home / "staging" if near else beside, lasting=near)
            if staging.folder.is_file():  # somebody's, in the place of ours
                staging.folder.unlink()
            staging.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise unwritable(site, error) from error
        return staging

    def put(self, path: str, content: bytes, key: bytes, extras: tuple[str, ...] = ()) -> Record:
        """Write a file; return its record."""
        try:
            with self._create(path) as file:
                file.write(content)
                file.flush()
                return _record(os.fstat(file.fileno()), key, extras)
        except OSError as error:
            raise unwritable(self.site / path, error) from error

    def copy(self, path: str, source: Path, key: bytes) -> Record:
        """Copy a file from `source`; return its record."""
        try:
            shutil.copyfile(source, self._clear(path))
        except OSError as error:
            if error.filename == os.fspath(source) and error.filename2 is None:
                raise unreadable(source, error) from error
            raise unwritable(self.site / path, error) from error
        return self.record(path, key, ())

    def holds(self, path: str, record: Record | None, key: bytes) -> bool:
        """Tell whether the file made from `key` is here or in the present site, untouched since."""
        if record is None or record.key != key:
            return False
        if self._held.get(path) == record:
            return True
        if _is(f"{self.folder}/{path}", record):
            self._held[path] = record
            return True
        return _is(f"{self.site}/{path}", record)

    def keep(self, path: str) -> None:
        """Take a file over from the present site, without copying where the disk can do so."""
        if path in self._held:
            return
        old, new = f"{self.site}/{path}", f"{self.folder}/{path}"
        if not _link(old, new):
            self._clear(path)
            if not _link(old, new):
                shutil.copy2(old, new)

    def fill(self, records: Mapping[str, Record]) -> Filled:
        """Take over whatever in the present site is as the records say; return what is here then.

        A site is mostly what it was: so that is done while it is worked out what is not.
        """
        for path, record in records.items():
            if self.holds(path, record, record.key):
                self.keep(path)
                self._held[path] = record
        others = [os.fsencode(path) for path in self.files() if path not in self._held]
        return Filled(list(self._held), others)

    def believe(self, paths: Iterable[str], records: Mapping[str, Record]) -> None:
        """Note that files are here as the records say, which another process has seen to."""
        self._held.update((path, records[path]) for path in paths)

    def files(self) -> Iterator[str]:
        """Yield the paths of all files that are in the folder now."""
        return (path for path, _ in fingerprints.below(str(self.folder)))

    def keep_only(self, paths: Container[str], found: Iterable[str] | None = None) -> None:
        """Remove all files that are not among `paths`, and folders that have none then.

        `found` are the files that were there before any was put in, if somebody has looked.
        """
        stale = [path for path in (self.files() if found is None else found) if path not in paths]
        for path in stale:
            self._held.pop(path, None)
            with suppress(*_GONE):
                (self.folder / path).unlink()
        emptied = {folder for path in stale for folder in Path(path).parents if folder.name}
        for folder in sorted(emptied, reverse=True):  # what is in a folder before the folder
            with suppress(OSError):  # it has other files
                (self.folder / folder).rmdir()

    def publish(self) -> None:
        """Let the new site take the old one's place; a reader sees one or the other.

        Hidden files at the top of the old site, such as `.git`, move over. The rest of it is in the
        staging folder then.
        """
        try:
            self._swap()
        except OSError as error:
            if error.errno not in (EBUSY, EXDEV):
                raise unwritable(self.site, error) from error
            self._pour()

    def close(self, keep: bool) -> None:
        """Remove the staging folder, unless it is to `keep` and is where it may lie for long."""
        if not (keep and self.lasting):
            shutil.rmtree(self.folder, ignore_errors=True)

    def record(self, path: str, key: bytes, extras: tuple[str, ...]) -> Record:
        """Return the record of a file in the staging folder."""
        return _record((self.folder / path).stat(), key, extras)

    def _create(self, path: str) -> BinaryIO:
        """Open a new file; in most builds there is none of its name."""
        self._held.pop(path, None)
        name = f"{self.folder}/{path}"
        try:
            return open(name, "xb")  # noqa: PTH123  (thousands of times, as the next ones)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(name), exist_ok=True)  # noqa: PTH103, PTH120
            return open(name, "xb")  # noqa: PTH123
        except OSError:
            return self._clear(path).open("xb")

    def _clear(self, path: str) -> Path:
        """Make way for a file and return its place; one there may be the present site's own."""
        file = self.folder / path
        self._held.pop(path, None)
        try:
            file.unlink()
        except FileNotFoundError:
            if not file.parent.is_dir():
                file.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            self._make_way(file)
        return file

    def _make_way(self, file: Path) -> None:
        """Remove a folder that has the file's name, or a file that has the name of its folder."""
        if file.is_dir():
            shutil.rmtree(file)
            return
        for folder in file.relative_to(self.folder).parents:
            if (self.folder / folder).is_file():
                (self.folder / folder).unlink()
        file.parent.mkdir(parents=True, exist_ok=True)

    def _swap(self) -> None:
        self._move_hidden()
        if not self.site.exists():
            self.folder.rename(self.site)
        elif not _exchange(self.folder, self.site):
            self._replace()

    def _pour(self) -> None:
        """Put the files into the old site one by one: the folder of another disk stays in place."""
        old = Staging(self.site, self.site, lasting=True)
        new = list(self.files())
        for path in new:
            if not (self.site / path).is_file():
                old._clear(path)
            write_changed(self.site / path, (self.folder / path).read_bytes())
        old.keep_only(set(new), [path for path in old.files() if not path.startswith(".")])

    def _move_hidden(self) -> None:
        for entry in self.site.glob(".*") if self.site.is_dir() else ():
            target = self.folder / entry.name
            if not target.exists():
                entry.rename(target)

    def _replace(self) -> None:
        old = self.folder.with_name(f"{self.folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        self.site.rename(old)
        self.folder.rename(self.site)
        old.rename(self.folder)


def _record(stat: os.stat_result, key: bytes, extras: tuple[str, ...]) -> Record:
    return Record(key, stat.st_size, stat.st_mtime_ns, stat.st_ino, extras)


def _link(old: str, new: str) -> bool:
    """Link a file; tell whether that was possible."""
    try:
        os.link(old, new)
    except OSError:  # there is a file, or no folder yet, or links are not for this disk
        return False
    return True


def _is(file: str, record: Record) -> bool:
    """Tell whether a file is the one of the record, as far as its state tells."""
    try:
        stat = os.stat(file)  # noqa: PTH116 (asked for every file of the site)
    except OSError:
        return False
    return (stat.st_size, stat.st_mtime_ns, stat.st_ino) == record.state


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; return False where the system cannot do so."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    names = (os.fsencode(one), os.fsencode(other))
    return bool(renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], EXCHANGE) == 0)

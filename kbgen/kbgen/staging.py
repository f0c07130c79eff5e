"""The new site beside the old one, until it takes its place in one step."""

import ctypes
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from kbgen.cache import Record
from kbgen.files import unwritable

EXCHANGE = 2
AT_FDCWD = -100


@dataclass(frozen=True)
class Staging:
    """A folder in which a site is made; `site` is the folder it will take the place of."""

    site: Path
    folder: Path
    _folders: set[Path] = field(default_factory=set)
    _remover: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    @classmethod
    def beside(cls, site: Path) -> "Staging":
        """Return an empty staging folder beside `site`; what a killed build left there goes."""
        site = site.resolve()
        folder = site.with_name(f".{site.name}.new")
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        except OSError as error:
            raise unwritable(folder, error) from error
        return cls(site, folder)

    def put(self, path: str, content: bytes, key: bytes, extras: tuple[str, ...] = ()) -> Record:
        """Write a file; return its record."""
        file = self.folder / path
        try:
            self._clear(file)
            file.write_bytes(content)
        except OSError as error:
            raise unwritable(self.site / path, error) from error
        return self.record(path, key, extras)

    def copy(self, path: str, source: Path, key: bytes) -> Record:
        """Copy a file from `source`; return its record."""
        file = self.folder / path
        try:
            self._clear(file)
            shutil.copyfile(source, file)
        except OSError as error:
            raise unwritable(self.site / path, error) from error
        return self.record(path, key, ())

    def holds(self, path: str, record: Record | None, key: bytes) -> bool:
        """Tell whether the present site has the file made from `key`, untouched since."""
        if record is None or record.key != key:
            return False
        try:
            stat = (self.site / path).stat()
        except OSError:
            return False
        found = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
        return found == (record.size, record.mtime_ns, record.inode)

    def keep(self, path: str) -> None:
        """Take a file over from the present site, without copying where the disk can do so."""
        old, new = self.site / path, self.folder / path
        self._clear(new)
        try:
            os.link(old, new)
        except OSError:
            shutil.copy2(old, new)

    def publish(self) -> None:
        """Let the new site take the old one's place; a reader sees one or the other.

        Hidden files at the top of the old site, such as `.git`, move over. The rest of it is being
        removed until `discard`, which the caller calls in any case.
        """
        self._move_hidden()
        try:
            if not self.site.exists():
                self.folder.rename(self.site)
            elif not _exchange(self.folder, self.site):
                self._replace()
        except OSError as error:
            raise unwritable(self.site, error) from error
        self._remover.submit(shutil.rmtree, self.folder, ignore_errors=True)

    def discard(self) -> None:
        """Remove what is left in the staging folder: the old site, or a new one that is no good."""
        self._remover.shutdown()
        shutil.rmtree(self.folder, ignore_errors=True)

    def record(self, path: str, key: bytes, extras: tuple[str, ...]) -> Record:
        """Return the record of a file in the staging folder."""
        stat = (self.folder / path).stat()
        return Record(key, stat.st_size, stat.st_mtime_ns, stat.st_ino, extras)

    def _clear(self, file: Path) -> None:
        """Make way for a file: one that is there may be the present site's own."""
        if file.parent in self._folders:
            file.unlink(missing_ok=True)
            return
        try:
            file.parent.mkdir(parents=True)
        except FileExistsError:
            file.unlink(missing_ok=True)
        self._folders.add(file.parent)

    def _move_hidden(self) -> None:
        for entry in self.site.glob(".*") if self.site.is_dir() else ():
            target = self.folder / entry.name
            if not target.exists():
                entry.rename(target)

    def _replace(self) -> None:
        old = self.folder.with_name(f".{self.site.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        self.site.rename(old)
        self.folder.rename(self.site)
        shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; return False where the system cannot do so."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    names = (os.fsencode(one), os.fsencode(other))
    return bool(renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], EXCHANGE) == 0)

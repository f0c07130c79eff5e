"""Notices when files of a project change."""

from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch


class Watch:
    """Calls `changed` with the paths whenever something in the followed folders, or one of the
    followed files, changes, from any thread.

    Of what lies beside such files, also those count which `also` holds for at the time.
    """

    def __init__(
        self,
        changed: Callable[[set[Path]], None],
        also: Callable[[Path], bool] = lambda path: False,
    ) -> None:
        self._changed, self._also = changed, also
        self._observer = Observer()
        self._files: set[Path] = set()
        self._watches: dict[tuple[Path, bool], ObservedWatch] = {}

    def __enter__(self) -> Self:
        self._observer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._observer.stop()
        self._observer.join()

    def follow(self, folders: Iterable[Path], files: Iterable[Path]) -> None:
        """Watch these from now on, and nothing else; a folder that is gone until it is back."""
        named = {path.resolve() for path in folders}
        whole = {path for path in named if path.is_dir() and not named & set(path.parents)}
        self._files = named | {path.resolve() for path in files}
        beside = {path.parent for path in self._files if not whole & {path, *path.parents}}
        wanted = {(folder, True) for folder in whole}
        wanted |= {(folder, False) for folder in beside if folder.is_dir()}
        for gone in self._watches.keys() - wanted:
            self._observer.unschedule(self._watches.pop(gone))
        for folder, is_whole in wanted - self._watches.keys():
            handler = _Handler(self._changed, None if is_whole else self._counts)
            watch = self._observer.schedule(handler, str(folder), recursive=is_whole)
            self._watches[folder, is_whole] = watch

    def _counts(self, path: Path) -> bool:
        return path in self._files or self._also(path)


class _Handler(FileSystemEventHandler):
    """Hears of a whole folder, or, with `only`, of what that holds for among what is in it."""

    def __init__(
        self, changed: Callable[[set[Path]], None], only: Callable[[Path], bool] | None
    ) -> None:
        self._changed = changed
        self._only = only

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("opened", "closed_no_write"):
            return
        paths = {Path(str(path)) for path in (event.src_path, event.dest_path) if path}
        if any(map(self._only, paths)) if self._only else not _is_told_by_its_files(event):
            self._changed(paths)


def _is_told_by_its_files(event: FileSystemEvent) -> bool:
    """Tell whether files have events of their own: not those of a folder that left as a whole."""
    return event.is_directory and event.event_type not in ("deleted", "moved")

"""Notices when files of a project change."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer


@contextmanager
def watched(
    folders: Iterable[Path],
    files: Iterable[Path],
    changed: Callable[[set[Path]], None],
    also: Callable[[Path], bool] = lambda path: False,
) -> Iterator[None]:
    """Call `changed` with the paths whenever something in `folders`, or one of `files`, changes.

    Of what lies beside `files`, also those count which `also` holds for at the time.
    """
    observer = Observer()
    whole = {path.resolve() for path in folders if path.is_dir()}
    for folder in whole:
        observer.schedule(_Handler(changed), str(folder), recursive=True)
    wanted = {path.resolve() for path in files}
    for folder in {path.parent for path in wanted if path.parent.is_dir()}:
        if not whole & {folder, *folder.parents}:
            handler = _Handler(changed, lambda path: path in wanted or also(path))
            observer.schedule(handler, str(folder), recursive=False)
    observer.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()


class _Handler(FileSystemEventHandler):
    def __init__(
        self,
        changed: Callable[[set[Path]], None],
        only: Callable[[Path], bool] = lambda path: True,
    ) -> None:
        self._changed = changed
        self._only = only

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("opened", "closed_no_write"):
            return
        if event.is_directory and event.event_type not in ("deleted", "moved"):
            return  # its files have events of their own, unless it has left as a whole
        paths = {Path(str(path)) for path in (event.src_path, event.dest_path) if path}
        if any(map(self._only, paths)):
            self._changed(paths)

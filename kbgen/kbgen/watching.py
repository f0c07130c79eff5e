"""Notices when files of a project change."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer


@contextmanager
def watched(
    folders: Iterable[Path], files: Iterable[Path], changed: Callable[[set[Path]], None]
) -> Iterator[None]:
    """Call `changed` with the paths whenever something in `folders`, or one of `files`, changes."""
    observer = Observer()
    for folder in {path.resolve() for path in folders if path.is_dir()}:
        observer.schedule(_Handler(changed), str(folder), recursive=True)
    wanted = {path.resolve() for path in files}
    for folder in {path.parent for path in wanted}:
        observer.schedule(_Handler(changed, wanted), str(folder), recursive=False)
    observer.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()


class _Handler(FileSystemEventHandler):
    def __init__(self, changed: Callable[[set[Path]], None], only: set[Path] | None = None) -> None:
        self._changed = changed
        self._only = only

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("opened", "closed_no_write") or event.is_directory:
            return
        paths = {Path(str(path)) for path in (event.src_path, event.dest_path) if path}
        if self._only is None or paths & self._only:
            self._changed(paths)

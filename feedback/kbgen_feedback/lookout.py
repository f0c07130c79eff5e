"""What the collector has to look for now and then: the newest build, and today's key."""

import asyncio
import logging
import threading
import time
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from kbgen_feedback import catalog
from kbgen_feedback.intake import Known
from kbgen_feedback.manifest import FILE, Manifest, read
from kbgen_feedback.readers import Key, current_key
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.writer import OverloadedError
from kbgen_search.errors import KbError

log = logging.getLogger("kbgen.collector")

EVERY_S = 2.0  # how often the manifest's time stamp is looked at


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Lookout:
    """Keeps the last good answer when the file or the database does not give a new one."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.known = Known()
        self._key: Key | None = None
        self._stamp = -1.0
        self._looked = float("-inf")
        self._looking = threading.Lock()

    @property
    def key(self) -> Key:
        """The key of today's reader ids.

        Raises:
            OverloadedError: the database has not told it yet.
        """
        if self._key is None:
            raise OverloadedError
        return self._key

    async def ready(self) -> None:
        """Return when events can be judged; the event loop never waits for the database.

        While one request looks, the others go on with what was known before.
        """
        if self._key is None or (self._is_due() and not self._looking.locked()):
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Learn the newest build and today's key; what fails is tried again at the next look."""
        with self._looking:
            if not self._is_due():
                return
            self._looked = time.monotonic()
            try:
                self._look_for_build()
                self._look_for_key()
            except DBAPIError as error:
                fields = {"error": type(error.orig or error).__name__}
                log.error("build and key not read", extra={"fields": fields})

    def _is_due(self) -> bool:
        return time.monotonic() - self._looked >= EVERY_S

    def _look_for_key(self) -> None:
        hours, now = self.settings.key_hours, now_ms()
        if self._key is None or now - self._key.made >= hours * 3_600_000:
            self._key = current_key(self.store, now, hours)

    def _look_for_build(self) -> None:
        path = Path(self.settings.site) / FILE
        stamp = path.stat().st_mtime if path.is_file() else 0.0
        if stamp == self._stamp:
            return
        try:
            self._learn(read(path) if stamp else Manifest())
        except KbError as error:
            log.warning("the manifest was not read: %s", error)
        self._stamp = stamp

    def _learn(self, manifest: Manifest) -> None:
        """Take over a build's articles and revisions."""
        if manifest.articles:
            catalog.learn(self.store, manifest, now_ms())
        self.known = Known(manifest, catalog.revisions(self.store) if manifest.articles else {})

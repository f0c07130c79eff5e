"""The collector's moving parts: what it knows of the site, its key, its writer, its daily work."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from kbgen_feedback import catalog, digest, listing, retention
from kbgen_feedback.intake import Intake, Known
from kbgen_feedback.limits import Buckets, Rate
from kbgen_feedback.manifest import FILE, Manifest, read
from kbgen_feedback.proof import Replay
from kbgen_feedback.readers import Key, current_key
from kbgen_feedback.replay import searcher
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.writer import Writer
from kbgen_feedback.sums import stale_days
from kbgen_search.errors import KbError

log = logging.getLogger("kbgen.collector")

REFRESH_S = 3.0  # an editor who reloads sees new events after this

_CHECK_S = 2.0  # how often the manifest's time stamp is looked at


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Collector:
    """One process that takes events for one site; all that must last is in the store."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.writer = Writer(store, settings.queue_events)
        self.intake = Intake(settings)
        self.addresses = Buckets(Rate(settings.requests_a_second, settings.requests_burst))
        self.logins = Buckets(
            Rate(settings.desk_logins_a_minute / 60, settings.desk_logins_a_minute)
        )
        self.known = Known()
        self.requests: dict[str, int] = {}
        self.seconds = 0.0
        self._key: Key | None = None
        self._stamp = -1.0
        self._looked = 0.0
        self._started = threading.Lock()
        self._refreshing = threading.Lock()
        self._refreshed = 0.0
        self._document: dict[str, Any] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the writer and read the manifest, once."""
        if self._started.acquire(blocking=False):
            self.look_for_build(force=True)
            self.writer.start()

    def key(self) -> Key:
        """Return the key of today's reader ids."""
        hours = self.settings.key_hours
        now = now_ms()
        if self._key is None or now - self._key.made >= hours * 3_600_000:
            self._key = current_key(self.store, now, hours)
        return self._key

    def look_for_build(self, force: bool = False) -> None:
        """Read the manifest when it is new; keep the last good one when it cannot be read."""
        if not force and time.monotonic() - self._looked < _CHECK_S:
            return
        self._looked = time.monotonic()
        path = Path(self.settings.site) / FILE
        stamp = path.stat().st_mtime if path.is_file() else 0.0
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self.learn(read(path) if stamp else Manifest())
        except KbError as error:
            log.warning("the manifest was not read: %s", error)

    def learn(self, manifest: Manifest) -> None:
        """Take over a build's articles and revisions."""
        if manifest.articles:
            catalog.register(self.store, manifest, now_ms())
        self.known = Known(manifest, catalog.revisions(self.store) if manifest.articles else {})

    def count(self, name: str) -> None:
        """Count a request by its outcome."""
        self.requests[name] = self.requests.get(name, 0) + 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Collect while the block runs; what was acknowledged is stored when it ends."""
        self.start()
        self._task = asyncio.create_task(self._daily_work())
        try:
            yield
        finally:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            await asyncio.to_thread(self.writer.stop)

    def search(self) -> Replay | None:
        """Return the search of the newest build, if its index is here."""
        return searcher(Path(self.settings.index), self.settings.rules.top_results)

    def document(self) -> dict[str, Any]:
        """Return today's flags, refreshed when there are new events and not just before."""
        with self._refreshing:
            old = time.monotonic() - self._refreshed > REFRESH_S
            if self._document is None or (old and stale_days(self.store)):
                self._document = listing.now(self.store, self.settings, now_ms(), self.search())
                self._refreshed = time.monotonic()
            return self._document

    def forget_document(self) -> None:
        """Make the next look at the flags a fresh one, after an editor changed one."""
        self._document = None

    async def _daily_work(self) -> None:
        while True:
            await asyncio.sleep(self.settings.refresh_s)
            try:
                await asyncio.to_thread(self.tend)
            except Exception as error:  # the collector goes on; the next round tries again
                log.error("daily work failed", extra={"fields": {"error": type(error).__name__}})

    def tend(self) -> None:
        """Bring sums and flags up to date, and delete what is past its time."""
        self.forget_document()
        self.document()
        retention.purge(self.store, self.settings, now_ms())
        self.key()
        try:
            digest.announce(self.store, self.settings, now_ms())
        except KbError as error:
            log.warning("no digest: %s", error)

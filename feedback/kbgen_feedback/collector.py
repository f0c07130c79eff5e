"""The collector's moving parts: what it knows of the site, its key, its writer, its daily work."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from kbgen_feedback import flagbook, listing
from kbgen_feedback.intake import Intake, Known
from kbgen_feedback.limits import Buckets, Rate
from kbgen_feedback.lookout import Lookout, now_ms
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.health import Health
from kbgen_feedback.store.writer import Writer
from kbgen_feedback.sums import stale_days
from kbgen_feedback.tending import Document, Tender, turn

log = logging.getLogger("kbgen.collector")

REFRESH_S = 3.0  # an editor who reloads sees new events after this
PATIENCE_S = 1.0  # for them; then the flags that are known are shown


class Collector:
    """One process that takes events for one site; all that must last is in the store."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.writer = Writer(store, settings.queue_events)
        self.health = Health(store, self.writer)
        self.intake = Intake(settings)
        self.addresses = Buckets(Rate(settings.requests_a_second, settings.requests_burst))
        self.logins = Buckets(
            Rate(settings.desk_logins_a_minute / 60, settings.desk_logins_a_minute)
        )
        self.guesses = asyncio.Semaphore(2)  # each takes 16 MiB, however many come at once
        self.lookout = Lookout(settings, store)
        self.tender = Tender(store, settings)
        self.requests: dict[str, int] = {}
        self.seconds = 0.0
        self._started = threading.Lock()
        self._refreshing = threading.Lock()
        self._refreshed = 0.0
        self._document: Document | None = None
        self._decided = 0  # how often an editor decided on held votes
        self._stamp: object = None
        self._task: asyncio.Task[None] | None = None

    @property
    def known(self) -> Known:
        """The articles of the newest build."""
        return self.lookout.known

    async def ready(self) -> None:
        """Return when events can be taken."""
        if self._started.acquire(blocking=False):
            self.writer.start()
        await self.lookout.ready()

    def count(self, name: str) -> None:
        """Count a request by its outcome."""
        self.requests[name] = self.requests.get(name, 0) + 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Collect while the block runs; what was acknowledged is stored when it ends."""
        await self.ready()
        self._task = asyncio.create_task(self._tend_often())
        try:
            yield
        finally:
            self._task.cancel()
            self.tender.stop()
            with suppress(asyncio.CancelledError):
                await self._task
            await asyncio.to_thread(self.writer.stop)

    def document(self) -> Document:
        """Return today's flags as editors left them; evidence anew, if there is and it was old.

        Where that takes long the flags are those of the last refresh, and the next look has more.
        """
        known = self._document
        if known is None:
            with self._refreshing:
                known = self._document or self._refresh(whole=False)
        elif time.monotonic() - self._refreshed > REFRESH_S and self._refreshing.acquire(False):
            beside = threading.Thread(target=self._catch_up, name="kbgen-refresh", daemon=True)
            beside.start()
            beside.join(PATIENCE_S)
            known = self._document or known
        return listing.as_decided(known, flagbook.states(self.store))

    @property
    def is_refreshing(self) -> bool:
        """Whether newer flags are on their way."""
        return self._refreshing.locked()

    def _catch_up(self) -> None:
        """Refresh, if there is news, for somebody who has begun the refresh."""
        try:
            if self._is_news():
                self._refresh(whole=False)
        except Exception:  # who looks next tries again
            log.exception("work in the background failed")
        finally:
            self._refreshing.release()

    def _is_news(self) -> bool:
        return bool(stale_days(self.store)) or flagbook.stamp(self.store) != self._stamp

    def _refresh(self, whole: bool) -> Document:
        decided = self._decided
        document = self.tender.work(now_ms(), whole)
        self._document = document if decided == self._decided else None
        self._stamp = flagbook.stamp(self.store)
        self._refreshed = time.monotonic()
        return document

    def forget_document(self) -> None:
        """Make the next look at the flags a fresh one, after an editor let held votes count."""
        self._decided += 1
        self._document = None

    async def _tend_often(self) -> None:
        while True:
            await asyncio.sleep(self.settings.refresh_s)
            try:
                await asyncio.to_thread(self.tend)
            except Exception:  # the collector goes on; the next round tries again
                log.exception("work in the background failed")

    def tend(self) -> None:
        """Bring flags up to date, delete what is past its time, tell owners; if it is our turn."""
        self.lookout.look()
        with self._refreshing, turn(self.store, now_ms()) as mine:
            if mine:
                self._refresh(whole=True)

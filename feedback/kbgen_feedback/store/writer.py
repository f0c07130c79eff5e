"""One thread that writes for all requests: many batches, one commit, answers after it."""

import asyncio
import logging
import math
import queue
import threading
import time
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from kbgen_feedback.durations import Durations
from kbgen_feedback.store.checkpoints import Checkpoints
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import Batch, record

log = logging.getLogger("kbgen.collector")

MOST_AT_ONCE = 4000  # events in one transaction: keeps commits short and memory small
PATIENCE_S = 20.0  # to wait for a commit; sent again, an event is stored once all the same
LINGER_S = 0.004  # under load: a short wait makes fewer, larger commits


class OverloadedError(Exception):
    """More events wait than may; the client shall come back."""


@dataclass(frozen=True)
class _Waiting:
    batch: Batch
    future: "asyncio.Future[None]"
    loop: asyncio.AbstractEventLoop


class Writer:
    """Group commit: `submit` returns when the batch is on disk."""

    def __init__(self, store: Store, most_waiting: int) -> None:
        self.store = store
        self.most_waiting = most_waiting
        self.waiting = 0
        self.stored = 0
        self.duplicates = 0
        self.took = Durations()
        self.failed = -math.inf  # when a batch was last not stored, by the monotonic clock
        self._checkpoints = Checkpoints(store)
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="kbgen-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._checkpoints.start()
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end; without it when the database does not answer."""
        self._queue.put(None)
        self._thread.join(PATIENCE_S)
        if self._thread.is_alive():  # nobody was told that these are stored
            log.error("batches not stored", extra={"fields": {"waiting": self.waiting}})
        self._checkpoints.stop()

    async def submit(self, batch: Batch) -> None:
        """Return when the batch is durable.

        Raises:
            OverloadedError: the queue is full, or the database does not take the batch now, or
                does not answer; it may be stored later then.
        """
        size = max(1, len(batch.events))  # counts of refusals wait in memory, too
        if self.waiting + size > self.most_waiting:
            raise OverloadedError
        self.waiting += size
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        future.add_done_callback(lambda _: self._written(size))
        self._queue.put(_Waiting(batch, future, loop))
        try:
            await asyncio.wait_for(asyncio.shield(future), PATIENCE_S)
        except (TimeoutError, asyncio.CancelledError):  # the latter when the server ends
            raise OverloadedError from None

    def _written(self, size: int) -> None:
        self.waiting -= size

    def _run(self) -> None:
        busy = False
        while (first := self._queue.get()) is not None:
            if busy:
                time.sleep(LINGER_S)
            group, last = self._gather(first)
            busy = len(group) > 1
            self._commit(group)
            if last:
                return

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """Return all that waits, up to a bound, and whether the end was asked for."""
        group, size = [first], len(first.batch.events)
        while size < MOST_AT_ONCE:
            try:
                one = self._queue.get_nowait()
            except queue.Empty:
                break
            if one is None:
                return group, True
            group.append(one)
            size += len(one.batch.events)
        return group, False

    def _commit(self, group: list[_Waiting]) -> None:
        began = time.perf_counter()
        try:
            new = self._write([one.batch for one in group])
        except Exception as error:
            self._failed(group, error)
            return
        self.took.add(time.perf_counter() - began)
        self.stored += new
        self.duplicates += sum(len(one.batch.events) for one in group) - new
        self._answer(group, None)
        self._checkpoints.committed()

    def _write(self, batches: list[Batch]) -> int:
        """Write, and once more when the connection was lost (a restarted database)."""
        try:
            return self._transaction(batches)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._transaction(batches)

    def _transaction(self, batches: list[Batch]) -> int:
        with self.store.write() as connection:
            return record(self.store, connection, batches)

    def _failed(self, group: list[_Waiting], error: Exception) -> None:
        self.failed = time.monotonic()
        cause = getattr(error, "orig", None) or error
        log.error("batch not stored", extra={"fields": {"error": type(cause).__name__}})
        self._answer(group, OverloadedError())

    def _answer(self, group: list[_Waiting], error: Exception | None) -> None:
        """Wake the requests, once per event loop rather than once per request."""
        loops = {one.loop for one in group}
        for loop in loops:
            futures = [one.future for one in group if one.loop is loop]
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, futures, error)


def _settle(futures: "list[asyncio.Future[None]]", error: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)

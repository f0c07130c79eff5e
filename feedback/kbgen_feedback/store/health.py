"""Whether the database takes what is sent to it, asked only as often as somebody wants to know."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from kbgen_feedback.store.database import Store
from kbgen_feedback.store.facts import fact, keep
from kbgen_feedback.store.writer import Writer

TRIED = "health.tried"
GONE = (DBAPIError, NoConnectionError)
LOOK_S = 1.0
PATIENCE_S = 3.0  # for a database that does not answer at all
LATELY_S = 5.0  # a full disk takes small writes still: nothing is well so soon after a failure


@dataclass
class _Look:
    """One look at the database, by a thread of its own: nobody knows whether it ends."""

    look: Callable[[], bool]
    began: float = field(default_factory=time.monotonic)
    good: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        threading.Thread(target=self._run, name="kbgen-health", daemon=True).start()

    def _run(self) -> None:
        try:
            self.good = self.look()
        finally:
            self.done.set()

    def found(self) -> bool:
        """Return whether all was well; not so if it has lasted for too long."""
        return self.done.wait(max(0.0, self.began + PATIENCE_S - time.monotonic())) and self.good

    def is_old(self) -> bool:
        return self.done.is_set() and time.monotonic() - self.began > LOOK_S


class Health:
    """Reads while all is well; after events were not stored, writes to see whether that ended."""

    def __init__(self, store: Store, writer: Writer) -> None:
        self._store, self._writer = store, writer
        self._turn = threading.Lock()
        self._newest: _Look | None = None
        self._proven = -math.inf

    def is_good(self) -> bool:
        """Tell whether the database answers and takes events; looked at once a second at most."""
        well = self._looked().found()
        return well and time.monotonic() - self._writer.failed > LATELY_S

    def _looked(self) -> _Look:
        """Return the newest look; while one lasts nobody begins another."""
        with self._turn:
            if self._newest is None or self._newest.is_old():
                self._newest = _Look(self._look)
                self._newest.begin()
            return self._newest

    def _look(self) -> bool:
        now = time.monotonic()
        try:
            if self._writer.failed > self._proven:
                keep(self._store, TRIED, str(int(time.time())))
                self._proven = now
            else:
                fact(self._store, TRIED)
        except GONE:
            return False
        return True

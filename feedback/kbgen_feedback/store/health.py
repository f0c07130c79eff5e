"""Whether the database takes what is sent to it, asked only as often as somebody wants to know."""

import math
import threading
import time

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from kbgen_feedback.store.database import Store
from kbgen_feedback.store.facts import fact, keep
from kbgen_feedback.store.writer import Writer

TRIED = "health.tried"
GONE = (DBAPIError, NoConnectionError)
LOOK_S = 1.0
LATELY_S = 5.0  # a full disk takes small writes still: nothing is well so soon after a failure


class Health:
    """Reads while all is well; after events were not stored, writes to see whether that ended."""

    def __init__(self, store: Store, writer: Writer) -> None:
        self._store, self._writer = store, writer
        self._looking = threading.Lock()
        self._looked = self._proven = -math.inf
        self._good = True

    def is_good(self) -> bool:
        """Tell whether the database answers and takes events; looked at once a second at most."""
        with self._looking:
            if time.monotonic() - self._looked > LOOK_S:
                self._good = self._look()
                self._looked = time.monotonic()
            return self._good and time.monotonic() - self._writer.failed > LATELY_S

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

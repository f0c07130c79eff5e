"""The collector's work in the background: sums, flags, deletion, notices.

Where there is much to read it is done by a process of its own, so that readers' events wait for
none of it and its memory goes with it: `python -m kbgen_feedback.tending` reads what to do from
standard input and writes the flags to standard output.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import msgspec
from sqlalchemy import Select, func, select

from kbgen_feedback import digest, listing, logs, retention
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import facts, schema
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.store.record import DAY_MS
from kbgen_feedback.sums import stale_days
from kbgen_search.errors import KbError

log = logging.getLogger("kbgen.collector")

LITTLE = 20_000  # rows to read: a fraction of a second
LEASE_MS = 30 * 60_000  # after this, another collector takes over from one that was killed
_LEASE = "tending"

Document = dict[str, Any]


class Job(msgspec.Struct, frozen=True):
    """What a process is asked to do; `whole` with deletion and notices, else only the flags."""

    database: str
    settings: Settings
    now: int
    whole: bool


def tend(store: Store, settings: Settings, now: int, whole: bool = True) -> Document:
    """Bring sums and flags up to date and return the flags; delete what is past, tell owners."""
    document = listing.now_with_search(store, settings, now)
    if whole:
        retention.purge(store, settings, now)
        try:
            digest.announce(store, settings, now)
        except KbError as error:
            log.warning("no digest: %s", error)
    return document


@contextmanager
def turn(store: Store, now: int) -> Iterator[bool]:
    """Give whether it is this collector's turn: one on a database tends it, the others need not."""
    mine = facts.lease(store, _LEASE, now, LEASE_MS)
    try:
        yield mine
    finally:
        if mine:
            facts.keep(store, _LEASE, "0")


def is_little(store: Store) -> bool:
    """Return whether there are so few rows to read that this process may do it by the way."""
    e, s, f = schema.events.c, schema.searches.c, schema.finds.c
    days = [day for day, *_ in stale_days(store)]
    new = (e.site == store.site) & (e.at >= min(days, default=0) * DAY_MS)
    queries = [select(s.day).where(s.site == store.site), select(f.day).where(f.site == store.site)]
    if days:
        queries.append(select(e.at).where(new))
    return sum(_at_most(store, query) for query in queries) < LITTLE


def _at_most(store: Store, query: Select[Any]) -> int:
    with store.read() as connection:
        rows = query.limit(LITTLE).subquery()
        return connection.scalar(select(func.count()).select_from(rows)) or 0


class Tender:
    """Does the work here or in a process of its own, one piece at a time."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self._busy = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def work(self, now: int, whole: bool) -> Document:
        """Return the flags after the work.

        Raises:
            ChildProcessError: the process ended before it was done.
        """
        with self._busy:
            if is_little(self.store):
                return tend(self.store, self.settings, now, whole)
            url = self.store.engine.url.render_as_string(hide_password=False)
            return self._elsewhere(Job(url, self.settings, now, whole))

    def _elsewhere(self, job: Job) -> Document:
        command = (sys.executable, "-m", "kbgen_feedback.tending")
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:  # noqa: S603
            self._process = process
            try:
                said, _ = process.communicate(msgspec.json.encode(job), LEASE_MS / 1000)
            except subprocess.TimeoutExpired:
                process.kill()  # each day's sums are kept: the next one goes on from there
                said = b""
        self._process = None
        if process.returncode:
            raise ChildProcessError(f"ended with {process.returncode}")
        document: Document = msgspec.json.decode(said)
        return document

    def stop(self) -> None:
        """End the process, if there is one: what it was about to do is done another time."""
        process = self._process
        if process:
            with suppress(ProcessLookupError):
                process.terminate()


def main() -> None:
    """Do the job that standard input names."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the collector decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    logs.to_stderr()
    if hasattr(os, "nice"):
        os.nice(10)
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    try:
        with closing(open_store(job.database, job.settings.site_key)) as store:
            document = tend(store, job.settings, job.now, job.whole)
    except Exception:
        log.exception("work in the background failed")
        sys.exit(1)
    sys.stdout.buffer.write(msgspec.json.encode(document))


if __name__ == "__main__":
    main()

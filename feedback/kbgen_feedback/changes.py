"""Which queries of the newest day other events changed, so that a reading reads these alone.

Noted by whoever brings the day's sums on, in the same transaction; kept in memory with what leads
from one state of the sums to the next. So nothing is said about a day that was summed as a whole.
"""

from collections.abc import Collection, Iterable

import msgspec
from sqlalchemy import Connection

from kbgen_feedback import memory
from kbgen_feedback.store.database import Store

NAME = "changes"
MOST = 10_000  # texts kept; with more that changed, the day's sums are about as soon read


class _Step(msgspec.Struct, frozen=True, array_like=True):
    """The texts of queries whose sums changed when the sums came to know the arrivals `until`."""

    since: int
    until: int
    texts: list[str]


_decoder = msgspec.msgpack.Decoder(list[_Step])


def note(
    store: Store, connection: Connection, day: int, since: int, until: int, texts: Iterable[str]
) -> None:
    """Note that a day's sums now know the arrivals `until`, not only those `since` which they did.

    What is known of another day is thrown away, for one whose sums changed last.
    """
    steps = _steps(connection, store.site, day)
    if steps and steps[-1].until != since:
        steps = []
    steps.append(_Step(since, until, sorted(texts)))
    while sum(len(one.texts) for one in steps) > MOST:
        del steps[0]
    memory.put(store, connection, NAME, str(day), steps)


def between(
    connection: Connection, site: str, day: int, since: int, until: int
) -> Collection[str] | None:
    """Return the texts of queries whose sums changed from one state of a day's sums to another.

    None where it is not known.
    """
    if since == until:
        return ()
    steps = _steps(connection, site, day)
    starts = [one.since for one in steps]
    if since not in starts or steps[-1].until != until:
        return None
    return {text for one in steps[starts.index(since) :] for text in one.texts}


def _steps(connection: Connection, site: str, day: int) -> list[_Step]:
    kept = memory.recall(connection, site, NAME, str(day))
    return _decoder.decode(kept) if kept else []

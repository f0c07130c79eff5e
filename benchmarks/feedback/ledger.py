"""What a collector acknowledged and what it did not: the promise that faults put to the test."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.feedback.payloads import Maker
from benchmarks.feedback.wire import Connection, connection


@dataclass
class Ledger:
    """Batches by what came back: acknowledged ids, and bodies to send again."""

    acknowledged: set[str] = field(default_factory=set)
    pending: list[tuple[bytes, list[str]]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    retried: int = 0

    def note(self, status: int, body: bytes, ids: Iterable[str]) -> None:
        """Note the answer to a batch; 0 stands for none."""
        self.statuses[status] += 1
        if status == 202:
            self.acknowledged.update(ids)
        else:
            self.pending.append((body, list(ids)))

    def compare(self, found: Counter[str]) -> dict[str, int]:
        """Return how the stored ids (id -> how often) keep the promise."""
        return {
            "acknowledged": len(self.acknowledged),
            "missing": sum(one not in found for one in self.acknowledged),
            "doubled": sum(n > 1 for n in found.values()),
            "still_unacknowledged": sum(len(ids) for _, ids in self.pending),
            "events_retried": self.retried,
        }


Stop = Callable[[], bool]


async def press(port: int, ledger: Ledger, make: Maker, stop: Stop, lanes: int) -> None:
    """Send batches on `lanes` connections until `stop` says so, noting each answer."""

    async def run(to: Connection) -> None:
        while not stop():
            body, ids = make()
            status = await to.post("/v1/events", body)
            ledger.note(status, body, ids)
            if status != 202:
                await asyncio.sleep(0.02)
        to.close()

    await asyncio.gather(*(run(connection(port, number)) for number in range(lanes)))


async def retry(port: int, ledger: Ledger, rounds: int = 20) -> None:
    """Send what was not acknowledged again, as a browser does, until it is or the rounds end."""
    to = connection(port, 0)
    for _ in range(rounds):
        again, ledger.pending = ledger.pending, []
        for body, ids in again:
            ledger.retried += len(ids)
            ledger.note(await to.post("/v1/events", body), body, ids)
        if not ledger.pending:
            break
        await asyncio.sleep(0.5)
    to.close()


def shown(result: dict[str, Any]) -> str:
    """Return a result as JSON."""
    return json.dumps(result, indent=1)

"""The load generator counts what really happened: answers, latencies, what must be sent again."""

import asyncio
import json
from collections import Counter
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

import pytest
from benchmarks.feedback.ledger import Ledger
from benchmarks.feedback.payloads import Maker
from benchmarks.feedback.wire import Connection, header, percentile, steadily

from kbgen_feedback import events

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns, run in a thread, as a browser of other tests may hold ours."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
    """Answer every request on a connection with one status and an empty body."""
    try:
        while True:
            length, _ = header(await reader.readuntil(b"\r\n\r\n"))
            await reader.readexactly(length)
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
    except asyncio.IncompleteReadError:
        writer.close()


async def sent_to(status: int, rate: float = 50, seconds: float = 0.4):
    server = await asyncio.start_server(lambda r, w: answer(r, w, status), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        return await steadily(port, rate, seconds, Maker(3, 1), lanes=4)


def test_a_batch_is_of_valid_events_with_ids_of_their_own() -> None:
    make = Maker(10, 1)
    bodies = [make() for _ in range(30)]
    ids = [one for _, some in bodies for one in some]
    whole = [json.dumps(one).encode() for body, _ in bodies for one in json.loads(body)]
    decoded = list(map(events.decode, whole))
    assert not [one for one in decoded if isinstance(one, str)]
    assert [str(one.id) for one in decoded] == ids
    assert len(set(ids)) == 300


def test_only_202_acknowledges() -> None:
    good, bad = run(sent_to(202)), run(sent_to(503))
    assert good.statuses == [202] * 20
    assert len(good.acknowledged) == 60
    assert Counter(bad.statuses) == {503: 20}
    assert bad.acknowledged == []


def test_a_server_that_is_not_there_is_status_0() -> None:
    assert run(Connection(9).post("/v1/events", b"[]")) == 0


def test_the_ledger_tells_missing_and_doubled_events() -> None:
    ledger = Ledger()
    one, two, three = (str(UUID(int=number)) for number in range(3))
    ledger.note(202, b"", [one, two])
    ledger.note(0, b"body", [three])
    kept = ledger.compare(Counter({one: 2}))
    assert (kept["missing"], kept["doubled"], kept["still_unacknowledged"]) == (1, 1, 1)


def test_percentiles() -> None:
    assert percentile(range(100), 0.5) == 50
    assert percentile([3.0], 0.99) == 3.0
    assert percentile([], 0.5) != percentile([], 0.5)


@pytest.mark.parametrize("line", [b"Connection: close", b"connection: Close"])
def test_a_closing_answer_is_seen(line: bytes) -> None:
    assert header(b"HTTP/1.1 202 X\r\nContent-Length: 7\r\n" + line + b"\r\n\r\n") == (7, True)

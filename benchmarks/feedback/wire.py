"""A small HTTP/1.1 client for load: kept-alive connections, latency from the planned moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.feedback.processes import HOST

TIMEOUT_S = 30.0


@dataclass
class Connection:
    """One connection to the server; opened when first used and again after a fault."""

    port: int
    source: str = HOST
    agent: str = "load"
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: bytes, content_type: str = "application/json") -> int:
        """Return the status of a POST, 0 when the connection failed before an answer."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._post(path, body, content_type)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            self.close()
            return 0

    async def _post(self, path: str, body: bytes, content_type: str) -> int:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(
                HOST, self.port, local_addr=(self.source, 0)
            )
        self.writer.write(head(path, len(body), self.agent, content_type) + body)
        await self.writer.drain()
        return await self._answer()

    async def _answer(self) -> int:
        if self.reader is None:
            return 0
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length, close = header(answer)
        if length:
            await self.reader.readexactly(length)
        if close:
            self.close()
        return int(answer[9:12])

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def head(path: str, length: int, agent: str, content_type: str) -> bytes:
    """Return the request's head."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {agent}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def header(answer: bytes) -> tuple[int, bool]:
    """Return the length of the body and whether the server closes the connection."""
    length, close = 0, False
    for line in answer.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line[15:])
        elif line.startswith(b"connection:"):
            close = b"close" in line
    return length, close


@dataclass
class Sent:
    """What became of the requests: the status, the planned moment, the seconds since it."""

    statuses: list[int] = field(default_factory=list)
    planned: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)

    def add(self, status: int, planned: float, ids: Iterable[str]) -> None:
        """Note one request that ended now, and the ids of its events when it was acknowledged."""
        self.statuses.append(status)
        self.planned.append(planned)
        self.seconds.append(time.perf_counter() - planned)
        if status == 202:
            self.acknowledged.extend(ids)


Make = Callable[[], tuple[bytes, list[str]]]


async def steadily(port: int, rate: float, seconds: float, make: Make, lanes: int) -> Sent:
    """Send `rate` requests a second whatever the answers do; latency counts from the plan.

    A request that has to wait for a free connection has waited: no omission is coordinated.
    """
    sent, queue = Sent(), asyncio.Queue[float | None]()
    workers = [
        asyncio.create_task(lane(connection(port, number), queue, sent, make))
        for number in range(lanes)
    ]
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        queue.put_nowait(due)
    for _ in workers:
        queue.put_nowait(None)
    await asyncio.gather(*workers)
    return sent


def connection(port: int, number: int) -> Connection:
    """Return a connection that looks like another browser at another (loopback) address."""
    agent = f"Mozilla/5.0 (X11; Linux x86_64) Firefox/1{number:02d}.0"
    return Connection(port, f"127.0.{number // 200}.{number % 200 + 2}", agent)


async def lane(to: Connection, queue: asyncio.Queue[float | None], sent: Sent, make: Make) -> None:
    """Send what is due, one request after the other, until None comes."""
    while (due := await queue.get()) is not None:
        body, ids = make()
        status = await to.post("/v1/events", body)
        sent.add(status, due, ids)
    to.close()


async def flat_out(port: int, path: str, seconds: float, make: Make, lanes: int) -> Sent:
    """Send as fast as the answers come, on `lanes` connections at once."""
    sent, end = Sent(), time.perf_counter() + seconds

    async def run(to: Connection) -> None:
        while (now := time.perf_counter()) < end:
            body, ids = make()
            sent.add(await to.post(path, body), now, ids)
        to.close()

    await asyncio.gather(*(run(connection(port, number)) for number in range(lanes)))
    return sent


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value that this share of the values does not exceed; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

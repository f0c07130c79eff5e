"""A database that takes connections and then answers nothing, as behind a broken network."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from feedback_events import Running, post, view, wait_for
from sqlalchemy.engine import make_url

from kbgen_feedback import serving
from kbgen_feedback.store import writer


class Wire:
    """A way to PostgreSQL by TCP that can be cut and mended: what is sent meanwhile waits."""

    def __init__(self, folder: str) -> None:
        self.target = f"{folder}/.s.PGSQL.5432"
        self.whole = threading.Event()
        self.whole.set()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._welcome, daemon=True).start()

    def _welcome(self) -> None:
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:  # closed: the test is over
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.target)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError), one, other:
            while some := one.recv(65536):
                self.whole.wait()
                other.sendall(some)


@pytest.fixture
def database(wire: "Wire", new_postgres: str) -> str:
    """The address of an empty database at the end of the wire."""
    return f"postgresql://postgres@127.0.0.1:{wire.port}/{make_url(new_postgres).database}"


@pytest.fixture
def wire(new_postgres: str) -> Iterator[Wire]:
    folder = make_url(new_postgres).query.get("host")
    if not isinstance(folder, str) or not Path(f"{folder}/.s.PGSQL.5432").exists():
        pytest.skip("the database of the tests is not on a socket of this machine")
    wire = Wire(folder)
    yield wire
    wire.whole.set()
    wire.door.close()


def test_nobody_waits_for_a_database_that_says_nothing(
    wire: Wire, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "PATIENCE_S", 2.0)
    with Running(tmp_path, database=database) as client:
        assert post(client, view("a", datetime.now(UTC), "r1")).status_code == 202
        time.sleep(1.1)  # so that who asks about health next looks again
        wire.whole.clear()
        with ThreadPoolExecutor(60) as monitors:  # more than there are threads for requests
            asked = [monitors.submit(client.get, "/v1/health") for _ in range(60)]
            assert post(client, view("a", datetime.now(UTC), "r2")).status_code == 503
            assert client.get("/v1/embed/embed.js").status_code == 200
            assert {one.result().status_code for one in asked} == {503}
        assert "kbgen_store_failing 1" in client.get("/v1/metrics").text
        wire.whole.set()
        assert wait_for(lambda: client.get("/v1/health").status_code == 200, 15)
        stored = "kbgen_events_stored_total 2"  # the one that was refused waited, and came in
        assert wait_for(lambda: stored in client.get("/v1/metrics").text)


def test_a_collector_ends_though_its_database_says_nothing(
    wire: Wire, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "GRACE_S", 1)
    with ThreadPoolExecutor(1) as others:
        with Running(tmp_path, database=database) as client:
            assert post(client, view("a", datetime.now(UTC), "r1")).status_code == 202
            wire.whole.clear()
            late = others.submit(sent_alone, str(client.base_url))
            time.sleep(0.5)
            monkeypatch.setattr(writer, "PATIENCE_S", 2.0)  # of the end; the reader's is 20 s
            began = time.monotonic()
        assert time.monotonic() - began < 10
        assert late.result() == 503


def sent_alone(url: str) -> int:
    """Send an event on a connection of its own; return the answer's status."""
    with httpx.Client(base_url=url, timeout=30) as client:
        return post(client, view("a", datetime.now(UTC), "r2")).status_code

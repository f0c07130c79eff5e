"""Servers under test: started as their users start them, on the loopback address alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

HOST = "127.0.0.1"
PATIENCE_S = 30.0


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """One server process: its command, its port, and the path that answers when it is up."""

    command: Sequence[str]
    port: int
    ready: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    accepted: frozenset[int] = frozenset({200})

    def start(self) -> None:
        """Start the process and wait until it answers; its output goes to server.log."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait()

    def wait(self) -> None:
        """Return once the server answers.

        Raises:
            RuntimeError: it ended, or stayed silent for half a minute.
        """
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if self.process and self.process.poll() is not None:
                break
            if status(self.port, self.ready) in self.accepted:
                return
            time.sleep(0.02)
        tail = (self.folder / "server.log").read_text("utf-8", "replace")[-2000:]
        raise RuntimeError(f"{self.command[0]} did not come up:\n{tail}")

    def kill(self) -> None:
        """End the process and its children at once, as a power cut would."""
        self.signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the process to end, and wait for it."""
        self.signal(signal.SIGTERM)

    def signal(self, number: int) -> None:
        """Send a signal to the process group and wait for its end."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            self.process.wait(PATIENCE_S)

    @property
    def memory(self) -> int:
        """Return the resident memory of the process and its children in bytes, 0 when it is gone.

        What processes share is counted in each of them.
        """
        return sum(map(resident, family(self.process.pid))) if self.process else 0

    @property
    def cpu_seconds(self) -> float:
        """Return the processor time the process has used, 0 when it is gone."""
        with suppress(OSError, AttributeError):
            stat = Path(f"/proc/{self.process.pid}/stat").read_text()  # type: ignore[union-attr]
            user, system = stat.rsplit(")", 1)[1].split()[11:13]
            return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
        return 0.0


def waited(pid: int) -> float:
    """Return the seconds that a process's threads were ready to run while others ran."""
    total = 0
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):
            total += int(file.read_text().split()[1])
    return total / 1e9


def family(pid: int) -> list[int]:
    """Return a process and all that it started, and they, by their ids."""
    parents = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(file.parent.name)] = int(file.read_text().rsplit(")", 1)[1].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def resident(pid: int) -> int:
    """Return the resident memory of a process in bytes, 0 when it is gone."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def status(port: int, path: str) -> int:
    """Return the HTTP status of a GET, 0 when nobody answers."""
    connection = HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def collector(folder: Path, database: str = "", **settings: str) -> Server:
    """Return a `kbgen collect` on a database of its own in the folder; not started yet."""
    port = free_port()
    command = (
        *(sys.executable, "-m", "kbgen", "collect", "--host", HOST, "--port", str(port)),
        *("--database", database or str(folder / "events.sqlite3"), "--site", str(folder / "site")),
    )
    environment = {f"KBGEN_{name.upper()}": value for name, value in settings.items()}
    return Server(command, port, "/v1/health", folder, environment)


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Start the server for the length of the block."""
    try:
        server.start()
        yield server
    finally:
        server.stop()

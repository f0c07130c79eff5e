"""A stock Firefox, driven over WebDriver BiDi (https://w3c.github.io/webdriver-bidi/).

Playwright drives a Firefox of its own making only; readers have the stock one, which speaks this
protocol on a WebSocket of its own. Commands are JSON objects with an `id`, answered by the same
`id`; what comes between is an event.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tools.firefox import find
from websockets.sync.client import ClientConnection, connect

START_SECONDS = 60


@dataclass
class Firefox:
    """One tab of a running Firefox; `errors` are what its console and scripts complained of."""

    socket: ClientConnection
    tab: str = ""
    errors: list[str] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=count)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the result of one command; an answer that is an error is raised."""
        sent = next(self.ids)
        self.socket.send(json.dumps({"id": sent, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == sent:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['message']}")
                return dict(message["result"])
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        entry = message.get("params", {})
        if message.get("method") == "log.entryAdded" and entry["level"] == "error":
            self.errors.append(entry["text"] or "")

    def start(self) -> None:
        """Begin a session and find its tab."""
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        self.tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        self.ask("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """Return what a JavaScript expression, or the promise it gives, comes to (as JSON)."""
        answer = self.ask(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((value) => JSON.stringify(value))",
            target={"context": self.tab},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        text = answer["result"].get("value")
        return None if text is None else json.loads(text)

    def press(self, keys: str) -> None:
        """Press and let go of each key; keys without a letter by their WebDriver code point."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self.ask("input.performActions", context=self.tab, actions=[source])


@contextlib.contextmanager
def firefox() -> Iterator[Firefox]:
    """Start a headless Firefox with a new profile."""
    path = find()
    if path is None:
        raise RuntimeError("no Firefox found: install one, or set KBGEN_FIREFOX to its path")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [path, "--headless", "--profile", profile, "--remote-debugging-port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with connect(f"{_address(Path(profile))}/session", max_size=None) as socket:
                tab = Firefox(socket)
                tab.start()
                yield tab
        finally:
            process.terminate()
            process.wait()


def _address(profile: Path) -> str:
    """Return where a starting Firefox listens, as it writes into its profile."""
    file = profile / "WebDriverBiDiServer.json"
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(OSError, ValueError):
            where = json.loads(file.read_bytes())
            return f"ws://{where['ws_host']}:{where['ws_port']}"
        time.sleep(0.05)
    raise RuntimeError(f"Firefox does not listen after {START_SECONDS} s")

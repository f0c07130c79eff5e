"""The digest of new flags, posted to a server that really listens; and to none that it must not."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from feedback_events import day, fill, vote

from kbgen_feedback import digest, flagbook, refresh, webhook
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_feedback.totals import stats

NOW = int(day(1).timestamp() * 1000)


class Hook(HTTPServer):
    """A chat's end of a webhook: keeps what it gets, answers as told."""

    status, location = 200, ""
    got: list[dict[str, Any]]


class _Answer(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append({"body": json.loads(body), "host": self.headers["Host"]})
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def listening() -> Iterator[Hook]:
    with Hook(("127.0.0.1", 0), _Answer) as server:
        server.got = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with listening() as server:
        yield server


@pytest.fixture
def flagged(sqlite_store: Store) -> Store:
    """A store with one open flag."""
    typed = "<!channel> [x](https://evil.example)"
    votes = [vote("a", day(0), f"r{i}", "no", q=typed) for i in range(12)]
    fill(sqlite_store, votes)
    refresh.refresh(sqlite_store, Settings(), NOW)
    return sqlite_store


def settings(url: str, host: str = "127.0.0.1", **more: Any) -> Settings:
    return Settings(webhook_url=url, webhook_hosts=(host,), **more)


def local(hook: Hook, **more: Any) -> Settings:
    return settings(f"http://127.0.0.1:{hook.server_port}/x", webhook_private=True, **more)


def test_new_flags_are_told_once(hook: Hook, flagged: Store) -> None:
    asked = local(hook, public_url="https://desk.example.com/")
    assert digest.announce(flagged, asked, NOW) == 1
    assert digest.announce(flagged, asked, NOW) == 0
    (got,) = hook.got
    assert got["host"] == f"127.0.0.1:{hook.server_port}"
    assert "Not helpful: a" in got["body"]["text"]
    assert "https://desk.example.com/" in got["body"]["text"]
    assert got["body"]["flags"][0]["kind"] == "unhelpful"
    (flag,) = flagbook.flags(flagged)
    assert [entry.action for entry in flagbook.history(flagged, flag.id)] == ["open", "announced"]


def test_nothing_a_reader_typed_is_markup_in_a_chat(hook: Hook, flagged: Store) -> None:
    digest.announce(flagged, local(hook), NOW)
    text = hook.got[0]["body"]["text"]
    assert "<!channel>" not in text
    assert "https://evil" not in text


def test_a_flag_is_told_again_when_the_chat_did_not_take_it(hook: Hook, flagged: Store) -> None:
    hook.status = 500
    assert digest.announce(flagged, local(hook), NOW) == 0
    hook.status = 200
    assert digest.announce(flagged, local(hook), NOW) == 1
    assert stats(flagged)["refused"] == {"webhook.refused": 1}


def test_redirects_lead_nowhere(hook: Hook, flagged: Store) -> None:
    with listening() as inside:
        hook.status, hook.location = 307, f"http://127.0.0.1:{inside.server_port}/admin"
        assert digest.announce(flagged, local(hook), NOW) == 0
        assert inside.got == []
    assert stats(flagged)["refused"] == {"webhook.redirect": 1}


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:192.168.0.1"],
        ["fd00::1"],
        ["fe80::1%eth0"],
        ["2002:7f00:1::"],
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["8.8.8.8", "10.0.0.1"],
    ],
)
def test_a_name_that_leads_to_a_private_address_is_not_followed(
    flagged: Store, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    def connect(*_: object, **__: object) -> None:
        pytest.fail("a connection was made")

    monkeypatch.setattr(socket, "create_connection", connect)
    asked = settings("https://hooks.example.com/x", "hooks.example.com")
    assert digest.announce(flagged, asked, NOW) == 0
    assert stats(flagged)["refused"] == {"webhook.private": 1}


def test_a_name_is_looked_up_once_and_that_address_is_used(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second answer of a rebinding name server is never asked for."""
    asked: list[str] = []

    def lookup(host: str, port: int, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(webhook, "is_public", lambda _: True)
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    url = f"http://hooks.example.com:{hook.server_port}/x"
    assert webhook.send(url, {"text": "x"}) == ""
    assert asked.count("hooks.example.com") == 1
    assert hook.got[0]["host"] == f"hooks.example.com:{hook.server_port}"


def test_plain_http_and_private_hosts_need_the_operators_word(hook: Hook) -> None:
    url = f"http://127.0.0.1:{hook.server_port}/x"
    with pytest.raises(Exception, match="no webhook to 127"):
        webhook.check_target(url, ("127.0.0.1",))
    webhook.check_target(url, ("127.0.0.1",), private=True)
    with pytest.raises(Exception, match="no webhook to 127"):
        webhook.check_target(url, ("chat.example.com",), private=True)

"""The collector as the widget, an operator and an attacker meet it: over HTTP, running."""

import json
import logging
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import httpx
import pytest
import uvicorn
from feedback_events import Running, away, event, manifest, post, stored, wait_for
from starlette.applications import Starlette
from starlette.routing import Mount
from test_events import MALFORMED

from kbgen_feedback.app import create_app
from kbgen_feedback.desk import auth
from kbgen_feedback.logs import JsonLines
from kbgen_feedback.settings import Settings, load, table
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.totals import stats

NOW = datetime.now(UTC)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


def a_view(**fields: object) -> dict[str, object]:
    return event("view", **{"page": "a", "revision": "r1", "dwell_ms": 9000, **fields})


def a_vote(**fields: object) -> dict[str, object]:
    return event("vote", **{"page": "a", "revision": "r1", "value": "no", **fields})


def refused(path: Path) -> dict[str, int]:
    opened = open_store(str(path))
    try:
        names: dict[str, int] = stats(opened)["refused"]
        return names
    finally:
        opened.close()


def test_what_is_acknowledged_is_stored(collector: httpx.Client, tmp_path: Path) -> None:
    one = a_view()
    answer = post(collector, one)
    assert (answer.status_code, answer.content) == (202, b"")
    found = stored(tmp_path / "collector.sqlite3")
    assert [row["id"] for row in found] == [one["id"]]
    assert found[0]["reader"]


def test_a_beacon_of_plain_text_is_taken(collector: httpx.Client, tmp_path: Path) -> None:
    body = json.dumps([a_view()])
    answer = collector.post("/v1/events", content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 202
    assert len(stored(tmp_path / "collector.sqlite3")) == 1


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_event_is_dropped_and_counted_its_neighbour_kept(
    name: str, shared: tuple[httpx.Client, Path]
) -> None:
    client, path = shared
    good = a_view()
    before = sum(refused(path).values())
    body = b"[" + MALFORMED[name] + b"," + json.dumps(good).encode() + b"]"
    answer = client.post("/v1/events", content=body)
    if answer.status_code == 202:
        assert good["id"] in {row["id"] for row in stored(path)}
    else:
        assert answer.status_code in {400, 413}
    assert sum(refused(path).values()) == before + 1


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """One collector for many malformed events."""
    folder = tmp_path_factory.mktemp("shared")
    with Running(folder) as client:
        yield client, folder / "collector.sqlite3"


@pytest.mark.parametrize("body", [b"", b"nope", b"[1,", b'"x"', b"[" * 8000])
def test_a_body_that_is_no_batch_gets_400(collector: httpx.Client, body: bytes) -> None:
    assert collector.post("/v1/events", content=body).status_code == 400


def test_a_batch_has_at_most_20_events(collector: httpx.Client) -> None:
    assert post(collector, *[{"id": str(i)} for i in range(21)]).status_code == 400


def test_a_large_body_is_refused_also_when_its_length_is_not_told(
    collector: httpx.Client, tmp_path: Path
) -> None:
    assert collector.post("/v1/events", content=b"[" + b" " * 9000).status_code == 413
    chunks = (b" " * 1000 for _ in range(10))
    assert collector.post("/v1/events", content=chunks).status_code == 413
    assert refused(tmp_path / "collector.sqlite3") == {"request.too large": 2}


def test_a_slow_body_is_cut_off(tmp_path: Path) -> None:
    with Running(tmp_path, body_timeout_s=0.3) as client:
        with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as slow:
            slow.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[")
            slow.settimeout(5)
            assert b" 408 " in slow.recv(200)
        assert post(client, a_view()).status_code == 202


def test_many_slow_clients_do_not_keep_others_out(tmp_path: Path) -> None:
    with Running(tmp_path, body_timeout_s=30.0) as client:
        place = (client.base_url.host, client.base_url.port or 0)
        slow = [socket.create_connection(place) for _ in range(200)]
        for one in slow:
            one.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[")
        began = time.monotonic()
        assert post(client, a_view()).status_code == 202
        assert time.monotonic() - began < 2
        for one in slow:
            one.close()


def test_endless_headers_are_cut_off(collector: httpx.Client) -> None:
    with socket.create_connection((collector.base_url.host, collector.base_url.port or 0)) as liar:
        liar.settimeout(5)
        liar.sendall(b"POST /v1/events HTTP/1.1\r\n")
        with pytest.raises(OSError):  # noqa: PT012
            for _ in range(2000):
                liar.sendall(b"X-A: " + b"a" * 1000 + b"\r\n")
                time.sleep(0.0005)
            raise OSError("not cut off") if liar.recv(10) else OSError
    assert post(collector, a_view()).status_code == 202


def test_the_reader_is_known_for_a_day_by_a_keyed_hash_only(
    collector: httpx.Client, tmp_path: Path
) -> None:
    post(collector, a_view(), user_agent=BROWSER)
    post(collector, a_view(), user_agent=BROWSER)
    post(collector, a_view(), user_agent="Other/1.0")
    readers = [row["reader"] for row in stored(tmp_path / "collector.sqlite3")]
    assert len(set(readers)) == 2
    collector.get("/v1/health")
    raw = (tmp_path / "collector.sqlite3").read_bytes()
    raw += (tmp_path / "collector.sqlite3-wal").read_bytes()
    assert b"127.0.0.1" not in raw
    assert b"Firefox" not in raw


def test_what_only_the_collector_may_say_is_not_taken_from_clients(
    collector: httpx.Client, tmp_path: Path
) -> None:
    post(collector, a_vote(reader="me", held="", net="n", agent="a"))
    post(collector, a_view(reader="me", held="hidden"))
    found = stored(tmp_path / "collector.sqlite3")
    assert all(row["reader"] != "me" for row in found)
    assert all("held" not in row for row in found)


def test_personal_data_is_removed_again_on_arrival(collector: httpx.Client, tmp_path: Path) -> None:
    post(
        collector,
        event("search", q="login of ann@example.com 123456", results=0, shown=[], clicked=[]),
        event("notfound", path="/reset/ann@example.com?token=abc"),
        event("search", q="\u0000\u0001", results=0),
    )
    found = {row["type"]: row for row in stored(tmp_path / "collector.sqlite3")}
    assert found["search"]["q"] == "login of … …"
    assert found["notfound"]["path"] == "/reset/…"
    assert refused(tmp_path / "collector.sqlite3") == {"empty.q": 1}


@pytest.mark.parametrize("path", ["/v1/events", "/v1/vote-form", "/desk/login"])
def test_an_origin_that_is_none_is_refused(collector: httpx.Client, path: str) -> None:
    assert collector.post(path, headers={"Origin": "http://[::1"}).status_code == 403


def test_a_form_of_too_many_fields_is_refused(collector: httpx.Client) -> None:
    fields = {f"f{n}": "x" for n in range(60)}
    assert collector.post("/v1/vote-form", data=fields).status_code == 400


@pytest.mark.parametrize("signal_", [{"sec_gpc": "1"}, {"dnt": "1"}])
def test_readers_who_opted_out_send_no_passive_events_but_may_vote(
    collector: httpx.Client, tmp_path: Path, signal_: dict[str, str]
) -> None:
    asked = event("search", q="x", results=1)
    post(collector, a_view(), asked, event("notfound", path="/x"), a_vote(), **signal_)
    assert [row["type"] for row in stored(tmp_path / "collector.sqlite3")] == ["vote"]
    assert refused(tmp_path / "collector.sqlite3") == {"optout": 3}


def test_late_and_early_events(collector: httpx.Client, tmp_path: Path) -> None:
    path = tmp_path / "collector.sqlite3"
    week, soon, far = timedelta(days=6.9), timedelta(hours=2), timedelta(days=3)
    post(
        collector,
        a_view(at=NOW - week),
        a_view(at=NOW + soon),
        a_view(at=NOW - timedelta(days=7.1)),
        a_view(at=NOW + far),
    )
    times = sorted(datetime.fromisoformat(row["at"]) for row in stored(path))
    assert abs(times[0] - (NOW - week)) < timedelta(seconds=1)
    assert times[1] < datetime.now(UTC) + timedelta(minutes=5)
    assert refused(path) == {"late": 1, "early": 1}


def test_pages_and_revisions_are_those_of_a_build(tmp_path: Path) -> None:
    site = manifest(tmp_path / "site", {"id": "a", "revision": "r1"})
    with Running(tmp_path) as client:
        post(client, a_view(), a_vote(page="forged"), a_vote(revision="forged"))
        manifest(site, {"id": "a", "revision": "r2"}, {"id": "b", "revision": "r1"})
        os.utime(site / "kb-manifest.json", (1, 1))
        new = event("view", page="b", revision="r1")

        def taken() -> bool:
            post(client, {**new, "id": str(uuid4())})
            return "b" in {row["page"] for row in stored(tmp_path / "collector.sqlite3")}

        assert wait_for(taken, 8)
        post(client, a_view(), a_view(revision="r2"))
    pages = [(row["page"], row["revision"]) for row in stored(tmp_path / "collector.sqlite3")]
    assert pages.count(("a", "r1")) == 2
    assert pages.count(("a", "r2")) == 1
    names = refused(tmp_path / "collector.sqlite3")
    assert names["forged.revision"] == 1
    assert names["forged.page"] >= 1


def test_the_address_behind_a_proxy_counts_only_if_the_proxy_is_ours(tmp_path: Path) -> None:
    for folder, proxies, readers in (("a", (), 1), ("b", ("127.0.0.0/8",), 3)):
        (tmp_path / folder).mkdir()
        with Running(tmp_path / folder, trusted_proxies=proxies) as client:
            for address in ("203.0.113.1", "203.0.113.2", "203.0.113.3"):
                post(client, a_view(), x_forwarded_for=f"9.9.9.9, {address}", user_agent=BROWSER)
        rows = stored(tmp_path / folder / "collector.sqlite3")
        assert len({row["reader"] for row in rows}) == readers


def test_a_flood_from_one_address_is_answered_the_same_and_not_stored(tmp_path: Path) -> None:
    path = tmp_path / "collector.sqlite3"
    with Running(tmp_path, trusted_proxies=("127.0.0.1",), requests_burst=5) as client:
        answers = {
            post(client, a_view(), x_forwarded_for="203.0.113.1", user_agent=BROWSER).status_code
            for _ in range(30)
        }
    assert answers == {202}
    assert 5 <= len(stored(path)) < 25
    assert refused(path)["limit.address"] == 30 - len(stored(path))


def test_votes_over_the_limit_are_quarantined(collector: httpx.Client, tmp_path: Path) -> None:
    for i in range(5):
        post(collector, a_vote(page=f"p{i}", comment=f"comment {i}"))
    rows = stored(tmp_path / "collector.sqlite3")
    assert sorted(row.get("held", "") for row in rows) == ["", "", "", "limit.votes", "limit.votes"]
    assert sum("comment" in row for row in rows) == 1
    assert refused(tmp_path / "collector.sqlite3") == {"limit.comments": 4}


def test_a_vote_before_the_page_was_seen_is_quarantined(
    collector: httpx.Client, tmp_path: Path
) -> None:
    post(collector, a_vote(dwell_ms=900), a_vote(dwell_ms=9000))
    rows = stored(tmp_path / "collector.sqlite3")
    assert sorted(row.get("held", "") for row in rows) == ["", "quick"]


@pytest.mark.parametrize(
    ("headers", "fields", "name"),
    [
        ({"user_agent": "Googlebot/2.1"}, {}, "bot.declared"),
        ({"user_agent": BROWSER, "sec_purpose": "prefetch;prerender"}, {}, "bot.prefetch"),
        ({"user_agent": "HeadlessChrome/130"}, {}, "bot.automated"),
        ({"user_agent": BROWSER}, {"bot": True}, "bot.webdriver"),
    ],
)
def test_bots_are_counted_apart_and_named(
    tmp_path: Path, headers: dict[str, str], fields: dict[str, object], name: str
) -> None:
    with Running(tmp_path, trusted_proxies=("127.0.0.1",)) as client:
        post(client, a_vote(**fields), x_forwarded_for="203.0.113.9", **headers)
    assert [row["held"] for row in stored(tmp_path / "collector.sqlite3")] == [name]


def test_a_driven_browser_on_the_own_machine_is_a_reader(
    collector: httpx.Client, tmp_path: Path
) -> None:
    post(collector, a_view(bot=True), user_agent="HeadlessChrome/130")
    assert "held" not in stored(tmp_path / "collector.sqlite3")[0]


class TestOrigins:
    """Pages of the configured site alone may send."""

    def test_the_manifests_site_is_allowed_and_may_read_the_answer(self, tmp_path: Path) -> None:
        manifest(tmp_path / "site", {})
        with Running(tmp_path) as client:
            answer = post(client, a_view(), origin="https://docs.example.com")
            assert answer.status_code == 202
            allowed = answer.headers["Access-Control-Allow-Origin"]
            assert allowed == "https://docs.example.com"
            asked = client.options("/v1/events", headers={"Origin": "https://docs.example.com"})
            assert asked.status_code == 204
            assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]

    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "https://evil.example"},
            {"origin": "https://docs.example.com.evil.example"},
            {"origin": "http://docs.example.com"},
            {"origin": "null"},
            {"sec_fetch_site": "cross-site"},
        ],
    )
    def test_others_are_refused_and_counted(self, tmp_path: Path, headers: dict[str, str]) -> None:
        manifest(tmp_path / "site", {})
        with Running(tmp_path, origins=("https://docs.example.com",)) as client:
            answer = post(client, a_view(), **headers)
            assert answer.status_code == 403
            assert "Access-Control-Allow-Origin" not in answer.headers
        assert refused(tmp_path / "collector.sqlite3") == {"request.origin": 1}

    def test_a_site_opened_from_files_is_allowed_when_it_is_an_offline_one(
        self, tmp_path: Path
    ) -> None:
        manifest(tmp_path / "site", {}, offline=True)
        with Running(tmp_path) as client:
            answer = post(client, a_view(), origin="null")
            assert answer.status_code == 202
            assert answer.headers["Access-Control-Allow-Origin"] == "null"

    def test_a_page_may_read_why_its_events_were_refused(self, tmp_path: Path) -> None:
        manifest(tmp_path / "site", {})
        with Running(tmp_path) as client:
            headers = {"Origin": "https://docs.example.com"}
            answer = client.post("/v1/events", content=b"x" * 9000, headers=headers)
        assert answer.status_code == 413
        assert answer.headers["Access-Control-Allow-Origin"] == "https://docs.example.com"

    def test_a_preview_on_the_own_machine_is_allowed(self, collector: httpx.Client) -> None:
        assert post(collector, a_view(), origin="http://localhost:8000").status_code == 202
        assert post(collector, a_view(), origin="https://evil.example").status_code == 403


class TestForm:
    """The vote without JavaScript."""

    FORM: ClassVar = {"page": "a", "revision": "r1", "locale": "fr", "value": "no"}

    def test_a_vote_by_form_is_stored_and_thanked_for_in_its_language(self, tmp_path: Path) -> None:
        manifest(tmp_path / "site", {"id": "a", "url": "guide/a/", "locale": "fr"})
        with Running(tmp_path) as client:
            data = {**self.FORM, "reasons": ["other"], "comment": "Hélas"}
            answer = client.post(
                "/v1/vote-form", data=data, headers={"Origin": "https://docs.example.com"}
            )
        assert answer.status_code == 200
        assert 'lang="fr"' in answer.text
        assert 'href="https://docs.example.com/guide/a/"' in answer.text
        (row,) = stored(tmp_path / "collector.sqlite3")
        assert (row["value"], row["comment"], row["reasons"]) == ("no", "Hélas", ["other"])

    def test_the_field_readers_do_not_see_tells_bots(
        self, collector: httpx.Client, tmp_path: Path
    ) -> None:
        collector.post("/v1/vote-form", data={**self.FORM, "website": "https://spam"})
        (row,) = stored(tmp_path / "collector.sqlite3")
        assert row["held"] == "bot.honeypot"

    def test_a_bad_form_gets_the_same_answer(self, collector: httpx.Client, tmp_path: Path) -> None:
        good = collector.post("/v1/vote-form", data=self.FORM)
        bad = collector.post("/v1/vote-form", data={**self.FORM, "value": "<script>"})
        assert (good.status_code, good.text) == (bad.status_code, bad.text)
        assert refused(tmp_path / "collector.sqlite3") == {"malformed.value": 1}

    def test_nothing_of_the_form_is_rendered_as_markup(self, collector: httpx.Client) -> None:
        data = {**self.FORM, "page": "<script>alert(1)</script>", "locale": '"><script>'}
        assert "<script" not in collector.post("/v1/vote-form", data=data).text

    def test_forms_of_other_sites_are_refused(self, collector: httpx.Client) -> None:
        headers = {"Origin": "https://evil.example"}
        answer = collector.post("/v1/vote-form", data=self.FORM, headers=headers)
        assert answer.status_code == 403


def test_the_widget_is_served_for_other_sites(collector: httpx.Client) -> None:
    answer = collector.get("/v1/embed/embed.js")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert collector.get("/v1/embed/../../secret").status_code == 404
    assert collector.get("/v1/embed/none.js").status_code == 404


def test_health_and_metrics(collector: httpx.Client) -> None:
    post(collector, a_view(), {"type": "zzz"})
    assert collector.get("/v1/health").json()["status"] == "ok"
    lines = collector.get("/v1/metrics").text.splitlines()
    assert "kbgen_events_stored_total 1" in lines
    assert 'kbgen_refused_total{reason="malformed.type"} 1' in lines
    assert 'kbgen_requests_total{status="202"} 1' in lines


def test_metrics_are_there_when_the_database_is_not(
    collector: httpx.Client, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "collector.sqlite3")) as connection, connection:
        connection.execute("alter table refused rename to gone")
    answer = collector.get("/v1/metrics")
    assert answer.status_code == 200
    assert "kbgen_store_failing 1\n" in answer.text
    assert "kbgen_refused_total" not in answer.text


def test_health_tells_of_a_failure_and_of_its_end_without_new_events(
    collector: httpx.Client, tmp_path: Path
) -> None:
    def status() -> int:
        return collector.get("/v1/health").status_code

    with away(tmp_path / "collector.sqlite3", "events", "facts"):
        assert wait_for(lambda: status() == 503, 10)  # nobody had to send anything
        assert post(collector, a_view()).status_code == 503
        time.sleep(1.1)
        assert status() == 503
    assert wait_for(lambda: status() == 200, 10)
    assert "kbgen_store_failing 0" in collector.get("/v1/metrics").text


def test_health_tells_of_events_that_were_not_stored_though_small_writes_are(
    collector: httpx.Client, tmp_path: Path
) -> None:
    with away(tmp_path / "collector.sqlite3", "events"):
        assert post(collector, a_view()).status_code == 503
        for _ in range(3):
            assert collector.get("/v1/health").status_code == 503
            time.sleep(1.1)
    assert wait_for(lambda: collector.get("/v1/health").status_code == 200, 10)


def test_only_what_readers_send_is_counted_as_requests(collector: httpx.Client) -> None:
    for path in ("/v1/nothing", "/desk/nothing", "/desk/flags/none"):
        collector.get(path)
    collector.post("/desk/login", data={"password": "wrong"})
    collector.get("/v1/events")
    lines = collector.get("/v1/metrics").text.splitlines()
    assert [line for line in lines if line.startswith("kbgen_requests_total")] == [
        'kbgen_requests_total{status="405"} 1'
    ]


@pytest.mark.parametrize("token", ["t0k", "tök"])
def test_metrics_behind_a_token(tmp_path: Path, token: str) -> None:
    with Running(tmp_path, metrics_token=token) as client:
        assert client.get("/v1/metrics").status_code == 401
        headers = {"Authorization": f"Bearer {token}".encode()}
        assert client.get("/v1/metrics", headers=headers).status_code == 200


def test_a_full_queue_says_503_and_when_to_come_back(tmp_path: Path) -> None:
    with Running(tmp_path, queue_events=1) as client:
        answer = post(client, a_view(), a_view())
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert post(client, a_view()).status_code == 202


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_a_collector_listens_on_an_ipv6_address_and_names_it_as_browsers_do(tmp_path: Path) -> None:
    with Running(tmp_path, host="::1") as client:
        assert str(client.base_url).startswith("http://[::1]:")
        assert client.get("/v1/health").status_code == 200


def command(folder: Path, port: int) -> list[str]:
    database = str(folder / "kill.sqlite3")
    options = ["--port", str(port), "--database", database, "--site", str(folder)]
    return [sys.executable, "-m", "kbgen", "collect", *options]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command(folder, port), stdout=subprocess.PIPE)

    def up() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/v1/health").status_code == 200
        except httpx.TransportError:
            return False

    assert wait_for(up, 20)
    return process


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    port, sent = free_port(), []
    for _ in range(2):
        process = start(tmp_path, port)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            for _ in range(5):
                one = a_view()
                assert post(client, one).status_code == 202
                sent.append(one["id"])
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert sorted(row["id"] for row in stored(tmp_path / "kill.sqlite3")) == sorted(sent)


def test_a_collector_that_is_told_to_end_stores_what_it_took(tmp_path: Path) -> None:
    port = free_port()
    process = start(tmp_path, port)
    one = a_view()
    httpx.post(f"http://127.0.0.1:{port}/v1/events", json=[one])
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=15)
    assert process.returncode in {0, -signal.SIGTERM}
    assert b"Password" in output
    assert [row["id"] for row in stored(tmp_path / "kill.sqlite3")] == [one["id"]]


def test_a_collector_that_is_ended_from_the_keyboard_has_not_failed(tmp_path: Path) -> None:
    process = start(tmp_path, free_port())
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=15)
    assert process.returncode == 0
    assert b"Aborted" not in output


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = subprocess.run(
            command(tmp_path, taken.getsockname()[1]), capture_output=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"--port" in done.stderr


@contextmanager
def serve(app: Starlette) -> Iterator[httpx.Client]:
    """Run any app on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        assert wait_for(lambda: server.started)
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
            yield client
        server.should_exit = True
        thread.join()


def test_the_collector_is_an_app_that_mounts_into_another(sqlite_store: Store) -> None:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with feedback.state.collector.running():
            yield

    settings = Settings(site="nowhere", desk_password="open sesame")
    auth.set_up(sqlite_store, settings)
    feedback = create_app(settings, sqlite_store)
    app = Starlette(routes=[Mount("/feedback", feedback)], lifespan=lifespan)
    with serve(app) as client:
        assert client.post("/feedback/v1/events", json=[a_view()]).status_code == 202
        assert client.get("/feedback/").headers["Location"] == "/feedback/desk/"
        assert client.get("/feedback/desk/").headers["Location"] == "/feedback/desk/login"
        assert 'action="/feedback/desk/login"' in client.get("/feedback/desk/login").text
    assert stats(sqlite_store)["events"] == 1


def test_logs_are_json_lines_without_what_readers_sent() -> None:
    try:
        raise ValueError("ann@example.com")
    except ValueError:
        record = logging.getLogger("kbgen.x").makeRecord(
            "kbgen.x", logging.ERROR, "", 1, "batch not stored", (), sys.exc_info()
        )
    record.fields = {"n": 3}
    line = json.loads(JsonLines().format(record))
    assert (line["level"], line["event"], line["n"]) == ("error", "batch not stored", 3)
    assert line["error"] == "ValueError"
    assert "ann@example.com" not in json.dumps(line)


def test_the_app_that_the_documentation_shows_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KBGEN_DESK_PASSWORD", "open sesame")
    page = (Path(__file__).parents[2] / "docs" / "operators" / "deployment.md").read_text("utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.S)
    shown: dict[str, Any] = {}
    exec(block, shown)
    with serve(shown["app"]) as client:
        assert client.post("/feedback/v1/events", json=[a_view()]).status_code == 202
        form = {"who": "Ana", "password": "open sesame"}
        assert client.post("/feedback/desk/login", data=form).status_code == 303
        assert "No flags" in client.get("/feedback/desk/").text
    shown["feedback"].state.collector.store.close()


@pytest.mark.parametrize("name", ["ini", "toml", "dockerfile"])
def test_what_the_documentation_shows_is_whole(name: str, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operators" / "deployment.md").read_text("utf-8")
    blocks = re.findall(rf"```{name}\n(.*?)```", page, re.S)
    assert blocks
    if name == "toml":
        file = tmp_path / "feedback.toml"
        file.write_text(blocks[0])
        assert load(file, {}).origins == ("https://docs.example.com",)
    elif name == "ini" and (tool := shutil.which("systemd-analyze")):
        unit = tmp_path / "kbgen-collector.service"
        unit.write_text(blocks[0].replace("/opt/kbgen/bin/kbgen", sys.executable))
        done = subprocess.run(
            [tool, "verify", str(unit)], capture_output=True, text=True, check=False
        )
        complaints = [line for line in done.stderr.splitlines() if unit.name in line]
        assert complaints == []
    elif name == "dockerfile":
        named = set(re.findall(r"KBGEN_([A-Z_]+)", blocks[0]))
        assert named <= {setting.upper() for setting, *_ in table()}

"""Attacks on a running collector of a healthy site: no flag moves, each is counted by its name."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from feedback_events import Running, event, fill, manifest, post, search, vote

from kbgen_feedback import listing
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import open_store
from kbgen_feedback.totals import stats

DOCS = Path(__file__).parents[2] / "docs" / "operators" / "abuse.md"
SITE = "https://docs.example.com"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def now() -> datetime:
    return datetime.now(UTC)


def healthy() -> list[dict[str, Any]]:
    """Three weeks of readers who are content with both articles."""
    days = [now() - timedelta(days=n) for n in range(1, 22)]
    votes = [vote(page, at, f"{page}{at}", "yes") for page in ("a", "b") for at in days]
    return [*votes, *(vote("a", at, f"n{at}", "no") for at in days[:3])]


def read(folder: Path) -> tuple[list[Any], dict[str, int]]:
    """The flags as they stand, and every counter by name."""
    with closing(open_store(str(folder / "collector.sqlite3"))) as store:
        today = int(time.time()) // 86400
        document = listing.as_of(store, Settings(), today)
        found = stats(store)
    parts = ("votes_held", "bots", "quarantined", "refused")
    return document["flags"], {k: n for part in parts for k, n in found[part].items()}


def no(**fields: Any) -> dict[str, Any]:
    return {**event("vote"), "page": "a", "value": "no", "revision": "r1", **fields}


def send(client: httpx.Client, *events: Any, address: str = "", **headers: str) -> httpx.Response:
    """Send events as a page of the site does, from an address behind the proxy."""
    forwarded = {"x_forwarded_for": address} if address else {}
    return post(client, *events, **{"origin": SITE, "user_agent": BROWSER, **forwarded, **headers})


def brigade(client: httpx.Client) -> None:
    for n in range(200):
        send(client, no(token=f"t{n}"), address=f"198.51.100.{n}")


def one_browser_everywhere(client: httpx.Client) -> None:
    for n in range(200):
        send(client, no(token=f"t{n}"), address=f"198.{n}.100.7")


def one_reader_many_tokens(client: httpx.Client) -> None:
    send(client, *[no(token=f"t{n}") for n in range(20)], address="198.51.100.7")


def bots(client: httpx.Client) -> None:
    for n in range(30):
        send(client, no(token=f"t{n}"), address=f"198.{n}.100.7", user_agent="python-httpx/0.28")


def crawlers(client: httpx.Client) -> None:
    for n in range(30):
        send(client, no(token=f"t{n}"), address=f"198.{n}.100.7", user_agent="Googlebot/2.1")


def driven_browsers(client: httpx.Client) -> None:
    for n in range(30):
        send(client, no(token=f"t{n}", bot=True), address=f"198.{n}.100.7")


def hasty(client: httpx.Client) -> None:
    for n in range(30):
        send(client, no(token=f"t{n}", dwell_ms=400), address=f"198.{n}.100.7")


def honeypot(client: httpx.Client) -> None:
    for n in range(30):
        form = {"page": "a", "revision": "r1", "locale": "en", "value": "no", "website": "x"}
        headers = {"Origin": SITE, "User-Agent": BROWSER, "X-Forwarded-For": f"198.{n}.100.7"}
        client.post("/v1/vote-form", data=form, headers=headers)


def replayed_ids(client: httpx.Client) -> None:
    one = no(token="t")
    for n in range(50):
        send(client, {**one, "token": f"t{n}"}, address=f"198.{n}.100.7")
    metrics = client.get("/v1/metrics").text
    assert "kbgen_events_duplicate_total 49" in metrics


def forged_pages(client: httpx.Client) -> None:
    send(client, *[no(page=f"../../etc/{n}") for n in range(20)])


def forged_revisions(client: httpx.Client) -> None:
    send(client, *[no(revision=f"r{n}") for n in range(2, 22)])


def forged_origins(client: httpx.Client) -> None:
    for origin in ("https://evil.example", "null", SITE + ".evil.example"):
        assert send(client, no(), origin=origin).status_code == 403


def flood(client: httpx.Client) -> None:
    for n in range(90):
        assert send(client, no(token=f"t{n}"), address="198.51.100.7").status_code == 202


def large_bodies(client: httpx.Client) -> None:
    headers = {"Origin": SITE}
    assert client.post("/v1/events", content=b" " * 9000, headers=headers).status_code == 413


def slow_bodies(client: httpx.Client) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as slow:
        slow.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n[")
        slow.settimeout(5)
        assert b" 408 " in slow.recv(200)


def sql(client: httpx.Client) -> None:
    typed = "'; DROP TABLE votes; --"
    send(client, no(page=typed), no(revision=typed), no(value=typed), no(reasons=[typed]))
    send(client, {**search(typed, now(), "", [], locale=typed), "shown": [typed] * 30})


def old_and_future(client: httpx.Client) -> None:
    send(client, no(at=(now() - timedelta(days=9)).isoformat()))
    send(client, no(at=(now() + timedelta(days=9)).isoformat()))


ATTACKS: list[tuple[Callable[[httpx.Client], None], set[str]]] = [
    (brigade, {"burst"}),
    (one_browser_everywhere, {"burst"}),
    (one_reader_many_tokens, {"limit.votes"}),
    (bots, {"bot.automated"}),
    (crawlers, {"bot.declared"}),
    (driven_browsers, {"bot.webdriver"}),
    (hasty, {"quick"}),
    (honeypot, {"bot.honeypot"}),
    (replayed_ids, set()),
    (forged_pages, {"forged.page"}),
    (forged_revisions, {"forged.revision"}),
    (forged_origins, {"request.origin"}),
    (flood, {"limit.address", "limit.votes"}),
    (large_bodies, {"request.too large"}),
    (slow_bodies, {"request.too slow"}),
    (sql, {"forged.page", "forged.revision", "malformed.value", "malformed.reasons"}),
    (old_and_future, {"late", "early"}),
]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a healthy site's build and events."""
    manifest(tmp_path / "site", {"id": "a"}, {"id": "b"})
    with closing(open_store(str(tmp_path / "collector.sqlite3"))) as store:
        fill(store, healthy())
    return tmp_path


@pytest.mark.parametrize(("attack", "names"), ATTACKS, ids=[one.__name__ for one, _ in ATTACKS])
def test_no_flag_moves_and_the_attack_is_counted_by_its_name(
    folder: Path, attack: Callable[[httpx.Client], None], names: set[str]
) -> None:
    before, counted = read(folder)
    assert counted == {}
    with Running(folder, trusted_proxies=("127.0.0.1",), body_timeout_s=0.3) as client:
        attack(client)
    after, counted = read(folder)
    assert after == before == []
    assert names <= set(counted), counted
    page = DOCS.read_text("utf-8")
    assert all(f"`{name}`" in page or f"`{name.split('.')[0]}.FIELD`" in page for name in counted)


def test_an_address_that_a_reader_made_up_is_not_believed(folder: Path) -> None:
    """Without a proxy of ours, two hundred invented addresses are one reader over the limit."""
    with Running(folder, origins=(SITE,)) as client:
        for n in range(200):
            send(client, no(token=f"t{n}"), address=f"198.{n}.100.7")
    after, counted = read(folder)
    assert after == []
    assert counted["forged.address"] == 200
    assert counted["limit.votes"] >= 190


def test_every_attack_has_its_line_in_the_documentation() -> None:
    table = DOCS.read_text("utf-8").split("## Attacks, one by one")[1]
    for _, names in ATTACKS:
        assert all(f"`{name}`" in table for name in names if not name.startswith("malformed"))


def test_the_same_brigade_would_move_a_flag_if_it_were_two_hundred_readers(folder: Path) -> None:
    """The attacks above could fail: as many votes from everywhere do count."""
    with closing(open_store(str(folder / "collector.sqlite3"))) as store:
        fill(store, [vote("a", now(), f"r{n}", "no") for n in range(200)])
    assert [row["page"] for row in read(folder)[0]] == ["a"]

"""Real `kbgen collect` processes: two on one database, ended under load, copied while they work."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from feedback_events import event, search, vote, wait_for
from sqlalchemy import func, select, text

from kbgen.cli import cli
from kbgen_feedback import flagbook, listing
from kbgen_feedback.events import millis
from kbgen_feedback.refresh import bring_up
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.totals import stats

SECRET = "zq-secret-needle"


@contextmanager
def collecting(folder: Path, database: str, **settings: str) -> Iterator[tuple[str, Any]]:
    """Run a collector; give its address and its process."""
    from benchmarks.feedback.processes import free_port

    port = free_port()
    settings = {"trusted_proxies": "127.0.0.1", **settings}
    environment = {f"KBGEN_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "kbgen", "collect", "--port", str(port)]
    with (folder / f"log-{port}").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--database", database, "--site", str(folder / "site")],
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        assert wait_for(lambda: is_up(url), 30)
        yield url, process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/v1/health").status_code == 200
    except httpx.TransportError:
        return False


def now() -> datetime:
    return datetime.now(UTC)


def a_batch(number: int) -> list[dict[str, Any]]:
    who = f"r{number}"
    return [
        event("view", page=f"p{number % 7}", revision="r1", dwell_ms=9000),
        vote("p1", now(), "", "no", token=who),
        search("dark mode", now(), "", [], results=0),
    ]


def home_of(agent: str) -> str:
    """Return an address for each reader: many from one network would be held as a flood."""
    number = int(agent) if agent.isdigit() else 0
    return f"10.{number // 250}.{number % 250}.7"


def send(url: str, batch: list[dict[str, Any]], agent: str) -> int:
    headers = {"User-Agent": f"Mozilla/5.0 {agent}", "X-Forwarded-For": home_of(agent)}
    try:
        return httpx.post(f"{url}/v1/events", json=batch, headers=headers).status_code
    except httpx.TransportError:
        return 0


def test_two_collectors_on_one_postgresql_lose_and_double_nothing(
    tmp_path: Path, new_postgres: str
) -> None:
    """Every batch goes to both, a third of them at the same moment; both tend all the time."""
    batches = [a_batch(number) for number in range(90)]
    with (
        collecting(tmp_path, new_postgres, refresh_s="1") as (one, _),
        collecting(tmp_path, new_postgres, refresh_s="1") as (two, killed),
        ThreadPoolExecutor(8) as pool,
    ):

        def to_both(number: int) -> None:
            for url in (one, two) if number % 2 else (two, one):
                send(url, batches[number], f"{number}")

        list(pool.map(to_both, range(60)))
        killed.send_signal(signal.SIGKILL)
        again = list(pool.map(lambda n: send(one, batches[n], f"{n}"), range(90)))
        assert set(again) == {202}
        with closing(open_store(new_postgres)) as store:
            assert wait_for(lambda: bool(flagbook.flags(store)), 20)
    with closing(open_store(new_postgres)) as store:
        check(store, 90)
    assert [line for line in logged(tmp_path) if line["level"] == "error"] == []


def check(store: Store, batches: int) -> None:
    """Each event once, each sum right, each step of a flag's life once."""
    bring_up(store, Settings())
    with store.read() as connection:
        kinds = dict(
            connection.execute(select(schema.events.c.type, func.count()).group_by("type")).all()
        )
        views = connection.scalar(select(func.sum(schema.views.c.n)))
        searches = connection.scalar(select(func.sum(schema.searches.c.n)))
        votes = connection.scalar(select(func.count()).select_from(schema.votes))
    assert kinds == {"view": batches, "vote": batches, "search": batches}
    assert (views, searches, votes) == (batches, batches, batches)
    assert {flag.kind for flag in flagbook.flags(store)} == {"unhelpful", "content_gap"}
    for flag in flagbook.flags(store):
        steps = Counter(entry.action for entry in flagbook.history(store, flag.id))
        assert steps["open"] == 1, steps


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_end_under_load_loses_nothing_that_was_acknowledged(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = str(tmp_path / "x.sqlite3")
    if kind == "postgresql":
        database = request.getfixturevalue("new_postgres")
    taken: list[str] = []
    over = Event()

    def press(lane: int) -> None:
        number = lane
        while not over.is_set():
            batch = a_batch(number)
            if send(url, batch, f"{number}") == 202:
                taken.extend(one["id"] for one in batch)
            number += 8

    with collecting(tmp_path, database) as (url, process), ThreadPoolExecutor(8) as pool:
        lanes = [pool.submit(press, lane) for lane in range(8)]
        try:
            assert wait_for(lambda: len(taken) > 90, 60)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) in {0, -signal.SIGTERM}
        finally:
            over.set()
        assert all(lane.result() is None for lane in lanes)
    with closing(open_store(database)) as store, store.read() as connection:
        found = Counter(connection.scalars(select(schema.events.c.id)))
    kept = {bytes(one).hex() for one in found}
    assert [one for one in taken if one.replace("-", "") not in kept] == []
    assert set(found.values()) == {1}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_of_a_collector_at_work_is_restored_whole(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `docs/operators/backup.md` says, word for word; the copy is of one moment."""
    monkeypatch.chdir(tmp_path)
    database, restored = str(tmp_path / "kbgen-feedback.sqlite3"), str(tmp_path / "new.sqlite3")
    if kind == "postgresql":
        database = request.getfixturevalue("new_postgres")
        restored = request.getfixturevalue("another_postgres")
    over = Event()
    with collecting(tmp_path, database, refresh_s="1") as (url, _), ThreadPoolExecutor(2) as pool:
        for number in range(20):
            assert send(url, a_batch(number), f"{number}") == 202
        with closing(open_store(database)) as store:
            assert wait_for(lambda: len(flagbook.flags(store)) == 2, 20)
            flag = flagbook.flags(store)[0]
            flagbook.decide(store, flag.id, "assign", "bob", "ana", millis(now()))
        pressing = pool.submit(press_on, url, over)
        words = ["feedback", "copy", "backup-2026-11-22.sqlite3", "--database", database]
        try:
            done = CliRunner().invoke(cli, words)
        finally:
            over.set()
        pressing.result()
    assert done.exit_code == 0, done.exception
    words = ["feedback", "copy", "--database", "backup-2026-11-22.sqlite3", restored]
    assert CliRunner().invoke(cli, words).exit_code == 0
    with closing(open_store(restored)) as store:
        assert flagbook.find(store, flag.id).owner == "bob"
        assert flagbook.history(store, flag.id)[-1].who == "ana"
        whole(store)
    with collecting(tmp_path, restored) as (url, _):
        assert send(url, a_batch(5000), "x") == 202
    with closing(open_store(restored)) as store:
        assert stats(store)["events"] >= 63
        whole(store)
        document = listing.now(store, Settings(), int(now().timestamp() * 1000))
        assert {row["kind"] for row in document["flags"]} == {"unhelpful", "content_gap"}


def press_on(url: str, over: Event) -> None:
    number = 1000
    while not over.is_set():
        send(url, a_batch(number), f"{number}")
        number += 1


def whole(store: Store) -> None:
    """Nothing is summed that is not there, and all that is there is summed in the end."""
    bring_up(store, Settings())
    with store.read() as connection:
        views = select(func.count()).where(schema.events.c.type == "view")
        votes = select(func.count()).where(schema.events.c.type == "vote")
        assert connection.scalar(select(func.sum(schema.views.c.n))) == connection.scalar(views)
        assert connection.scalar(votes) == connection.scalar(
            select(func.count()).select_from(schema.votes)
        )
        keys = connection.scalar(select(func.count()).select_from(schema.keys))
    assert keys in (0, 1), "only the key of the collector that went on with the copy"


@pytest.fixture
def another_postgres(new_postgres: str) -> Iterator[str]:
    """The URL of a second empty database."""
    from sqlalchemy import create_engine

    from kbgen_feedback.store.database import address

    engine = create_engine(address(new_postgres), isolation_level="AUTOCOMMIT")
    name = f"{address(new_postgres).database}b"
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield address(new_postgres).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    engine.dispose()


def break_the_database(url: str, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "x.sqlite3")) as connection:
        connection.execute("DROP TABLE votes")
    send(url, [vote("p", now(), "", "no", comment=SECRET, q=SECRET, token=SECRET)], SECRET)


def send_nonsense(url: str, _: Path) -> None:
    for body in (SECRET.encode(), b"[" * 9000, f'[{{"type":"{SECRET}"}}]'.encode()):
        httpx.post(f"{url}/v1/events?{SECRET}", content=body, headers={"User-Agent": SECRET})
    httpx.get(f"{url}/desk/flags/{SECRET}")
    httpx.post(f"{url}/desk/login", data={"who": SECRET, "password": SECRET})


def write_no_manifest(url: str, folder: Path) -> None:
    (folder / "site").mkdir(exist_ok=True)
    (folder / "site" / "kb-manifest.json").write_text(f"{{{SECRET}")
    assert wait_for(lambda: send(url, a_batch(1), SECRET) == 202 and bool(logged(folder)), 10)


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (break_the_database, "batch not stored"),
        (send_nonsense, ""),
        (write_no_manifest, "the manifest was not read"),
    ],
)
def test_logs_say_what_happened_and_nothing_about_readers(
    trouble: Callable[[str, Path], None], says: str, tmp_path: Path
) -> None:
    with collecting(tmp_path, str(tmp_path / "x.sqlite3")) as (url, _):
        trouble(url, tmp_path)
    lines = logged(tmp_path)
    assert not says or any(says in line["event"] for line in lines), lines
    assert all({"at", "level", "from", "event"} <= line.keys() for line in lines)
    whole = json.dumps(lines)
    assert SECRET not in whole
    assert "Mozilla" not in whole


def logged(folder: Path) -> list[dict[str, Any]]:
    text = "".join(file.read_text("utf-8") for file in folder.glob("log-*"))
    return [json.loads(line) for line in text.splitlines()]

"""The work in the background: by one collector at a time, and never in the readers' way."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from feedback_events import Running, day, event, fill, manifest, post, vote, wait_for
from sqlalchemy import text

from kbgen_feedback import flagbook, tending
from kbgen_feedback.desk import auth
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import database
from kbgen_feedback.store.database import Store, open_store

SETTINGS = Settings(index="nowhere")
NOW = int(day(1).timestamp() * 1000)


@pytest.fixture
def much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all work be too much to do by the way."""
    monkeypatch.setattr(tending, "LITTLE", 0)


def troubled(store: Store) -> None:
    fill(store, [vote("a", day(0), f"r{i}", "no") for i in range(12)])


def test_a_process_of_its_own_does_the_same(store: Store, much: None) -> None:
    troubled(store)
    settings = Settings(index="nowhere", site_key=store.site)
    assert not tending.is_little(store)
    there = tending.Tender(store, settings).work(NOW, whole=True)
    assert [row["kind"] for row in there["flags"]] == ["unhelpful"]
    here = tending.tend(store, settings, NOW)
    assert there == json.loads(json.dumps(here))


def test_what_is_little_is_done_by_the_way(store: Store) -> None:
    troubled(store)
    assert tending.is_little(store)


def test_a_process_that_fails_is_one_line_in_the_log(
    sqlite_store: Store, much: None, capfd: pytest.CaptureFixture[str]
) -> None:
    with sqlite_store.write() as connection:
        connection.execute(text("DROP TABLE searches"))
    tender = tending.Tender(sqlite_store, SETTINGS)
    with pytest.raises(ChildProcessError):
        tender._elsewhere(tending.Job(str(sqlite_store.engine.url), SETTINGS, NOW, True))
    (line,) = capfd.readouterr().err.splitlines()
    assert json.loads(line)["error"] == "OperationalError"


def test_a_process_that_hangs_is_ended(
    store: Store, much: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tending, "LEASE_MS", 10)
    with pytest.raises(ChildProcessError):
        tending.Tender(store, SETTINGS).work(NOW, whole=True)


def test_the_desk_shows_what_another_process_found(tmp_path: Path, much: None) -> None:
    manifest(tmp_path / "site", {"id": "a", "title": "Export"})
    with Running(tmp_path) as client:
        store = open_store(str(tmp_path / "collector.sqlite3"))
        auth.set_up(store, Settings(desk_password="open sesame"))
        fill(store, [vote("a", day(0), f"r{i}", "no") for i in range(12)])
        client.post("/desk/login", data={"who": "Ana", "password": "open sesame"})
        assert "Export" in client.get("/desk/").text
        (flag,) = flagbook.flags(store)
        flagbook.decide(store, flag.id, "dismiss", "old", "ana", int(time.time() * 1000))
        assert "No flags" in client.get("/desk/").text, "at once, whoever dismissed it"
        store.close()


def test_one_collector_tends_at_a_time(store: Store) -> None:
    with tending.turn(store, 1000) as mine, tending.turn(store, 1001) as others:
        assert (mine, others) == (True, False)
    with tending.turn(store, 1002) as mine:
        assert mine
    with tending.turn(store, 1003), tending.turn(store, 1004 + tending.LEASE_MS) as heir:
        assert heir, "the first was killed and has never given its turn back"


def test_an_end_does_not_wait_for_the_work(tmp_path: Path, much: None) -> None:
    """Ten thousand events to sum take longer than a second; the end comes before."""
    store = open_store(str(tmp_path / "collector.sqlite3"))
    fill(store, [event("search", day(0), q=f"q{i}", reader=f"r{i}") for i in range(10_000)])
    store.close()
    with Running(tmp_path, refresh_s=0.05) as client:
        assert wait_for(lambda: _tending(tmp_path), 10)
        assert post(client, event("view", page="a")).status_code == 202
        began = time.monotonic()
    assert time.monotonic() - began < 5


def _tending(folder: Path) -> bool:
    store = open_store(str(folder / "collector.sqlite3"))
    with store.read() as connection:
        lease = connection.execute(text("SELECT value FROM facts WHERE name = 'tending'")).scalar()
    store.close()
    return lease not in (None, "0")


def test_the_event_loop_does_not_wait_for_a_locked_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new build while another program writes: health answers, and the build is learnt after."""
    monkeypatch.setattr(database, "LOCK_S", 1.5)
    site = manifest(tmp_path / "site", {"id": "a"})
    with Running(tmp_path) as client:
        assert post(client, event("view", page="a", revision="r1")).status_code == 202
        time.sleep(2.1)
        other = open_store(str(tmp_path / "collector.sqlite3"))
        with other.write():
            manifest(site, {"id": "b"})
            answers: list[Any] = [None]
            sending = _in_thread(lambda: answers.append(post(client, event("view", page="b"))))
            time.sleep(0.3)
            began = time.monotonic()
            with httpx.Client(base_url=client.base_url) as another:
                assert another.get("/v1/health").status_code == 200
            assert time.monotonic() - began < 0.5
            sending.join()
        assert answers[-1].status_code == 503
        assert wait_for(lambda: _counted(client, tmp_path), 8)
        other.close()


def _in_thread(work: Any) -> Any:
    import threading

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def _counted(client: httpx.Client, folder: Path) -> bool:
    post(client, event("view", page="b", revision="r1"))
    store = open_store(str(folder / "collector.sqlite3"))
    with store.read() as connection:
        n = connection.execute(text("SELECT count(*) FROM events WHERE page = 'b'")).scalar()
    store.close()
    return bool(n)

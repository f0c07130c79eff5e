"""Events that are easy to make, and collectors that run, for the tests of this folder."""

import io
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from kbgen_feedback.serving import running
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.transfer import export_lines, import_lines

START = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def event(kind: str, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """An event as a browser sends it; `source` stands for `from`."""
    if "source" in fields:
        fields["from"] = fields.pop("source")
    moment = (at or datetime.now(UTC)).isoformat()
    return {"id": str(uuid4()), "type": kind, "at": moment, "locale": "en", **fields}


def view(
    page: str, at: datetime, reader: str, dwell_s: float = 60, **fields: Any
) -> dict[str, Any]:
    fields = {"revision": "r1", "source": "search", **fields}
    return event("view", at, page=page, reader=reader, dwell_ms=int(dwell_s * 1000), **fields)


def vote(page: str, at: datetime, reader: str, value: str, **fields: Any) -> dict[str, Any]:
    return event("vote", at, page=page, reader=reader, value=value, **{"revision": "r1", **fields})


def search(
    q: str,
    at: datetime,
    reader: str,
    shown: list[str],
    clicked: list[str] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    clicks = [{"page": page, "rank": shown.index(page) + 1} for page in clicked or []]
    fields = {"results": len(shown), **fields}
    return event("search", at, q=q, reader=reader, shown=shown, clicked=clicks, **fields)


def day(n: float) -> datetime:
    """Noon of a day, counted from the first of September 2026."""
    return START + timedelta(days=n)


def fill(store: Store, events: list[dict[str, Any]], settings: Settings | None = None) -> None:
    """Store events as an import does; every one of them must be taken."""
    lines = [msgspec.json.encode(one) for one in events]
    done = import_lines(store, lines, settings or Settings())
    assert not done.refused, done.refused


class Running:
    """A running collector and a client of it; further settings as keywords."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        defaults = {
            "port": 0,
            "database": str(folder / "collector.sqlite3"),
            "site": str(folder / "site"),
            "index": str(folder / "index"),
            "desk_password": "open sesame",
        }
        self.settings = Settings(**{**defaults, **settings})
        self.server = running(self.settings)

    def __enter__(self) -> httpx.Client:
        self.client = httpx.Client(base_url=self.server.__enter__(), timeout=30)
        return self.client

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.server.__exit__(None, None, None)


def post(client: httpx.Client, *events: Any, **headers: str) -> httpx.Response:
    """Send events as the widget does."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/v1/events", json=list(events), headers=names)


def stored(path: Path | str) -> list[dict[str, Any]]:
    """Every event in a database, as export gives them."""
    opened = open_store(str(path))
    file = io.BytesIO()
    export_lines(opened, file)
    opened.close()
    return [msgspec.json.decode(line) for line in file.getvalue().splitlines()]


def wait_for(condition: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether a condition came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def manifest(folder: Path, *articles: dict[str, Any], **site: Any) -> Path:
    """Write a site's manifest; return the site's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"id": "a", "url": "a/", "title": "A", "locale": "en", "revision": "r1", "words": 100} | one
        for one in articles
    ]
    whole = {"format": 1, "site": {"url": "https://docs.example.com/", **site}, "articles": rows}
    (folder / "kb-manifest.json").write_bytes(msgspec.json.encode(whole))
    return folder


@contextmanager
def away(database: Path, *tables: str) -> Iterator[None]:
    """Have the database fail for whoever needs these tables."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for table in tables:
            connection.execute(f"alter table {table} rename to {table}_away")
    yield
    with closing(sqlite3.connect(database)) as connection, connection:
        for table in tables:
            connection.execute(f"alter table {table}_away rename to {table}")

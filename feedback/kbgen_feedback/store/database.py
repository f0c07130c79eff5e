"""Open the database: durable settings for SQLite, the right driver for PostgreSQL."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Insert,
    Select,
    Table,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from kbgen_feedback.store.migrations import migrate
from kbgen_feedback.store.troubles import trouble
from kbgen_search.errors import KbError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

LOCK_S = 15.0  # seconds to wait for another program that writes to an SQLite file


@dataclass(frozen=True)
class Store:
    """One site's rows in one database."""

    engine: Engine
    site: str
    turn: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database however much it reads."""
        level = "REPEATABLE READ" if self.engine.dialect.name == "postgresql" else "SERIALIZABLE"
        with Store(self.engine.execution_options(isolation_level=level), self.site).read() as one:
            yield one

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection whose changes are on disk when the block ends without an error.

        SQLite has one writer at a time and lets others only try again and again, so that under
        load they might never come in: threads of this process take turns.
        """
        engine = self.engine.execution_options(kbgen_write=True)
        with self.turn if self.one_writer else nullcontext(), engine.begin() as connection:
            yield connection

    @property
    def one_writer(self) -> bool:
        """Whether the database lets one in at a time to write."""
        return self.engine.dialect.name == "sqlite"

    def insert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """Return an INSERT that knows ON CONFLICT in this database's dialect."""
        statement: sqlite.Insert | postgresql.Insert
        statement = _dialects(self.engine.dialect.name).insert(table)
        return statement

    def replace(self, table: Table, where: ColumnElement[bool] | None = None) -> Insert:
        """Return an upsert by primary key that overwrites all others; `where` is of the old row."""
        statement = self.insert(table)
        key = {column.name for column in table.primary_key}
        update = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in key}
        return statement.on_conflict_do_update(index_elements=sorted(key), set_=update, where=where)

    def add(self, table: Table, *names: str) -> Insert:
        """Return an upsert by primary key that adds the columns `names` to what is there."""
        statement = self.insert(table)
        key = sorted(column.name for column in table.primary_key)
        update = {name: table.c[name] + statement.excluded[name] for name in names}
        return statement.on_conflict_do_update(index_elements=key, set_=update)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_store(database: str, site: str = "default") -> Store:
    """Return the store of a site, its tables brought up to date.

    Args:
        database: a file name (SQLite) or an SQLAlchemy URL.
        site: the key under which the rows of this site are kept.

    Raises:
        KbError: no such driver, no access, or a database of a newer version.
    """
    try:
        url = address(database)
        engine = create_engine(url, **_options(url))
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        raise KbError(f"cannot use the database: {error}", remedy=_REMEDY) from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        migrate(engine)
    except (DBAPIError, KbError) as error:
        engine.dispose()
        if isinstance(error, DBAPIError):
            raise trouble(database, error) from error
        raise
    return Store(engine, site)


def open_existing(database: str, site: str = "default") -> Store:
    """Return the store of a site as `open_store` does, but make no database that is not there.

    Raises:
        KbError: as there, and when there is no such file.
    """
    file = file_of(database)
    if file is not None and not file.exists():
        raise KbError(
            f"there is no database {database}",
            remedy="correct --database; kbgen collect and kbgen feedback import make new ones",
        )
    return open_store(database, site)


def file_of(database: str) -> Path | None:
    """Return the file of an SQLite database, None where a name does not tell it."""
    url = address(database)
    plain = url.get_backend_name() == "sqlite" and "uri" not in url.query
    return Path(url.database) if plain and url.database not in {None, "", ":memory:"} else None


def is_file_of(database: str, path: Path | str) -> bool:
    """Tell whether a path leads to the very file of a database."""
    file = file_of(database)
    return file is not None and file.exists() and Path(path).exists() and file.samefile(path)


def put(
    connection: Connection, statement: Insert, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Insert many rows of these columns, straight by the driver; return how many there are now."""
    sql, order = _positional(connection.dialect.name, statement, tuple(columns))
    result = connection.exec_driver_sql(sql, list(map(itemgetter(*order), rows)))
    return result.rowcount


_STYLES = {"sqlite": "qmark", "postgresql": "format"}


def _dialects(name: str) -> Any:
    """Return what SQLAlchemy has for a database: all for PostgreSQL takes long to load."""
    if name != "postgresql":
        return sqlite
    from sqlalchemy.dialects import postgresql

    return postgresql


def _positional(
    name: str, statement: Insert, columns: tuple[str, ...]
) -> tuple[str, tuple[int, ...]]:
    """Return the statement as the driver takes it, and the order in which it wants the columns."""
    dialect = _dialects(name).dialect(paramstyle=_STYLES[name])
    made: Any = statement.compile(dialect=dialect, column_keys=columns)
    return str(made), tuple(columns.index(one) for one in made.positiontup)


def stream(connection: Connection, query: Select[Any]) -> Iterable[Sequence[Any]]:
    """Give the rows of a large result as they come, never all in memory.

    SQLite's cursor is read itself: for millions of rows that takes half the time.
    """
    if connection.dialect.name != "sqlite":
        return connection.execute(query, execution_options={"yield_per": 5000})
    cursor: Any = connection.execute(query).cursor
    rows: Iterable[Sequence[Any]] = cursor
    return rows


_REMEDY = (
    "give a file name, sqlite:///FILE, or postgresql://USER@HOST/NAME "
    "(which needs pip install 'kbgen[postgres]')"
)


def address(database: str) -> URL:
    """Return the SQLAlchemy URL of a file name or a URL.

    Raises:
        KbError: the URL cannot be read, or is of a database that is not supported.
    """
    if "://" not in database:
        return URL.create("sqlite", database=str(Path(database)))
    try:
        url = make_url(database.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError) as error:  # whose words may be parts of a password
        raise KbError("the address of the database cannot be read", remedy=_REMEDY) from error
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise KbError(f"no support for the database {url.get_backend_name()}", remedy=_REMEDY)
    return url


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": LOCK_S, "isolation_level": None}}
    return {"pool_pre_ping": True, "pool_size": 4, "max_overflow": 4}


def _configure_sqlite(connection: Any, _record: Any) -> None:
    """Make commits durable (FULL: an answer is given after fsync) and readers independent (WAL)."""
    try:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "cache_size = -32000",
            "temp_store = MEMORY",
            "secure_delete = ON",  # what is past its time is overwritten, keys of readers above all
            "journal_size_limit = 67108864",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except Exception:
        connection.close()
        raise


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once when writing: an upgrade in the middle could fail."""
    writing = connection.get_execution_options().get("kbgen_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

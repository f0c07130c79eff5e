"""Bring a database's tables to this version, step by numbered step."""

from collections.abc import Callable, Sequence

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    func,
    insert,
    inspect,
    select,
)

from kbgen_feedback.store import schema
from kbgen_search.errors import KbError

Step = Callable[[Connection], None]

_version = Table("schema_version", MetaData(), Column("version", Integer, primary_key=True))

_LOCK = 7_261_943_018  # any constant: two collectors that start together take turns


def _first_tables(connection: Connection) -> None:
    """Version 1: the tables as first released."""
    schema.metadata.create_all(connection)


STEPS: tuple[Step, ...] = (_first_tables,)


def migrate(engine: Engine, steps: Sequence[Step] = STEPS) -> int:
    """Run the steps a database has not seen, all or none; return its version.

    Raises:
        KbError: the database was written by a newer version.
    """
    with engine.connect().execution_options(kbgen_write=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        seen = version(connection)
        if seen > len(steps):
            raise KbError(
                f"the database has version {seen}, this kbgen knows {len(steps)}",
                remedy="use the newer kbgen, or another database",
            )
        for number, step in enumerate(steps[seen:], start=seen + 1):
            step(connection)
            connection.execute(insert(_version).values(version=number))
    return len(steps)


def version(connection: Connection) -> int:
    """Return the number of the newest step the database has seen; 0 when it is new."""
    if not inspect(connection).has_table(_version.name):
        _version.create(connection)
        return 0
    return connection.scalar(select(func.max(_version.c.version))) or 0

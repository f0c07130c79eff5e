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


def _remember_openers(connection: Connection) -> None:
    """Add the readers who opened an article and did not find what they were after."""
    connection.exec_driver_sql("ALTER TABLE finds ADD COLUMN open_readers TEXT NOT NULL DEFAULT ''")


def _count_changes_of_flags(connection: Connection) -> None:
    """Add what tells two changes of one flag apart that came at the same time."""
    connection.exec_driver_sql("ALTER TABLE flags ADD COLUMN version BIGINT NOT NULL DEFAULT 0")


def _tell_crossing_visits(connection: Connection) -> None:
    """Add what tells whether events beside a day change its sums."""
    for column in ("near BIGINT", "near_summed BIGINT"):
        connection.exec_driver_sql(f"ALTER TABLE days ADD COLUMN {column} NOT NULL DEFAULT 0")
    connection.exec_driver_sql(
        "ALTER TABLE days ADD COLUMN crossing VARCHAR(16) NOT NULL DEFAULT ''"
    )


def _remember_readings(connection: Connection) -> None:
    """Add what readings found out and the next need not."""
    binary = "BYTEA" if connection.dialect.name == "postgresql" else "BLOB"
    connection.exec_driver_sql(
        "CREATE TABLE memory (site VARCHAR(64) NOT NULL, name VARCHAR(20) NOT NULL DEFAULT '', "
        f"of VARCHAR(32) NOT NULL DEFAULT '', made {binary} NOT NULL, PRIMARY KEY (site, name))"
    )


def _count_changes_of_votes(connection: Connection) -> None:
    """Add what tells that votes of a day were held back, or let go."""
    connection.exec_driver_sql("ALTER TABLE days ADD COLUMN held BIGINT NOT NULL DEFAULT 0")


def _find_long_views(connection: Connection) -> None:
    """Add the index of pages that were visible for long, which may reach into the next day."""
    connection.exec_driver_sql(schema.FIND_LONG)


def _number_arrivals(connection: Connection) -> None:
    """Number what comes in, so that sums can be brought on by the events they do not know."""
    statements = (
        "ALTER TABLE events ADD COLUMN arrived BIGINT NOT NULL DEFAULT 0",
        "CREATE TABLE arrivals (site VARCHAR(64) NOT NULL, last BIGINT NOT NULL DEFAULT 0, "
        "PRIMARY KEY (site))",
        "INSERT INTO arrivals (site, last) SELECT DISTINCT site, 1 FROM days",
        # Not by DROP COLUMN, which SQLite has only since 3.35.
        "ALTER TABLE days RENAME TO former_days",
        "CREATE TABLE days (site VARCHAR(64) NOT NULL, day INTEGER NOT NULL, "
        "version BIGINT NOT NULL DEFAULT 0, summed BIGINT NOT NULL DEFAULT 0, "
        "purged BIGINT NOT NULL DEFAULT 0, near BIGINT NOT NULL DEFAULT 0, "
        "made_with VARCHAR(16) NOT NULL DEFAULT '', held BIGINT NOT NULL DEFAULT 0, "
        "PRIMARY KEY (site, day))",
        "INSERT INTO days (site, day, version, summed, purged, held) SELECT site, day, 1, "
        "CASE WHEN version = summed AND near = near_summed THEN 1 ELSE 0 END, purged, held "
        "FROM former_days",
        "DROP TABLE former_days",
    )
    for statement in statements:
        connection.exec_driver_sql(statement)


def _find_arrivals(connection: Connection) -> None:
    """Let the index of times tell which events are new, and have days with such summed as a whole:
    it gives events of one moment in the order in which they arrived.
    """
    for statement in (
        "DROP INDEX events_at",
        "CREATE INDEX events_at ON events (site, at, arrived)",
        "UPDATE days SET made_with = ''",
    ):
        connection.exec_driver_sql(statement)


# What leads from version 1 to the newest, a function each; a new database gets the schema at once.
STEPS: tuple[Step, ...] = (
    _remember_openers,
    _count_changes_of_flags,
    _tell_crossing_visits,
    _remember_readings,
    _count_changes_of_votes,
    _find_long_views,
    _number_arrivals,
    _find_arrivals,
)


def migrate(engine: Engine, steps: Sequence[Step] = STEPS) -> int:
    """Bring a database to the newest version, wholly or not at all; return that version.

    Raises:
        KbError: the database was written by a newer version.
    """
    newest = 1 + len(steps)
    with engine.connect().execution_options(kbgen_write=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        seen = version(connection)
        if seen > newest:
            raise KbError(
                f"the database has version {seen}, this kbgen knows {newest}",
                remedy="use the newer kbgen, or another database",
            )
        if seen == 0:
            schema.metadata.create_all(connection)
        for step in steps[seen - 1 :] if seen else ():
            step(connection)
        if seen < newest:
            connection.execute(insert(_version).values(version=newest))
    return newest


def version(connection: Connection) -> int:
    """Return the number of the newest step the database has seen; 0 when it is new."""
    if not inspect(connection).has_table(_version.name):
        _version.create(connection)
        return 0
    return connection.scalar(select(func.max(_version.c.version))) or 0

"""The tables. Every key begins with the site, so that a distributed database can spread by it."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    event,
    text,
)

from kbgen_feedback.similarity import LONGEST

metadata = MetaData()


def _table(name: str, key: int, *columns: Column[object] | Index) -> Table:
    """Return a table keyed by the site and its first `key` columns."""
    names = ["site", *(one.name for one in columns[:key] if isinstance(one, Column))]
    site: Column[object] = Column("site", String(64), nullable=False)
    return Table(name, metadata, site, *columns, PrimaryKeyConstraint(*names))


def _text(name: str, size: int = 64) -> Column[object]:
    return Column(name, String(size), nullable=False, server_default="")


def _count(name: str) -> Column[object]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _number(name: str) -> Column[object]:
    return Column(name, Float, nullable=False, server_default="0")


def _long(name: str) -> Column[object]:
    return Column(name, Text, nullable=False, server_default="")


LONG_MS = 3_600_000  # a page that is visible for longer is rare enough to have an index of its own
IS_LONG = text(f"dwell_ms > {LONG_MS}")

# As they came: one row an event; `held` says why it does not count; `body` is the rest as JSON;
# `arrived` is the number of the transaction that brought it, in the order in which these ended.
events = _table(
    "events",
    1,
    Column("id", LargeBinary(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    _text("type", 10),
    _text("reader"),
    _text("visit"),
    _text("locale", 40),
    _text("page", 300),
    _text("revision"),
    _text("source", 10),
    Column("dwell_ms", Integer),
    _text("held"),
    _long("body"),
    _count("arrived"),
    Index("events_at", "site", "at", "arrived"),
)
# As an `Index`, a part of a table loads what SQLAlchemy has for PostgreSQL, used or not.
FIND_LONG = f"CREATE INDEX events_long ON events (site, at) WHERE {IS_LONG.text}"


@event.listens_for(events, "after_create")
def _find_long(_table: Table, connection: Connection, **_options: Any) -> None:
    connection.exec_driver_sql(FIND_LONG)


# One vote per article, revision and reader's token; the newest wins.
votes = _table(
    "votes",
    4,
    _text("page", 300),
    _text("locale", 40),
    _text("revision"),
    _text("token"),
    Column("at", BigInteger, nullable=False),
    _text("value", 3),
    _text("reasons", 200),
    _long("comment"),
    _text("q", LONGEST),
    _text("reader"),
    _text("net"),
    _text("agent"),
    _text("held"),
    Index("votes_at", "site", "at"),
)

# The number of the newest transaction with events; whoever writes events holds its row to the end.
arrivals = _table("arrivals", 0, _count("last"))

# Which days hold events that the sums do not know yet. `version` is the newest arrival of the day's
# own events, `near` of those in the hours beside it; `summed` is up to which arrival the sums know
# them, `made_with` what they were made with besides: "" where they are to be made as a whole.
# A purged day has sums but no events: it must not be summed again. `held` rises when votes of the
# day are held back or let go.
days = _table(
    "days",
    1,
    Column("day", Integer, nullable=False),
    _count("version"),
    _count("summed"),
    _count("purged"),
    _count("near"),
    _text("made_with", 16),
    _count("held"),
)

# Sums of a day, each a sum over readers.
activity = _table(
    "activity",
    5,
    Column("day", Integer, nullable=False),
    Column("hour", Integer, nullable=False),
    _text("type", 10),
    _text("locale", 40),
    _text("held"),
    _count("n"),
)
views = _table(
    "views",
    5,
    Column("day", Integer, nullable=False),
    _text("page", 300),
    _text("locale", 40),
    _text("revision"),
    _text("source", 10),
    _count("n"),
    _count("dwell_n"),
    _count("dwell_ms"),
)
notfound = _table(
    "notfound",
    2,
    Column("day", Integer, nullable=False),
    _text("path", 1000),
    _count("n"),
    _count("readers"),
)
searches = _table(
    "searches",
    3,
    Column("day", Integer, nullable=False),
    _text("q", LONGEST),
    _text("locale", 40),
    _count("n"),
    _count("readers"),
    _count("satisfied"),
    _count("judged"),
    _count("no_result"),
    _count("contact"),
    _count("reformulated"),
    _count("quick_return"),
    _count("no_click"),
    _number("weight"),
    _number("open_weight"),
    _count("open_n"),
    _long("open_readers"),
)
finds = _table(
    "finds",
    4,
    Column("day", Integer, nullable=False),
    _text("page", 300),
    _text("locale", 40),
    _text("q", LONGEST),
    _count("trials"),
    _count("misses"),
    _count("said"),
    _count("clicks"),
    _count("bounces"),
    _count("readers"),
    _long("open_readers"),
)

refused = _table("refused", 2, Column("day", Integer, nullable=False), _text("name"), _count("n"))

articles = _table(
    "articles",
    2,
    _text("page", 300),
    _text("locale", 40),
    _text("url", 1000),
    _text("title", 500),
    _text("revision"),
    Column("words", Integer, nullable=False, server_default="0"),
    _text("owner", 200),
)
revisions = _table(
    "revisions",
    3,
    _text("page", 300),
    _text("locale", 40),
    _text("revision"),
    Column("at", BigInteger, nullable=False),
    Column("changed", Float),
    _text("sketch", 400),
)
keys = _table(
    "keys",
    1,
    Column("made", BigInteger, nullable=False),
    Column("key", LargeBinary(32), nullable=False),
)

flags = _table(
    "flags",
    1,
    _text("id", 40),
    _text("kind", 20),
    _text("page", 300),
    _text("locale", 40),
    _text("subject", 1000),
    _text("state", 20),
    _text("owner", 200),
    Column("since", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("claimed", BigInteger),
    Column("announced", BigInteger),
    _text("revision"),
    _text("answer", 300),
    _text("merged_into", 40),
    _long("finding"),
    _long("queries"),
    _long("proof"),
    _count("version"),  # rises with every change, so that none is overwritten unseen
)
history = _table(
    "history",
    3,
    _text("flag", 40),
    Column("at", BigInteger, nullable=False),
    Column("seq", Integer, nullable=False),
    _text("who", 200),
    _text("action", 40),
    _long("note"),
)
facts = _table("facts", 1, _text("name", 100), _long("value"))

# What readings found out, by what it was made of; may be deleted at any time.
memory = _table(
    "memory",
    1,
    _text("name", 20),
    _text("of", 32),
    Column("made", LargeBinary, nullable=False),
)

SUMS = (activity, views, notfound, searches, finds)

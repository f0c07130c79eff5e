"""What is wrong with a database, in one line and with what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from kbgen_search.errors import KbError

# What drivers say (SQLite's result codes, libpq's messages), what it means, what helps.
_KNOWN = (
    ("database is locked", "it is locked", "another program writes to it: try again later"),
    ("readonly", "it cannot be written to", "let this user write to the file and its folder"),
    ("disk is full", "the disk is full", "make room, then try again: nothing is half done"),
    ("not a database", "it is no database", "give another file with --database"),
    ("malformed", "it is damaged", "restore a backup, or try sqlite3's .recover"),
    ("unable to open", "it cannot be opened", "look whether its folder is there and yours"),
    ("disk I/O error", "the disk cannot be read or written", "look at the disk, and its room"),
    ('relation "', "a table of it is missing", "restore a backup, or begin with an empty database"),
    ('role "', "its user is unknown or not let in", "create the user, or correct its address"),
    ("does not exist", "it does not exist", "create it first, or correct its address"),
    ("authentication failed", "the password is wrong", "correct its address"),
    ("refused", "nothing answers there", "start the database, or correct its address"),
    ("terminating connection", "it was shut down meanwhile", "try again when it is back"),
    ("server closed the connection", "it went away meanwhile", "try again when it is back"),
)


@contextmanager
def told_plainly(database: str) -> Iterator[None]:
    """Turn what the driver or the system raises in the block into one clear line.

    Raises:
        KbError: instead of it.
    """
    try:
        yield
    except DBAPIError as error:
        raise trouble(database, error) from error
    except msgspec.DecodeError as error:
        message = f"the database {named(database)} holds a record that cannot be read: {error}"
        raise KbError(message, remedy="restore a backup") from error
    except BrokenPipeError:
        raise  # whoever read the output has seen enough
    except OSError as error:
        remedy = "make room, or look at the permissions"
        message = error.strerror or type(error).__name__
        raise KbError(message, file=error.filename, remedy=remedy) from error


def trouble(database: str, error: DBAPIError) -> KbError:
    """Return the error to show for a driver's."""
    said = " ".join(str(error.orig).split())
    for part, meaning, remedy in _KNOWN:
        if part in said:
            return KbError(f"the database {named(database)}: {meaning}", remedy=remedy)
    return KbError(f"the database {named(database)} gave up: {said}", remedy="try again")


def named(database: str) -> str:
    """Return a database's address without its password."""
    try:
        return make_url(database).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return database

"""What the commands around feedback share: options, and the store they name."""

import time
from collections.abc import Callable
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import Any

import click
import msgspec

from kbgen_feedback.settings import Settings, load
from kbgen_feedback.store.database import Store, is_file_of, open_existing, open_store
from kbgen_feedback.store.troubles import told_plainly
from kbgen_search.errors import KbError

DATABASE = click.option(
    "--database",
    metavar="URL",
    help="File name or SQLAlchemy URL [default: kbgen-feedback.sqlite3; KBGEN_DATABASE].",
)
CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Settings file [default: feedback.toml when it is there].",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


Command = Callable[..., None]


def with_store(command: Command) -> Command:
    """Give a command the options of the database, and `settings` and an open `store` for them.

    The store is closed when the command ends; trouble with the database is one line.
    """
    return _opening(command, open_existing)


def with_new_store(command: Command) -> Command:
    """Do as `with_store` does, and make a database where there is none."""
    return _opening(command, open_store)


def refuse_database(path: str, settings: Settings) -> None:
    """Refuse to write over the database that is read.

    Raises:
        KbError: the path leads to its file.
    """
    if is_file_of(settings.database, path):
        raise KbError("this is the database itself", file=path, remedy="name another file")


def _opening(command: Command, open_: Callable[[str, str], Store]) -> Command:
    @DATABASE
    @CONFIG
    @wraps(command)
    def run(*args: Any, database: str | None, config: Path | None, **options: Any) -> None:
        settings = load(config, database=database)
        with (
            told_plainly(settings.database),
            closing(open_(settings.database, settings.site_key)) as store,
        ):
            command(*args, settings=settings, store=store, **options)

    return run


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())

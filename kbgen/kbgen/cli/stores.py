"""What the commands around feedback share: options, and the store they name."""

import time
from collections.abc import Callable
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import Any

import click
import msgspec

from kbgen_feedback.settings import load
from kbgen_feedback.store.database import open_store
from kbgen_feedback.store.troubles import told_plainly

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


def with_store(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of the database, and `settings` and an open `store` for them.

    The store is closed when the command ends; trouble with the database is one line.
    """

    @DATABASE
    @CONFIG
    @wraps(command)
    def run(*args: Any, database: str | None, config: Path | None, **options: Any) -> None:
        settings = load(config, database=database)
        with (
            told_plainly(settings.database),
            closing(open_store(settings.database, settings.site_key)) as store,
        ):
            command(*args, settings=settings, store=store, **options)

    return run


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())

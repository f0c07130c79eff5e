"""What the commands around feedback share: options, and the store they name."""

import time
from pathlib import Path
from typing import Any

import click
import msgspec

from kbgen_feedback.settings import Settings, load
from kbgen_feedback.store.database import Store, open_store

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


def open_database(database: str | None, config: Path | None) -> tuple[Settings, Store]:
    """Return the settings, with the database given, and the store opened."""
    settings = load(config, database=database)
    return settings, open_store(settings.database, settings.site_key)


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())

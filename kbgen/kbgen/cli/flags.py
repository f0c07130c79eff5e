"""`kbgen flags`: where readers get stuck, and what is done about it."""

import getpass
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from kbgen.cli.stores import CONFIG, DATABASE, JSON, now_ms, open_database, print_json
from kbgen_feedback import catalog, export, flagbook, lifecycle, listing, manifest
from kbgen_feedback.replay import searcher


class _FlagsGroup(click.Group):
    """`kbgen flags` alone, or with options only, is `kbgen flags list`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in {"--help", "-h"}):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_FlagsGroup)
def flags() -> None:
    """The flags: where readers get stuck.

    Example: kbgen flags --json --as-of 2026-11-01
    """


SITE = click.option(
    "--site",
    type=click.Path(path_type=Path, exists=True),
    help="Built site whose manifest names the articles [default: those the collector knows].",
)


@flags.command("list")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only look at evidence up to the end of this day, and change nothing.",
)
@SITE
@DATABASE
@CONFIG
@JSON
def list_(
    as_of: datetime | None,
    site: Path | None,
    database: str | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """List the flags, those that waste most visits first.

    Example: kbgen flags list --json
    """
    settings, store = open_database(database, config)
    if site:
        catalog.register(store, manifest.read(site), now_ms())
    document = (
        listing.as_of(store, settings, listing.day_number(as_of.date()))
        if as_of
        else listing.now(store, settings, now_ms(), searcher(Path(settings.index)))
    )
    if as_json:
        print_json(document)
    else:
        click.echo("\n".join(listing.lines(document)))


@flags.command()
@click.argument("flag")
@DATABASE
@CONFIG
@JSON
def show(flag: str, database: str | None, config: Path | None, as_json: bool) -> None:
    """Show one flag and its history.

    Example: kbgen flags show htf-1a2b3c4d
    """
    _, store = open_database(database, config)
    found = flagbook.find(store, flag)
    entries = [msgspec.to_builtins(entry) for entry in flagbook.history(store, flag)]
    whole = listing.flag_json(found, None) | {"proof": found.proof, "history": entries}
    if as_json:
        print_json(whole)
        return
    click.echo("\n".join(listing.block(whole)))
    for entry in entries:
        at = datetime.fromtimestamp(entry["at"] / 1000, UTC)
        click.echo(f"  {at:%Y-%m-%d %H:%M}  {entry['who']}: {entry['action']} {entry['note']}")


def _act(name: str, action: str, note: str, database: str | None, config: Path | None) -> None:
    _, store = open_database(database, config)
    step = lifecycle.act(flagbook.find(store, name), action, note, now_ms())
    flagbook.save(store, [step], getpass.getuser(), now_ms())
    click.echo(f"{name}: {step.flag.state}")


@flags.command()
@click.argument("flag")
@click.argument("owner")
@DATABASE
@CONFIG
def assign(flag: str, owner: str, database: str | None, config: Path | None) -> None:
    """Put a flag into an owner's hands.

    Example: kbgen flags assign htf-1a2b3c4d ana
    """
    _act(flag, "assign", owner, database, config)


@flags.command()
@click.argument("flag")
@click.option("--page", default="", help="The article that now answers, for a missing article.")
@DATABASE
@CONFIG
def claim(flag: str, page: str, database: str | None, config: Path | None) -> None:
    """Say that a flag is fixed; readers will prove it.

    Example: kbgen flags claim cg-1a2b3c4d --page billing/invoices
    """
    _act(flag, "claim", page, database, config)


@flags.command()
@click.argument("flag")
@click.option("--note", default="", help="Why no proof is needed.")
@DATABASE
@CONFIG
def resolve(flag: str, note: str, database: str | None, config: Path | None) -> None:
    """Close a flag without proof.

    Example: kbgen flags resolve u-1a2b3c4d --note "article retired"
    """
    _act(flag, "resolve", note, database, config)


@flags.command()
@click.argument("flag")
@click.option("--reason", required=True, help="Why it is no trouble.")
@DATABASE
@CONFIG
def dismiss(flag: str, reason: str, database: str | None, config: Path | None) -> None:
    """Put a flag aside; it stays quiet for 90 days.

    Example: kbgen flags dismiss a-1a2b3c4d --reason "votes are about the product"
    """
    _act(flag, "dismiss", reason, database, config)


@flags.command()
@click.argument("flag")
@click.argument("into")
@DATABASE
@CONFIG
def merge(flag: str, into: str, database: str | None, config: Path | None) -> None:
    """Make a flag a part of another.

    Example: kbgen flags merge cg-1a2b3c4d htf-5e6f7a8b
    """
    _, store = open_database(database, config)
    flagbook.find(store, into)
    _act(flag, "merge", into, database, config)


@flags.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "markdown", "tests"]),
    default="csv",
    show_default=True,
    help="Spreadsheet, issue text, or search tests for search-tests.yml.",
)
@DATABASE
@CONFIG
def export_flags(form: str, database: str | None, config: Path | None) -> None:
    """Print the flags for another tool.

    Example: kbgen flags export --format tests >> search-tests.yml
    """
    settings, store = open_database(database, config)
    rows = listing.now(store, settings, now_ms())["flags"]
    if form == "csv":
        click.echo(export.as_csv(rows), nl=False)
    elif form == "markdown":
        click.echo(export.as_markdown(rows), nl=False)
    else:
        known = flagbook.flags(store)
        fixed = [listing.flag_json(flag, None) for flag in known if flag.claimed is not None]
        answers = {flag.id: flag.answer for flag in known}
        top = settings.rules.top_results
        click.echo(export.as_search_tests(fixed, answers, top), nl=False)

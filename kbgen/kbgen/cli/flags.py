"""`kbgen flags`: where readers get stuck, and what is done about it."""

import getpass
from datetime import datetime
from pathlib import Path

import click
import msgspec

from kbgen.cli.stores import JSON, now_ms, print_json, with_store
from kbgen_feedback import catalog, export, flagbook, listing, manifest, wording
from kbgen_feedback.events import moment
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_search.garbage import no_collector


class _FlagsGroup(click.Group):
    """`kbgen flags` alone, or with options only, is `kbgen flags list`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in {"--help", "-h"}):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_FlagsGroup)
def flags() -> None:
    """The flags: where readers get stuck. Without a command, list them.

    Example: kbgen flags --json --as-of 2026-11-01
    """


SITE = click.option(
    "--site",
    type=click.Path(path_type=Path, exists=True),
    help="Built site whose manifest names the articles [default: the setting `site`].",
)


@flags.command("list")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only look at evidence up to the end of this day, and change nothing.",
)
@SITE
@with_store
@JSON
def list_(
    as_of: datetime | None,
    site: Path | None,
    settings: Settings,
    store: Store,
    as_json: bool,
) -> None:
    """List the flags, those that waste most visits first.

    Example: kbgen flags list --json
    """
    built = Path(settings.site)
    if site or (built / manifest.FILE).is_file():
        catalog.learn(store, manifest.read(site or built), now_ms())
    with no_collector():
        document = (
            listing.as_of(store, settings, listing.day_number(as_of.date()))
            if as_of
            else listing.now_with_search(store, settings, now_ms())
        )
        if as_json:
            print_json(document)
        else:
            click.echo("\n".join(listing.lines(document)))


@flags.command()
@click.argument("flag")
@with_store
@JSON
def show(flag: str, settings: Settings, store: Store, as_json: bool) -> None:
    """Show one flag and its history.

    Example: kbgen flags show htf-1a2b3c4d
    """
    found = flagbook.find(store, flag)
    entries = [msgspec.to_builtins(entry) for entry in flagbook.history(store, flag)]
    whole = listing.flag_json(found, None) | {"proof": found.proof, "history": entries}
    if as_json:
        print_json(whole)
        return
    click.echo("\n".join(listing.block(whole)))
    for entry in entries:
        at = moment(entry["at"])
        done = wording.ACTIONS.get(entry["action"], entry["action"])
        click.echo(f"  {at:%Y-%m-%d %H:%M}  {entry['who']}: {done} {entry['note']}".rstrip())


def _act(store: Store, name: str, action: str, note: str) -> None:
    flag = flagbook.decide(store, name, action, note, getpass.getuser(), now_ms())
    click.echo(f"{name}: {flag.state}")


@flags.command()
@click.argument("flag")
@click.argument("owner")
@with_store
def assign(flag: str, owner: str, settings: Settings, store: Store) -> None:
    """Put a flag into an owner's hands.

    Example: kbgen flags assign htf-1a2b3c4d ana
    """
    _act(store, flag, "assign", owner)


@flags.command()
@click.argument("flag")
@click.option(
    "--page", default="", help="For a missing article: the id of the one that answers now."
)
@with_store
def claim(flag: str, page: str, settings: Settings, store: Store) -> None:
    """Say that a flag is fixed; readers will prove it.

    Example: kbgen flags claim cg-1a2b3c4d --page billing/invoices
    """
    _act(store, flag, "claim", page)


@flags.command()
@click.argument("flag")
@click.option("--note", default="", help="Why no proof is needed.")
@with_store
def resolve(flag: str, note: str, settings: Settings, store: Store) -> None:
    """Close a flag without proof.

    Example: kbgen flags resolve u-1a2b3c4d --note "article retired"
    """
    _act(store, flag, "resolve", note)


@flags.command()
@click.argument("flag")
@click.option("--reason", required=True, help="Why it is no trouble.")
@with_store
def dismiss(flag: str, reason: str, settings: Settings, store: Store) -> None:
    """Put a flag aside; it stays quiet for a while (`dismissed_days`, 90).

    Example: kbgen flags dismiss a-1a2b3c4d --reason "votes are about the product"
    """
    _act(store, flag, "dismiss", reason)


@flags.command()
@click.argument("flag")
@click.argument("into")
@with_store
def merge(flag: str, into: str, settings: Settings, store: Store) -> None:
    """Make FLAG a part of the flag INTO.

    Example: kbgen flags merge cg-1a2b3c4d htf-5e6f7a8b
    """
    _act(store, flag, "merge", into)


@flags.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "markdown", "tests"]),
    default="csv",
    show_default=True,
    help="Spreadsheet, issue text, or search tests for search-tests.yml.",
)
@with_store
def export_flags(form: str, settings: Settings, store: Store) -> None:
    """Print the flags for another tool.

    Example: kbgen flags export --format tests >> search-tests.yml
    """
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

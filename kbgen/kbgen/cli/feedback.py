"""The commands around feedback: collect, feedback, flags, report."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from kbgen_feedback import (
    catalog,
    export,
    flagbook,
    lifecycle,
    listing,
    manifest,
    retention,
    transfer,
)
from kbgen_feedback.replay import searcher
from kbgen_feedback.settings import Settings, load
from kbgen_feedback.store.database import Store, open_store
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


def _open(database: str | None, config: Path | None) -> tuple[Settings, Store]:
    settings = load(config, database=database)
    return settings, open_store(settings.database, settings.site_key)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _print_json(value: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


@click.command()
@click.option("--host", help="Address to listen on [default: 127.0.0.1].")
@click.option("--port", type=int, help="Port to listen on [default: 8400].")
@click.option("--site", type=click.Path(file_okay=False), help="The built site [default: site].")
@click.option("--origin", "origins", multiple=True, help="Origin of the site's pages; repeatable.")
@click.option(
    "--trusted-proxy",
    "proxies",
    multiple=True,
    help="Address or network whose X-Forwarded-For is believed; repeatable.",
)
@click.option("--desk-password-file", help="File whose first line is the desk's password.")
@DATABASE
@CONFIG
def collect(
    host: str | None,
    port: int | None,
    site: str | None,
    origins: tuple[str, ...],
    proxies: tuple[str, ...],
    desk_password_file: str | None,
    database: str | None,
    config: Path | None,
) -> None:
    """Run the collector and the editors' desk.

    Example: kbgen collect --site site --origin https://docs.example.com
    """
    from kbgen_feedback import digest, serving
    from kbgen_feedback.desk import auth

    settings = load(
        config,
        host=host,
        port=port,
        site=site,
        origins=origins or None,
        trusted_proxies=proxies or None,
        desk_password_file=desk_password_file,
        database=database,
    )
    if settings.webhook_url:
        digest.check_target(settings.webhook_url, settings.webhook_hosts)
    serving.check_port(settings)
    store = open_store(settings.database, settings.site_key)
    password = auth.set_up(store, settings)
    address = f"http://{settings.host}:{settings.port}"
    click.echo(f"Collector  {address}/v1/events")
    click.echo(f"Desk       {address}/desk/")
    if password.made:
        click.echo(f"Password   {password.made}   (shown this once; KBGEN_DESK_PASSWORD sets one)")
    sys.stdout.flush()
    serving.run(settings, store)


@click.group()
def feedback() -> None:
    """Events in and out of the collector's database."""


@feedback.command("import")
@click.argument("file", type=click.File("rb"))
@DATABASE
@CONFIG
@JSON
def import_(file: IO[bytes], database: str | None, config: Path | None, as_json: bool) -> None:
    """Store events from FILE, a JSON object a line; - reads standard input.

    Lines are trusted: they keep their `at` and `reader`. Events that are stored already are left.

    Example: kbgen feedback import events.jsonl
    """
    settings, store = _open(database, config)
    done = transfer.import_lines(store, file, settings)
    if as_json:
        _print_json(msgspec.to_builtins(done))
    else:
        click.echo(f"{done.lines} lines: {done.new} new, {done.known} known")
        for name, n in sorted(done.refused.items()):
            click.echo(f"  {n} refused: {name}", err=True)
    if done.first_fault:
        line, fault = done.first_fault
        raise KbError(f"not stored: {fault}", file=file.name, line=line, remedy=_LINE_REMEDY)


_LINE_REMEDY = "the other lines are stored; mend this kind of line and import again"


@feedback.command("export")
@click.argument("file", type=click.File("wb"))
@DATABASE
@CONFIG
def export_(file: IO[bytes], database: str | None, config: Path | None) -> None:
    """Write the raw events to FILE, a JSON object a line, as import reads them.

    Example: kbgen feedback export events.jsonl
    """
    _, store = _open(database, config)
    count = transfer.export_lines(store, file)
    click.echo(f"{count} events", err=True)


@feedback.command()
@click.argument("target", metavar="TARGET_URL")
@DATABASE
@CONFIG
def copy(target: str, database: str | None, config: Path | None) -> None:
    """Copy everything into another database: a backup, or the move to PostgreSQL.

    Example: kbgen feedback copy postgresql://kb@localhost/kb
    """
    settings, store = _open(database, config)
    rows = transfer.copy(store, open_store(target, settings.site_key))
    click.echo(f"{sum(rows.values())} rows of {len(rows)} tables are in {target.split('@')[-1]}")


@feedback.command()
@DATABASE
@CONFIG
@JSON
def stats(database: str | None, config: Path | None, as_json: bool) -> None:
    """Print what is stored; bots, quarantined and refused events apart.

    Example: kbgen feedback stats --json
    """
    _, store = _open(database, config)
    found = transfer.stats(store)
    if as_json:
        _print_json(found)
        return
    click.echo(f"{found['events']} events, {found['first']} to {found['last']}")
    for title in ("by_type", "votes", "votes_held", "bots", "quarantined", "refused"):
        for name, n in found[title].items():
            click.echo(f"  {title.replace('_', ' '):12} {name:24} {n:>10}")


@feedback.command()
@DATABASE
@CONFIG
@JSON
def purge(database: str | None, config: Path | None, as_json: bool) -> None:
    """Delete now what is past its time; the collector does this by itself.

    Example: kbgen feedback purge
    """
    from kbgen_feedback import refresh

    settings, store = _open(database, config)
    refresh.bring_up(store, settings)
    done = retention.purge(store, settings, _now())
    if as_json:
        _print_json(msgspec.to_builtins(done))
    else:
        click.echo(
            f"deleted {done.events} raw events, {done.texts} texts, {done.sums} sums, "
            f"{done.votes} votes"
        )


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
    settings, store = _open(database, config)
    if site:
        catalog.register(store, manifest.read(site), _now())
    document = (
        listing.as_of(store, settings, listing.day_number(as_of.date()))
        if as_of
        else listing.now(store, settings, _now(), searcher(Path(settings.index)))
    )
    if as_json:
        _print_json(document)
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
    _, store = _open(database, config)
    found = flagbook.find(store, flag)
    entries = [msgspec.to_builtins(entry) for entry in flagbook.history(store, flag)]
    whole = listing.flag_json(found, None) | {"proof": found.proof, "history": entries}
    if as_json:
        _print_json(whole)
        return
    click.echo("\n".join(listing.block(whole)))
    for entry in entries:
        at = datetime.fromtimestamp(entry["at"] / 1000, UTC)
        click.echo(f"  {at:%Y-%m-%d %H:%M}  {entry['who']}: {entry['action']} {entry['note']}")


def _act(name: str, action: str, note: str, database: str | None, config: Path | None) -> None:
    import getpass

    _, store = _open(database, config)
    step = lifecycle.act(flagbook.find(store, name), action, note, _now())
    flagbook.save(store, [step], getpass.getuser(), _now())
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
    _, store = _open(database, config)
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
    settings, store = _open(database, config)
    rows = listing.now(store, settings, _now())["flags"]
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


@click.command()
@click.option("--weeks", type=click.IntRange(1, 104), default=8, show_default=True)
@click.option("--html", type=click.File("w", encoding="utf-8"), help="Write a page to this file.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the report.")
@DATABASE
@CONFIG
@JSON
def report(
    weeks: int,
    html: IO[str] | None,
    as_of: datetime | None,
    database: str | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Print how readers fare: search success, helpfulness, gaps, busiest hours, languages.

    Example: kbgen report --weeks 12 --html report.html
    """
    from kbgen_feedback import refresh
    from kbgen_feedback import report as reports

    settings, store = _open(database, config)
    refresh.bring_up(store, settings)
    last = listing.day_number(as_of.date() if as_of else datetime.now(UTC).date())
    made = reports.make(store, last, weeks, settings.rules.query_reader_days)
    if html:
        html.write(reports.html(made, "Knowledge base report"))
    if as_json:
        _print_json(made.shown())
    elif not html:
        click.echo(reports.text(made))

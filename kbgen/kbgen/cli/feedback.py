"""The commands around feedback: collect, feedback, report."""

import sys
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

import click
import msgspec

from kbgen.cli.stores import (
    CONFIG,
    DATABASE,
    JSON,
    now_ms,
    print_json,
    refuse_database,
    with_new_store,
    with_store,
)
from kbgen_feedback import listening, listing, refresh, retention, totals, transfer
from kbgen_feedback.expected import explained
from kbgen_feedback.settings import Settings, load
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.store.troubles import told_plainly
from kbgen_feedback.wording import plural
from kbgen_search.errors import KbError


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
    from kbgen_feedback import serving, webhook
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
        webhook.check_target(settings.webhook_url, settings.webhook_hosts, settings.webhook_private)
    serving.check_port(settings)
    with (
        told_plainly(settings.database),
        closing(open_store(settings.database, settings.site_key)) as store,
    ):
        _announce(settings, auth.set_up(store, settings).made)
        with suppress(KeyboardInterrupt):  # the way to end it, no failure
            serving.run(settings, store)


def _announce(settings: Settings, password: str) -> None:
    """Say where the collector listens, and a password that was just made."""
    address = listening.address(settings.host, settings.port)
    click.echo(f"Collector  {address}/v1/events")
    click.echo(f"Desk       {address}/desk/")
    if password:
        click.echo(f"Password   {password}   (shown this once; KBGEN_DESK_PASSWORD sets one)")
    sys.stdout.flush()


@click.group()
def feedback() -> None:
    """Events in and out of the collector's database."""


@feedback.command("import")
@click.argument("file", type=click.File("rb"))
@with_new_store
@JSON
def import_(file: IO[bytes], settings: Settings, store: Store, as_json: bool) -> None:
    """Store events from FILE, a JSON object a line; - reads standard input.

    Lines are trusted: they keep their `at` and `reader`. Events that are stored already are left.

    Example: kbgen feedback import events.jsonl
    """
    done = transfer.import_lines(store, file, settings)
    if as_json:
        print_json(msgspec.to_builtins(done))
    else:
        lines = plural(done.lines, "line", "lines")
        click.echo(f"{lines}: {done.new} new, {done.known} known")
        for name, n in sorted(done.refused.items()):
            click.echo(f"  {n} refused: {name}", err=True)
    if done.first_fault:
        line, fault = done.first_fault
        raise KbError(
            f"not stored: {explained(fault)}", file=file.name, line=line, remedy=_LINE_REMEDY
        )


_LINE_REMEDY = "the other lines are stored; mend this kind of line and import again"


@feedback.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@with_store
def export_(file: str, settings: Settings, store: Store) -> None:
    """Write the raw events to FILE, a JSON object a line, as import reads them; - prints them.

    Example: kbgen feedback export events.jsonl
    """
    refuse_database(file, settings)
    with click.open_file(file, "wb") as lines:
        count = transfer.export_lines(store, lines)
    click.echo(plural(count, "event", "events"), err=True)


@feedback.command()
@click.argument("target", metavar="TARGET_URL")
@with_store
def copy(target: str, settings: Settings, store: Store) -> None:
    """Copy everything into another database: a backup, or the move to PostgreSQL.

    TARGET_URL is a file name or an SQLAlchemy URL, as with --database.

    Example: kbgen feedback copy postgresql://kb@localhost/kb
    """
    refuse_database(target, settings)
    with closing(open_store(target, settings.site_key)) as other:
        rows = transfer.copy(store, other, partial(told_plainly, target))
    count = plural(sum(rows.values()), "row", "rows")
    click.echo(f"{count} of {len(rows)} tables copied to {target.split('@')[-1]}")


@feedback.command()
@with_store
@JSON
def stats(settings: Settings, store: Store, as_json: bool) -> None:
    """Print what is stored; bots, quarantined and refused events apart.

    Example: kbgen feedback stats --json
    """
    found = totals.stats(store)
    if as_json:
        print_json(found)
        return
    span = f", {found['first']} to {found['last']}" if found["events"] else ""
    click.echo(plural(found["events"], "event", "events") + span)
    for title in ("by_type", "votes", "votes_held", "bots", "quarantined", "refused"):
        for name, n in found[title].items():
            click.echo(f"  {title.replace('_', ' '):12} {name:24} {n:>10}")


@feedback.command()
@with_store
@JSON
def purge(settings: Settings, store: Store, as_json: bool) -> None:
    """Delete now what is past its time; the collector does this by itself.

    Example: kbgen feedback purge
    """
    refresh.bring_up(store, settings)
    done = retention.purge(store, settings, now_ms())
    if as_json:
        print_json(msgspec.to_builtins(done))
    else:
        click.echo(
            f"deleted {plural(done.events, 'raw event', 'raw events')}, "
            f"{plural(done.texts, 'text', 'texts')}, {plural(done.sums, 'sum', 'sums')}, "
            f"{plural(done.votes, 'vote', 'votes')}"
        )


@click.command()
@click.option(
    "--weeks",
    type=click.IntRange(1, 104),
    default=8,
    show_default=True,
    help="How many weeks to look back.",
)
@click.option("--html", type=click.Path(dir_okay=False), help="Write a page to this file.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the report.")
@with_store
@JSON
def report(
    weeks: int,
    html: str | None,
    as_of: datetime | None,
    settings: Settings,
    store: Store,
    as_json: bool,
) -> None:
    """Print how readers fare: search success, helpfulness, gaps, surges, hours, languages.

    Example: kbgen report --weeks 12 --html report.html
    """
    from kbgen_feedback import report as reports

    if html:
        refuse_database(html, settings)
    refresh.bring_up(store, settings)
    last = listing.day_number(as_of.date() if as_of else datetime.now(UTC).date())
    if last < 0:
        raise KbError("there were no readers before 1970", remedy="give another day for --as-of")
    made = reports.make(store, last, weeks, settings.rules)
    if html:
        with click.open_file(html, "w", encoding="utf-8") as page:
            page.write(reports.html(made, "Knowledge base report"))
    if as_json:
        print_json(made.shown())
    elif not html:
        click.echo(reports.text(made))

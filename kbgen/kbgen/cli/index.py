"""`kbgen index`."""

import dataclasses
import json
from pathlib import Path

import click


@click.command()
@click.argument("site_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--collector", default="", metavar="URL", help="Where readers' votes and searches go."
)
@click.option("--contact", default="", metavar="URL", help="Where readers turn to for help.")
@click.option("--name", default="", help="The site's name; default: the home page's title.")
@click.option("--site-url", default="", metavar="URL", help="The site's address.")
@click.option("--offline", is_flag=True, help="The site is opened from file://.")
@click.option("--service-worker", is_flag=True, help="What was read stays without a network.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def index(
    site_dir: Path,
    collector: str,
    contact: str,
    name: str,
    site_url: str,
    offline: bool,
    service_worker: bool,
    as_json: bool,
) -> None:
    """Give a site built by anything search, reader's widget and manifest.

    SITE_DIR holds HTML made by Zensical, Hugo, Docusaurus, Sphinx or another generator. Do it after
    each of its builds.

    Example: kbgen index public --collector https://feedback.example.com
    """
    from kbgen import sites
    from kbgen.settings import Settings, checked
    from kbgen.summary import counted

    settings = checked(
        Settings(
            collector=collector, contact=contact, offline=offline, service_worker=service_worker
        )
    )
    done = sites.index(site_dir, settings, name, site_url)
    if as_json:
        messages = [str(message) for message in done.messages]
        click.echo(json.dumps({**dataclasses.asdict(done), "messages": messages}))
    else:
        for message in done.messages:
            click.echo(f"{message.label}: {message}", err=True)
        articles, pages = counted(done.articles, "article"), counted(done.rewritten, "page")
        click.echo(f"{site_dir}: {articles} indexed, {pages} changed")

"""`kbgen build`."""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from kbgen import stamp
from kbgen.project import Wish, find_config
from kbgen.summary import Summary
from kbgen_search.garbage import no_collector


@click.command()
@click.option("-f", "--config-file", "config", metavar="FILE", help="The project's mkdocs.yml.")
@click.option("-d", "--site-dir", metavar="DIR", help="Where the site goes; default: `site`.")
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one a core.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Render on the workers of this Dask scheduler."
)
@click.option("--no-cache", is_flag=True, help="Render every page anew; keep nothing.")
@click.option("--strict", is_flag=True, help="End with 1, and keep the old site, on a warning.")
@click.option("--offline", is_flag=True, help="Make a site that opens from file://.")
@click.option(
    "--audience", multiple=True, metavar="NAME", help="Only articles for NAME; repeatable."
)
@click.option("--profile", is_flag=True, help="Print seconds per stage, and the slowest pages.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def build(
    config: str | None,
    site_dir: str | None,
    workers: int | None,
    scheduler: str | None,
    no_cache: bool,
    strict: bool,
    offline: bool,
    audience: tuple[str, ...],
    profile: bool,
    as_json: bool,
) -> None:
    """Build the site.

    Pages that did not change are taken from the last build. A build that fails, or is
    interrupted, leaves the old site as it was.

    Example: kbgen build --strict
    """
    file = find_config(config)
    wish = Wish(site_dir, strict or None, offline, audience)
    with no_collector():
        summary = None if no_cache else stamp.unchanged(file, wish)
        if summary is None:
            options = {"workers": workers or 0, "scheduler": scheduler or "", "cache": not no_cache}
            summary = _build(file, wish, options, quiet=as_json)
        report(summary, as_json, profile)
        _leave(exit_code(summary))


def _leave(code: int) -> NoReturn:
    """End the process without looking through its memory, which takes long after a build."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # whoever started it may have closed them
        stream.flush()
    os._exit(code)


def _build(file: Path, wish: Wish, options: dict[str, Any], quiet: bool) -> Summary:
    from kbgen import early, lock

    def waiting() -> None:
        click.echo(f"note: {lock.WAITING}", err=True)

    if options["cache"]:
        early.compile_templates(file, options["workers"])
    # Helpers are begun before MkDocs is loaded, which takes half of the time after an edit.
    with early.helpers_for(file, options["workers"], waiting) as helpers:
        from kbgen import pipeline
        from kbgen.progress import shown

        with shown(quiet) as progress:
            found = pipeline.Options(**options, helpers=helpers, progress=progress)
            return pipeline.build(file, wish, found)


def exit_code(summary: Summary) -> int:
    """Return 2 for mistakes, 1 for warnings when they count as failures, else 0."""
    if summary.errors:
        return 2
    return 1 if summary.refused else 0


def report(summary: Summary, as_json: bool, profile: bool) -> None:
    """Print what a build did: what to look at on stderr, the outcome on stdout."""
    if as_json:
        click.echo(json.dumps(summary.as_json(), ensure_ascii=False, indent=2))
        return
    for message in summary.messages:
        click.echo(f"{message.label}: {message}", err=True)
    click.echo(summary.outcome, err=bool(summary.errors or summary.refused))
    if profile:
        click.echo(summary.profile)

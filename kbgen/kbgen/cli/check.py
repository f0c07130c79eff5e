"""`kbgen check`."""

import datetime
import json
import os
import sys
from pathlib import Path

import click

from kbgen.project import find_config


@click.command()
@click.option("-f", "--config-file", "config", metavar="FILE", help="The project's mkdocs.yml.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option("--github", is_flag=True, help="Print what GitHub shows beside the lines.")
def check(config: str | None, as_json: bool, github: bool) -> None:
    """Find what is worth mending: front matter, links, foreign requests, findability.

    Ends with 1 when there is something.

    Example: kbgen check --json
    """
    from kbgen import checking
    from kbgen.messages import annotation
    from kbgen.summary import counted

    if as_json and github:
        raise click.UsageError("give --json or --github, not both")
    file = find_config(config)
    report = checking.check(file, datetime.datetime.now(datetime.UTC).date())
    folder = Path(os.path.relpath(file.parent)).as_posix()
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        for finding in report.findings:
            click.echo(annotation(finding, folder) if github else str(finding))
        found = counted(len(report.findings), "finding")
        if report.articles is None:
            click.echo(f"{found}; mend the errors to have the articles checked")
        else:
            click.echo(f"{counted(report.articles, 'article')}, {found}")
    sys.exit(1 if report.findings else 0)

"""`kbgen init`, `kbgen new` and `kbgen mv`."""

import shlex
from pathlib import Path

import click

from kbgen import starter
from kbgen.project import find_config

HERE = click.option(
    "-f", "--config-file", "config", metavar="FILE", help="The project's mkdocs.yml."
)
UNDER = click.option(
    "--in", "under", default="", metavar="DIR", help="Folder below the docs folder."
)
TITLE = click.argument("title")


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", help="What the knowledge base is called; default: the folder's name.")
def init(folder: Path, name: str | None) -> None:
    """Make a knowledge base in FOLDER that builds at once.

    Nothing that is there already is overwritten.

    Example: kbgen init handbook --name "Acme help"
    """
    made = starter.init(folder, name or folder.resolve().name.replace("-", " ").capitalize())
    for path in made:
        click.echo(f"made {path}")
    there = "" if folder.samefile(Path()) else f"cd {shlex.quote(str(folder))} && "
    click.echo(f"Next: {there}kbgen serve")


@click.group()
def new() -> None:
    """Make a file from a template: an article, a path for newcomers, a reply for support."""


@new.command()
@TITLE
@UNDER
@HERE
def article(title: str, under: str, config: str | None) -> None:
    """Make an article called TITLE.

    Example: kbgen new article "Change your plan" --in billing
    """
    _new("article", title, under, config)


@new.command()
@TITLE
@UNDER
@HERE
def path(title: str, under: str, config: str | None) -> None:
    """Make a path called TITLE: what newcomers read, in order.

    Example: kbgen new path "Support agent, week 1"
    """
    _new("path", title, under, config)


@new.command()
@TITLE
@UNDER
@HERE
def reply(title: str, under: str, config: str | None) -> None:
    """Make a reply called TITLE, to copy into conversations.

    Example: kbgen new reply "Refund is on its way"
    """
    _new("reply", title, under, config)


def _new(kind: str, title: str, under: str, config: str | None) -> None:
    from kbgen.project import docs_folder

    click.echo(f"made {starter.new(kind, title, docs_folder(find_config(config)), under)}")


@click.command()
@click.argument("old")
@click.argument("new")
@HERE
def mv(old: str, new: str, config: str | None) -> None:
    """Move an article or a folder from OLD to NEW, and its links and votes along.

    Both are paths from this folder, or from the docs folder. Links in all articles and the names
    in mkdocs.yml follow; an article keeps its id, so that votes and flags stay with it.

    Example: kbgen mv billing/plans.md account/
    """
    from kbgen import moving
    from kbgen.project import docs_folder

    file = find_config(config)
    for line in moving.move(moving.Project.of(file, docs_folder(file)), old, new):
        click.echo(line)
    click.echo("Links from elsewhere lead to the old address; the plugin `redirects` mends that.")

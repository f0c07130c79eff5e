"""The `kbgen` command; each subcommand's module is imported only when it is called."""

import sys
from importlib import import_module

import click

from kbgen_search.errors import KbError

COMMANDS = {
    "init": "kbgen.cli.create:init",
    "new": "kbgen.cli.create:new",
    "build": "kbgen.cli.build:build",
    "serve": "kbgen.cli.serve:serve",
    "index": "kbgen.cli.index:index",
    "check": "kbgen.cli.check:check",
    "search": "kbgen.cli.search:search",
    "evaluate": "kbgen.cli.relevance:evaluate",
    "replay": "kbgen.cli.relevance:replay",
    "collect": "kbgen.cli.feedback:collect",
    "feedback": "kbgen.cli.feedback:feedback",
    "flags": "kbgen.cli.flags:flags",
    "report": "kbgen.cli.feedback:report",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order a new user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command called `name`, or None when there is none."""
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kbgen")
def cli() -> None:
    """Build a knowledge base from Markdown, with search and a feedback loop."""


def main() -> None:
    """Run the command line; a user's mistake is one line on stderr, not a traceback."""
    try:
        cli()
    except KbError as error:
        click.echo(f"kbgen: {error}", err=True)
        sys.exit(error.exit_code)

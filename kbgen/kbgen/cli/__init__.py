"""The `kbgen` command; each subcommand's module is imported only when it is called.

`COMMANDS` has for each command where it is, and the first sentence of its help.
"""

import gc
import sys
from importlib import import_module

import click

from kbgen_search.errors import KbError
from kbgen_search.garbage import no_collector

COMMANDS = {
    "init": ("kbgen.cli.create:init", "Make a knowledge base in FOLDER that builds at once."),
    "new": (
        "kbgen.cli.create:new",
        "Make a file from a template: an article, a path for newcomers, a reply for support.",
    ),
    "mv": (
        "kbgen.cli.create:mv",
        "Move an article or a folder from OLD to NEW, and its links and votes along.",
    ),
    "build": ("kbgen.cli.build:build", "Build the site."),
    "serve": (
        "kbgen.cli.serve:serve",
        "Preview the site while you write, with collector and editors' desk.",
    ),
    "index": (
        "kbgen.cli.index:index",
        "Give a site built by anything search, reader's widget and manifest.",
    ),
    "check": (
        "kbgen.cli.check:check",
        "Find what is worth mending: front matter, links, foreign requests, findability.",
    ),
    "search": ("kbgen.cli.search:search", "Print the articles that best answer QUERY."),
    "evaluate": ("kbgen.cli.relevance:evaluate", "Measure search on judged queries."),
    "replay": (
        "kbgen.cli.relevance:replay",
        "Run search tests and failed searches on the newest build; exit with 1 when one fails.",
    ),
    "collect": ("kbgen.cli.feedback:collect", "Run the collector and the editors' desk."),
    "feedback": ("kbgen.cli.feedback:feedback", "Events in and out of the collector's database."),
    "flags": ("kbgen.cli.flags:flags", "The flags: where readers get stuck."),
    "report": (
        "kbgen.cli.feedback:report",
        "Print how readers fare: search success, helpfulness, gaps, surges, hours, languages.",
    ),
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
        module, attribute = COMMANDS[name][0].split(":")
        with no_collector():
            command: click.Command = getattr(import_module(module), attribute)
            gc.freeze()  # modules stay: the collector need not look through them
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


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
    except OSError as error:
        if error.filename is not None:
            raise
        # Nothing that has a name: what is printed has no room where it goes.
        click.echo(f"kbgen: cannot print: {error.strerror or error}", err=True)
        sys.stdout = None  # or Python would try once more
        sys.exit(2)
    finally:
        gc.freeze()  # what is left ends with the process, which looks through it once more else

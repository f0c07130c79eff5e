"""`kbgen serve`."""

from contextlib import suppress

import click

from kbgen.project import find_config

PORT = click.IntRange(0, 65535)


@click.command()
@click.option("-f", "--config-file", "config", metavar="FILE", help="The project's mkdocs.yml.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, help="Port of the site; default: 8000 or the next free one.")
@click.option(
    "--collector-port",
    type=PORT,
    help="Port of collector and desk; default: 8400 or the next free one.",
)
@click.option(
    "--database", metavar="URL", help="Where feedback is kept; default: kbgen-feedback.sqlite3."
)
def serve(
    config: str | None,
    host: str,
    port: int | None,
    collector_port: int | None,
    database: str | None,
) -> None:
    """Preview the site while you write, with collector and editors' desk.

    Each change is built and shown at once. Ctrl+C ends it.

    Example: kbgen serve --port 8080
    """
    from kbgen import serving

    asked = serving.Asked(host, port, collector_port, database)
    with suppress(KeyboardInterrupt):  # the way to end it, no failure
        serving.serve(find_config(config), asked, click.echo)

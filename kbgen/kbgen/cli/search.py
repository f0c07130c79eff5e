"""`kbgen search`."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

import click
import msgspec

from kbgen.files import unreadable
from kbgen.project import find_config
from kbgen_search.engine import Engine
from kbgen_search.errors import KbError
from kbgen_search.garbage import no_collector
from kbgen_search.responses import Response

CONFIG = click.option(
    "-f",
    "--config-file",
    "config",
    type=click.Path(path_type=Path),
    help="The project's mkdocs.yml; the index lies beside it. [default: this folder or one above]",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


INDEX = Path(".kbgen", "index")
Line = TypeVar("Line")


class QueryLine(msgspec.Struct):
    """One line of a file of queries."""

    text: str
    id: str = ""
    lang: str | None = None


@click.command()
@CONFIG
@JSON
@click.option("-n", "limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--lang", help="Search articles of this language first.")
@click.option("--exact", is_flag=True, help="Take every word as it is typed.")
@click.option(
    "--syntax",
    type=click.Choice(["plain", "whoosh"]),
    default="plain",
    show_default=True,
    help="whoosh: fields, phrases, ranges, AND, OR, NOT, wildcards, fuzzy words~.",
)
@click.option(
    "--queries",
    type=click.File("r", encoding="utf-8", errors="replace"),
    help='Read one {"id","text","lang"} a line; print one answer a line.',
)
@click.argument("query", nargs=-1)
def search(
    config: Path | None,
    as_json: bool,
    limit: int,
    lang: str | None,
    exact: bool,
    syntax: str,
    queries: IO[str] | None,
    query: tuple[str, ...],
) -> None:
    """Print the articles that best answer QUERY.

    \b
    Examples:
      kbgen search reset password
      kbgen search --syntax whoosh 'title:password AND NOT tags:old'
    """
    if bool(queries) == bool(query):
        raise click.UsageError("give either a QUERY or --queries FILE")
    with reading_troubles():
        engine = Engine.open(index_folder(config))
        ask = engine.search_whoosh if syntax == "whoosh" else partial(engine.search, exact=exact)
        if queries:
            for line in read_queries(queries, queries.name):
                answer = ask(line.text, line.lang or lang, limit)
                click.echo(as_json_text({"id": line.id, **msgspec.structs.asdict(answer)}))
            return
        with no_collector():
            answer = ask(clean(" ".join(query)), lang, limit)
        click.echo(as_json_text(answer) if as_json else listing(answer))


@contextmanager
def reading_troubles() -> Iterator[None]:
    """Raise a KbError for what the disk refuses to read inside the block."""
    try:
        yield
    except OSError as error:
        if error.filename is None:  # nobody reads what is printed
            raise
        raise unreadable(Path(error.filename), error) from error


def clean(text: str) -> str:
    """Return the text without what cannot be printed: bytes of the terminal that are no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def index_folder(config: Path | None) -> Path:
    """Return the index beside this configuration; without one, that of this folder or one above.

    Raises:
        KbError: there is no such configuration.
    """
    if config:
        return find_config(str(config)).parent / INDEX
    folders = (Path.cwd(), *Path.cwd().parents)
    marked = (one for one in folders if (one / INDEX).is_dir() or (one / "mkdocs.yml").is_file())
    return next(marked, folders[0]) / INDEX


def read_queries(lines: IO[str], name: str) -> Iterator[QueryLine]:
    """Yield the queries of a JSON Lines file.

    Raises:
        KbError: a line is not a JSON object with a `text`.
    """
    for number, line in filled_lines(lines):
        yield decoded(line, QueryLine, name, number)


def filled_lines(lines: IO[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not empty with their numbers."""
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def decoded(line: str, kind: type[Line], name: str, number: int) -> Line:
    """Return the value in one line of a JSON Lines file."""
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeError) as error:
        remedy = 'write {"id": "1", "text": "reset password"}'
        message = f"not a query ({error})"
        raise KbError(message, file=name, line=number, remedy=remedy) from None


def listing(answer: Response) -> str:
    """Return an answer as text for a terminal: title, address and quotation of each article."""
    if not answer.results:
        return f"Nothing found for {answer.query!r}."
    blocks = [f"Read as “{answer.corrected}”; --exact does not."] if answer.corrected else []
    for rank, result in enumerate(answer.results, 1):
        title = f"{result.title} › {result.section.title}" if result.section.title else result.title
        blocks.append(f"{rank:2}. {title}\n    {result.url}\n    {result.snippet}")
    return "\n".join(blocks)


def as_json_text(value: object) -> str:
    """Return a value as JSON on one line."""
    return msgspec.json.encode(value).decode()

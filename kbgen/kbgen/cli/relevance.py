"""`kbgen evaluate` and `kbgen replay`: how well search answers, and whether failures are mended."""

import sys
from contextlib import closing
from pathlib import Path

import click
import msgspec

from kbgen import findable
from kbgen.cli.search import (
    CONFIG,
    JSON,
    as_json_text,
    decoded,
    filled_lines,
    index_folder,
    read_queries,
    reading_troubles,
)
from kbgen.project import SEARCH_TESTS
from kbgen_search import evaluation, searchtests
from kbgen_search import replay as replaying
from kbgen_search.engine import Engine

REPLAYED = 'Failed searches, one {"text","id","lang","page"} a line; page is what was wanted.'


@click.command()
@CONFIG
@JSON
@click.option(
    "--queries", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True
)
@click.option(
    "--qrels", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True
)
def evaluate(config: Path | None, as_json: bool, queries: Path, qrels: Path) -> None:
    """Measure search on judged queries.

    QUERIES has one {"id","text","lang"} a line, QRELS lines of query, page and relevance with
    tabs between.

    \b
    Example:
      kbgen evaluate --queries queries.jsonl --qrels qrels.tsv
    """
    judgements = evaluation.read_judgements(qrels)
    with reading_troubles(), queries.open(encoding="utf-8", errors="replace") as lines:
        engine = Engine.open(index_folder(config))
        found = {
            line.id: engine.pages(line.text, line.lang)
            for line in read_queries(lines, str(queries))
            if line.id in judgements
        }
    measures = evaluation.measure(found, judgements)
    if as_json:
        click.echo(as_json_text(measures))
        return
    for name, value in msgspec.structs.asdict(measures).items():
        click.echo(f"{name:13} {value}")


@click.command()
@CONFIG
@JSON
@click.option(
    "--queries", type=click.Path(path_type=Path, exists=True, dir_okay=False), help=REPLAYED
)
@click.option("--database", metavar="URL", help="Collector's database: run its fixed flags, too.")
def replay(config: Path | None, as_json: bool, queries: Path | None, database: str | None) -> None:
    """Run search tests and failed searches on the newest build; exit with 1 when one fails.

    The search tests are those of search-tests.yml beside the configuration; with a database, also
    the failed queries of the flags whose fix was claimed.

    \b
    Example:
      kbgen replay --queries failed.jsonl
    """
    with reading_troubles():
        index = index_folder(config)
        engine = Engine.open(index)
        tests = searchtests.load(index.parent.parent / SEARCH_TESTS)
        failed = list(searchtests.failures(tests, engine))
        logged = [*_logged(queries), *(_of_flags(database) if database else ())]
        outcomes = list(replaying.replay(logged, engine))
        told = list(map(str, findable.of_tests(failed, engine)))
    if as_json:
        click.echo(as_json_text({"tests": len(tests), "failures": failed, "searches": outcomes}))
    else:
        click.echo(_replayed(len(tests), told, outcomes))
    if failed or not all(outcome.passed for outcome in outcomes):
        sys.exit(1)


def _logged(path: Path | None) -> list[replaying.Logged]:
    if path is None:
        return []
    with path.open(encoding="utf-8", errors="replace") as lines:
        return [decoded(line, replaying.Logged, str(path), at) for at, line in filled_lines(lines)]


def _of_flags(database: str) -> list[replaying.Logged]:
    """Return the queries that flags keep, with the articles that they must find."""
    from kbgen_feedback import flagbook, lifecycle
    from kbgen_feedback.settings import load
    from kbgen_feedback.store.database import open_existing
    from kbgen_feedback.store.troubles import told_plainly

    settings = load(database=database)
    with (
        told_plainly(database),
        closing(open_existing(settings.database, settings.site_key)) as store,
    ):
        return [
            replaying.Logged(query, flag.id, flag.locale or None, page)
            for flag in flagbook.flags(store)
            for query, page in lifecycle.kept_queries(flag)
        ]


def _replayed(tests: int, failed: list[str], outcomes: list[replaying.Outcome]) -> str:
    lines = failed + [
        f"“{one.text}”: {one.outcome}" + (f", read as “{one.corrected}”" if one.corrected else "")
        for one in outcomes
        if not one.passed
    ]
    passed = sum(outcome.passed for outcome in outcomes)
    lines.append(f"{tests - len(failed)} of {tests} search tests pass.")
    if outcomes:
        lines.append(f"{passed} of {len(outcomes)} failed searches find their article now.")
    return "\n".join(lines)

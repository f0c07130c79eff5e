"""Failed searches run again on the newest index: what is found now, and what still is not."""

from collections.abc import Iterable, Iterator

import msgspec

from kbgen_search.engine import Engine

FOUND = "found"
CORRECTED = "corrected"
PARTIAL = "partial"
NOTHING = "nothing"
TOP = 3


class Logged(msgspec.Struct, frozen=True):
    """A search that failed once; `page` is the article the reader was after, if that is known."""

    text: str
    id: str = ""
    lang: str | None = None
    page: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What a search finds now.

    `outcome` is nothing, corrected (only after reading words differently), partial (some words
    are in no article) or found. With a known page `rank` is its place among the first ten (0 for
    none) and `passed` tells whether it is among the first three; else `passed` is whether all
    words were found as typed.
    """

    id: str
    text: str
    lang: str
    outcome: str
    passed: bool
    rank: int
    pages: list[str]
    corrected: str
    missing: list[str]


def replay(queries: Iterable[Logged], engine: Engine) -> Iterator[Outcome]:
    """Yield what each query finds now."""
    for query in queries:
        response = engine.search(query.text, query.lang)
        pages = [result.page for result in response.results]
        rank = pages.index(query.page) + 1 if query.page in pages else 0
        outcome = _outcome(bool(pages), response.corrected, response.missing)
        passed = 0 < rank <= TOP if query.page else outcome == FOUND
        yield Outcome(
            query.id,
            query.text,
            response.lang,
            outcome,
            passed,
            rank,
            pages,
            response.corrected,
            response.missing,
        )


def _outcome(found: bool, corrected: str, missing: list[str]) -> str:
    if not found:
        return NOTHING
    if missing:
        return PARTIAL
    return CORRECTED if corrected else FOUND

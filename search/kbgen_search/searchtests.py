"""`search-tests.yml`: queries that must find an article among the first results.

- query: can't log in
  page: account/reset-password
  top: 3            # 3 when left out
  locale: en        # the site's first language when left out
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kbgen_search.engine import Engine
from kbgen_search.yamlfiles import YamlFile

TOP = 3
REMEDY = "write `- query: can't log in` and below it `page: account/reset-password`"


@dataclass(frozen=True, slots=True)
class SearchTest:
    """A query that must find a page among the first `top` results; `line` of the file it is in."""

    query: str
    page: str
    top: int = TOP
    locale: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """A search test that failed: where the page came (0 for nowhere), and what came first."""

    test: SearchTest
    rank: int
    first: tuple[str, ...]

    def __str__(self) -> str:
        """Return the failure in one line."""
        place = f"it is number {self.rank}" if self.rank else "it is not found"
        ahead = f"; first {'is' if len(self.first) == 1 else 'are'} {', '.join(self.first)}"
        return (
            f"search for “{self.test.query}” does not find {self.test.page} among the first "
            f"{self.test.top}: {place}{ahead if self.first else ''}"
        )


def load(path: Path) -> tuple[SearchTest, ...]:
    """Return the search tests in a file, none when there is no file.

    Raises:
        KbError: the file is not YAML or not of the form above; tells the line.
    """
    file = YamlFile(path, REMEDY)
    root = file.root()
    return tuple(_test(file, node) for node in file.items(root)) if root is not None else ()


def failures(tests: Iterable[SearchTest], engine: Engine) -> Iterator[Failure]:
    """Yield the tests that fail."""
    for test in tests:
        pages = engine.pages(test.query, test.locale or None, max(10, test.top))
        rank = pages.index(test.page) + 1 if test.page in pages else 0
        if not 0 < rank <= test.top:
            yield Failure(test, rank, tuple(pages[: test.top]))


def _test(file: YamlFile, node: Any) -> SearchTest:
    nodes = dict(file.pairs(node))
    values = {key: file.text(value) for key, value in nodes.items()}
    unknown = [key for key in values if key not in {"query", "page", "top", "locale"}]
    if unknown:
        raise file.mistake(nodes[unknown[0]], f"unknown key `{unknown[0]}`")
    if not {"query", "page"} <= values.keys():
        raise file.mistake(node, "a test needs `query` and `page`")
    top = values.get("top", str(TOP))
    if not top.isascii() or not top.isdigit() or int(top) < 1:
        raise file.mistake(nodes["top"], f"`top: {top}` is not a number above 0")
    return SearchTest(
        values["query"], values["page"], int(top), values.get("locale", ""), file.line(node)
    )

"""Whether the search opens an article where writers link to it: links as judged queries.

    python -m benchmarks.sections --corpora FOLDER [--sites csc-user-guide,fastapi]

The words of a link are the query, what it leads to is the answer: a section, or an article's top.
Many links to sections bear only the article's name, so that no search could open all of them right.
An article that the search does not find among the first ten counts for nothing here.
"""

import argparse
import posixpath
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import tables
from benchmarks.build import BIN, BUILDERS, project
from kbgen_search.engine import Engine

SITES = "csc-user-guide,fastapi"
CODE = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[([^\]\[]{4,90})\]\(([^)\s:#]+\.md)(?:#([^)\s]+))?\)")
MARKUP = re.compile(r"[*_`]|\{[^}]*\}|&\w+;|<[^>]+>|\s+")


class Link(NamedTuple):
    """The words of a link, the source that it leads to, and the section, "" for the top."""

    words: str
    target: str
    anchor: str


class Opened(NamedTuple):
    """How many links to sections, or to tops, the search opens right, of those it finds."""

    right: int
    found: int

    @property
    def share(self) -> float:
        """Return the share that is opened right."""
        return self.right / max(self.found, 1)


def links_of(text: str, source: str) -> Iterator[Link]:
    """Yield the links of an article to others, or to their sections."""
    for words, target, anchor in LINK.findall(CODE.sub("", text)):
        place = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        yield Link(" ".join(MARKUP.sub(" ", words).split()), place, anchor)


def address(source: str) -> str:
    """Return where an article is in the site."""
    stem = source.removesuffix(".md")
    return "" if stem == "index" else stem.removesuffix("/index")


def links_in(docs: Path) -> list[Link]:
    """Return all links of a site, each once."""
    files = sorted(docs.rglob("*.md"))
    texts = ((file.read_text("utf-8"), file.relative_to(docs).as_posix()) for file in files)
    return list(dict.fromkeys(link for text, source in texts for link in links_of(text, source)))


def opened(engine: Engine, links: Iterable[Link]) -> Opened:
    """Return how many of these links the search opens right."""
    right = found = 0
    for link in links:
        first = link.target.partition("/")[0]
        response = engine.search(link.words, first if first in engine.locales else None)
        for result in response.results:
            if result.url.partition("#")[0].rstrip("/") == address(link.target):
                found += 1
                right += result.section.anchor == link.anchor
    return Opened(right, found)


def measure(source: Path) -> tuple[Opened, Opened]:
    """Return how links to sections are opened in a site, and links to tops."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        project(source, home, BUILDERS[0])
        subprocess.run([BIN / "kbgen", "build"], cwd=home, capture_output=True, check=True)
        engine, links = Engine.open(home / ".kbgen" / "index"), links_in(home / "docs")
        deep, plain = (one for one in links if one.anchor), (one for one in links if not one.anchor)
        return opened(engine, deep), opened(engine, plain)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sections", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder that holds kb/")
    parser.add_argument("--sites", default=SITES, help="under kb/, by comma")
    options = parser.parse_args(arguments)
    rows = []
    for name in options.sites.split(","):
        print(f"{name} ...", file=sys.stderr)
        deep, plain = measure(options.corpora / "kb" / name)
        rows.append((name, deep.found, deep.share, plain.found, plain.share))
    print(tables.table(("site", "to sections", "right", "to tops", "right"), rows))


if __name__ == "__main__":
    main()

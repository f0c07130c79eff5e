"""What a reader's search costs: bytes on the wire, milliseconds a keystroke; beside Pagefind.

    python -m benchmarks.payload --corpora DIR [--sizes 1000,10000] [--queries 60]

Makes a site of each size from DIR/kb (see `benchmarks.synth`), indexes it with both, and asks the
same queries in Chromium. Every file that the browser asks for is counted once, gzipped at level 9
(files that are compressed already as they are): the search's script, the index, and what ten
results with titles and snippets need. Cold means a new browser profile for each query.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gzip
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Page

from benchmarks import browser, judged, processes, sites, tables
from benchmarks.firefox import firefox
from benchmarks.metrics import percentile
from benchmarks.peers import node
from benchmarks.processes import Cost

REAL_SETS = ("anchors-csc", "anchors-arduino")
THROTTLE = 6
TYPED = 12  # queries that are typed letter by letter
PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8">{}</head></html>'
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Contender:
    """A search in the page: the HTML that loads it, and JavaScript text -> ten results."""

    name: str
    page: str
    ask: str
    index: str  # folder under the site that holds its index


CONTENDERS = (
    Contender(
        "kbgen",
        '<meta name="kb:base" content="./"><meta name="kb:locale" content="en">'
        '<script src="assets/kb/kb-search.js"></script>',
        "(text) => kb.search(text, { limit: 10 })",
        "search",
    ),
    Contender(
        "pagefind",
        "",
        """async (text) => {
          const pagefind = await import('./pagefind/pagefind.js')
          const found = await pagefind.search(text)
          return Promise.all(found.results.slice(0, 10).map((hit) => hit.data()))
        }""",
        "pagefind",
    ),
)


@dataclass(frozen=True)
class Site:
    """A site with both indexes, what making them cost, and queries to ask."""

    folder: Path
    size: int
    costs: dict[str, Cost]
    queries: Sequence[str]


def prepare(corpora: Path, size: int, folder: Path, count: int) -> Site:
    """Write the site and index it with both programs."""
    site = folder / "site"
    titles = sites.write(corpora, size, site)
    ours = [sys.executable, "-m", "benchmarks.index_site", str(site), str(folder / "index")]
    theirs = [str(node.packages() / "node_modules/.bin/pagefind"), "--site", str(site)]
    costs = {"kbgen": processes.run(ours, ROOT), "pagefind": processes.run(theirs, site)}
    for one in CONTENDERS:
        (site / f"{one.name}.html").write_text(PAGE.format(one.page), encoding="utf-8")
    return Site(site, size, costs, queries(corpora, titles, count))


def queries(corpora: Path, titles: Sequence[str], count: int) -> list[str]:
    """Return queries in a fixed random order: half real ones, half the first words of titles."""
    real = [
        query.text
        for one in judged.collections(corpora / "ir")
        if one.name in REAL_SETS
        for query in one.variants["clean"]
    ]
    short = [" ".join(title.split()[: 1 + at % 3]) for at, title in enumerate(titles)]
    half = count // 2
    return [*_shuffled(real)[:half], *_shuffled(short)[: count - half]]


def _shuffled(texts: Sequence[str]) -> list[str]:
    return sorted(set(texts), key=lambda text: hashlib.sha256(text.encode()).digest())


class Traffic:
    """Counts the bytes of each file of the site that a browser asks for, once."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.seen: dict[str, int] = {}

    def note(self, url: str) -> None:
        """Count a request, unless it is for the page itself or was counted before."""
        path = unquote(urlsplit(url).path).lstrip("/")
        if url.startswith("http") and path not in self.seen and not path.endswith(".html"):
            self.seen[path] = compressed(self.site / path)

    def take(self) -> int:
        """Return the sum of what was counted since the last call."""
        total = sum(self.seen.values()) - getattr(self, "before", 0)
        self.before = sum(self.seen.values())
        return total


@functools.cache
def compressed(file: Path) -> int:
    """Return the bytes a file takes on the wire; 0 when there is no such file."""
    if not file.is_file():
        return 0
    content = file.read_bytes()
    return min(len(content), len(gzip.compress(content, 9, mtime=0)))


@contextlib.contextmanager
def reader(tab: Browser, site: Path, address: str) -> Iterator[tuple[Page, Traffic]]:
    """Open an address in a new profile, counting what it asks for."""
    context = tab.new_context()
    traffic = Traffic(site)
    context.on("request", lambda request: traffic.note(request.url))
    page = context.new_page()
    page.goto(address)
    try:
        yield page, traffic
    finally:
        context.close()


def cold(tab: Browser, site: Site, one: Contender, home: str) -> list[int]:
    """Return the bytes of each query asked first, in a profile of its own."""
    sums = []
    for query in site.queries:
        with reader(tab, site.folder, f"{home}{one.name}.html") as (page, traffic):
            page.evaluate(one.ask, query)
            sums.append(traffic.take())
    return sums


def further(tab: Browser, site: Site, one: Contender, home: str) -> list[int]:
    """Return the bytes of each query after the first, one reader asking them all."""
    sums = []
    with reader(tab, site.folder, f"{home}{one.name}.html") as (page, traffic):
        for query in site.queries:
            page.evaluate(one.ask, query)
            sums.append(traffic.take())
    return sums[1:]


TYPE = """async ([source, texts]) => {
  const ask = eval(source)
  const times = []
  for (const text of texts) {
    const started = performance.now()
    await ask(text)
    times.push(performance.now() - started)
  }
  return times
}"""


def keystrokes(tab: Browser, site: Site, one: Contender, home: str, rate: int) -> list[float]:
    """Return milliseconds per keystroke, each letter of each query a search, files all loaded."""
    texts = [query[:end] for query in site.queries[:TYPED] for end in range(1, len(query) + 1)]
    with reader(tab, site.folder, f"{home}{one.name}.html") as (page, _):
        page.evaluate(TYPE, [one.ask, texts])
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
        times: list[float] = page.evaluate(TYPE, [one.ask, texts])
    return times


def from_disk(tab: Browser, site: Site, one: Contender) -> list[float]:
    """Return milliseconds to the first answer on a page opened from file://, a profile each."""
    times = []
    for query in site.queries[:10]:
        with reader(tab, site.folder, (site.folder / f"{one.name}.html").as_uri()) as (page, _):
            times += page.evaluate(TYPE, [one.ask, [query]])
    return times


def in_firefox(site: Site, one: Contender) -> list[float]:
    """Return what `from_disk` does for a stock Firefox, the page opened anew for each query."""
    times = []
    with firefox() as tab:
        for query in site.queries[:10]:
            tab.open((site.folder / f"{one.name}.html").as_uri())
            times += tab.evaluate(f"({TYPE})({json.dumps([one.ask, [query]])})")
    return times


def index_size(site: Site, one: Contender) -> tuple[int, int]:
    """Return the bytes of the whole index, as it lies on disk and file by file on the wire."""
    files = [file for file in (site.folder / one.index).rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files), sum(map(compressed, files))


def measure(tab: Browser, site: Site, one: Contender) -> dict[str, float]:
    """Return all figures of one contender on one site, by what they are called."""
    with browser.served(site.folder) as home:
        bytes_cold = cold(tab, site, one, home)
        bytes_more = further(tab, site, one, home)
        plain = keystrokes(tab, site, one, home, 1)
        slow = keystrokes(tab, site, one, home, THROTTLE)
    cost = site.costs[one.name]
    on_disk, on_wire = index_size(site, one)
    figures = {
        "cold query, KB gzip, median": percentile(bytes_cold, 0.5) / 1000,
        "cold query, KB gzip, p95": percentile(bytes_cold, 0.95) / 1000,
        "further query, KB gzip, median": percentile(bytes_more, 0.5) / 1000,
        "further query, KB gzip, p95": percentile(bytes_more, 0.95) / 1000,
        "whole index, MB gzip": on_wire / 1e6,
        "whole index, MB": on_disk / 1e6,
        "keystroke, ms, median": percentile(plain, 0.5),
        "keystroke, ms, p95": percentile(plain, 0.95),
        f"keystroke, {THROTTLE}x slower CPU, ms, p95": percentile(slow, 0.95),
        "index made in, s": cost.seconds,
        "index memory, MiB": cost.mebibytes,
    }
    if one.name == "kbgen":
        figures |= first_answers("Chromium", from_disk(tab, site, one))
        figures |= first_answers("Firefox", in_firefox(site, one))
    return figures


def first_answers(program: str, times: Sequence[float]) -> dict[str, float]:
    """Return the figures of first answers from file:// in one browser."""
    name = f"first answer from file://, {program}, ms"
    return {f"{name}, median": percentile(times, 0.5), f"{name}, p95": percentile(times, 0.95)}


def report(site: Site, figures: dict[str, dict[str, float]]) -> str:
    """Return the table of one site: a line a figure, and kbgen's share of Pagefind's."""
    ours, theirs = figures["kbgen"], figures["pagefind"]
    rows: list[list[tables.Cell]] = []
    for name, value in ours.items():
        other = theirs.get(name)
        rows.append([name, value, other, value / other if other else None])
    return tables.table([f"{site.size:,} articles", *figures, "kbgen / pagefind"], rows)


def code_size(site: Site) -> str:
    """Return the size of kbgen's search code: the engine, and the English stemmer."""
    engine = compressed(site.folder / "assets/kb/kb-search.js")
    stemmer = sum(compressed(file) for file in (site.folder / "search/en").glob("s*.js"))
    return f"search code, gzip: {engine:,} bytes, and {stemmer:,} for the English stemmer"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.payload", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder that holds kb/ and ir/")
    parser.add_argument("--sizes", default="1000,10000", help="articles, by comma")
    parser.add_argument("--queries", type=int, default=60, help="how many are asked")
    parser.add_argument("--json", type=Path, help="write all figures to this file too")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; returns the exit code."""
    options = _options(arguments)
    found = {}
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as folder, browser.chromium() as tab:
            site = prepare(options.corpora, size, Path(folder), options.queries)
            figures = {one.name: measure(tab, site, one) for one in CONTENDERS}
            print(report(site, figures), code_size(site), sep="\n\n", end="\n\n", flush=True)
            found[size] = figures
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Makes kbgen's two search indexes for a folder of HTML pages: `python -m … SITE INDEX_DIR`.

What `kbgen index` does for search, without touching the pages, so that it can be measured beside
Pagefind's program, which leaves them alone too. Like that one it uses all cores: pages are read and
analysed side by side, and so are the two indexes written.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kbgen import workers
from kbgen_search import assets, browser_index, digests, indexing
from kbgen_search.articles import Article
from kbgen_search.extract import article_of_page
from kbgen_search.garbage import no_collector


@dataclass
class Job:
    """A site, where its index of record goes, and what was found in it: articles, digests."""

    site: Path
    index_dir: Path
    articles: list[Article]
    ready: dict[str, bytes]

    def write_whoosh(self) -> None:
        """Write the index of record."""
        indexing.update(self.articles, self.index_dir, ready=self.ready)

    def write_for_browser(self) -> None:
        """Write the browser's index and its scripts."""
        browser_index.write(
            browser_index.parts(self.articles, index_dir=self.index_dir, ready=self.ready),
            self.site,
        )
        scripts = self.site / "assets" / "kb"
        scripts.mkdir(parents=True, exist_ok=True)
        (scripts / "kb-search.js").write_bytes(assets.engine())


def read(files: Sequence[Path]) -> list[tuple[Article, bytes] | None]:
    """Return the article of each page with its digest, None for pages without one."""
    found = [_read(file) for file in files]
    gc.collect(0)  # the trees that pages were read into refer to themselves
    return found


def _read(file: Path) -> tuple[Article, bytes] | None:
    job: Job = workers.BENCH.get()
    url = file.parent.relative_to(job.site).as_posix()
    article = article_of_page(file.read_text(encoding="utf-8"), url, f"{url}/")
    return (article, digests.of(article)) if article else None


def _write_whoosh() -> None:
    job: Job = workers.BENCH.get()
    job.write_whoosh()


def main() -> int:
    """Write the Whoosh index, the browser index and the browser's scripts."""
    site, index_dir = map(Path, sys.argv[1:])
    job = Job(site, index_dir, [], {})
    files = sorted(job.site.rglob("*/index.html"))
    with no_collector():
        count = workers.cores()
        with workers.pool(job, count, len(files)) as executor:
            for article, digest in filter(None, workers.spread(executor, read, files, count)):
                job.articles.append(article)
                job.ready[digests.mark(article)] = digest
        with workers.pool(job, 2, len(files)) as executor:
            written = workers.once(executor, _write_whoosh)
            job.write_for_browser()
            written()
    return 0


if __name__ == "__main__":
    sys.exit(main())

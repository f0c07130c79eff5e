"""Makes kbgen's two search indexes for a folder of HTML pages: `python -m … SITE INDEX_DIR`.

What `kbgen index` does for search, without touching the pages, so that it can be measured beside
Pagefind's program, which leaves them alone too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from kbgen_search import assets, browser_index, indexing
from kbgen_search.articles import Article
from kbgen_search.extract import article_of_page


def articles(site: Path) -> Iterator[Article]:
    """Yield the article of each page of a site."""
    for file in sorted(site.rglob("*/index.html")):
        url = file.parent.relative_to(site).as_posix()
        found = article_of_page(file.read_text(encoding="utf-8"), url, f"{url}/")
        if found:
            yield found


def main() -> int:
    """Write the Whoosh index, the browser index and the browser's scripts."""
    site, index_dir = map(Path, sys.argv[1:])
    found = list(articles(site))
    indexing.update(found, index_dir)
    browser_index.write(found, site, index_dir=index_dir)
    scripts = site / "assets" / "kb"
    scripts.mkdir(parents=True, exist_ok=True)
    (scripts / "kb-search.js").write_bytes(assets.engine())
    return 0


if __name__ == "__main__":
    sys.exit(main())

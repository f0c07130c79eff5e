"""How soon an edit is on screen, and found, in the preview of a large site, in a real browser.

python -m benchmarks.preview --corpora FOLDER
"""

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.browser import opened
from benchmarks.build import BIN, CONFIG
from benchmarks.processes import compile_ours

SITES = "fastapi,csc-user-guide"
PLACE = 400  # pixels that the reader has scrolled down


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Run `kbgen serve` for the project in `home`; give the site's address."""
    command = [str(BIN / "kbgen"), "serve", "--port", "0", "--collector-port", "0"]
    log = home / "serve.log"  # a pipe that nobody reads would stop the server when it is full
    with log.open("w") as said:
        server = subprocess.Popen(command, cwd=home, stdout=said, stderr=subprocess.DEVNULL)
    try:
        while not (found := re.search(r"^Site\s+(\S+)\n", log.read_text(), re.MULTILINE)):
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
        yield found[1]
    finally:
        server.terminate()
        server.wait(30)


def project(sources: Sequence[Path], home: Path) -> int:
    """Put the articles of all sources into one knowledge base; return how many there are."""
    for source in sources:
        docs = source / "docs" if (source / "docs").is_dir() else source
        shutil.copytree(docs, home / "docs" / source.name)
    (home / "docs" / "index.md").write_text("# Home\n\nText.\n" + "\nMore.\n" * 100)
    (home / "mkdocs.yml").write_text(CONFIG.format(name="Large", plugins="kbgen"))
    return sum(1 for _ in (home / "docs").rglob("*.md"))


def edit(home: Path, page: Page, number: int) -> tuple[float, float]:
    """Edit the article shown; return seconds until it is on screen, and until it is found."""
    word = f"zebrafinch{chr(97 + number)}"
    page.evaluate(f"window.scrollTo(0, {PLACE})")
    page.wait_for_timeout(1000)
    start = time.perf_counter()
    with (home / "docs" / "index.md").open("a") as file:
        file.write(f"\nA new word: {word}.\n")
    page.wait_for_function(f"document.body?.textContent.includes('{word}')", polling=10)
    shown = time.perf_counter() - start
    page.wait_for_function(
        f"window.kb?.search && kb.search('{word}', {{}}).then((found) => found.total > 0)",
        polling=10,
    )
    found = time.perf_counter() - start
    place = page.evaluate("window.scrollY")
    assert place == PLACE, f"the reader's place moved from {PLACE} to {place}"
    return shown, found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; print medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preview", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder that holds kb/")
    parser.add_argument("--sites", default=SITES, help="under kb/, by comma; all in one site")
    parser.add_argument("--repeat", type=int, default=5, help="edits")
    options = parser.parse_args(arguments)
    compile_ours()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        count = project([options.corpora / "kb" / one for one in options.sites.split(",")], home)
        with serving(home) as address, opened(address) as page:
            times = [edit(home, page, number) for number in range(options.repeat)]
    shown, found = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{count:,} articles, {len(times)} edits: on screen {shown:.2f} s, found {found:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

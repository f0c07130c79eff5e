"""The reader's side in a stock Firefox: search, result and vote, from the web and from a folder."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from benchmarks.firefox import Firefox, find, firefox
from kb_network import Network, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find() is None, reason="no Firefox: install one, or set KBGEN_FIREFOX"),
]
YES = "document.querySelector('.kb-vote button')"
ENTER, DOWN = "\ue007", "\ue015"
SIGN_IN = "---\nquestions: [Why can I not log in?]\n---\n# Sign in\n\nEnter your password.\n"
CONFIG = """site_name: Example help
use_directory_urls: false
theme: {{name: material, font: false}}
plugins:
  - kbgen: {{offline: true, collector: "{collector}"}}
"""


@pytest.fixture
def site(tmp_path: Path, collector: Any, build_site: Callable[[Path], Path]) -> Path:
    """A site that opens from a folder and sends to a collector that listens."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# Help centre\n\nWelcome.\n")
    (tmp_path / "docs/sign-in.md").write_text(SIGN_IN)
    (tmp_path / "mkdocs.yml").write_text(CONFIG.format(collector=collector.url))
    return build_site(tmp_path)


@pytest.fixture(scope="module")
def tab() -> Iterator[Firefox]:
    with firefox() as running:
        yield running


def wait_for(tab: Firefox, expression: str, seconds: float = 15) -> None:
    """Until an expression is true in the page; fails when it is not in time."""
    end = time.monotonic() + seconds
    while not tab.evaluate(expression):
        assert time.monotonic() < end, f"never true: {expression}; {tab.errors}"
        time.sleep(0.05)


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_a_reader_searches_opens_the_result_and_votes(
    scheme: str, tab: Firefox, site: Path, collector: Any, serve_dir: Callable[..., str]
) -> None:
    home = f"{site.as_uri()}/" if scheme == "file" else serve_dir(site)
    tab.open(f"{home}index.html")
    wait_for(tab, "Boolean(window.kb && kb.search)")
    tab.press("/")
    wait_for(tab, "document.activeElement.getAttribute('role') === 'combobox'")
    tab.press("why can I not log in")
    wait_for(tab, "document.querySelector('[role=option]')?.textContent.includes('Sign in')")
    tab.press(DOWN + ENTER)
    wait_for(tab, f"location.pathname.endsWith('/sign-in.html') && Boolean({YES})")
    tab.evaluate(f"{YES}.click()")
    assert collector.wait_for("vote")[0]["page"] == "sign-in"
    assert tab.errors == []


def test_what_was_read_and_the_search_stay_without_a_network(
    tab: Firefox, tmp_path: Path, build_site: Callable[[Path], Path]
) -> None:
    write(tmp_path)
    network = Network(build_site(tmp_path))
    network.up()
    keys = f"caches.open('kbgen {network.url}').then((cache) => cache.keys())"
    tab.open(f"{network.url}guide/travel/")
    wait_for(tab, f"{keys}.then((keys) => keys.some((one) => one.url.endsWith('/travel/')))")
    tab.press("/")
    wait_for(tab, "document.activeElement.getAttribute('role') === 'combobox'")
    tab.press("password")
    wait_for(tab, "document.querySelector('[role=option]')?.textContent.includes('Sign in')")
    known = f"Promise.all([{keys}, kb.files()])"
    wait_for(tab, f"{known}.then(([keys, found]) => keys.length > found.files.length)")
    network.down()
    tab.open(f"{network.url}guide/travel/")
    wait_for(tab, "document.querySelector('h1').textContent.includes('On a train')")
    tab.press("/")
    wait_for(tab, "document.activeElement.getAttribute('role') === 'combobox'")
    tab.press("tunnels")
    wait_for(tab, "document.querySelector('[role=option]')?.textContent.includes('train')")

"""A site with a worker: what was read, and the search, stay when the network goes."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kb_network import Network, write
from kb_reader import search_for
from playwright.sync_api import BrowserContext, Error, Page, expect

pytestmark = pytest.mark.browser
KEPT = """async () => {
    const cache = await caches.open('kbgen ' + location.origin + '/');
    return (await cache.keys()).map((request) => request.url);
}"""
REGISTERED = "async () => (await navigator.serviceWorker.getRegistrations()).length"


@pytest.fixture
def network(tmp_path: Path, build_site: Callable[[Path], Path]) -> Iterator[Network]:
    write(tmp_path)
    network = Network(build_site(tmp_path))
    network.up()
    yield network
    network.down()


def wait_for(page: Page, condition: Callable[[list[str]], bool]) -> list[str]:
    """The addresses that are kept, once they fulfil a condition."""
    end = time.monotonic() + 15
    while not condition(kept := page.evaluate(KEPT)):
        assert time.monotonic() < end, kept
        page.wait_for_timeout(50)
    return kept


def visit(page: Page, network: Network, path: str) -> None:
    page.goto(network.url + path)
    page.evaluate("navigator.serviceWorker.ready")
    wait_for(page, lambda kept: network.url + path in kept)


def change(network: Network) -> None:
    """Change a page on the server."""
    file = network.site / "guide" / "travel" / "index.html"
    file.write_text(file.read_text().replace("Tunnels have", "Even tunnels have"))
    os.utime(file, (time.time() + 5, time.time() + 5))  # servers tell seconds alone


def wait_for_change(page: Page) -> None:
    """Until the changed page is what is kept."""
    kept = "caches.match(location.href).then((one) => one.text())"
    page.wait_for_function(f"() => {kept}.then((text) => text.includes('Even tunnels'))")


def test_without_a_network_what_was_read_and_the_search_stay(page: Page, network: Network) -> None:
    visit(page, network, "guide/sign-in/")
    visit(page, network, "guide/travel/")
    search_for(page, "password")
    files = page.evaluate("kb.files().then((found) => found.files)")
    assert len(files) > 5
    wait_for(page, lambda kept: set(files) <= set(kept))
    network.down()
    page.goto(network.url + "guide/sign-in/?q=&from=train#sign-in")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.kb-open')).display") != "none"
    search_for(page, "tunnels")  # for which nothing was loaded before
    expect(page.get_by_role("option").first).to_contain_text("On a train")
    page.get_by_role("option").first.click()
    expect(page.get_by_role("heading", name="On a train")).to_be_visible()
    with pytest.raises(Error, match="ERR_"):
        page.goto(network.url + "billing/invoice/")


def test_with_a_network_the_newest_page_is_shown(page: Page, network: Network) -> None:
    visit(page, network, "guide/travel/")
    change(network)
    page.reload()
    expect(page.get_by_text("Even tunnels have")).to_be_visible()
    wait_for_change(page)
    network.down()
    page.reload()
    expect(page.get_by_text("Even tunnels have")).to_be_visible()


def test_a_page_that_does_not_come_is_shown_as_it_was(page: Page, network: Network) -> None:
    visit(page, network, "guide/travel/")
    page.reload()
    change(network)
    network.gate.clear()
    page.goto(network.url + "guide/travel/", timeout=20_000)
    expect(page.get_by_role("heading", name="On a train")).to_be_visible()
    expect(page.get_by_text("Even tunnels have")).to_have_count(0)
    network.gate.set()
    wait_for_change(page)  # it is kept for the next time


def test_what_may_not_be_stored_is_not(page: Page, network: Network) -> None:
    visit(page, network, "guide/travel/")
    page.goto(network.url + "secret/desk/?q=word")
    page.goto(network.url + "guide/sign-in/?q=private+words")
    kept = wait_for(page, lambda kept: network.url + "guide/sign-in/" in kept)
    assert not [url for url in kept if "secret" in url or "words" in url]
    missing = page.goto(network.url + "nowhere/")
    assert missing is not None
    assert missing.status == 404
    assert network.url + "nowhere/" not in page.evaluate(KEPT)


def test_the_files_of_an_earlier_index_go(
    page: Page, network: Network, tmp_path: Path, build_site: Callable[[Path], Path]
) -> None:
    visit(page, network, "guide/travel/")
    search_for(page, "tunnels")
    before = set(page.evaluate("kb.files().then((found) => found.files)"))
    wait_for(page, lambda kept: before <= set(kept))
    (tmp_path / "docs" / "guide" / "travel.md").write_text("# On a ship\n\nOceans have none.\n")
    build_site(tmp_path)
    page.goto(network.url + "guide/travel/")
    search_for(page, "oceans")
    after = set(page.evaluate("kb.files().then((found) => found.files)"))
    assert before - after
    wait_for(page, lambda kept: after <= set(kept) and not (before - after) & set(kept))


def test_where_data_are_dear_the_index_is_not_fetched(
    context: BrowserContext, network: Network
) -> None:
    context.add_init_script(
        "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
    )
    page = context.new_page()
    visit(page, network, "guide/travel/")
    search_for(page, "tunnels")
    page.wait_for_timeout(1000)
    files = page.evaluate("kb.files().then((found) => found.files)")
    assert not set(files) <= set(page.evaluate(KEPT))


def test_a_site_that_gives_it_up_leaves_nothing(
    page: Page, network: Network, tmp_path: Path, build_site: Callable[[Path], Path]
) -> None:
    visit(page, network, "guide/travel/")
    page.reload()
    write(tmp_path, "false")
    build_site(tmp_path)
    assert not (network.site / "kb-worker.js").exists()
    page.reload()
    page.wait_for_function(
        "() => navigator.serviceWorker.getRegistrations().then((r) => !r.length)"
    )
    page.wait_for_function("() => caches.keys().then((names) => !names.length)")


def test_a_site_without_one_keeps_nothing(
    page: Page, tmp_path: Path, build_site: Callable[[Path], Path]
) -> None:
    write(tmp_path, "false")
    network = Network(build_site(tmp_path))
    network.up()
    page.goto(network.url)
    search_for(page, "tunnels")
    assert page.evaluate(REGISTERED) == 0
    assert page.evaluate("caches.keys()") == []
    network.down()

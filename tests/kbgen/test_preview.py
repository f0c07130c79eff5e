"""The preview: pages reload when a build is done, and live on when one fails."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from kb_support import Project

from kbgen import preview
from kbgen.serving import free_port
from kbgen_search.errors import KbError


def until(true: Callable[[], bool], seconds: float = 20) -> float:
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds
        time.sleep(0.02)
    return time.monotonic() - start


@pytest.fixture
def served(project: Project) -> Iterator[tuple[Project, dict[str, str]]]:
    command = [sys.executable, "-m", "kbgen", "serve", "--port", "0", "--collector-port", "0"]
    server = subprocess.Popen(
        command, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    addresses: dict[str, str] = {}
    assert server.stdout
    for line in server.stdout:
        if found := re.match(r"(Site|Collector|Desk)\s+(\S+)", line):
            addresses[found[1]] = found[2]
        if "Desk" in addresses:
            break
    os.set_blocking(server.stdout.fileno(), False)
    yield project, addresses
    server.terminate()
    server.wait(15)
    server.stdout.close()


def test_an_edit_is_on_screen_and_a_mistake_does_not_end_the_server(
    served: tuple[Project, dict[str, str]],
) -> None:
    project, addresses = served
    site = addresses["Site"]
    until(lambda: _answers(site))
    assert "Three." in httpx.get(f"{site}billing/plans/").text
    assert "/_kb/live.js" in httpx.get(site).text
    time.sleep(0.3)
    project.article("billing/plans.md", "# Plans\n\nSeven.\n")
    until(lambda: "Seven." in httpx.get(f"{site}billing/plans/").text)

    project.article("billing/plans.md", '---\ntitle: "open\n---\n# Plans\n')
    until(lambda: "billing/plans.md:3" in httpx.get(f"{site}_kb/live").json()["problem"])
    page = httpx.get(f"{site}billing/plans/").text
    assert "Seven." in page
    assert "front matter is not valid YAML" in page

    project.article("billing/plans.md", "# Plans\n\nEight.\n")
    until(lambda: "Eight." in httpx.get(f"{site}billing/plans/").text)
    assert httpx.get(f"{site}_kb/live").json()["problem"] == ""
    assert httpx.get(f"{site}nowhere/").status_code == 404
    assert httpx.get(f"{site}..%2f..%2fmkdocs.yml").status_code == 404
    assert httpx.get(addresses["Desk"], follow_redirects=True).status_code == 200


def _answers(site: str) -> bool:
    try:
        return httpx.get(site).status_code == 200
    except httpx.TransportError:
        return False


def test_a_taken_port_is_one_clear_line() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(KbError, match="cannot be had"):
            free_port("127.0.0.1", port, 8000)
        assert free_port("127.0.0.1", None, port) != port


def test_who_asks_for_the_index_waits_while_it_is_made(tmp_path: Path) -> None:
    (tmp_path / "search").mkdir()
    index = tmp_path / "search/index.js"
    index.write_text("old")
    (tmp_path / "index.html").write_text("<body>page</body>")
    state = preview.State()
    state.shown()

    async def asked() -> tuple[str, str]:
        transport = httpx.ASGITransport(preview.app(tmp_path, state))
        async with httpx.AsyncClient(transport=transport, base_url="http://preview") as client:
            waiting = asyncio.create_task(client.get("/search/index.js"))
            page = await client.get("/")
            await asyncio.sleep(0.2)
            assert not waiting.done()
            index.write_text("new")
            state.built("")
            return page.text, (await waiting).text

    with ThreadPoolExecutor(1) as apart:  # from the loop of the browser's tests
        page, found = apart.submit(lambda: asyncio.run(asked())).result()
    assert "page" in page
    assert found == "new"


@pytest.mark.parametrize(
    ("problem", "versions"), [("", 1), ("the disk is full", 2), (None, 1)], ids=repr
)
def test_pages_reload_once_for_an_edit(problem: str | None, versions: int) -> None:
    state = preview.State()
    state.shown()
    state.built(problem)
    assert (state.version, state.problem) == (versions, problem or "")
    state.built("")
    assert state.version == versions + 1


def test_site_and_collector_have_a_port_each() -> None:
    usual = free_port("127.0.0.1", 0, 8000)
    assert free_port("127.0.0.1", None, usual, besides=usual) != usual
    with pytest.raises(KbError, match=f"port {usual} of 127.0.0.1 cannot be had"):
        free_port("127.0.0.1", usual, 8000, besides=usual)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--port", "99999"), "'--port'"), (("--host", "192.0.2.1"), "--host")],
)
def test_where_a_preview_cannot_be(project: Project, arguments: tuple[str, str], said: str) -> None:
    done = project.run("serve", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr

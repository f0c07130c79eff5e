"""The preview: pages reload when a build is done, and live on when one fails."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from kb_support import Project

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

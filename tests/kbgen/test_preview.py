"""The preview: pages reload when a build is done, and live on when one fails."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from kb_support import Project

from kbgen import preview
from kbgen.messages import Message
from kbgen.serving import Terminal, free_port
from kbgen.summary import Summary
from kbgen_feedback.desk import auth
from kbgen_feedback.store.database import open_store
from kbgen_search.errors import KbError


def until(true: Callable[[], bool], seconds: float = 20) -> float:
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds
        time.sleep(0.02)
    return time.monotonic() - start


@contextmanager
def preview_of(project: Project) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "kbgen", "serve", "--port", "0", "--collector-port", "0"]
    server = subprocess.Popen(
        command, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert server.stdout
    yield server
    server.terminate()
    server.wait(15)
    server.stdout.close()


@pytest.fixture
def server(project: Project) -> "Iterator[subprocess.Popen[str]]":
    with preview_of(project) as server:
        yield server


@pytest.fixture
def served(project: Project, server: "subprocess.Popen[str]") -> tuple[Project, dict[str, str]]:
    addresses: dict[str, str] = {}
    assert server.stdout
    for line in server.stdout:
        if found := re.match(r"(Site|Collector|Desk)\s+(\S+)", line):
            addresses[found[1]] = found[2]
        if "Desk" in addresses:
            break
    os.set_blocking(server.stdout.fileno(), False)
    until(lambda: _answers(addresses["Site"]))
    return project, addresses


def test_an_edit_is_on_screen_and_a_mistake_does_not_end_the_server(
    served: tuple[Project, dict[str, str]],
) -> None:
    project, addresses = served
    site = addresses["Site"]
    assert "Three." in httpx.get(f"{site}billing/plans/").text
    assert "/_kb/live.js" in httpx.get(site).text
    time.sleep(0.3)
    project.article("billing/plans.md", "# Plans\n\nSeven.\n")
    until(lambda: "Seven." in httpx.get(f"{site}billing/plans/").text)

    project.article("billing/plans.md", '---\ntitle: "open\n---\n# Plans\n')
    until(lambda: "billing/plans.md:2" in httpx.get(f"{site}_kb/live").json()["problem"])
    page = httpx.get(f"{site}billing/plans/").text
    assert "Seven." in page
    assert "front matter is not valid YAML" in page

    project.article("billing/plans.md", "# Plans\n\nEight.\n")
    until(lambda: "Eight." in httpx.get(f"{site}billing/plans/").text)
    assert httpx.get(f"{site}_kb/live").json()["problem"] == ""
    assert httpx.get(f"{site}nowhere/").status_code == 404
    assert httpx.get(f"{site}..%2f..%2fmkdocs.yml").status_code == 404
    assert httpx.get(addresses["Desk"], follow_redirects=True).status_code == 200


def test_who_reads_while_the_site_is_built_has_nothing_built_again(
    served: tuple[Project, dict[str, str]],
) -> None:
    project, addresses = served
    site = addresses["Site"]
    ended = threading.Event()

    def read() -> None:
        with httpx.Client(base_url=site) as reader:
            while not ended.is_set():
                reader.get("billing/plans/")

    def version() -> str:
        return str(httpx.get(f"{site}_kb/live").json()["version"])

    with ThreadPoolExecutor(2) as readers:
        reading = [readers.submit(read) for _ in range(2)]
        for number in range(3):
            time.sleep(0.3)
            project.article(f"billing/new{number}.md", f"# New {number}\n\nNew.\n")
            until(lambda n=number: "New." in httpx.get(f"{site}billing/new{n}/").text)
        ended.set()
    assert all(one.exception() is None for one in reading)

    def is_still() -> bool:
        before = version()
        time.sleep(2)
        return version() == before

    until(is_still)


def test_who_waits_for_an_edit_does_not_hold_up_the_end(
    served: tuple[Project, dict[str, str]], server: "subprocess.Popen[str]"
) -> None:
    site = served[1]["Site"]
    version = httpx.get(f"{site}_kb/live").json()["version"]
    with ThreadPoolExecutor(1) as readers:
        waiting = readers.submit(httpx.get, f"{site}_kb/live?version={version}", timeout=30)
        time.sleep(0.3)
        server.send_signal(signal.SIGINT)
        assert waiting.result().json()["version"] == version
    assert server.wait(15) == 0
    assert server.stdout
    said = server.stdout.read() or ""
    assert "Traceback" not in said
    assert "ancel" not in said
    assert "Aborted" not in said


def test_the_desk_keeps_its_password(project: Project) -> None:
    first, again = (password_of(project) for _ in range(2))
    assert re.fullmatch(r"[0-9a-f-]{8,}", first)
    assert again == first
    (project.root / ".kbgen/desk-password").unlink()  # as if `kbgen collect` had made it
    assert password_of(project) == "the one set or printed before"
    store = open_store(str(project.root / "kbgen-feedback.sqlite3"))
    assert auth.is_password(store, first)
    store.close()


def password_of(project: Project) -> str:
    with preview_of(project) as server:
        assert server.stdout
        desk = next(line for line in server.stdout if line.startswith("Desk"))
        return desk.partition("password: ")[2].strip()


def test_one_preview_of_a_project_runs_at_a_time(
    served: tuple[Project, dict[str, str]],
) -> None:
    second = served[0].run("serve", "--port", "0", "--collector-port", "0")
    assert second.returncode == 2
    assert second.stderr == (
        "kbgen: another `kbgen serve` of this project is running. use its pages, or end it first\n"
    )


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
    begun = state.version
    state.shown()
    state.built(problem)
    assert (state.version - begun, state.problem) == (versions, problem or "")
    state.built("")
    assert state.version - begun == versions + 1


def test_pages_of_an_earlier_preview_are_old() -> None:
    assert preview.State().version != preview.State().version


def ask(site: Path, *paths: str) -> list[httpx.Response]:
    async def asked() -> list[httpx.Response]:
        transport = httpx.ASGITransport(preview.app(site, preview.State()))
        async with httpx.AsyncClient(transport=transport, base_url="http://preview") as client:
            return [await client.get(path) for path in paths]

    with ThreadPoolExecutor(1) as apart:  # from the loop of the browser's tests
        return apart.submit(lambda: asyncio.run(asked())).result()


def test_addresses_that_no_file_can_have_are_not_found(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text("<p>No such page</p>")
    for answer in ask(tmp_path, "/%00", "/" + "x" * 5000, "/" + "x/" * 3000, "/gone"):
        assert answer.status_code == 404
        assert "No such page" in answer.text


def test_a_folder_is_found_in_any_script(tmp_path: Path) -> None:
    (tmp_path / "résumé/日本").mkdir(parents=True)
    answer = ask(tmp_path, "/résumé/日本")[0]
    assert (answer.status_code, answer.headers["location"]) == (
        307,
        "/r%C3%A9sum%C3%A9/%E6%97%A5%E6%9C%AC/",
    )


def test_a_page_in_another_encoding_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "old.html").write_bytes("<body>Grüße</body>".encode("latin-1"))
    answer = ask(tmp_path, "/old.html")[0]
    assert "Grüße".encode("latin-1") in answer.content
    assert b"/_kb/live.js" in answer.content
    assert answer.headers["content-type"] == "text/html"


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


def test_the_terminal_hears_what_the_build_before_did_not_say() -> None:
    link = Message(30, "link 'b.md' leads nowhere", "docs/a.md", 3)
    below = Message(30, "link 'b.md' leads nowhere", "docs/a.md", 7)
    note, mistake = Message(20, "page c.md is in no menu"), Message(40, "no end", "docs/d.md", 1)
    lines: list[str] = []
    terminal = Terminal(lines.append)

    def heard(*messages: Message) -> list[str]:
        lines.clear()
        terminal.tell(Summary("site", 9, messages=list(messages), took=0.25))
        return [line.partition(";")[0].partition(":")[0] for line in lines[:-1]] + [
            lines[-1].partition("; as before: ")[2]
        ]

    assert heard(link, note) == ["warning", "note", ""]
    assert heard(below, note) == ["1 warning, 1 note"]
    assert heard(link, below, note) == ["warning", "1 warning, 1 note"]
    assert heard(mistake) == ["error", ""]
    assert heard(mistake) == ["error", ""], "a mistake is said until it is mended"
    assert heard(link, note) == ["1 warning, 1 note"]
    assert heard(note) == ["1 note"]
    assert heard(link, note) == ["warning", "1 note"], "it was mended, and is there again"

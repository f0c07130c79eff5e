"""The whole loop: a reader searches and votes, the collector hears it, an editor gets a flag.

Runs on a small handbook, or on the knowledge base whose mkdocs.yml `KBGEN_LOOP_CONFIG` names.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from time import monotonic, sleep
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent.parent
HANDBOOK = Path(__file__).parent / "fixtures" / "handbook" / "mkdocs.yml"
PASSWORD = "a desk password of some length"
NONSENSE = {"http": "zqvxkwj", "file": "vjqwzkx"}


@dataclass(frozen=True)
class Base:
    """A knowledge base built twice: for the web, and to be opened from its folder."""

    root: Path
    collector: str

    @property
    def site(self) -> Path:
        return self.root / "site"

    @property
    def offline(self) -> Path:
        return self.root / "offline"

    @property
    def articles(self) -> list[dict[str, Any]]:
        """Articles with some text; those in English, since readers here click on English words."""
        manifest = json.loads((self.site / "kb-manifest.json").read_text("utf-8"))
        read = [one for one in manifest["articles"] if one["locale"].startswith("en")]
        return [article for article in read if article["words"] > 10]


def kbgen(*arguments: str, cwd: Path, **environment: str) -> str:
    """Run a command as its user would; its output."""
    result = subprocess.run(
        [sys.executable, "-m", "kbgen", *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    config = Path(os.environ.get("KBGEN_LOOP_CONFIG") or HANDBOOK).resolve()
    root = tmp_path_factory.mktemp("loop") / "base"
    shutil.copytree(config.parent, root, ignore=shutil.ignore_patterns("site", ".kbgen"))
    made = Base(root, f"http://127.0.0.1:{free_port()}")
    (root / "loop.yml").write_text(
        f"INHERIT: {config.name}\nplugins: [kbgen: {{collector: '{made.collector}'}}]\n"
    )
    kbgen("build", "-f", "loop.yml", cwd=root)
    kbgen("build", "-f", "loop.yml", "--offline", "-d", "offline", cwd=root)
    return made


@contextmanager
def collecting(base: Base, site: Path, *origins: str) -> Iterator[None]:
    """Run `kbgen collect` for a built site; it is up inside the block and gone after it."""
    options = [f"--origin={origin}" for origin in origins]
    port = str(urlsplit(base.collector).port)
    with (base.root / "collect.log").open("a") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "kbgen",
                "collect",
                "--port",
                port,
                "--site",
                str(site),
                *options,
            ],
            cwd=base.root,
            env=os.environ | {"KBGEN_DESK_PASSWORD": PASSWORD},
            stdout=log,
            stderr=log,
        )
        try:
            wait_until(lambda: answers(f"{base.collector}/v1/health"), "the collector is not up")
            yield
        finally:
            process.terminate()
            assert process.wait(20) in (0, -signal.SIGTERM)


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def wait_until(holds: Callable[[], bool], otherwise: str, seconds: float = 20) -> None:
    end = monotonic() + seconds
    while not holds():
        assert monotonic() < end, otherwise
        sleep(0.1)


def stored(base: Base) -> list[dict[str, Any]]:
    """Every event the collector keeps, as `kbgen feedback export` gives them."""
    file = base.root / "export.jsonl"
    kbgen("feedback", "export", str(file), cwd=base.root)
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def stored_of(base: Base, kind: str, **fields: Any) -> list[dict[str, Any]]:
    return [
        event
        for event in stored(base)
        if event["type"] == kind and all(event.get(key) == value for key, value in fields.items())
    ]


@pytest.fixture
def reader(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """A reader whose browser does not call itself a robot, and whose requests are written down."""
    contexts = []

    def come() -> BrowserContext:
        context = browser.new_context(reduced_motion="reduce")
        context.add_init_script("Object.defineProperty(navigator, 'webdriver', {get: () => false})")
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context

    yield come
    for context in contexts:
        context.close()


def watch(context: BrowserContext) -> tuple[list[str], list[str]]:
    """Addresses the pages of `context` ask for from now on, and the errors of their scripts."""
    asked: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda found: errors.append(str(found.error)))
    return asked, errors


def foreign(asked: list[str], *own: str) -> list[str]:
    return [url for url in asked if not url.startswith((*own, "data:", "blob:"))]


def search(page: Page, text: str) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(text)


def open_article(page: Page, article: dict[str, Any]) -> None:
    """Search for an article by its title and open it with the keyboard."""
    search(page, article["title"])
    expect(page.get_by_role("option").first).to_contain_text(article["title"])
    page.keyboard.press("Enter")
    page.wait_for_function(
        "id => document.querySelector('meta[name=\"kb:page\"]')?.content === id", arg=article["id"]
    )


def find_nothing(page: Page, word: str) -> None:
    search(page, word)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("What were you looking for?")).to_be_visible()
    expect(dialog.get_by_role("option")).to_have_count(0)
    page.wait_for_timeout(1500)  # a query settles after a second without typing
    page.keyboard.press("Escape")


def vote_no(page: Page, reason: str) -> None:
    page.wait_for_timeout(5200)  # a vote counts fully after five seconds of a visible page
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_label(reason).check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you for your feedback.")).to_be_visible()


@pytest.mark.parametrize("way", ["http", "file"])
def test_what_a_reader_searches_and_says_reaches_the_collector(
    way: str, base: Base, reader: Callable[[], BrowserContext], serve_dir: Callable[..., str]
) -> None:
    site = base.site if way == "http" else base.offline
    home = serve_dir(site) if way == "http" else site.as_uri() + "/"
    origins = [home.rstrip("/")] if way == "http" else []
    first, second = base.articles[1], base.articles[-1]
    context = reader()
    asked, errors = watch(context)

    with collecting(base, site, *origins):
        page = context.new_page()
        page.goto(home + "index.html")
        find_nothing(page, NONSENSE[way])
        open_article(page, first)
        vote_no(page, "Information is missing")
        wait_until(
            lambda: bool(stored_of(base, "vote", q=first["title"])), "the vote did not arrive"
        )
        page.close()
        wait_until(
            lambda: bool(stored_of(base, "search", q=NONSENSE[way], results=0)),
            "the failed search did not arrive",
        )

    vote = stored_of(base, "vote", page=first["id"])[-1]
    assert (vote["value"], vote["reasons"]) == ("no", ["missing_information"])
    assert vote["revision"] == first["revision"]
    assert "held" not in vote
    opened = stored_of(base, "search", q=first["title"])[-1]
    assert {"page": first["id"], "rank": 1} in opened["clicked"]

    page = context.new_page()  # the collector is down now
    page.goto(home + "index.html")
    open_article(page, second)
    vote_no(page, "It is hard to understand")
    page.close()
    known = len(stored_of(base, "vote", page=second["id"]))

    with collecting(base, site, *origins):
        page = context.new_page()
        page.goto(home + "index.html")
        wait_until(
            lambda: len(stored_of(base, "vote", page=second["id"])) == known + 1,
            "the vote made while the collector was down did not arrive",
        )
    assert foreign(asked, home, base.collector) == []
    assert [error for error in errors if "Failed to fetch" not in error] == []


def reading(article: dict[str, Any], day: int, when: datetime) -> list[dict[str, Any]]:
    """Events of one reader who searched twice, found the article at last, and was not helped."""
    visit, reader_id = f"visit-{day}", f"reader-{day}"

    def event(kind: str, second: int, **fields: Any) -> dict[str, Any]:
        at = (when + timedelta(seconds=second)).isoformat()
        common = {"id": str(uuid.uuid4()), "type": kind, "at": at, "locale": article["locale"]}
        return {**common, "visit": visit, "reader": reader_id, **fields}

    page = {"page": article["id"], "revision": article["revision"]}
    clicked = [{"page": article["id"], "rank": 1}]
    return [
        event("search", 0, q="cannot get in", results=0, shown=[], clicked=[], settled_by="idle"),
        event("search", 40, q="cannot get in again", results=1, shown=[article["id"]],
              clicked=clicked, settled_by="click"),
        event("view", 41, **page, **{"from": "search"}, dwell_ms=60_000),
        event("vote", 80, **page, value="no", reasons=["hard_to_find"], q="cannot get in again",
              token=f"token-{day}", dwell_ms=39_000),
    ]  # fmt: skip


def test_what_readers_said_becomes_a_flag_with_its_evidence(
    base: Base, reader: Callable[[], BrowserContext]
) -> None:
    article = base.articles[1]
    now = datetime.now(UTC) - timedelta(hours=1)
    lines = [
        json.dumps(event)
        for day in range(24)
        for event in reading(article, day, now - timedelta(hours=12 * day))
    ]
    (base.root / "more.jsonl").write_text("\n".join(lines))
    kbgen("feedback", "import", "more.jsonl", cwd=base.root)

    flags = json.loads(kbgen("flags", "--json", cwd=base.root))["flags"]
    found = {flag["kind"]: flag for flag in flags if flag["page"] == article["id"]}
    assert found["hard_to_find"]["tier"] == "flag"
    assert found["hard_to_find"]["confidence"] > 0.9
    assert found["hard_to_find"]["n"] >= 20
    assert "cannot get in" in found["hard_to_find"]["queries"]

    with collecting(base, base.site):
        context = reader()
        asked, errors = watch(context)
        page = context.new_page()
        page.goto(base.collector)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("name").fill("Ada")
        page.get_by_role("button", name="Log in").click()
        card = (
            page.get_by_role("article")
            .filter(has_text=article["title"])
            .filter(has_text="ard to find")
        )
        expect(card.first).to_contain_text("cannot get in")
        link = card.first.get_by_role("link", name=article["title"])
        expect(link.first).to_be_visible()
        assert foreign(asked, base.collector) == []
        assert errors == []

"""A real Chromium, servers for built sites, and a collector that writes down what it is told."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

sys.path.insert(0, str(Path(__file__).parent))

from kbgen_feedback import widget
from kbgen_search.browser import dialog, scripts

ROOT = Path(__file__).parent.parent.parent
FIXTURES = Path(__file__).parent / "fixtures"
PAGE = """<!doctype html>
<html lang="{locale}" dir="{direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title>
{head}</head>
<body><header><nav aria-label="site"><a href="{base}index.html">Home</a></nav></header>
<main><article><h1>{title}</h1>{body}</article></main></body></html>
"""
Serve = Callable[..., str]
MakePage = Callable[..., Path]


class Files(SimpleHTTPRequestHandler):
    """Files of one folder, `404.html` for what is not there, and headers of the test's choice."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, headers: Mapping[str, str], **keywords: Any) -> None:
        self.extra = headers
        super().__init__(*args, **keywords)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        for name, value in self.extra.items():
            self.send_header(name, value)
        super().end_headers()

    def send_error(self, code: int, *_: Any, **__: Any) -> None:
        page = Path(self.directory) / "404.html"
        body = page.read_bytes() if code == 404 and page.exists() else b"error"
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Collector:
    """A stand-in collector on a port of its own: keeps what it is sent, answers as it is told."""

    port: int = 0
    status: int = 202
    headers: dict[str, str] = field(default_factory=dict)
    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def events(self) -> list[dict[str, Any]]:
        """Accepted events, each id once, as a real collector counts them."""
        return list({event["id"]: event for batch in self.batches for event in batch}.values())

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    def wait_for(self, kind: str, count: int = 1, seconds: float = 12) -> list[dict[str, Any]]:
        """The events of a kind once there are `count`; fails when they do not come in time."""
        end = monotonic() + seconds
        while len(self.of(kind)) < count:
            assert monotonic() < end, f"no {count} x {kind}: {self.events}"
            sleep(0.02)
        return self.of(kind)

    def wait_for_answer(self, status: int, seconds: float = 12) -> None:
        """Until a request was answered with this status; fails when none is in time."""
        end = monotonic() + seconds
        while status not in self.answers:
            assert monotonic() < end, f"no answer {status}: {self.answers}"
            sleep(0.02)

    def start(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), partial(Receiver, self))
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None


class Receiver(BaseHTTPRequestHandler):
    """Takes batches of events; every answer has the headers that cross-origin pages need."""

    def __init__(self, collector: Collector, *args: Any) -> None:
        self.collector = collector
        super().__init__(*args)

    def do_GET(self) -> None:
        data = widget.embed_files().get(self.path.removeprefix("/v1/embed/"))
        self.send_response(200 if data else 404)
        kind = "text/css" if self.path.endswith(".css") else "text/javascript"
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(data or b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/vote-form":
            self.collector.forms.append(parse_qs(body.decode(), keep_blank_values=True))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Thanks</title><p>Thanks")
        else:
            self.take(json.loads(body))

    def take(self, batch: list[dict[str, Any]]) -> None:
        status = self.collector.status
        if len(batch) > 20 or any(event.get("comment") == "poison" for event in batch):
            status = 400
        self.collector.answers.append(status)
        if status == 202:
            self.collector.batches.append(batch)
        self.send_response(status)
        self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
        for name, value in self.collector.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes readers: contexts whose pages fail the test when a script of theirs throws."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"reduced_motion": "reduce", **options})
        context.set_default_timeout(10_000)
        context.on("weberror", lambda found: errors.append(str(found.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    """A reader at a desk."""
    return new_context(viewport={"width": 1200, "height": 800})


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page of a reader at a desk."""
    return context.new_page()


@pytest.fixture
def serve_dir() -> Iterator[Serve]:
    """Serves folders over http: `serve_dir(path, headers={})` gives the address, with a slash."""
    servers: list[ThreadingHTTPServer] = []

    def serve(path: Path, headers: Mapping[str, str] | None = None) -> str:
        handler = partial(Files, directory=str(path), headers=headers or {})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that is up and has heard nothing yet."""
    recorder = Collector()
    recorder.start()
    yield recorder
    recorder.stop()


def write_assets(site: Path) -> None:
    """Write the dialog, the widget and the stand-in engine as a build would."""
    folder = site / "assets" / "kb"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in {**dialog.files(), **widget.files()}.items():
        (folder / name).write_bytes(data)
    for locale in dialog.locales():
        rooms = {"dialog": dialog.strings(locale), "widget": widget.strings(locale)}
        (folder / f"kb-strings-{locale}.js").write_bytes(scripts.strings_script(locale, rooms))
    (folder / "search.js").write_bytes((FIXTURES / "search.js").read_bytes())


def head(base: str, metas: Mapping[str, str], with_widget: bool) -> str:
    """Return what a build puts into a page's head."""
    names = ["kb-strings-" + metas["locale"], "search", "kb-dialog"] + ["kb-widget"] * with_widget
    tags = [f'<meta name="kb:{name}" content="{value}">' for name, value in metas.items() if value]
    tags += [
        f'<link rel="stylesheet" href="{base}assets/kb/{name}.css">'
        for name in ("kb-dialog", "kb-widget")
    ]
    tags += [f'<script defer src="{base}assets/kb/{name}.js"></script>' for name in names]
    return "\n".join(tags)


@pytest.fixture
def make_page(tmp_path: Path) -> MakePage:
    """Writes a page of a site in `tmp_path / "site"`: `make_page("guide/start", "<p>…</p>")`."""
    site = tmp_path / "site"
    write_assets(site)

    def make(path: str, body: str = "<p>Text.</p>", /, **metas: str) -> Path:
        file = site / f"{path}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        base = "../" * path.count("/") or "./"
        values = {"page": path, "revision": "0123456789ab", "locale": "en", "base": base, **metas}
        locale = values["locale"]
        file.write_text(
            PAGE.format(
                locale=locale,
                direction="rtl" if locale == "ar" else "ltr",
                title=path,
                head=head(values["base"], values, bool(values.get("collector"))),
                base=values["base"],
                body=body,
            ),
            "utf-8",
        )
        return site

    return make


@pytest.fixture(scope="session")
def build_site() -> Callable[[Path], Path]:
    """Builds the project in a folder as a writer does; returns its site."""

    def build(folder: Path) -> Path:
        command = [sys.executable, "-m", "kbgen", "build"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return folder / "site"

    return build

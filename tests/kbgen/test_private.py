"""In a real browser: no request leaves the site, under a strict Content-Security-Policy."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from kb_support import MakeProject
from playwright.sync_api import Browser, Page, Request

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
CONFIG = """\
site_name: Help
repo_url: https://github.com/example/help
theme:
  name: material
  font: {text: Lato}
  features: [navigation.instant, navigation.tabs, content.code.copy, content.tabs.link]
  palette:
    - {scheme: default, toggle: {icon: material/weather-night, name: dark}}
    - {scheme: slate, toggle: {icon: material/weather-sunny, name: light}}
plugins: [kbgen]
markdown_extensions:
  - attr_list
  - pymdownx.superfences:
      custom_fences:
        - name: mermaid
          class: mermaid
          format: !!python/name:pymdownx.superfences.fence_code_format
  - pymdownx.emoji:
      emoji_index: !!python/name:material.extensions.emoji.twemoji
      emoji_generator: !!python/name:material.extensions.emoji.to_svg
"""
ARTICLE = (
    "# Home\n\n:smile: text\n\n```mermaid\ngraph LR\n  A --> B\n```\n\n```python\nx = 1\n```\n"
)

pytestmark = pytest.mark.browser


class Strict(SimpleHTTPRequestHandler):
    """Serves files under a policy that forbids inline scripts."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def site(make_project: MakeProject) -> Iterator[tuple[Path, str]]:
    project = make_project({"index.md": ARTICLE, "a/b.md": "# B\n\nWords.\n"}, CONFIG)
    project.build()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Strict, directory=str(project.site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield project.site, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_nothing_is_asked_of_other_servers(page: Page, site: tuple[Path, str]) -> None:
    _, address = site
    asked: list[str] = []
    complaints: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in ("", "a/b/", "404.html"):
        page.goto(address + path, wait_until="networkidle")
    assert [url for url in asked if not url.startswith(address)] == []
    assert complaints == []


def test_it_works_from_a_file_too(page: Page, make_project: MakeProject) -> None:
    project = make_project({"index.md": ARTICLE, "a/b.md": "# B\n\nWords.\n"}, CONFIG)
    project.build(offline=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{project.site}/index.html", wait_until="networkidle")
    page.get_by_role("link", name="A", exact=True).first.click()
    page.wait_for_selector("h1:has-text('B')")
    assert [url for url in asked if not url.startswith("file://")] == []

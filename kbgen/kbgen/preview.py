"""The preview: a built site over HTTP whose pages reload when the next build has made them.

An edited page is shown while its words are still being put into the search index: whoever asks for
the index meanwhile waits for it.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from kbgen_search.browser_index import FOLDER

LIVE = Path(__file__).parent / "live.js"
PATIENCE_S = 25.0
LOOK_S = 0.02


@dataclass
class State:
    """What the browser should know: the number of the newest build, and what went wrong in it.

    `indexing` tells that pages are newer than the search index, which is being made. The first
    number is no other preview's, so that pages of an earlier one know that they are old. When it
    has `ended`, nobody waits any more.
    """

    version: int = field(default_factory=time.time_ns)
    problem: str = ""
    indexing: bool = False
    ended: bool = False

    def shown(self) -> None:
        """Note that a build has put its pages in place, and goes on with the index."""
        self.indexing = True
        self._tell("")

    def built(self, problem: str | None) -> None:
        """Note that a build has ended, with `problem`, with "" for none or with nothing new."""
        known = self.indexing and problem == self.problem
        self.indexing = False
        if problem is not None and not known:
            self._tell(problem)

    def _tell(self, problem: str) -> None:
        self.problem = problem
        self.version += 1


def app(site: Path, state: State) -> Starlette:
    """Return the preview of the folder `site`; its pages follow `state`."""

    async def live(request: Request) -> Response:
        seen = request.query_params.get("version")
        await _while(lambda: str(state.version) == seen and not state.ended)
        return JSONResponse({"version": str(state.version), "problem": state.problem})

    async def script(request: Request) -> Response:
        return FileResponse(LIVE, media_type="text/javascript")

    async def page(request: Request) -> Response:
        path = request.path_params["path"]
        if path.startswith(f"{FOLDER}/"):
            await _while(lambda: state.indexing and not state.ended)
        try:
            return _answer(site, state, path)
        except (OSError, ValueError):  # no file can have such a name
            return _page(site / "404.html", state, 404)

    return Starlette(
        routes=[
            Route("/_kb/live", live),
            Route("/_kb/live.js", script),
            Route("/{path:path}", page),
        ]
    )


async def _while(true: Callable[[], bool]) -> None:
    """Wait for an end of what is true, but not for ever."""
    waited = 0.0
    while true() and waited < PATIENCE_S:
        await asyncio.sleep(LOOK_S)
        waited += LOOK_S


def _answer(site: Path, state: State, path: str) -> Response:
    file = (site / path).resolve()
    if not file.is_relative_to(site.resolve()):
        return Response("not found", 404)
    if file.is_dir():
        if path and not path.endswith("/"):
            return RedirectResponse(f"/{path}/")
        file = file / "index.html"
    if not file.is_file():
        return _page(site / "404.html", state, 404)
    if file.suffix == ".html":
        return _page(file, state, 200)
    return FileResponse(file, headers={"cache-control": "no-cache"})


def _page(file: Path, state: State, status: int) -> Response:
    """Return a page that follows `state`; in what encoding it is, only the page itself can say."""
    html = file.read_bytes() if file.is_file() else b"<body><h1>Not found</h1></body>"
    problem = escape(state.problem).encode("ascii", "xmlcharrefreplace").decode()
    tag = (
        f'<script src="/_kb/live.js" data-version="{state.version}"'
        f' data-problem="{problem}"></script>'
    ).encode()
    at = html.rfind(b"</body>")
    html = html[:at] + tag + html[at:] if at >= 0 else html + tag
    return Response(html, status, {"content-type": "text/html", "cache-control": "no-store"})


@dataclass
class Rebuilder:
    """Builds when files change, one build after the other, in a thread of its own.

    `build` is given what has changed, and what to call when pages are in place before the index; it
    returns what is wrong, or None when there is nothing new.
    `settle` is called when nothing has changed for a while, `follow` after each build.
    """

    build: Callable[[set[Path], Callable[[], None]], str | None]
    settle: Callable[[], None]
    state: State
    follow: Callable[[], None] = lambda: None
    quiet_s: float = 0.05
    idle_s: float = 2.0
    _changed: set[Path] = field(default_factory=set)
    _wanted: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin to wait for changes."""
        threading.Thread(target=self._run, name="kbgen-rebuild", daemon=True).start()

    def want(self, changed: set[Path]) -> None:
        """Ask for a build, soon: these files have changed."""
        self._changed |= changed
        self._wanted.set()

    def stop(self) -> None:
        """Build no more."""
        self._ended.set()
        self._wanted.set()

    def _run(self) -> None:
        while True:
            if not self._wanted.wait(self.idle_s):
                self.settle()
                self._wanted.wait()
            if self._ended.wait(self.quiet_s):
                return
            self._wanted.clear()
            changed, self._changed = self._changed, set()
            self.state.built(self.build(changed, self.state.shown))
            self.follow()

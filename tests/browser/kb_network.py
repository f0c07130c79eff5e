"""A small site with a worker, and a network that goes and comes back."""

import threading
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CONFIG = """site_name: Help
site_url: http://127.0.0.1/
theme: {name: material}
plugins: [kbgen: {service_worker: %s}]
"""
ARTICLES = {
    "index": "# Help centre\n\nWelcome.\n",
    "guide/sign-in": "# Sign in\n\nOpen the page and enter your password.\n",
    "guide/travel": "# On a train\n\nTunnels have no network.\n",
    "billing/invoice": "# Download an invoice\n\nInvoices lie under billing.\n",
    "secret/desk": "# For few\n\nNot to be stored.\n",
}


class Files(SimpleHTTPRequestHandler):
    """Files of a folder; those below `secret` may not be stored, and all may be slow."""

    def end_headers(self) -> None:
        if self.path.startswith("/secret"):
            self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def do_GET(self) -> None:
        self.server.gate.wait()  # type: ignore[attr-defined]
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Network:
    """A server that goes and comes back at the same address."""

    site: Path
    port: int = 0
    gate: threading.Event = field(default_factory=threading.Event)
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def up(self) -> None:
        def files(*arguments: Any) -> Files:
            return Files(*arguments, directory=str(self.site))

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), files)
        self.server.gate = self.gate  # type: ignore[attr-defined]
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.gate.set()
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        self.gate.set()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None


def write(folder: Path, worker: str = "true") -> None:
    (folder / "mkdocs.yml").write_text(CONFIG % worker)
    for name, text in ARTICLES.items():
        file = folder / "docs" / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

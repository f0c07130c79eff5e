"""Run the collector and desk: in the foreground, or in a thread beside another server."""

import contextlib
import gc
import threading
from collections.abc import Iterator

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kbgen_feedback import listening, logs
from kbgen_feedback.app import create_app
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store, open_store

HEADERS_S = 20.0  # seconds a client has to send its request line and headers
HEADER_BYTES = 65536  # bytes that may come before the headers end
GRACE_S = 10  # seconds that open requests have at the end


class GuardedProtocol(HttpToolsProtocol):
    """HTTP/1.1 that hangs up on clients whose headers never end: too slow, or too long."""

    _reading_headers = True
    _header_bytes = 0

    def connection_made(self, transport) -> None:  # type: ignore[no-untyped-def]
        """Give a new connection its time for the first headers."""
        super().connection_made(transport)
        self.loop.call_later(HEADERS_S, self._hang_up)

    def data_received(self, data: bytes) -> None:
        """Take bytes, as long as headers are not too many."""
        self._header_bytes += len(data) if self._reading_headers else 0
        if self._header_bytes > HEADER_BYTES:
            self.transport.close()
        else:
            super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin to count the headers of the next request."""
        super().on_message_begin()
        self._reading_headers, self._header_bytes = True, 0

    def on_headers_complete(self) -> None:
        """Stop to count: what follows is the body, which the app bounds."""
        self._reading_headers, self._header_bytes = False, 0
        super().on_headers_complete()

    def _hang_up(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()


def config(settings: Settings, store: Store) -> uvicorn.Config:
    """Return the server's configuration: bounded, quiet, without names of software."""
    return uvicorn.Config(
        create_app(settings, store),
        host=settings.host,
        port=settings.port,
        http=GuardedProtocol,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=GRACE_S,
    )


def run(settings: Settings, store: Store | None = None) -> None:
    """Collect until the process is told to end; what was acknowledged is stored then."""
    store = store or open_store(settings.database, settings.site_key)
    check_port(settings)
    logs.to_stderr()
    gc.freeze()  # what was made until here stays: looking for garbage in it holds up readers
    try:
        uvicorn.Server(config(settings, store)).run()
    finally:
        store.close()


def check_port(settings: Settings) -> None:
    """Refuse an address that cannot be listened on.

    Raises:
        KbError: the port is taken, or the address is not this machine's.
    """
    listening.listen(settings.host, settings.port).close()


@contextlib.contextmanager
def running(settings: Settings, store: Store | None = None) -> Iterator[str]:
    """Collect in a thread while the block runs; give the address. Port 0 takes a free one."""
    own = store or open_store(settings.database, settings.site_key)
    listener = listening.listen(settings.host, settings.port)
    server = uvicorn.Server(config(settings, own))
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="kbgen-collector", daemon=True
    )
    thread.start()
    try:
        while not server.started and thread.is_alive():
            thread.join(0.01)
        yield listening.address(settings.host, listening.port_of(listener))
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        if store is None:
            own.close()

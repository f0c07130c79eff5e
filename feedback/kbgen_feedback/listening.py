"""Addresses to listen on: of IPv4, of IPv6, or names."""

import socket

from kbgen_search.errors import KbError


def address(host: str, port: int) -> str:
    """Return the http:// address of a server; of IPv6 it has brackets, as browsers want it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises:
        KbError: the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        place = address(host, port).removeprefix("http://")
        remedy = "give another one with --port or --host"
        said = (error.strerror or str(error)).split(" (while")[0]
        raise KbError(f"cannot listen on {place}: {said}", remedy=remedy) from error


def port_of(server: socket.socket) -> int:
    """Return the port that a server's socket has got."""
    return int(server.getsockname()[1])

"""Post to an address that the operator allows, and to no other that it leads to."""

import ipaddress
import logging
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpx

from kbgen_search.errors import KbError

log = logging.getLogger("kbgen.collector")

TIMEOUT_S = 10.0


def check_target(url: str, hosts: Iterable[str], private: bool = False) -> None:
    """Refuse a webhook that is not https to an allowed host; `private` ones may go by http.

    Raises:
        KbError: it is not.
    """
    parts = urlsplit(url)
    allowed = {host.lower() for host in hosts}
    schemes = {"https", "http"} if private else {"https"}
    if parts.scheme not in schemes or (parts.hostname or "") not in allowed or parts.username:
        remedy = "webhooks go only by https to hosts in the setting webhook_hosts"
        raise KbError(f"no webhook to {parts.hostname or url}", remedy=remedy)


def is_public(address: str) -> bool:
    """Return whether an address is one of the internet, however it is written as IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = (ip.ipv4_mapped or ip.sixtofour) if isinstance(ip, ipaddress.IPv6Address) else None
    one = inner or ip
    return one.is_global and not one.is_multicast


def place_of(host: str, port: int) -> str:
    """Return the first address of a host; an empty text when one of them is not public."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    return addresses[0] if all(map(is_public, addresses)) else ""


def send(url: str, body: dict[str, Any], private: bool = False) -> str:
    """Post a body; return an empty text when it was taken, else the name of what went wrong.

    The host's name is looked up once, and the connection made to that very address: a name that
    turns private between two lookups leads nowhere. Redirects are not followed.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        place = host if private else place_of(host, port)
        if not place:
            return _failed("webhook.private")
        with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            answer = client.post(
                httpx.URL(url).copy_with(host=place),
                json=body,
                headers={"Host": parts.netloc},
                extensions={"sni_hostname": host},
            )
    except (httpx.HTTPError, OSError) as error:
        return _failed("webhook.failed", error=type(error).__name__)
    if answer.is_redirect:
        return _failed("webhook.redirect")
    return "" if answer.is_success else _failed("webhook.refused", status=answer.status_code)


def _failed(name: str, **fields: Any) -> str:
    log.warning("no digest sent", extra={"fields": {"why": name, **fields}})
    return name

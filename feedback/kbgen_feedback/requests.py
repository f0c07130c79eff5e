"""What every request to the collector goes through: origin, size, sender, limits, storage."""

import asyncio
from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qs, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from kbgen_feedback import bots
from kbgen_feedback.collector import Collector
from kbgen_feedback.intake import Sender
from kbgen_feedback.lookout import now_ms
from kbgen_feedback.readers import client_address, household, is_proxy, marks
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.record import Batch, day_of
from kbgen_feedback.store.writer import OverloadedError

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def today(name: str) -> tuple[int, str]:
    """Return the key under which something refused today is counted."""
    return day_of(now_ms()), name


async def store(collector: Collector, batch: Batch) -> Response:
    """Return 202 when the batch is on disk, 503 when the client shall come back."""
    try:
        await collector.writer.submit(batch)
    except OverloadedError:
        return busy(collector)
    return accepted()


def busy(collector: Collector) -> Response:
    """Return the answer that makes a sender come back later."""
    after = str(collector.settings.retry_after_s)
    return PlainTextResponse("busy\n", 503, headers={"Retry-After": after})


def accepted() -> Response:
    """Return the answer that tells a sender nothing."""
    return Response(status_code=202)


def who(request: Request, collector: Collector) -> Sender:
    """Return who sent a request, as far as may be known.

    Raises:
        OverloadedError: there is no key for the reader's id yet.
    """
    settings = collector.settings
    address = sender_address(request, settings)
    automation = bool(settings.trusted_proxies) or not _is_loopback(address)
    agent = request.headers.get("user-agent", "")[:500]
    return Sender(
        marks=marks(collector.lookout.key, settings.site_key, address, agent),
        now=now_ms(),
        bot=bots.named(request.headers, automation),
        automation=automation,
        opted_out=_opted_out(request.headers),
    )


def sender_address(request: Request, settings: Settings) -> str:
    """Return the reader's address; forwarded ones count only from our proxies."""
    peer = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    return client_address(peer, forwarded, settings.trusted_proxies)


def claimed_for_others(request: Request, collector: Collector) -> dict[tuple[int, str], int]:
    """Return the count of a request that names a reader's address without being our proxy's."""
    peer = request.client.host if request.client else ""
    if "x-forwarded-for" not in request.headers or is_proxy(
        peer, collector.settings.trusted_proxies
    ):
        return {}
    return {today("forged.address"): 1}


def over_limit(request: Request, collector: Collector) -> bool:
    """Return whether an address (of IPv6: its /64) sends too much.

    The loopback address is not limited: it is the operator, or a proxy that was not named and
    stands for all readers.
    """
    address = sender_address(request, collector.settings)
    return not _is_loopback(address) and not collector.addresses.take(household(address))


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address in {"::1", ""}


def _opted_out(headers: Mapping[str, str]) -> bool:
    return headers.get("sec-gpc") == "1" or headers.get("dnt") == "1"


async def bounded_body(request: Request, settings: Settings) -> bytes:
    """Return a request's body.

    Raises:
        HTTPException: 413 when it is too large, 408 when it comes too slowly.
    """
    body = bytearray()
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > settings.body_bytes:
        raise HTTPException(413, "too large")
    try:
        async with asyncio.timeout(settings.body_timeout_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > settings.body_bytes:
                    raise HTTPException(413, "too large")
    except TimeoutError:
        raise HTTPException(408, "too slow") from None
    except ClientDisconnect:
        raise HTTPException(400, "gone") from None
    return bytes(body)


def check_origin(request: Request, collector: Collector) -> str:
    """Return the request's origin (empty for programs that send none).

    Raises:
        HTTPException: 403, the origin is neither the site's nor this collector's own.
    """
    origin = request.headers.get("origin", "").lower().rstrip("/")
    if origin:
        if is_allowed(origin, request.headers.get("host", ""), collector):
            return origin
        raise HTTPException(403, "origin")
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise HTTPException(403, "origin")
    return ""


def check_own_origin(request: Request) -> None:
    """Refuse a form that another site's page sent.

    Raises:
        HTTPException: 403.
    """
    origin = request.headers.get("origin", "").lower()
    parts = _parts(origin)
    own = parts is not None and parts.netloc == request.headers.get("host", "").lower()
    elsewhere = request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    if (origin and not own) or elsewhere:
        raise HTTPException(403, "origin")


def is_allowed(origin: str, host: str, collector: Collector) -> bool:
    """Return whether pages of this origin may send events."""
    settings, site = collector.settings, collector.known.manifest
    if origin == "null":
        return settings.allow_null_origin or site.site.offline
    allowed = {one.lower().rstrip("/") for one in settings.origins} or {site.origin()} - {""}
    parts = _parts(origin)
    if parts is None:
        return False
    local = settings.host in LOOPBACK and not settings.origins and parts.hostname in LOOPBACK
    return origin in allowed or local or parts.netloc == host.lower()


def _parts(origin: str) -> SplitResult | None:
    """Return the parts of an origin, None when it is none."""
    try:
        return urlsplit(origin)
    except ValueError:
        return None


async def form_fields(request: Request, settings: Settings, most: int) -> dict[str, list[str]]:
    """Return the fields of a form, of which there may be so many.

    Raises:
        HTTPException: 400, there are more; or as `bounded_body`.
    """
    body = await bounded_body(request, settings)
    try:
        return parse_qs(body.decode("utf-8", "replace").replace("%00", ""), max_num_fields=most)
    except ValueError:
        raise HTTPException(400, "too many fields") from None


def cors(origin: str, preflight: bool = False) -> dict[str, str]:
    """Return the headers that let the pages of an origin read the answer."""
    headers = {"Vary": "Origin", "Cache-Control": "no-store"}
    if origin:
        headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "Retry-After",
        }
    if preflight:
        headers |= {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Content-Type",
            "Access-Control-Max-Age": "86400",
        }
    return headers

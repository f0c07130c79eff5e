"""The vote without JavaScript, and the widget's files for sites that kbgen does not build."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from html import escape
from urllib.parse import urljoin
from uuid import uuid4

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from kbgen_feedback import requests, widget
from kbgen_feedback.collector import Collector
from kbgen_feedback.intake import Sender
from kbgen_feedback.store.record import Batch
from kbgen_feedback.store.writer import OverloadedError

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_STYLE = (
    ":root{color-scheme:light dark}body{margin:0;font:1.1rem/1.5 system-ui,sans-serif}"
    "main{max-width:32rem;margin:20vh auto 0;padding:0 1.25rem;text-align:center}"
    "h1{font-size:1.5rem;line-height:1.3}a{display:inline-block;padding:.5rem 1rem}"
)
_CSP = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
    "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def vote_form(request: Request) -> Response:
    """Take a vote from a plain HTML form; answer with thanks and the way back."""
    collector: Collector = request.app.state.collector
    response = await _take(request, collector)
    collector.count(str(response.status_code))
    return response


async def _take(request: Request, collector: Collector) -> Response:
    await collector.ready()
    requests.check_origin(request, collector)
    fields = await requests.form_fields(request, collector.settings, most=40)
    if requests.over_limit(request, collector):
        batch = Batch((), {requests.today("limit.address"): 1})
    else:
        try:
            batch = _judged(request, collector, fields)
        except OverloadedError:
            return requests.busy(collector)
    stored = await requests.store(collector, batch)
    if stored.status_code != 202:
        return stored
    return _thanks(collector, _one(fields, "page"), _one(fields, "locale"))


def _judged(request: Request, collector: Collector, fields: dict[str, list[str]]) -> Batch:
    sender = _sender(requests.who(request, collector), fields)
    return collector.intake.batch([msgspec.json.encode(_vote(fields))], sender, collector.known)


def _one(fields: dict[str, list[str]], name: str) -> str:
    return fields.get(name, [""])[-1]


def _vote(fields: dict[str, list[str]]) -> dict[str, object]:
    """Return the form as an event; what is wrong with it is found as in any other."""
    names = ("page", "revision", "locale", "value", "comment", "q")
    return {name: _one(fields, name) for name in names} | {
        "type": "vote",
        "id": str(uuid4()),
        "at": datetime.now(UTC).isoformat(),
        "reasons": fields.get("reasons", []),
    }


def _sender(sender: Sender, fields: dict[str, list[str]]) -> Sender:
    """Return the sender, a bot when it filled the field that readers do not see."""
    if _one(fields, "website"):
        return replace(sender, bot="bot.honeypot")
    return sender


def _thanks(collector: Collector, page: str, locale: str) -> Response:
    """Return the page of thanks; it links to the article of the manifest, nowhere else."""
    texts = {key: escape(text) for key, text in widget.strings(locale).items()}
    language = escape(locale or "en")
    article = collector.known.manifest.find(page, locale)
    site = collector.known.manifest.site.url or ""
    link = escape(urljoin(site, article.url)) if article and site.startswith("http") else ""
    back = f'<p><a href="{link}">{texts["back"]}</a></p>' if link else ""
    direction = "rtl" if locale.split("-")[0] in RIGHT_TO_LEFT else "ltr"
    return HTMLResponse(
        f'<!doctype html><html lang="{language}" dir="{direction}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{texts['thanks']}</title><style>{_STYLE}</style><main><h1>{texts['thanks']}</h1>{back}</main></html>",
        headers={"Content-Security-Policy": _CSP, "Cache-Control": "no-store"},
    )


@cache
def _files() -> dict[str, bytes]:
    return widget.embed_files()


def embed(request: Request) -> Response:
    """Answer `GET /v1/embed/NAME` with a file of the widget."""
    name = request.path_params["name"]
    content = _files().get(name)
    if content is None:
        return PlainTextResponse("no such file\n", 404)
    media = _TYPES[name.rsplit(".", 1)[-1]]
    return Response(
        content,
        media_type=media,
        headers={
            "Cache-Control": "public, max-age=3600",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )

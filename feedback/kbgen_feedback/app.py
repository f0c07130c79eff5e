"""The HTTP side: bounded requests in, the same dull answer out."""

import logging
import time

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from kbgen_feedback import forms, metrics, requests
from kbgen_feedback.collector import Collector
from kbgen_feedback.desk import auth
from kbgen_feedback.desk import pages as desk
from kbgen_feedback.events import BadBatchError, split
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.health import GONE
from kbgen_feedback.store.record import Batch
from kbgen_feedback.store.writer import OverloadedError

log = logging.getLogger("kbgen.collector")


def create_app(settings: Settings, store: Store) -> Starlette:
    """Return the collector and desk as one ASGI app, to run or to mount into another.

    A mounted app's lifespan is not run by Starlette: the host enters
    `app.state.collector.running()` in its own, for daily work and a clean end. Without a password
    in the settings or in the database nobody gets into the desk.

    Raises:
        KbError: the file with the desk's password cannot be read.
    """
    if settings.desk_password or settings.desk_password_file:
        auth.set_up(store, settings)
    collector = Collector(settings, store)
    app = Starlette(
        routes=[
            Route("/", _home),
            Route("/v1/events", events, methods=["POST", "OPTIONS"]),
            Route("/v1/vote-form", forms.vote_form, methods=["POST"]),
            Route("/v1/embed/{name}", forms.embed),
            Route("/v1/health", health),
            Route("/v1/metrics", metrics.endpoint),
            Mount("/desk", routes=desk.routes()),
        ],
        exception_handlers={
            HTTPException: _refuse,
            msgspec.DecodeError: _damaged,
            **dict.fromkeys(GONE, _unavailable),
        },
        lifespan=lambda app: app.state.collector.running(),
    )
    app.state.collector = collector
    return app


def _home(request: Request) -> Response:
    return RedirectResponse(request.url_for("flags").path, 303)


async def events(request: Request) -> Response:
    """Take a batch of events: `POST /v1/events`."""
    collector: Collector = request.app.state.collector
    began = time.perf_counter()
    await collector.ready()
    origin = requests.check_origin(request, collector)
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=requests.cors(origin, preflight=True))
    response = await _take(request, collector)
    response.headers.update(requests.cors(origin))
    collector.count(str(response.status_code))
    collector.seconds += time.perf_counter() - began
    return response


async def _take(request: Request, collector: Collector) -> Response:
    settings = collector.settings
    body = await requests.bounded_body(request, settings)
    if requests.over_limit(request, collector):
        await requests.store(collector, Batch((), {requests.today("limit.address"): 1}))
        return requests.accepted()
    try:
        sender = requests.who(request, collector)
        raws = split(body, settings.batch_events)
        batch = collector.intake.batch(raws, sender, collector.known)
        forged = requests.claimed_for_others(request, collector)
        return await requests.store(collector, Batch(batch.events, {**batch.refused, **forged}))
    except BadBatchError as error:
        return await _bad(collector, str(error))
    except OverloadedError:
        return requests.busy(collector)


async def _bad(collector: Collector, message: str) -> Response:
    """Count a body that is no batch, and say so."""
    await requests.store(collector, Batch((), {requests.today("malformed.batch"): 1}))
    return PlainTextResponse(message + "\n", 400)


async def health(request: Request) -> Response:
    """Tell a monitor whether events are stored: `GET /v1/health`."""
    collector: Collector = request.app.state.collector
    failing = not await run_in_threadpool(collector.health.is_good)
    status = {"status": "failing" if failing else "ok", "waiting": collector.writer.waiting}
    return JSONResponse(status, 503 if failing else 200, headers={"Cache-Control": "no-store"})


async def _refuse(request: Request, error: Exception) -> Response:
    """Answer a refused request in one word, and count it."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    collector: Collector = request.app.state.collector
    headers = dict(getattr(error, "headers", None) or {}) | _cors_of(request, collector, status)
    if request.url.path.endswith(("/v1/events", "/v1/vote-form")):
        collector.count(str(status))
        if status in {403, 408, 413}:
            await requests.store(collector, Batch((), {requests.today(f"request.{detail}"): 1}))
    if _is_of_desk(request):
        return desk.refusal(request, status, detail)
    return PlainTextResponse(f"{detail}\n", status, headers=headers)


async def _unavailable(request: Request, error: Exception) -> Response:
    """Say that the database is away for now; who asks shall come back."""
    collector: Collector = request.app.state.collector
    cause = getattr(error, "orig", None) or error
    log.error("the database does not answer", extra={"fields": {"error": type(cause).__name__}})
    busy = requests.busy(collector)
    if _is_of_desk(request):
        why = "The database does not answer. Nothing was changed; try again in a while."
        return desk.refusal(request, busy.status_code, why, busy.headers["retry-after"])
    return busy


async def _damaged(request: Request, error: Exception) -> Response:
    """Say that the database holds what nobody can have written; an operator must look at it."""
    log.error("a record cannot be read", extra={"fields": {"error": type(error).__name__}})
    if _is_of_desk(request):
        why = f"A record in the database cannot be read: {error}. A backup may still have it."
        return desk.refusal(request, 500, why)
    return PlainTextResponse("damaged\n", 500)


def _is_of_desk(request: Request) -> bool:
    return request.url.path.startswith(request.url_for("flags").path)


def _cors_of(request: Request, collector: Collector, status: int) -> dict[str, str]:
    """Return the headers that let the site's own pages read why they were refused."""
    origin = request.headers.get("origin", "").lower().rstrip("/")
    return requests.cors("" if status == 403 else origin)

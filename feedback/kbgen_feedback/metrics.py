"""Numbers for a monitor, in Prometheus' text format; none of them is about a reader."""

from collections.abc import Iterator, Mapping
from hmac import compare_digest

from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from kbgen_feedback.collector import Collector
from kbgen_feedback.durations import Durations
from kbgen_feedback.store import schema
from kbgen_feedback.store.health import GONE

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def endpoint(request: Request) -> Response:
    """Answer `GET /v1/metrics`; with a token set, to its bearer alone."""
    collector: Collector = request.app.state.collector
    token = collector.settings.metrics_token
    given = request.headers.get("authorization", "")
    if token and not compare_digest(given.encode("latin-1"), f"Bearer {token}".encode()):
        return PlainTextResponse("token\n", 401, headers={"WWW-Authenticate": "Bearer"})
    return Response("".join(exposition(collector)), media_type=CONTENT_TYPE)


def exposition(collector: Collector) -> Iterator[str]:
    """Give the metrics of this process, then those that the database knows of all.

    When the database does not answer, its own are left out, and the alarm for that is given.
    """
    writer = collector.writer
    refused = _refused(collector) if collector.health.is_good() else None
    yield from _metric("requests_total", "counter", collector.requests, "status")
    yield from _plain("request_seconds_total", "counter", collector.seconds)
    yield from _plain("events_stored_total", "counter", writer.stored)
    yield from _plain("events_duplicate_total", "counter", writer.duplicates)
    yield from _histogram("commit_seconds", writer.took)
    yield from _plain("events_waiting", "gauge", writer.waiting)
    yield from _plain("store_failing", "gauge", int(refused is None))
    if refused is not None:
        yield from _metric("refused_total", "counter", refused, "reason")


def _refused(collector: Collector) -> Mapping[str, int] | None:
    r = schema.refused.c
    query = select(r.name, func.sum(r.n)).where(r.site == collector.store.site).group_by(r.name)
    try:
        with collector.store.read() as connection:
            return {name: int(n) for name, n in connection.execute(query)}
    except GONE:
        return None


def _histogram(name: str, took: Durations) -> Iterator[str]:
    yield f"# TYPE kbgen_{name} histogram\n"
    count = 0
    for bound, count in took.cumulative():
        yield f'kbgen_{name}_bucket{{le="{bound}"}} {count}\n'
    yield f"kbgen_{name}_sum {took.total:g}\nkbgen_{name}_count {count}\n"


def _plain(name: str, kind: str, value: float) -> Iterator[str]:
    yield f"# TYPE kbgen_{name} {kind}\nkbgen_{name} {value:g}\n"


def _metric(name: str, kind: str, values: Mapping[str, int], label: str) -> Iterator[str]:
    yield f"# TYPE kbgen_{name} {kind}\n"
    for key, value in sorted(values.items()):
        text = key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        yield f'kbgen_{name}{{{label}="{text}"}} {value}\n'

"""For those who run the service: is it alive and ready, how much does it do, which problems it can tell."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from exam_api.http.errors import NoSuchPage
from exam_api.http.guards import anyone
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import OUR_FAULT, ROWS, TYPE_PREFIX, camel
from exam_api.http.wire_attempt import Wire

LOOPBACK = frozenset({"127.0.0.1", "::1"})
"""Addresses that may read the metrics."""


class ProblemRow(Wire, kw_only=True):
    """One problem a client can meet."""

    type: str
    status: int
    title: str
    zh: str
    shows: list[str]


class ProblemsOut(Wire, kw_only=True):
    problems: list[ProblemRow]


@get("/health", operation_id="health", opt=anyone())
async def health() -> dict[str, bool]:
    """Tell that the process answers."""
    return {"ok": True}


@get("/ready", operation_id="ready", opt=anyone())
async def ready(parts: Given[Parts]) -> Response[Mapping[str, bool]]:
    """Tell whether live state and record answer; exams go on without the record, so it does not count."""
    answers = await parts.ready()
    return Response(answers, status_code=200 if answers.get("live") else 503)


@get("/metrics", operation_id="metrics", opt=anyone(), media_type="text/plain", include_in_schema=False)
async def metrics(request: Request[Any, Any, State]) -> Response[bytes]:
    """Counters for Prometheus; on this machine only, and not through a proxy."""
    client = request.client
    if client is None or client.host not in LOOPBACK or "x-forwarded-for" in request.headers:
        raise NoSuchPage
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})


@get("/problems", operation_id="problems", opt=anyone())
async def problems() -> ProblemsOut:
    """List every problem this service can tell."""
    rows = sorted((*ROWS.values(), OUR_FAULT), key=lambda row: row.slug)
    return ProblemsOut(
        problems=[
            ProblemRow(
                type=TYPE_PREFIX + row.slug,
                status=int(row.status),
                title=row.title,
                zh=row.zh,
                shows=[camel(name) for name in row.shows],
            )
            for row in rows
        ]
    )


ROUTES: Sequence[HTTPRouteHandler] = (health, ready, metrics, problems)

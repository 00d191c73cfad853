"""Around every request: an id, security headers, one log line and one count, none with personal data."""

import secrets
from http import HTTPStatus
from itertools import count
from time import perf_counter_ns
from typing import Final, cast

import structlog
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import Gauge

from exam_api.http.tallies import SPREAD, Lasting, Tally

log = structlog.get_logger("http")

SECONDS: Final = Lasting(
    "kaowu_http_seconds",
    "Time from a request to the end of its reply",
    ("route", "method"),
    up_to=SPREAD,
)
REPLIES: Final = Tally("kaowu_http_replies", "Replies by route and status", ("route", "status"))
STREAMS: Final = Gauge("kaowu_http_streams", "Open event streams")

HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), payment=(), usb=()"),
)
"""On every reply; pages add their content policy."""

NO_STORE: Final = (b"cache-control", b"no-store")
"""On every reply that does not say otherwise: what people see of each other stays in no cache."""

TLS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")
"""Where the service speaks TLS: browsers shall not come back without it."""

SLOW_MS: Final = 1000
"""From here on a reply is logged as a warning."""


FIRST_ID: Final = 10**11
"""Ids are numbers of twelve figures: figures are told by phone more easily than letters. A process begins
anywhere among them and counts on, so two processes hardly ever give the same."""

REQUEST_ID: Final = "kaowu_request_id"
"""Under which the scope of a request holds its id."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Methods that are told by name; whoever invents others fills neither the metrics nor the log."""

QUIET: Final = frozenset(
    {
        "/api/attempt/start",
        "/api/attempt/sync",
        "/api/attempt/submit",
        "/api/attempt/snapshot",
        "/api/my/exams/{attempt_id}/sealed",
        "/health",
        "/ready",
        "/metrics",
        "-",
    }
)
"""Routes whose good replies are counted and not logged: the hot ones, probes, files of the pages."""


class Observed:
    """The application as it is served."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self.headers = (*HEADERS, TLS_ONLY) if secure else HEADERS
        """What every reply of this installation bears."""
        self._ids = map(str, count(FIRST_ID + secrets.randbelow(8 * FIRST_ID)))

    def name(self, scope: HTTPScope) -> str:
        """The id of a request, given at the first asking."""
        held = cast("dict[str, str]", scope)
        name = held.get(REQUEST_ID)
        if name is None:
            name = held[REQUEST_ID] = next(self._ids)
        return name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self.serve(scope, receive, send, begun_ns=perf_counter_ns())

    async def serve(self, scope: HTTPScope, receive: Receive, send: Send, *, begun_ns: int) -> None:
        """Serve one that began at that reading of the counter."""
        request_id = self.name(scope)
        own = (*self.headers, (b"x-request-id", request_id.encode()))
        status = 500
        stream = False

        async def told(message: Message) -> None:
            nonlocal status, stream
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message["headers"])
                stream = (b"content-type", b"text/event-stream") in headers
                if all(name != b"cache-control" for name, _ in headers):
                    headers.append(NO_STORE)
                if stream:
                    STREAMS.inc()
                headers.extend(own)
                message["headers"] = headers
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            if stream:
                STREAMS.dec()
            route = cast("dict[str, str]", scope).get("path_template") or "-"
            method = scope["method"] if scope["method"] in METHODS else "-"
            count_reply(route, method, status, begun_ns, request_id, stream=stream)


def count_reply(
    route: str,
    method: str,
    status: int,
    begun_ns: int,
    request_id: str,
    *,
    stream: bool = False,
    logged: bool = True,
) -> None:
    """Count a reply that has ended, and log it where that is worth a line."""
    ms = (perf_counter_ns() - begun_ns) / 1e6
    REPLIES.add((route, str(status)))
    if not stream:
        SECONDS.add((route, method), ms / 1000)
    if not logged or (status < HTTPStatus.BAD_REQUEST and ms <= SLOW_MS and route in QUIET):
        return
    bad = status >= HTTPStatus.INTERNAL_SERVER_ERROR or (ms > SLOW_MS and not stream)
    (log.warning if bad else log.info)(
        "http.reply", route=route, method=method, status=status, ms=round(ms, 1), request=request_id
    )

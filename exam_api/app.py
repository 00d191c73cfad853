"""The application: parts in, routes out. Knows http, no adapter."""

from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from litestar import Litestar
from litestar.di import Provide
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.types import ASGIApp

from exam_api.http import health, logins, my, pools, problems, receipts, room, sessions
from exam_api.http.attempts import attempt_routes
from exam_api.http.guards import Gate
from exam_api.http.observed import Observed
from exam_api.http.openapi import description, openapi_route
from exam_api.http.pages import page_routes
from exam_api.http.parts import Parts

Handlers = Sequence[HTTPRouteHandler | ASGIRouteHandler]


def api_handlers(parts: Parts) -> Handlers:
    """Every route that OpenAPI describes."""
    return [
        *health.ROUTES,
        *logins.ROUTES,
        *my.ROUTES,
        *attempt_routes(parts),
        *receipts.ROUTES,
        *pools.ROUTES,
        *sessions.ROUTES,
        *room.ROUTES,
    ]


def create_litestar(parts: Parts) -> Litestar:
    """All routes behind the gate."""
    handlers = api_handlers(parts)
    document = msgspec.json.encode(description(handlers), order="sorted")

    @asynccontextmanager
    async def life(_app: Litestar):  # noqa: ANN202 - an async generator, wrapped
        await parts.start()
        try:
            yield
        finally:
            await parts.stop()

    return Litestar(
        [*handlers, openapi_route(document), *page_routes(parts.web_dir)],
        dependencies={"parts": Provide(lambda: parts, use_cache=True, sync_to_thread=False)},
        middleware=[
            DefineMiddleware(
                Gate,
                logins=parts.login.logins,
                clock=parts.login.clock,
                cookies=parts.cookies,
                origins=frozenset(origin.encode() for origin in parts.origins),
                token_hash=parts.login.keys.token_hash,
            )
        ],
        exception_handlers={Exception: problems.handle},
        lifespan=[life],
        request_max_body_size=None,  # the gate limits every body by its declaration
        openapi_config=None,  # no page that loads scripts from elsewhere; /openapi.json is ours
        logging_config=None,
        debug=False,
    )


def create_app(parts: Parts) -> ASGIApp:
    """The application as it is served."""
    app: Any = create_litestar(parts)
    return Observed(app, secure=parts.cookies.login.startswith(b"__Host-"))

"""The application: parts in, routes out. Knows http, no adapter."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Any, Final

from litestar import Litestar
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from exam_api.http import (
    accounts,
    agreements,
    audit,
    banks,
    blueprints,
    fair,
    health,
    home,
    items,
    logins,
    my,
    my_account,
    persons,
    pools,
    problems,
    receipts,
    rescoring,
    reviews,
    rights,
    room,
    sealed,
    sessions,
    sheets,
    snapshots,
)
from exam_api.http.attempts import HOT_ROUTES, attempt_routes, goes_on
from exam_api.http.candidate_logins import LOGIN_ROUTES, candidate_login_routes
from exam_api.http.doors import Doors, doors_of
from exam_api.http.front import Front, lanes_of
from exam_api.http.guards import Gate
from exam_api.http.observed import Observed
from exam_api.http.openapi import description, openapi_route
from exam_api.http.pages import page_routes
from exam_api.http.parts import Parts
from exam_api.http.snapshots import SNAPSHOT, snapshot_routes
from exam_api.usecases.machines import machine_login

ORDINARY: Final[Sequence[HTTPRouteHandler]] = (
    *health.ROUTES,
    *home.ROUTES,
    *logins.ROUTES,
    *my.ROUTES,
    *my_account.ROUTES,
    *sealed.ROUTES,
    *persons.ROUTES,
    *rights.ROUTES,
    *accounts.ROUTES,
    *receipts.ROUTES,
    *pools.ROUTES,
    *blueprints.ROUTES,
    *banks.ROUTES,
    *items.ROUTES,
    *sessions.ROUTES,
    *sheets.ROUTES,
    *room.ROUTES,
    *fair.ROUTES,
    *snapshots.ROUTES,
    *audit.ROUTES,
    *agreements.ROUTES,
    *rescoring.ROUTES,
    *reviews.ROUTES,
)
"""Every route but the bare ones and the pages."""


@cache
def openapi_document() -> bytes:
    """The published description of all routes; tests/golden/openapi.json is the one we agreed on."""
    return description(ORDINARY, (*LOGIN_ROUTES, *HOT_ROUTES, SNAPSHOT))


def create_litestar(parts: Parts) -> Litestar:
    """All routes behind the gate."""

    @asynccontextmanager
    async def life(_app: Litestar) -> AsyncGenerator[None, None]:
        await parts.start()
        try:
            yield
        finally:
            await parts.stop()

    return Litestar(
        [
            *ORDINARY,
            *candidate_login_routes(parts),
            *attempt_routes(parts),
            *snapshot_routes(parts),
            openapi_route(openapi_document),
            *page_routes(parts.web_dir),
        ],
        dependencies={"parts": Provide(lambda: parts, use_cache=True, sync_to_thread=False)},
        middleware=[partial(_gate, parts)],
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
    observed = Observed(app, secure=parts.cookies.login.startswith(b"__Host-"))
    doors = Doors(entry=parts.entry, clock=parts.login.clock, doors=doors_of(app))
    gate = _gate(parts, observed)
    return Front(observed, gate=gate, lanes=lanes_of(app), doors=doors, sits=goes_on(parts))


def _gate(parts: Parts, app: ASGIApp) -> Gate:
    return Gate(
        app,
        logins=parts.login.logins,
        clock=parts.login.clock,
        cookies=parts.cookies,
        origins=frozenset(origin.encode() for origin in parts.origins),
        token_hash=parts.login.keys.token_hash,
        machine=partial(machine_login, parts=parts.accounts),
        trail=parts.audit.trail,
    )

"""Logging staff in, anybody out, and who is logged in."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from exam_api.accounts.devices import DEVICE_LIFE_MS
from exam_api.accounts.policy import SEEN_EVERY_MS
from exam_api.errors import LiveAway, RecordAway
from exam_api.http.bare import address_of, header
from exam_api.http.errors import NotLoggedIn
from exam_api.http.guards import EVERYONE, Logged, anyone, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.wire_attempt import MeOut, StaffLoginIn
from exam_api.people import Login
from exam_api.usecases.errors import LoginRefused, TooManyFailures
from exam_api.usecases.log_in import Opened
from exam_api.usecases.log_in_staff import Device, StaffLoginAsk, log_in_staff

Anybody = Request[None, None, State]
"""A request of somebody who is not logged in."""

STEPS = ("code", "password", "enroll")
"""Every step a half log-in may wait for."""

LOOK_S = 10.0
"""How often an open stream asks whether its log-in still stands."""

SMALL = 4096
"""Bytes of a log-in: names, numbers, codes."""


@post(
    "/api/login/staff",
    operation_id="logInStaff",
    opt=anyone(body_max=SMALL),
    status_code=200,
    responses=told(LoginRefused, TooManyFailures, LiveAway, RecordAway),
)
async def staff(data: JSONBody[StaffLoginIn], request: Anybody, parts: Given[Parts]) -> Response[MeOut]:
    """Log a member of staff in; `step` in the reply says what is still to be done."""
    ask = StaffLoginAsk(login_name=data.login_name, password=data.password, device=device_of(request, parts))
    return with_cookie(await log_in_staff(ask, parts.accounts), parts)


@post(
    "/api/logout",
    operation_id="logOut",
    opt=only(EVERYONE, steps=STEPS),
    status_code=204,
    responses=told(NotLoggedIn),
)
async def log_out(request: Logged, parts: Given[Parts]) -> Response[None]:
    """End the log-in of this device; the attempt token goes with it."""
    token = parts.cookies.login_in(request.scope["headers"])
    if token:
        await parts.login.logins.end(parts.login.keys.token_hash(token))
    return Response(None, status_code=204, cookies=parts.cookies.end_all())


@get("/api/me", operation_id="me", opt=only(EVERYONE, steps=STEPS), responses=told(NotLoggedIn, LiveAway))
async def me(request: Logged, parts: Given[Parts]) -> MeOut:
    """Say who is logged in on this device."""
    return me_out(request.user, parts)


ROUTES: Sequence[HTTPRouteHandler] = (staff, log_out, me)
"""Candidates come in by `candidate_logins`."""


def with_cookie(opened: Opened, parts: Parts) -> Response[MeOut]:
    """The reply to who logged in, with the cookies that keep it so."""
    cookies = parts.cookies.of_login(
        opened.token, life_ms=opened.life_ms, device=opened.device, device_life_ms=DEVICE_LIFE_MS
    )
    return Response(me_out(opened.login, parts), cookies=cookies)


def device_of(request: Request[Any, Any, State], parts: Parts) -> Device:
    """Where a call comes from, as log-ins take it."""
    headers = request.scope["headers"]
    return Device(
        address=address_of(request.scope),
        cookie=parts.cookies.device_in(headers),
        user_agent=header(headers, b"user-agent")[:400].decode("latin-1"),
    )


async def login_over(request: Logged, parts: Parts) -> None:
    """Return when the log-in of an open stream is over; an open stream is a log-in in use."""
    token = parts.cookies.login_in(request.scope["headers"])
    if token is None:
        return
    token_hash = parts.login.keys.token_hash(token)
    while True:
        await asyncio.sleep(LOOK_S)
        with contextlib.suppress(LiveAway):
            login = await parts.login.logins.find(token_hash)
            now_ms = parts.login.clock.now_ms()
            if login is None or login.until_ms <= now_ms:
                return
            if now_ms - max(login.since_ms, login.seen_ms) >= SEEN_EVERY_MS:
                await parts.login.logins.seen(token_hash, login, now_ms=now_ms)


def me_out(login: Login, parts: Parts) -> MeOut:
    """Who is logged in, for the page."""
    return MeOut(
        role=login.role,
        name=login.name,
        institution=login.institution or None,
        demo=parts.demo,
        server_ms=parts.exam.clock.now_ms(),
        support_phone=parts.support_phone,
        step=login.step,
    )

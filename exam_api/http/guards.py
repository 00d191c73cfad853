"""Who may call a route: declared beside it, checked in one place, refused where nothing is declared."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.types import ASGIApp, Receive, Scope, Send

from exam_api.accounts.policy import SEEN_EVERY_MS
from exam_api.audit_ports import Trail
from exam_api.http.admission import Way
from exam_api.http.bare import header
from exam_api.http.cookies import Cookies
from exam_api.http.errors import (
    BodyTooLarge,
    BodyTooSlow,
    ForeignOrigin,
    MethodNotServed,
    NotAllowed,
    NotLoggedIn,
    StepNeeded,
)
from exam_api.http.reads import read_line, told_when_shown
from exam_api.people import Login, Role
from exam_api.ports import Clock, Logins

CANDIDATE: Final = (Role.CANDIDATE,)
ROOM: Final = (Role.INVIGILATOR, Role.INSTITUTION_ADMIN, Role.OFFICER)
"""Those who run a session; all but officers see their own institution only."""
OFFICE: Final = (Role.INSTITUTION_ADMIN, Role.OFFICER)
OFFICER: Final = (Role.OFFICER,)
READERS: Final = (*OFFICE, Role.AUDITOR)
"""Those who may look at what the office keeps; an auditor changes nothing."""
WRITERS: Final = (Role.ITEM_AUTHOR, Role.ITEM_REVIEWER, *OFFICE)
"""Those who work on items: writing, reviewing, approving (never their own)."""
AUTHORS: Final = (Role.ITEM_AUTHOR, *OFFICE)
"""Those of them who write."""
JUDGES: Final = (Role.ITEM_REVIEWER, *OFFICE)
"""Those of them who review, approve and publish."""
AUDITORS: Final = (Role.AUDITOR, Role.OFFICER)
OPERATORS: Final = (Role.OPERATOR,)
MANAGERS: Final = (Role.INSTITUTION_ADMIN, Role.OFFICER, Role.OPERATOR)
"""Those who manage accounts; whose, says `accounts.policy`."""
STAFF: Final = tuple(role for role in Role if role not in {Role.CANDIDATE, Role.CE_PLATFORM})
"""Every person who works here."""
EVERYONE: Final = tuple(Role)
"""Every role, but logged in."""

BODY_MAX: Final = 64 * 1024
"""Bytes a route takes unless it declares otherwise: a sync of 300 ops stays below."""

BODY_S: Final = 20
"""Seconds a body may take, and one more for each `SLOWEST_BYTES`."""

SLOWEST_BYTES: Final = 16 * 1024
"""Bytes a second below which nobody is waited for: a poor mobile line brings twice as much."""

OPT: Final = "access"
"""Name under which a handler carries its declaration."""

SAFE: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing."""

OWN_SITES: Final = frozenset({b"same-origin", b"none"})
"""What browsers call our own pages, and what people type, in `Sec-Fetch-Site`."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What a route declares about its callers."""

    roles: tuple[Role, ...] = ()
    anyone: bool = False
    """No log-in is asked for."""
    attempt_token: bool = False
    """The handler checks the attempt token itself; no login token is asked for."""
    body_max: int = BODY_MAX
    takes_file: bool = False
    """The body is a file as it is, no JSON."""
    steps: tuple[str, ...] = ()
    """Log-ins that wait for one of these steps may call too; other half log-ins never do."""
    by_key: bool = False
    """Machines call with their key as bearer token: elsewhere a key opens nothing."""
    reads: str = ""
    """What a reply shows of persons, as the audit names it (`results`); staff who read it leave a line."""
    line_first: bool = False
    """That line is on record before anything is shown; else a second later, also with the record away."""
    way: Way | None = None
    """Its calls stand in line before they are worked on (`doors`); those of other routes never wait."""
    method: str = ""
    """The one method of a bare route: the framework lets every method through to it."""

    def names(self) -> list[str]:
        """As OpenAPI shows it under `x-roles`: in the order of `Role`, however they were declared."""
        if self.anyone:
            return ["anyone"]
        return ["attempt-token"] if self.attempt_token else [str(role) for role in Role if role in self.roles]


def only(
    roles: tuple[Role, ...],
    *,
    body_max: int = BODY_MAX,
    takes_file: bool = False,
    steps: tuple[str, ...] = (),
    reads: str = "",
    line_first: bool = False,
    way: Way | None = None,
) -> dict[str, Any]:
    """Declare that these roles may call, logged in; in `steps` also while their log-in waits for that."""
    access = Access(
        roles=roles,
        body_max=body_max,
        takes_file=takes_file,
        steps=steps,
        reads=reads,
        line_first=line_first,
        way=way,
    )
    return {OPT: access}


def machines(*, body_max: int = BODY_MAX, reads: str = "") -> dict[str, Any]:
    """Declare that machines may call, with their key as bearer token, and nobody else."""
    return {OPT: Access(roles=(Role.CE_PLATFORM,), by_key=True, body_max=body_max, reads=reads)}


def anyone(*, body_max: int = BODY_MAX, way: Way | None = None) -> dict[str, Any]:
    """Declare that a route is open to people who are not logged in."""
    return {OPT: Access(anyone=True, body_max=body_max, way=way)}


def limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Refuse a body beyond the limit: by its announced length at once, otherwise as it comes.

    Raises BodyTooLarge.
    """
    length = header(scope["headers"], b"content-length")
    if length and (not length.isdigit() or int(length) > limit):
        raise BodyTooLarge(limit_bytes=limit)
    if length and not header(scope["headers"], b"transfer-encoding"):
        # The server holds the body to its length; beside chunks that says nothing (RFC 9112 6.3).
        return in_time(receive, within_s=BODY_S + int(length) // SLOWEST_BYTES)
    taken = 0
    receive = in_time(receive, within_s=BODY_S + limit // SLOWEST_BYTES)

    async def counted() -> Any:  # noqa: ANN401 - ASGI's message
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise BodyTooLarge(limit_bytes=limit)
        return message

    return counted


def in_time(receive: Receive, *, within_s: int) -> Receive:
    """Refuse a body that is not whole after that time: a caller that drips holds nothing here for ever.

    Raises BodyTooSlow.
    """
    loop = asyncio.get_running_loop()
    until_s = loop.time() + within_s
    whole = False

    async def timed() -> Any:  # noqa: ANN401 - ASGI's message
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(until_s):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlow(within_s=within_s) from None
        whole = not message.get("more_body")
        return message

    return timed


def is_good_for(login: Login, access: Access, now_ms: int) -> bool:
    """Whether a log-in opens a route, with nothing to be noted about it: as `Gate.let_in` would have it."""
    unseen_ms = now_ms - max(login.since_ms, login.seen_ms)
    return (
        login.role in access.roles
        and (not login.step or login.step in access.steps)
        and now_ms < login.until_ms
        and (not login.idle_ms or unseen_ms < min(login.idle_ms, SEEN_EVERY_MS))
    )


Logged = Request[Login, None, State]
"""A request that passed the gate with a log-in: `request.user` is its Login."""


class Gate:
    """Middleware of every route: origin, log-in, role. A route that declares nothing answers to nobody."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        logins: Logins,
        clock: Clock,
        cookies: Cookies,
        origins: frozenset[bytes],
        token_hash: Callable[[bytes], bytes],
        machine: Callable[[bytes], Awaitable[Login | None]],
        trail: Trail,
    ) -> None:
        self._app = app
        self._logins = logins
        self._clock = clock
        self._cookies = cookies
        self._origins = origins
        self._token_hash = token_hash
        self._machine = machine
        self._trail = trail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or refuse it."""
        access = scope["route_handler"].opt.get(OPT)
        if access is None:
            raise NotAllowed
        method = scope["method"]  # type: ignore[typeddict-item]
        if access.method and method != access.method:
            raise MethodNotServed(allow=access.method)
        if method not in SAFE:
            self._check_origin(scope)
            receive = limited(scope, receive, access.body_max)
        if access.roles:
            login = await self.let_in(access, scope)
            if access.reads and login.role is not Role.CANDIDATE and not login.rehearsal:
                send = await self._remembered(access, login, scope, send)
        await self._app(scope, receive, send)

    async def let_in(self, access: Access, scope: Scope) -> Login:
        """Whoever is logged in and may call, then also `scope["user"]`.

        Raises NotLoggedIn, NotAllowed, StepNeeded, LiveAway.
        """
        by_key = access.by_key and header(scope["headers"], b"authorization")
        login = await (self._by_key(scope) if by_key else self._login(scope))
        if login.role not in access.roles:
            raise NotAllowed
        if login.step and login.step not in access.steps:
            raise StepNeeded(step=login.step)
        scope["user"] = login
        scope["auth"] = None
        return login

    def knows_origin(self, origin: bytes | None, site: bytes | None) -> bool:
        """Whether a page of ours asks, or a program: browsers name both headers truthfully."""
        return (origin is None or origin in self._origins) and (site is None or site in OWN_SITES)

    async def _remembered(self, access: Access, login: Login, scope: Scope, send: Send) -> Send:
        line = read_line(access.reads, login, scope, self._clock.now_ms())
        if access.line_first:
            await self._trail.write(line)
            return send
        return told_when_shown(send, lambda: self._trail.later(line))

    def _check_origin(self, scope: Scope) -> None:
        """Browsers name the page's origin on every call that changes something; programs need not."""
        for name, value in scope["headers"]:
            if name == b"origin":
                if not self.knows_origin(value, None):
                    raise ForeignOrigin
            elif name == b"sec-fetch-site" and not self.knows_origin(None, value):
                raise ForeignOrigin

    async def _login(self, scope: Scope) -> Login:
        token = self._cookies.login_in(scope["headers"])
        if not token:
            raise NotLoggedIn
        token_hash = self._token_hash(token)
        login = await self._logins.find(token_hash)
        now_ms = self._clock.now_ms()
        if login is None or login.until_ms <= now_ms:
            raise NotLoggedIn
        if login.idle_ms:
            unseen_ms = now_ms - max(login.since_ms, login.seen_ms)
            if unseen_ms >= login.idle_ms:
                await self._logins.end(token_hash)
                raise NotLoggedIn
            if unseen_ms >= SEEN_EVERY_MS:
                await self._logins.seen(token_hash, login, now_ms=now_ms)
        return login

    async def _by_key(self, scope: Scope) -> Login:
        given = header(scope["headers"], b"authorization")
        kind, _, key = given.partition(b" ")
        login = await self._machine(key.strip()) if kind.lower() == b"bearer" else None
        if login is None:
            raise NotLoggedIn
        return login

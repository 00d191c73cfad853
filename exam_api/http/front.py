"""The hot routes' way round the framework: what is plainly in order is answered here.

A request that the framework's own way would refuse, or that is anything but plain, is handed on untouched.
What a route refuses after its body was read is told by that way too, which then gets a body that raises it.
So one place says no, and this one only knows yes (docs/adr/0021).
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from time import perf_counter_ns
from typing import Any, Final, NamedTuple, TypeAlias, cast

from litestar import Litestar
from litestar.handlers import ASGIRouteHandler
from litestar.types import HTTPScope, Receive, Scope, Send

from exam_api.http.admission import Call, Way
from exam_api.http.bare import HELD, Headers, joined, read_body
from exam_api.http.doors import Doors
from exam_api.http.errors import BadRequest, MustWait
from exam_api.http.guards import BODY_S, OPT, SAFE, SLOWEST_BYTES, Access, Gate, limited
from exam_api.http.hot import ANSWER, HOT, QUICK, HotRoute, Quick
from exam_api.http.observed import Observed, count_reply
from exam_api.http.patience import Patience
from exam_api.http.problems import told_problem

Answer: TypeAlias = Callable[[Scope, bytes], Awaitable[tuple[Headers, bytes]]]
"""What a hot route makes of a whole body."""

Sits: TypeAlias = Callable[[Scope, bytes], bool]
"""Whether a start, with its body, is of somebody whose time runs already."""

_HOST: Final = re.compile(rb"[0-9A-Za-z.\-:\[\]_]{1,255}")
"""Hosts that nobody would refuse."""

_HOST_MAX: Final = 255
"""Bytes of a host that is looked at, and remembered."""

_LENGTHS: Final = 7
"""Digits of a length that is looked at: no limit has more."""


class Lane(NamedTuple):
    """One hot route."""

    path: str
    method: str
    access: Access
    answer: Answer
    quick: Quick | None = None


def lanes_of(app: Litestar) -> Mapping[str, Lane]:
    """The routes of an application that need no framework, by path."""
    found: dict[str, Lane] = {}
    for route in app.routes:
        handler = getattr(route, "route_handler", None)
        if isinstance(handler, ASGIRouteHandler) and ANSWER in handler.opt:
            hot = cast("HotRoute", handler.opt[HOT])
            access = cast("Access", handler.opt[OPT])
            answer, quick = cast("Answer", handler.opt[ANSWER]), cast("Quick | None", handler.opt[QUICK])
            found[hot.path] = Lane(hot.path, hot.method, access, answer, quick)
    return found


class Front:
    """The application as it is served."""

    def __init__(
        self, app: Observed, *, gate: Gate, lanes: Mapping[str, Lane], doors: Doors, sits: Sits
    ) -> None:
        self._app = app
        self._sits = sits
        self._gate = gate
        self._doors = doors
        self._lanes = {path: lane for path, lane in lanes.items() if not lane.access.reads}
        self._patience = Patience()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        lane = self._lanes.get(scope["path"])
        length = -1 if lane is None else self._length(lane, scope)
        if lane is None or length < 0:
            await self._by_the_framework(scope, receive, send)
            return
        begun_ns, request_id = perf_counter_ns(), self._app.name(scope)
        call: Call | None = None
        try:
            way = lane.access.way
            if way is None and lane.access.roles:
                await self._gate.let_in(lane.access, scope)
            body = await self._patience.read(
                receive, length=length, within_s=BODY_S + length // SLOWEST_BYTES
            )
            if way is None:
                reply = await lane.answer(scope, body)
            else:
                call = await self._place(way, scope, receive, body)
                reply = await self._in_turn(lane, scope, body)
        except MustWait as wait:
            await self._tell_wait(send, wait, lane.path, lane.method, begun_ns, request_id)
            return
        except TimeoutError as late:  # ours: told by that way, it would be the caller's slowness
            refusal = RuntimeError("something here did not come in time")
            refusal.__cause__ = late
        except Exception as refused:  # noqa: BLE001 - told by the framework's way, like every other
            refusal = refused
        else:
            await self._tell(lane, send, reply, begun_ns=begun_ns, request_id=request_id)
            return
        finally:
            if call is not None:
                self._doors.leave(call)
        await self._app.serve(scope, _raising(refusal), send, begun_ns=begun_ns)

    async def _place(self, way: Way, scope: HTTPScope, receive: Receive, body: bytes) -> Call | None:
        """The body was read first: that its caller has gone is told behind it."""
        goes_on = way is Way.START and self._sits(scope, body)
        return None if goes_on else await self._doors.enter(way, scope, receive, body)

    async def _in_turn(self, lane: Lane, scope: HTTPScope, body: bytes) -> tuple[Headers, bytes]:
        """What has its place: its log-in is looked up now, in the same question where that can be."""
        reply = None if lane.quick is None else await lane.quick(scope, body)
        if reply is not None:
            return reply
        if lane.access.roles:
            await self._gate.let_in(lane.access, scope)
        return await lane.answer(scope, body)

    async def _by_the_framework(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """What is not plain or no hot route's; where its route says so, it stands in line first."""
        door = self._doors.door_of(scope)
        if door is None:
            await self._app(scope, receive, send)
            return
        begun_ns, request_id = perf_counter_ns(), self._app.name(scope)
        body, given = b"", receive
        if scope["method"] not in SAFE:
            try:  # nobody who is slow to say what they want holds a place
                body = await read_body(limited(scope, receive, door.body_max))
            except Exception as refused:  # noqa: BLE001 - told by the framework's way, like every other
                await self._app.serve(scope, _raising(refused), send, begun_ns=begun_ns)
                return
            given = _again(body, receive)
        try:
            call = await self._place(door.way, scope, receive, body)
        except MustWait as wait:
            await self._tell_wait(send, wait, "-", scope["method"], begun_ns, request_id)
            return
        except BadRequest:  # nobody is there to be told
            return
        try:
            await self._app(scope, given, send)
        finally:
            if call is not None:
                self._doors.leave(call)

    def _length(self, lane: Lane, scope: HTTPScope) -> int:
        """How long the body is; -1 where anything about the request is not plain."""
        given = cast("list[tuple[bytes, bytes]]", scope["headers"])
        headers = dict(given)
        if len(headers) != len(given):
            headers = joined(given)
        length, host = headers.get(b"content-length", b""), headers.get(b"host", b"")
        plain = (
            b"transfer-encoding" not in headers
            and scope["method"] == lane.method
            and not cast("dict[str, str]", scope).get("root_path")
            and length.isdigit()
            and len(length) <= _LENGTHS
            and len(host) <= _HOST_MAX
            and _is_host(host)
            and self._gate.knows_origin(headers.get(b"origin"), headers.get(b"sec-fetch-site"))
        )
        held = int(length) if plain else -1
        if not 0 <= held <= lane.access.body_max:
            return -1
        cast("dict[str, object]", scope)[HELD] = headers
        return held

    async def _tell(
        self, lane: Lane, send: Send, reply: tuple[Headers, bytes], *, begun_ns: int, request_id: str
    ) -> None:
        headers, body = reply
        length = (b"content-length", b"%d" % len(body))
        own = (b"x-request-id", request_id.encode())
        start: Any = {
            "type": "http.response.start",
            "status": 200,
            "headers": [*headers, length, own, *self._app.headers],
        }
        status = 500
        try:
            await send(start)
            await send({"type": "http.response.body", "body": body, "more_body": False})
            status = 200
        finally:
            count_reply(lane.path, lane.method, status, begun_ns, request_id)

    async def _tell_wait(  # noqa: PLR0917 - what is told, and as what it is counted
        self, send: Send, wait: MustWait, route: str, method: str, begun_ns: int, request_id: str
    ) -> None:
        """Quickly: a flood is told this many times a second. Counted, not logged one by one."""
        status, headers, body = told_problem(wait, path=route, request_id=request_id)
        own = [(name.encode(), value.encode()) for name, value in headers.items()]
        own += [(b"content-length", b"%d" % len(body)), (b"x-request-id", request_id.encode())]
        start: Any = {
            "type": "http.response.start",
            "status": status,
            "headers": [*own, *self._app.headers],
        }
        try:
            await send(start)
            await send({"type": "http.response.body", "body": body, "more_body": False})
        finally:
            count_reply(route, method, status, begun_ns, request_id, logged=False)


@lru_cache(maxsize=256)
def _is_host(host: bytes) -> bool:
    return _HOST.fullmatch(host) is not None


def _again(body: bytes, receive: Receive) -> Receive:
    """A body that was read, and what comes behind it."""
    told = False

    async def replay() -> Any:  # noqa: ANN401 - ASGI's message
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _raising(refusal: Exception) -> Receive:
    async def receive() -> Any:  # noqa: ANN401 - ASGI's message
        raise refusal

    return receive

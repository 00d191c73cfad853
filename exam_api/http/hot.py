"""Routes that leave the framework out: one table says what they take and give, and feeds OpenAPI."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
from isal import isal_zlib
from litestar import asgi, get, post
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.params import JSONBody
from litestar.types import Receive, Scope, Send

from exam_api.http.bare import JSON, Headers, header, read_body, send_reply
from exam_api.http.guards import OPT, Access
from exam_api.http.problems import told

T = TypeVar("T")

Quick: TypeAlias = Callable[[Scope, bytes], Awaitable[tuple[Headers, bytes] | None]]
"""What answers a whole body at once, or says by None that it is not so plain."""

HOT: Final = "hot"
"""Name under which an `@asgi` handler carries its route."""

QUICK: Final = "quick"
"""Name under which it carries what answers at once, log-in and all, where all is plain; else None."""

ANSWER: Final = "answer"
"""Name under which it carries what makes a reply of a whole body: `front` goes round the framework by it."""

PACKED_FROM: Final = 1_024
"""Bytes beyond which a reply is packed: what fits into one packet anyway is not."""

_encode: Final = msgspec.json.Encoder().encode
_PACKED: Final = [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]


class HotRoute(msgspec.Struct, frozen=True, kw_only=True):
    """What a bare route declares; nothing of it is checked by the framework, all of it here."""

    path: str
    method: str
    operation_id: str
    summary: str
    access: Access
    takes: Any = None
    """Wire struct of the body; None: no body, or a file where `access` says so."""
    gives: Any = None
    """Wire struct of the reply; None: an event stream."""
    refuses: tuple[type[Exception], ...] = ()
    packs: bool = False
    """Gzip the reply: for large ones that go out once to each phone."""


class Reply(msgspec.Struct, frozen=True):
    """A reply and the headers that go with it."""

    out: msgspec.Struct | bytes
    """A wire struct, or its JSON."""
    headers: Headers = []


def hot_call(
    route: HotRoute, takes: type[T], serve: Callable[[Scope, T], Awaitable[Reply]], quick: Quick | None = None
) -> ASGIRouteHandler:
    """A route that takes one JSON body and gives one JSON reply; `quick` answers what is plain by itself."""
    decode = msgspec.json.Decoder(takes).decode

    async def answer(scope: Scope, given: bytes) -> tuple[Headers, bytes]:
        return whole(route, scope, await serve(scope, decode(given)))

    return hot_answer(route, answer, quick)


def whole(route: HotRoute, scope: Scope, reply: Reply) -> tuple[Headers, bytes]:
    """A reply as it is sent."""
    out = reply.out
    headers, body = JSON + reply.headers, out if isinstance(out, bytes) else _encode(out)
    if route.packs and len(body) > PACKED_FROM and b"gzip" in header(scope["headers"], b"accept-encoding"):
        headers, body = [*headers, *_PACKED], _packed(body)
    return headers, body


def hot_stream(route: HotRoute, serve: Callable[[Scope, Receive, Send], Awaitable[None]]) -> ASGIRouteHandler:
    """A route that keeps sending."""

    async def lane(scope: Scope, receive: Receive, send: Send) -> None:
        await serve(scope, receive, send)

    return asgi(route.path, opt=_opt(route), name=route.operation_id, copy_scope=False)(lane)


def hot_answer(
    route: HotRoute,
    answer: Callable[[Scope, bytes], Awaitable[tuple[Headers, bytes]]],
    quick: Quick | None = None,
) -> ASGIRouteHandler:
    """A route that makes headers and body of its reply itself, of the body that came."""

    async def lane(scope: Scope, receive: Receive, send: Send) -> None:
        headers, body = await answer(scope, await read_body(receive))
        await send_reply(send, status=200, headers=headers, body=body)

    opt = _opt(route) | {ANSWER: answer, QUICK: quick}
    return asgi(route.path, opt=opt, name=route.operation_id, copy_scope=False)(lane)


def shadow(route: HotRoute) -> HTTPRouteHandler:
    """The route as an ordinary handler that is never called: OpenAPI is drawn from it."""

    async def with_body(data: Any) -> Any:  # noqa: ANN401 - annotated below
        return data

    async def without_body() -> Any:  # noqa: ANN401 - annotated below
        return None

    described = with_body if route.takes else without_body
    described.__annotations__ = {"return": route.gives or bytes}
    if route.takes:
        described.__annotations__["data"] = JSONBody[route.takes]
    decorate = post if route.method == "POST" else get
    options: dict[str, Any] = {"status_code": 200} if route.method == "POST" else {}
    if route.gives is None:
        options["media_type"] = "text/event-stream"
    return decorate(
        route.path,
        operation_id=route.operation_id,
        summary=route.summary,
        responses=told(*route.refuses),
        opt=_opt(route),
        **options,
    )(described)


_GZIP: Final = 31
"""Window bits that ask for gzip's own frame."""


def _packed(body: bytes) -> bytes:
    """Gzip by ISA-L, as small as zlib's fastest level at two fifths of its time (docs/performance.md)."""
    return isal_zlib.compress(body, 1, _GZIP)  # pyright: ignore[reportUnknownMemberType] - its stub says less


def _opt(route: HotRoute) -> dict[str, Any]:
    return {OPT: msgspec.structs.replace(route.access, method=route.method), HOT: route}

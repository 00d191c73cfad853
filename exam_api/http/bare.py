"""Requests and replies without a framework: read a body within its limit, send bytes."""

from collections.abc import Iterable

from litestar.types import Receive, Scope, Send

from exam_api.http.errors import BadRequest, BodyTooLarge

Headers = list[tuple[bytes, bytes]]
"""Response headers as ASGI takes them: names in small letters."""

JSON: Headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
"""Headers of every JSON reply."""


async def read_body(scope: Scope, receive: Receive, *, limit: int) -> bytes:
    """The whole body.

    Raises BodyTooLarge, from the announced length where there is one; BadRequest when the client went away.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > limit):
            raise BodyTooLarge(limit_bytes=limit)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body = message.get("body", b"")
        if len(body) > limit:
            raise BodyTooLarge(limit_bytes=limit)
        return body
    held = bytearray()
    while message["type"] == "http.request":
        held += message.get("body", b"")
        if len(held) > limit:
            raise BodyTooLarge(limit_bytes=limit)
        if not message.get("more_body"):
            return bytes(held)
        message = await receive()
    raise BadRequest("the request broke off")


async def send_reply(send: Send, *, status: int, headers: Headers, body: bytes) -> None:
    """Send a whole reply."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def header(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    """The first value of a header, or nothing."""
    for name, value in headers:
        if name == wanted:
            return value
    return b""


def address_of(scope: Scope) -> str:
    """Where a request comes from; behind a proxy on this machine, what the proxy says last."""
    client = scope.get("client")
    peer = client[0] if client else ""
    if peer in {"127.0.0.1", "::1"}:
        named = header(scope["headers"], b"x-forwarded-for").decode("latin-1")
        if named:
            return named.rpartition(",")[2].strip()
    return peer

"""Requests and replies without a framework: read a body, send bytes."""

from collections.abc import Iterable
from typing import Any, Final, cast

from litestar.types import Receive, Scope, Send

from exam_api.http.errors import BadRequest

Headers = list[tuple[bytes, bytes]]
"""Response headers as ASGI takes them: names in small letters."""

JSON: Headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
"""Headers of every JSON reply."""


async def read_body(receive: Receive) -> bytes:
    """The whole body; the gate has limited what `receive` gives.

    Raises BadRequest when the client went away.
    """
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return message.get("body", b"")
    held = bytearray()
    while message["type"] == "http.request":
        held += message.get("body", b"")
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


HELD: Final = "kaowu_headers"
"""Under which the scope of a request holds its headers by name, where none but cookies came twice."""


def joined(given: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by name where only cookies came twice; nothing where another name did.

    Over HTTP/2 browsers send each cookie as a header of its own, to be joined again (RFC 9113 8.2.3).
    """
    cookies = [value for name, value in given if name == b"cookie"]
    headers = dict(given)
    if len(headers) + max(0, len(cookies) - 1) != len(given):
        return {}
    headers[b"cookie"] = b"; ".join(cookies)
    return headers


def header_of(scope: Scope, wanted: bytes) -> bytes:
    """The first value of a request's header, or nothing."""
    held = cast("dict[str, dict[bytes, bytes]]", scope).get(HELD)
    return header(scope["headers"], wanted) if held is None else held.get(wanted, b"")


def address_of(scope: Scope) -> str:
    """Where a request comes from; behind a proxy on this machine, what the proxy says last."""
    client = cast("dict[str, Any]", scope).get("client")
    peer: str = client[0] if client else ""
    if peer in {"127.0.0.1", "::1"}:
        named = header_of(scope, b"x-forwarded-for").decode("latin-1")
        if named:
            return named.rpartition(",")[2].strip()
    return peer

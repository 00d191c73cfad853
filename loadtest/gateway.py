"""The phones' short messages: takes what the service hands over, and tells each phone its newest code."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, cast

import msgspec

from loadtest.loopback import require_loopback

PATIENCE_S: Final = 20.0
"""How long a phone waits for its message."""

_CODE: Final = re.compile(r"\d{6}")
_LENGTH: Final = re.compile(rb"(?i)content-length: *(\d+)")
_ASKED: Final = re.compile(rb"GET /code/(\S+)")
_TAKEN: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
_NONE: Final = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Message(msgspec.Struct, frozen=True):
    """What the service posts."""

    phone: str
    text: str


class Gateway:
    """Codes by phone; each is told once."""

    def __init__(self) -> None:
        self._codes: dict[str, asyncio.Future[str]] = {}
        self.callers: set[asyncio.Transport] = set()

    def take(self, body: bytes) -> None:
        """Keep a message's code for its phone; a newer one takes the place of one that nobody fetched."""
        message = msgspec.json.decode(body, type=Message)
        code = _CODE.search(message.text)
        if code is None:
            return
        if self._of(message.phone).done():
            del self._codes[message.phone]
        self._of(message.phone).set_result(code[0])

    async def told(self, phone: str) -> bytes:
        """The reply to a phone that asks; it waits for the message."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                code = await asyncio.shield(self._of(phone))
        except TimeoutError:
            return _NONE
        self._codes.pop(phone, None)
        return f"HTTP/1.1 200 OK\r\nContent-Length: {len(code)}\r\n\r\n{code}".encode()

    def _of(self, phone: str) -> asyncio.Future[str]:
        if phone not in self._codes:
            self._codes[phone] = asyncio.get_running_loop().create_future()
        return self._codes[phone]


class _Caller(asyncio.Protocol):
    """One kept connection, of the service or of a driver; one call at a time."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._received = bytearray()
        self._telling: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport = cast("asyncio.Transport", transport)
        self._gateway.callers.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the library's name
        """Nobody is told anything there any more."""
        self._gateway.callers.discard(self._transport)
        if self._telling is not None:
            self._telling.cancel()

    def data_received(self, data: bytes) -> None:
        """Take every whole message, answer every whole question."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end])
            length, asked = _LENGTH.search(head), _ASKED.match(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._received) < whole:
                return
            body = bytes(self._received[end + 4 : whole])
            del self._received[:whole]
            if asked is not None:
                self._telling = asyncio.ensure_future(self._tell(asked[1].decode("latin-1")))
            else:
                self._gateway.take(body)
                self._transport.write(_TAKEN)

    async def _tell(self, phone: str) -> None:
        self._transport.write(await self._gateway.told(phone))


@asynccontextmanager
async def open_gateway(host: str, port: int) -> AsyncGenerator[Gateway, None]:
    """A gateway that listens."""
    gateway = Gateway()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Caller(gateway), require_loopback(host), port, backlog=4096)
    try:
        yield gateway
    finally:
        server.close()
        for one in list(gateway.callers):
            one.close()

"""The phones' short messages: takes what the service hands over, and tells each phone its newest code."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from loadtest.loopback import require_loopback

PATIENCE_S: Final = 20.0
"""How long a phone waits for its message."""

_CODE: Final = re.compile(r"\d{6}")
_LENGTH: Final = re.compile(rb"(?i)content-length: *(\d+)")
_TAKEN: Final = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
_NONE: Final = b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Message(msgspec.Struct, frozen=True):
    """What the service posts."""

    phone: str
    text: str


class Gateway:
    """Codes by phone; each is told once."""

    def __init__(self) -> None:
        self._codes: dict[str, asyncio.Future[str]] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one message, or tell one code."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"GET /code/"):
                writer.write(await self._told(head[10:].split(b" ", 1)[0].decode("latin-1")))
            else:
                length = _LENGTH.search(head)
                self._take(await reader.readexactly(int(length[1]) if length else 0))
                writer.write(_TAKEN)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return  # who asked has gone
        finally:
            writer.close()

    def _take(self, body: bytes) -> None:
        message = msgspec.json.decode(body, type=Message)
        code = _CODE.search(message.text)
        waiting = self._of(message.phone)
        if code and not waiting.done():
            waiting.set_result(code[0])

    async def _told(self, phone: str) -> bytes:
        try:
            async with asyncio.timeout(PATIENCE_S):
                code = await asyncio.shield(self._of(phone))
        except TimeoutError:
            return _NONE
        self._codes.pop(phone, None)
        return f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(code)}\r\n\r\n{code}".encode()

    def _of(self, phone: str) -> asyncio.Future[str]:
        if phone not in self._codes:
            self._codes[phone] = asyncio.get_running_loop().create_future()
        return self._codes[phone]


@asynccontextmanager
async def open_gateway(host: str, port: int) -> AsyncGenerator[Gateway, None]:
    """A gateway that listens."""
    gateway = Gateway()
    server = await asyncio.start_server(gateway.serve, require_loopback(host), port, backlog=4096)
    async with server:
        yield gateway

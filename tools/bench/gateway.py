"""The short-message gateway of a benchmark: takes what the service hands over and keeps the codes."""

import asyncio
import re
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from tools.bench.load import LOOPBACK

PATIENCE_S: Final = 10.0
"""How long the codes that were asked for may take to arrive."""

_CODE: Final = re.compile(r"\d{6}")
_LENGTH: Final = re.compile(rb"(?i)content-length: *(\d+)")
_DONE: Final = b"HTTP/1.1 204 No Content\r\n\r\n"


class Message(msgspec.Struct, frozen=True):
    """What the service posts."""

    phone: str
    text: str


class Gateway:
    """The codes that arrived, by phone."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._arrived = asyncio.Condition()

    async def codes_of(self, phones: Collection[str]) -> Mapping[str, str]:
        """Wait until each of these phones has a code. Raises ConnectionError."""
        wanted = set(phones)
        try:
            async with asyncio.timeout(PATIENCE_S), self._arrived:
                await self._arrived.wait_for(lambda: wanted <= self._codes.keys())
        except TimeoutError:
            lacking = len(wanted - self._codes.keys())
            raise ConnectionError(f"{lacking} of {len(wanted)} codes did not arrive") from None
        return self._codes

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the messages of one connection, which stays open as an operator's does."""
        try:
            while True:
                await self._take_one(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.close()  # the service, or the benchmark, is done

    async def _take_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        writer.write(_DONE)
        message = msgspec.json.decode(body, type=Message)
        code = _CODE.search(message.text)
        if code:
            async with self._arrived:
                self._codes[message.phone] = code[0]
                self._arrived.notify_all()


@asynccontextmanager
async def open_gateway(port: int) -> AsyncGenerator[Gateway, None]:
    """A gateway that listens."""
    gateway = Gateway()
    server = await asyncio.start_server(gateway.take, LOOPBACK, port, backlog=512)
    async with server:
        yield gateway

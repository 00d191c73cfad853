"""HTTP/1.1 to loopback on asyncio, in TLS or plain: a phone's one connection, and its open event stream."""

import asyncio
import re
import ssl
import zlib
from collections.abc import Callable
from typing import Final, TypeVar, cast

import msgspec

from loadtest.loopback import require_loopback
from loadtest.steps import Ask, Listen, Reply

PATIENCE_S: Final = 30.0
"""After so long a page takes a call for lost."""

AGENT: Final = (
    "User-Agent: Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 Chrome/114.0.0.0 Mobile\r\n"
    "Accept: application/json\r\nAccept-Encoding: gzip\r\nAccept-Language: zh-CN\r\n"
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"
)
"""What a phone's browser sends with every call."""

_COOKIE: Final = re.compile(rb"(?i)\r\nset-cookie: *([^;\r]+)")
_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_GZIP: Final = re.compile(rb"(?i)\r\ncontent-encoding: *gzip")
_SEALED: Final = re.compile(rb"(?i)\r\nx-sealed-digest: *([0-9a-f]{64})")
_RETRY: Final = re.compile(rb"(?i)\r\nretry-after: *(\d+)")
_EMPTY: Final = frozenset({204, 304})

Protocol = TypeVar("Protocol", bound=asyncio.Protocol)


class Over(msgspec.Struct, frozen=True, kw_only=True):
    """How connections are made from this process."""

    tls: ssl.SSLContext | None = None
    own_address: str = ""
    """Where they come from: one address has some 28,000 ports towards one service."""


async def connect(
    made: Callable[[], Protocol], host: str, port: int, over: Over
) -> tuple[asyncio.Transport, Protocol]:
    """Open a connection. Raises OSError, NotLoopback."""
    transport, protocol = await asyncio.get_running_loop().create_connection(
        made,
        require_loopback(host),
        port,
        ssl=over.tls,
        server_hostname=host if over.tls else None,
        local_addr=(over.own_address, 0) if over.own_address else None,
    )
    return transport, protocol


class Line:
    """A phone's connection: opened at the first call, kept, opened again after it was lost."""

    def __init__(self, host: str, port: int, *, origin: str = "", over: Over | None = None) -> None:
        self._over = over or Over()
        self._host = require_loopback(host)
        self._port = port
        self._origin = origin
        self._wire: _Wire | None = None

    async def ask(self, ask: Ask) -> tuple[Reply, int]:
        """The reply and the bytes of its body on the wire; status 0 when there was none."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                if self._wire is None or self._wire.lost:
                    _, self._wire = await connect(_Wire, self._host, self._port, self._over)
                return await self._wire.ask(request(ask, self._host, self._port, origin=self._origin))
        except (OSError, TimeoutError, ValueError):
            self.close()
            return Reply(0), 0

    def close(self) -> None:
        """Let it go, as a network that has gone does."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None


class Ear(asyncio.Protocol):
    """An open event stream: what arrives is counted and thrown away."""

    def __init__(self, heard: Callable[[int], None], begun: Callable[[int], None]) -> None:
        self._heard = heard
        self._begun = begun
        self._told = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is closed later."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Count events; the first piece tells the status."""
        if not self._told:
            self._told = True
            self._begun(int(data[9:12]))
        events = data.count(b"event: ")
        if events:
            self._heard(events)

    def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.abort()


async def listen(  # noqa: PLR0913 - a place, and two who are told
    host: str,
    port: int,
    what: Listen,
    *,
    heard: Callable[[int], None],
    begun: Callable[[int], None],
    over: Over | None = None,
) -> Ear:
    """Open a stream. Raises OSError."""
    transport, ear = await connect(lambda: Ear(heard, begun), host, port, over or Over())
    transport.write(request(Ask(name="", method="GET", path=what.path, cookie=what.cookie), host, port))
    return ear


def request(ask: Ask, host: str, port: int, *, origin: str = "") -> bytes:
    """A call as the page of that origin makes it; it need not be the address, where a proxy stands before."""
    head = f"{ask.method} {ask.path} HTTP/1.1\r\nHost: {host}:{port}\r\n{AGENT}"
    if ask.cookie:
        head += f"Cookie: {ask.cookie}\r\n"
    if ask.turn:
        head += f"X-Turn: {ask.turn}\r\n"
    if ask.method == "POST":
        head += (
            f"Origin: {origin or f'http://{host}:{port}'}\r\nContent-Type: {ask.kind}\r\n"
            f"Content-Length: {len(ask.body)}\r\n"
        )
    return f"{head}\r\n".encode() + ask.body


class _Wire(asyncio.Protocol):
    """One TCP connection with at most one call under way."""

    def __init__(self) -> None:
        self.lost = False
        self._received = bytearray()
        self._waiting: asyncio.Future[tuple[Reply, int]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits."""
        self.lost = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError("closed by the server"))

    def data_received(self, data: bytes) -> None:
        """Give the reply once it is whole."""
        self._received += data
        if self._waiting is None or self._waiting.done():
            return
        try:
            taken = take_reply(self._received)
        except ValueError as wrong:
            self._waiting.set_exception(wrong)
            return
        if taken is not None:
            self._waiting.set_result(taken)

    async def ask(self, sent: bytes) -> tuple[Reply, int]:
        """Send and wait. Raises OSError, ValueError."""
        if self._transport is None:
            raise ConnectionResetError
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(sent)
        return await self._waiting

    def close(self) -> None:
        """Let it go at once."""
        self.lost = True
        if self._transport is not None:
            self._transport.abort()


def take_reply(received: bytearray) -> tuple[Reply, int] | None:
    """Cut the first whole reply off the front; None while it is not whole.

    Raises ValueError for a reply that does not announce its length.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(received[:end])
    status = int(head[9:12])
    found = _LENGTH.search(head)
    if found is None and status not in _EMPTY:
        raise ValueError("a reply without its length")
    length = int(found[1]) if found else 0
    whole = end + 4 + length
    if len(received) < whole:
        return None
    body = bytes(received[end + 4 : whole])
    del received[:whole]
    retry, sealed = _RETRY.search(head), _SEALED.search(head)
    reply = Reply(
        status,
        zlib.decompress(body, wbits=31) if _GZIP.search(head) else body,
        tuple(one.decode("latin-1") for one in _COOKIE.findall(head)),
        float(retry[1]) if retry else 0.0,
        sealed[1].decode() if sealed else "",
    )
    return reply, length

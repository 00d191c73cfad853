"""A small HTTP driver: keep-alive connections to loopback, each with one request under way at a time."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import msgspec

CONNECTIONS: Final = 64
"""Connections that are open at once."""

LOOPBACK: Final = "127.0.0.1"
"""The only address that load is ever sent to."""

SUCCESS: Final = range(200, 300)

NO_CONTENT: Final = 204
"""The one reply that has no length and no body."""

REFUSAL_SHOWN: Final = 200
"""Bytes of a refusal that are told."""

_HEADERS: Final = (
    "User-Agent: Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 Chrome/114.0.0.0 Mobile\r\n"
    "Accept: application/json\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: zh-CN\r\n"
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"
)
"""What a phone's browser sends with every call, here with the no-op's too."""


class NotUnderstood(Exception):
    """A reply that this driver cannot read: it takes only those that announce their length."""


class Reply(msgspec.Struct, frozen=True):
    """One HTTP reply."""

    status: int
    head: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request, and what to do with the reply if it is a success."""

    request: bytes
    taken: Callable[[Reply], None] | None = None


@dataclass
class Answers:
    """What came back: how many successes, how fast, and what was not a success."""

    count: int = 0
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list[float])
    refused: list[Reply] = field(default_factory=list[Reply])

    @property
    def refusal(self) -> str:
        """What the first refused call was told, in short."""
        if not self.refused:
            return ""
        first = self.refused[0]
        return f"{first.status} {first.body[:REFUSAL_SHOWN].decode(errors='replace')}"

    def add(self, reply: Reply, seconds: float) -> None:
        """Count a reply."""
        self.latencies_ms.append(seconds * 1000)
        if reply.status in SUCCESS:
            self.count += 1
        else:
            self.refused.append(reply)


def get(path: str, *, port: int, cookie: str = "") -> bytes:
    """A call that only asks."""
    cookies = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\n{_HEADERS}{cookies}\r\n".encode()


def post(path: str, body: bytes, *, port: int, cookie: str = "", kind: str = "application/json") -> bytes:
    """A call that changes something, as the page of that origin makes it."""
    origin = f"{LOOPBACK}:{port}"
    head = f"POST {path} HTTP/1.1\r\nHost: {origin}\r\nOrigin: http://{origin}\r\n{_HEADERS}"
    cookies = f"Cookie: {cookie}\r\n" if cookie else ""
    length = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + cookies + length).encode() + body


def take_reply(received: bytearray) -> Reply | None:
    """Cut the first whole reply off the front of what was received; None while it is not whole.

    Raises NotUnderstood.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(received[:end])
    status, names = int(head[9:12]), head.lower()
    if status == NO_CONTENT:
        del received[: end + 4]
        return Reply(status, head, b"")
    at = names.find(b"\r\ncontent-length:")
    if at < 0:
        raise NotUnderstood(head.decode("latin-1"))
    line_end = names.find(b"\r\n", at + 2)
    length = int(names[at + 17 : line_end if line_end > 0 else len(names)])
    whole = end + 4 + length
    if len(received) < whole:
        return None
    reply = Reply(status, head, bytes(received[end + 4 : whole]))
    del received[:whole]
    return reply


async def drive(port: int, lanes: Sequence[Iterator[Call]]) -> Answers:
    """Send the calls of every lane over a connection of its own, one after the other.

    Raises NotUnderstood; ConnectionError when the server ends a connection.
    """
    loop = asyncio.get_running_loop()
    answers = Answers()
    # All are open before the first request, so that none is measured beside a hand-shake.
    connections: list[_Connection] = []
    for lane in lanes:
        _, connection = await loop.create_connection(lambda it=lane: _Connection(it, answers), LOOPBACK, port)
        connections.append(connection)
    began = time.perf_counter()
    for connection in connections:
        connection.send_next()
    try:
        await asyncio.gather(*(connection.done for connection in connections))
    finally:
        answers.seconds = time.perf_counter() - began
        for connection in connections:
            connection.close()
        await asyncio.gather(*(connection.closed for connection in connections))
    return answers


class _Connection(asyncio.Protocol):
    """One connection and the calls that go over it."""

    def __init__(self, calls: Iterator[Call], answers: Answers) -> None:
        loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self._calls = calls
        self._answers = answers
        self._received = bytearray()
        self._call: Call | None = None
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, with an error if calls were left."""
        self._end(exc or ConnectionResetError("the server closed a connection"))
        self.closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Count the reply once it is whole, and go on."""
        self._received += data
        try:
            reply = take_reply(self._received)
        except NotUnderstood as wrong:
            self._end(wrong)
            return
        if reply is None:
            return
        self._answers.add(reply, time.perf_counter() - self._sent)
        if self._call is not None and self._call.taken is not None and reply.status in SUCCESS:
            self._call.taken(reply)
        self.send_next()

    def send_next(self) -> None:
        """Send the next call, or be done."""
        self._call = next(self._calls, None)
        if self._call is None or self._transport is None:
            self._end(None)
            return
        self._sent = time.perf_counter()
        self._transport.write(self._call.request)

    def close(self) -> None:
        """Let the connection go."""
        self._end(None)
        if self._transport is not None:
            self._transport.close()

    def _end(self, wrong: Exception | None) -> None:
        if self.done.done():
            return
        if wrong is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(wrong)

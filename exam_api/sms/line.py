"""One kept connection to an HTTP server: a request after the other, and what became of each."""

import asyncio
import re
from typing import Final, cast

import msgspec

ANSWER_MAX: Final = 64 * 1024
"""Bytes of an answer that are waited for: a gateway says done or why not."""

_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length:[ \t]*(\d{1,9})")
_CHUNKED: Final = re.compile(rb"(?i)\r\ntransfer-encoding:[^\r]*chunked")
_CLOSES: Final = re.compile(rb"(?i)\r\nconnection:[^\r]*close")
_STATUS: Final = re.compile(rb"HTTP/1\.([01]) (\d{3})")
_BODYLESS: Final = frozenset({204, 304})


class NotHttp(OSError):
    """What came back is no answer of HTTP, or one without an end."""


class Answer(msgspec.Struct, frozen=True):
    """What came back for one request."""

    status: int
    keeps: bool
    """Whether the connection takes another request."""


class Line(asyncio.Protocol):
    """A connection that is asked one thing at a time."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.keeps = True
        """Whether another request may be sent."""
        self.used_s = 0.0
        """When the last answer was whole, by the loop's clock."""
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._answer: asyncio.Future[Answer] | None = None

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for the whole answer.

        Raises NotHttp, or ConnectionError when the connection was lost.
        """
        if self._transport is None or not self.keeps:
            raise ConnectionResetError("the connection was lost")
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self._received.clear()
        self._transport.write(request)
        try:
            answer = await self._answer
        except BaseException:
            self.close()  # its answer may still come: nobody else's question may get it
            raise
        if not answer.keeps:
            self.close()
        self.used_s = loop.time()
        return answer

    def close(self) -> None:
        """Let the connection go; `closed` is done when it is."""
        self.keeps = False
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Let it go without a word; a goodbye of TLS may be waited for as long as the other side likes."""
        self.keeps = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer once the reply is whole; what nobody asked for ends the connection."""
        if self._answer is None or self._answer.done():
            self.close()
            return
        self._received += data
        try:
            answer = answer_in(self._received)
        except NotHttp as wrong:
            self._answer.set_exception(wrong)
            return
        if answer is not None:
            self._answer.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self.keeps = False
        if self._answer is not None and not self._answer.done():
            told = _STATUS.match(self._received) if b"\r\n\r\n" in self._received else None
            if told is not None and exc is None:  # an answer whose end is the connection's
                self._answer.set_result(Answer(int(told[2]), keeps=False))
            else:
                self._answer.set_exception(exc or ConnectionResetError("the connection was lost"))
        self.closed.set_result(None)


def answer_in(received: bytearray) -> Answer | None:
    """The answer, once all of it was received. Raises NotHttp."""
    head_end = received.find(b"\r\n\r\n")
    if head_end >= 0:
        head = bytes(received[:head_end])
        told = _STATUS.match(head)
        if told is None:
            raise NotHttp(head[:40].decode("latin-1"))
        status, end = int(told[2]), _end(head, received, head_end + 4)
        if status in _BODYLESS:
            end = head_end + 4
        if 0 <= end <= len(received):
            keeps = told[1] == b"1" and _CLOSES.search(head) is None and end == len(received)
            return Answer(status, keeps=keeps)
    if len(received) > ANSWER_MAX:
        raise NotHttp(f"more than {ANSWER_MAX} bytes")
    return None


def _end(head: bytes, received: bytearray, body: int) -> int:
    """Where the answer ends; -1 where that is not known yet, or only when the connection is closed."""
    if _CHUNKED.search(head) is not None:
        return _chunks_end(received, body)
    length = _LENGTH.search(head)
    return body + int(length[1]) if length is not None else -1


def _chunks_end(received: bytearray, at: int) -> int:
    while (line_end := received.find(b"\r\n", at)) >= 0:
        try:
            size = int(bytes(received[at:line_end]).split(b";")[0], 16)
        except ValueError:
            raise NotHttp("a chunk without a size") from None
        if size < 0:
            raise NotHttp("a chunk shorter than nothing")
        if size == 0:
            end = received.find(b"\r\n\r\n", line_end)
            return end + 4 if end >= 0 else -1
        at = line_end + 2 + size + 2
    return -1

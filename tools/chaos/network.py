"""A phone's network: HTTP over TCP that loses requests and replies, takes its time, and may be gone."""

import asyncio
import random
import re
import zlib
from collections.abc import Sequence
from typing import Final

import msgspec

from tools.bench.load import LOOPBACK, Reply, get, post, take_reply

TIMEOUT_S: Final = 12.0
"""How long the page waits for an answer (web/kit/api.ts)."""

LOST_S: Final = 1.0
"""After so long a call whose packets were lost counts as unheard; a browser's TCP would often repeat them."""

_COOKIE: Final = re.compile(rb"(?i)\r\nset-cookie: *([^;\r]+)")
_RETRY: Final = re.compile(rb"(?i)\r\nretry-after: *(\d+)")
_GZIP: Final = re.compile(rb"(?i)\r\ncontent-encoding: *gzip")


class NoAnswer(Exception):
    """The call brought no answer: whether the server heard it is not known."""


class Weather(msgspec.Struct, frozen=True):
    """How bad the network is."""

    loss: float
    """Share of the calls whose request or reply is lost."""
    jitter_s: float
    """A call takes up to so much longer."""


CALM: Final = Weather(loss=0.0, jitter_s=0.0)


class Tally:
    """Calls of all phones, counted."""

    def __init__(self) -> None:
        self.calls = 0
        self.lost_requests = 0
        self.lost_replies = 0
        self.unheard = 0
        """No server answered: dead, being started, or the phone was offline."""
        self.busy = 0
        """503 and 429."""


class Network:
    """One phone's way to the service: one connection at a time, to whichever API process answers."""

    def __init__(self, ports: Sequence[int], weather: Weather, dice: random.Random, tally: Tally) -> None:
        self.offline = False
        self._ports = ports
        self._at = dice.randrange(len(ports))
        self.weather = weather
        self._dice = dice
        self._tally = tally
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(
        self, path: str, body: bytes | None, *, cookie: str, kind: str = "application/json"
    ) -> Reply:
        """One call: POST with a body, else GET. Raises NoAnswer."""
        self._tally.calls += 1
        await asyncio.sleep(self._dice.uniform(0, self.weather.jitter_s / 2))
        fate = self._dice.random()
        if self.offline:
            self._tally.unheard += 1
            raise NoAnswer
        if fate < self.weather.loss / 2:
            self._tally.lost_requests += 1
            await asyncio.sleep(LOST_S)
            raise NoAnswer
        try:
            async with asyncio.timeout(TIMEOUT_S):
                reply = await self._exchange(path, body, cookie, kind)
        except (OSError, TimeoutError, EOFError):
            self._tally.unheard += 1
            self.close()
            self._at = (self._at + 1) % len(self._ports)  # the next call goes to another process
            raise NoAnswer from None
        await asyncio.sleep(self._dice.uniform(0, self.weather.jitter_s / 2))
        if fate < self.weather.loss or self.offline:
            self._tally.lost_replies += 1
            self.close()
            await asyncio.sleep(LOST_S)
            raise NoAnswer
        return reply

    def close(self) -> None:
        """Let the connection go."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _exchange(self, path: str, body: bytes | None, cookie: str, kind: str) -> Reply:
        port = self._ports[self._at]
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(LOOPBACK, port)
        if body is None:
            asked = get(path, port=port, cookie=cookie)
        else:
            asked = post(path, body, port=port, cookie=cookie, kind=kind)
        self._writer.write(asked)
        received = bytearray()
        while True:
            reply = take_reply(received)
            if reply is not None:
                return reply
            more = await self._reader.read(1 << 16)
            if not more:
                raise EOFError
            received += more


def cookie_of(reply: Reply) -> str:
    """The cookie a reply sets; empty when it sets none."""
    found = _COOKIE.search(reply.head)
    return found[1].decode() if found else ""


def retry_after_s(reply: Reply) -> float | None:
    """How long the service asks to be left alone."""
    found = _RETRY.search(reply.head)
    return float(found[1]) if found else None


def body_of(reply: Reply) -> bytes:
    """The body as it was before it was packed."""
    return zlib.decompress(reply.body, wbits=31) if _GZIP.search(reply.head) else reply.body

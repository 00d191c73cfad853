"""A candidate who sits an exam through whatever happens: an outbox, receipts, patience."""

import asyncio
import random
import ssl
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import msgspec

from exam_api.http.wire_attempt import SubmitOut, SyncOut
from tools.bench.candidate import Candidate
from tools.bench.gateway import Gateway
from tools.bench.load import SUCCESS, Call, Reply

CALL_S: Final = 8.0
"""How long a page waits for one answer before it asks again."""

PAUSE_S: Final = (0.3, 0.6, 1.2, 2.0)
"""Pauses between attempts; the last one repeats. Each is stretched by up to a half, as the page does."""

_PORT: Final = 443
_BROKEN: Final = (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError)


class Wait(msgspec.Struct, frozen=True):
    """How long something took to be acknowledged, on the loop's clock."""

    kind: str
    began: float
    ended: float
    failures: int

    @property
    def seconds(self) -> float:
        return self.ended - self.began


class Refused(Exception):
    """The service refused what it must take: no repetition helps."""


@dataclass
class Sitter:
    """One candidate; what they were promised is kept for the proof."""

    candidate: Candidate
    host: str
    trust: ssl.SSLContext
    chance: random.Random
    waits: list[Wait] = field(default_factory=list[Wait])
    promised: int = 0
    """The highest seq that a receipt ever named."""
    fell_back: int = 0
    """Acknowledged ops that a failover lost and the outbox said again."""
    handed: SubmitOut | None = None
    receipts: list[SyncOut] = field(default_factory=list[SyncOut])
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def log_in(self, gateway: Gateway) -> None:
        """Code, log-in, start."""
        phone = self.candidate.person.phone
        await self._granted("code", self.candidate.ask_code())
        codes = await gateway.codes_of([phone])
        await self._taken("login", self.candidate.log_in(codes[phone]))
        await self._taken("start", self.candidate.start())
        self.candidate.open_paper()

    async def answer(self, *, pace_s: float, base: int = 0) -> None:
        """One op after the other, each until its receipt; what a failover lost is said again."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self.chance.uniform(0, pace_s)
        while base < self.candidate.slots:
            await asyncio.sleep(max(0.0, due - loop.time()))
            reply = await self._granted("sync", self.candidate.sync(base))
            told = msgspec.json.decode(reply.body, type=SyncOut)
            if told.took not in {"ok", "behind"} or told.head != self.candidate.head_at(told.seq):
                raise Refused(f"sync: {told.took}, seq {told.seq}")
            if told.seq < base:
                self.fell_back += base - told.seq
            else:
                due += pace_s
            self.promised = max(self.promised, told.seq)
            self.receipts.append(told)
            base = told.seq

    async def hand_in(self) -> None:
        """Until it is durable; where a failover lost ops, they are said again first."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while self.handed is None or not self.handed.durable:
            reply = await self._said("hand-in", self.candidate.submit())
            if reply.status in SUCCESS:
                self.handed = msgspec.json.decode(reply.body, type=SubmitOut)
            elif reply.status == HTTPStatus.CONFLICT:
                await self.answer(pace_s=0.0, base=self.candidate.slots - 1)
            else:
                raise Refused(f"hand-in: {_shown(reply)}")
            if self.handed is None or not self.handed.durable:
                await asyncio.sleep(PAUSE_S[0])
        self.waits.append(Wait("durable", began, loop.time(), 0))

    def close(self) -> None:
        """Let the connection go."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _said(self, kind: str, call: Call) -> Reply:
        """Say something until it is answered."""
        loop = asyncio.get_running_loop()
        began, failures = loop.time(), 0
        while True:
            try:
                async with asyncio.timeout(CALL_S):
                    reply = await self._asked(call.request)
            except _BROKEN:
                self.close()
            else:
                if reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    break
            pause = PAUSE_S[min(failures, len(PAUSE_S) - 1)]
            failures += 1
            await asyncio.sleep(pause * self.chance.uniform(1.0, 1.5))
        self.waits.append(Wait(kind, began, loop.time(), failures))
        return reply

    async def _granted(self, kind: str, call: Call) -> Reply:
        reply = await self._said(kind, call)
        if reply.status not in SUCCESS:
            raise Refused(f"{kind}: {_shown(reply)}")
        return reply

    async def _taken(self, kind: str, call: Call) -> None:
        reply = await self._granted(kind, call)
        if call.taken is not None:
            call.taken(reply)

    async def _asked(self, request: bytes) -> Reply:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self.host, _PORT, ssl=self.trust)
        reader, writer = self._streams
        writer.write(request)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        names = head.lower()
        at = names.index(b"\r\ncontent-length:") + len(b"\r\ncontent-length:")
        length = int(names[at : names.index(b"\r\n", at)])
        return Reply(int(head[9:12]), head[:-4], await reader.readexactly(length))


def _shown(reply: Reply) -> str:
    return f"{reply.status} {reply.body[:200].decode(errors='replace')}"

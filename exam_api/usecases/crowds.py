"""How many are registered for a session, as every waiting page would ask: looked up now and then only."""

import asyncio
import contextlib
from typing import Final, NamedTuple
from uuid import UUID

from exam_api.console_ports import Sittings
from exam_api.errors import RecordAway
from exam_api.ports import Clock

KEPT_MS: Final = 60_000
"""How long a number is good: rosters do not grow by thousands in a minute."""

CROWDS_KEPT: Final = 1_000
"""Sessions that are remembered."""


class _Counted(NamedTuple):
    people: int
    until_ms: int


class Crowds:
    """Numbers of registrations by session, in one process."""

    def __init__(self, sittings: Sittings, clock: Clock) -> None:
        self._sittings = sittings
        self._clock = clock
        self._counted: dict[UUID, _Counted] = {}
        self._asks: dict[UUID, asyncio.Lock] = {}

    async def people(self, session_id: UUID) -> int:
        """How many; what was known last where the record is away, or nobody."""
        counted = self._counted.get(session_id)
        now_ms = self._clock.now_ms()
        if counted is not None and now_ms < counted.until_ms:
            return counted.people
        if len(self._asks) >= CROWDS_KEPT:
            self._asks, self._counted = {}, {}
        async with self._asks.setdefault(session_id, asyncio.Lock()):
            counted = self._counted.get(session_id, _Counted(0, 0))
            if now_ms >= counted.until_ms:  # nobody else asked meanwhile
                people = counted.people
                with contextlib.suppress(RecordAway):
                    line = await self._sittings.session(session_id)
                    people = 0 if line is None else line.registrations
                counted = self._counted[session_id] = _Counted(people, now_ms + KEPT_MS)
            return counted.people

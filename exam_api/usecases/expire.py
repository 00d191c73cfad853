"""Handing in what time ran out on, without the candidate, and finishing what a crash left open."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from exam_api.attempt.deadline import GRACE_MS
from exam_api.attempt.model import CloseKind, State
from exam_api.usecases.hand_in import settle
from exam_api.usecases.parts import ExamParts

AT_ONCE: Final = 200
"""Attempts taken from one shard in one turn."""


async def expire_shard(shard: int, parts: ExamParts) -> int:
    """Close and settle the attempts of a shard whose deadline and grace have passed. Returns how many."""
    now_ms = parts.clock.now_ms()
    before_ms = now_ms - GRACE_MS
    due = await parts.live.due(shard, before_ms=before_ms, limit=AT_ONCE)
    closed = 0
    for attempt_id in due:
        live = await parts.live.close(
            attempt_id, kind=CloseKind.TIME, now_ms=now_ms, fence=None, due_before_ms=before_ms
        )
        if live.state is State.CLOSED:
            await settle(live, parts)
            closed += 1
    return closed


async def finish_shard(shard: int, parts: ExamParts) -> int:
    """Settle closed attempts whose result is not durable: a crash or an absent database left them so."""
    waiting: Sequence[UUID] = await parts.live.undurable(shard, limit=AT_ONCE)
    finished = 0
    for attempt_id in waiting:
        live = await parts.live.find(attempt_id)
        if live is not None and live.state is State.CLOSED:
            handed = await settle(live, parts)
            finished += handed.durable
    return finished

"""Handing in what time ran out on, without the candidate, and finishing what a crash left open."""

import asyncio
from typing import Final
from uuid import UUID

from exam_api.attempt.deadline import GRACE_MS
from exam_api.attempt.fairness import hold_until_ms
from exam_api.attempt.model import CloseKind, State
from exam_api.errors import LiveAway
from exam_api.usecases.hand_in import scored, settle
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.sparing import passing, sparing, tell, tell_away
from exam_api.usecases.unjudged import Unjudged

AT_ONCE: Final = 200
"""Attempts taken from one shard in one turn, side by side: their results share a commit."""


TRIED_FIRST: Final = 10
"""When none of the oldest can be finished, the database is away or the drain behind: the others wait too."""


async def expire_shard(shard: int, parts: ExamParts, unjudged: Unjudged) -> int:
    """Close and score the attempts of a shard whose deadline and grace have passed. Returns how many.

    Asks no database: what was closed here is made durable by `finish_shard`. An attempt of a room that
    nobody can judge is held, as one in an open window is: the next look that sees the room lets it go.

    Raises, when the others are done, ExceptionGroup of what broke, LiveAway where a node was away.
    """
    now_ms = parts.clock.now_ms()
    due = await parts.live.due(shard, before_ms=now_ms - GRACE_MS, limit=AT_ONCE)
    broken: list[Exception] = []
    away: list[LiveAway] = []  # what a session's papers are marked by may lie on another node
    closed = await asyncio.gather(
        *(sparing(broken, passing(away, _expire(one, now_ms, parts, unjudged))) for one in due)
    )
    tell(broken)
    tell_away(away)
    return sum(map(bool, closed))


async def finish_shard(shard: int, parts: ExamParts) -> int:
    """Settle closed attempts whose result is not durable: after a crash, or without database or drain.

    Raises as `expire_shard`.
    """
    waiting = await parts.live.undurable(shard, limit=AT_ONCE, now_ms=parts.clock.now_ms())
    broken: list[Exception] = []
    away: list[LiveAway] = []  # as above
    finished = 0
    for together in waiting[:TRIED_FIRST], waiting[TRIED_FIRST:]:
        durable = await asyncio.gather(
            *(sparing(broken, passing(away, _finish(one, parts))) for one in together)
        )
        finished += sum(map(bool, durable))
        if not finished and not broken and not away:  # what is broken or away tells nothing of the others
            break
    tell(broken)
    tell_away(away)
    return finished


async def _expire(attempt_id: UUID, now_ms: int, parts: ExamParts, unjudged: Unjudged) -> bool:
    if unjudged and await _held(attempt_id, parts, unjudged):
        return False
    live = await parts.live.close(
        attempt_id, kind=CloseKind.TIME, now_ms=now_ms, fence=None, due_before_ms=now_ms - GRACE_MS
    )
    if live.state is not State.CLOSED:
        return False
    await scored(live, parts)
    return True


async def _held(attempt_id: UUID, parts: ExamParts, unjudged: Unjudged) -> bool:
    """Whether it waits now for its room to be judged: once, up to the cap."""
    live = await parts.live.find(attempt_id)
    if live is None or live.state is not State.RUNNING or not unjudged.may_be_owed(live.armed.session_id):
        return False
    until_ms = hold_until_ms(live.deadline_ms, 0)
    if live.hold_ms >= until_ms:
        return False
    await parts.gaps.hold(attempt_id, until_ms=until_ms)
    return True


async def _finish(attempt_id: UUID, parts: ExamParts) -> bool:
    live = await parts.live.find(attempt_id)
    return live is not None and live.state is State.CLOSED and (await settle(live, parts)).durable

"""A page came back and says that it could not answer: noted before its first sync moves the last contact."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt.fairness import LEAST_MS, Cause, Ended, Gap
from exam_api.attempt.model import LiveAttempt, Op, State
from exam_api.usecases.parts import ExamParts

EVENTS: Final = {
    "dead": Cause.PAGE_DEAD,
    "start-blocked": Cause.START_BLOCKED,
    "paper-blocked": Cause.PAPER_BLOCKED,
}
"""Events by which a page tells how long it could not answer. Where a hand-in was blocked nothing is lost: the
page is read-only from the tap on."""

_MARKS: Final = tuple(f'"{kind}"'.encode() for kind in EVENTS)


class _Said(msgspec.Struct, rename="camel"):
    kind: str
    client_ms: int
    ms: int = 0


_SAID: Final = msgspec.json.Decoder(list[_Said])


def tells_of_trouble(events: bytes) -> bool:
    """Whether a page's events tell of time in which it could not answer: nearly none do."""
    return any(mark in events for mark in _MARKS)


async def note_return(
    attempt_id: UUID, fence: int, events: bytes, ops: Sequence[Op], parts: ExamParts
) -> None:
    """Keep the gap that a page tells of. What was kept of it before stays: a resend changes nothing.

    Raises LiveAway.
    """
    live = await parts.live.find(attempt_id)
    if live is None or live.state is not State.RUNNING or fence != live.fence:
        return
    now_ms = parts.clock.now_ms()
    gaps = [gap_of(live, said, ops, now_ms) for said in _SAID.decode(events) if said.kind in EVENTS]
    for gap in gaps:
        await _note(live, gap, parts)


async def note_other_device(live: LiveAttempt, now_ms: int, parts: ExamParts) -> None:
    """Keep the gap before another device takes over: the first one's page is gone."""
    gap = Gap(attempt_id=live.armed.attempt_id, from_ms=live.last_seen_ms, to_ms=now_ms, ended=Ended.BLOCKED)
    if live.state is State.RUNNING:
        await _note(live, gap, parts)


def gap_of(live: LiveAttempt, said: _Said, ops: Sequence[Op], now_ms: int) -> Gap:
    """The gap that a page tells of, as far as its own ops do not speak against it.

    Its ops and its word are on one clock, its own, whatever that shows.
    """
    cause = EVENTS[said.kind]
    since_ms = said.client_ms - said.ms
    inside = [op.client_ms for op in ops if since_ms < op.client_ms < said.client_ms]
    claimed_ms = said.client_ms - max(inside) if inside else said.ms
    if cause is Cause.START_BLOCKED:
        given_ms = live.deadline_ms - live.started_ms
        return Gap(
            attempt_id=live.armed.attempt_id,
            from_ms=max(live.armed.opens_ms, live.started_ms - claimed_ms),
            to_ms=live.started_ms,
            ended=Ended.BLOCKED,
            cause=cause,
            claimed_ms=claimed_ms,
            most_ms=max(0, live.armed.length_ms - given_ms),
        )
    return Gap(
        attempt_id=live.armed.attempt_id,
        from_ms=live.last_seen_ms,
        to_ms=now_ms,
        ended=Ended.BLOCKED,
        cause=cause,
        claimed_ms=claimed_ms,
    )


async def _note(live: LiveAttempt, gap: Gap, parts: ExamParts) -> None:
    if gap.to_ms - gap.from_ms < LEAST_MS:
        return
    session_id = live.armed.session_id
    held = await parts.gaps.find(session_id, gap.attempt_id, gap.from_ms)
    if held is None or held.ended is Ended.OPEN:
        await parts.gaps.keep(session_id, [gap])

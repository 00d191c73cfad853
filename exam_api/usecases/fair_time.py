"""Watching rooms for lost time: windows open and close, expiry waits for them, what was lost is given."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID, uuid5

import msgspec

from exam_api.attempt import chain
from exam_api.attempt.fairness import (
    Ended,
    Gap,
    Say,
    Seat,
    Span,
    Verdict,
    entered,
    hold_until_ms,
    is_silent,
    judge,
)
from exam_api.attempt.model import Fact, FactKind, LiveAttempt, State
from exam_api.errors import LiveAway
from exam_api.record import SessionFacts
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.sparing import passing, sparing, tell, tell_away
from exam_api.usecases.staff_facts import enter_fact
from exam_api.usecases.unjudged import Unjudged

WATCHED_AFTER_MS: Final = 4 * 3_600_000
"""How long after its close a room is looked at: extensions and credits may pass the close."""

RoomOf = Callable[[SessionFacts, LiveAttempt], str | None]
"""The room of an attempt; None for a phone outside rooms."""


def room_of(facts: SessionFacts, _attempt: LiveAttempt) -> str | None:
    """A desk session sits in one room."""
    return str(facts.id) if facts.channel == "desk" else None


async def judge_rooms(parts: ExamParts, unjudged: Unjudged, room: RoomOf = room_of) -> int:
    """Look at every armed room that may be at work. Returns to how many attempts time was given.

    Raises RecordAway; when the other rooms were looked at, ExceptionGroup of what broke, LiveAway of nodes
    away: `unjudged` then knows the rooms that could not be looked at.
    """
    broken: list[Exception] = []
    away: list[LiveAway] = []
    unseen: set[UUID] = set()
    given = 0
    sessions = unjudged.sessions(await passing(away, parts.armory.armed_sessions()))
    try:
        for session_id in sessions:
            before = len(away)
            looked = passing(away, _look_at(session_id, unjudged, parts, room))
            given += await sparing(broken, looked) or 0
            if len(away) > before:
                unseen.add(session_id)
    finally:
        unjudged.looked(unseen)
    tell(broken)
    tell_away(away)
    return given


async def _look_at(session_id: UUID, unjudged: Unjudged, parts: ExamParts, room: RoomOf) -> int:
    facts = await parts.armory.session(session_id)
    if facts is None:
        return 0
    unjudged.seen(facts)
    at_work = facts.opens_ms <= parts.clock.now_ms() <= facts.closes_ms + WATCHED_AFTER_MS
    return await judge_session(facts, parts, room) if at_work and facts.channel == "desk" else 0


async def judge_session(facts: SessionFacts, parts: ExamParts, room: RoomOf = room_of) -> int:
    """Look at one session: open, close, enter. Safe to run beside itself: what a gap is given has one id.

    Where some nodes are away the room is judged by the seats of the others, and nobody with a gap that is
    not decided is handed in: the seats that were not seen may yet decide it.
    """
    there, whole = await parts.live.there_of_session(facts.id)
    attempts = {one.armed.attempt_id: one for one in there}
    now_ms = parts.clock.now_ms()
    kept = await _contradicted(await parts.gaps.of_session(facts.id), parts)
    gaps = _as_seen(kept, attempts, now_ms)
    seats = [seat_of(facts, one, room) for one in attempts.values()]
    at_first = judge(gaps, seats, covered={})
    open_ended = {(gap.attempt_id, gap.from_ms) for gap in gaps if gap.ended is Ended.OPEN}
    waits = {
        one.attempt_id
        for one in at_first
        if one.say is Say.WAIT
        or (not whole and (one.say is Say.ASK or (one.attempt_id, one.from_ms) in open_ended))
    }
    await _hold(waits, attempts, given_by(gaps), parts)
    # What else gives time back can only lower what is due: the record is asked about those alone.
    due = {one.attempt_id for one in at_first if one.say in {Say.RULE, Say.DEBIT}}
    covered = {one: spans(await parts.credits.of_attempt(one), now_ms) for one in due}
    running = {one for one, live in attempts.items() if live.state is State.RUNNING}
    verdicts = [one for one in judge(gaps, seats, covered=covered) if one.attempt_id in running]
    by_key = {(gap.attempt_id, gap.from_ms): gap for gap in gaps}
    given = 0
    for verdict in verdicts:
        if verdict.say in {Say.RULE, Say.DEBIT}:
            given += await _enter(by_key[verdict.attempt_id, verdict.from_ms], verdict, parts)
    await parts.gaps.keep(facts.id, _changed(kept, gaps, verdicts))
    await _let_go(waits, attempts, parts)
    return given


def seat_of(facts: SessionFacts, live: LiveAttempt, room: RoomOf = room_of) -> Seat:
    """An attempt in its room."""
    return Seat(
        attempt_id=live.armed.attempt_id,
        room=room(facts, live),
        started_ms=live.started_ms,
        closed_ms=live.closed_ms,
    )


def spans(facts: Iterable[Fact], now_ms: int) -> Sequence[Span]:
    """Time that is made up for already: credits of the service, pauses."""
    found: list[Span] = []
    paused_ms = 0
    for fact in facts:
        if fact.kind is FactKind.CREDIT and fact.reason == "service":
            found.append(Span(fact.at_ms - fact.ms, fact.at_ms))
        elif fact.kind is FactKind.PAUSE and not paused_ms:
            paused_ms = fact.at_ms
        elif fact.kind is FactKind.RESUME and paused_ms:
            found.append(Span(paused_ms, fact.at_ms))
            paused_ms = 0
    return [*found, Span(paused_ms, now_ms)] if paused_ms else found


def given_by(gaps: Iterable[Gap]) -> Mapping[UUID, int]:
    """What each attempt was given so far, which the cap counts."""
    given: dict[UUID, int] = {}
    for gap in gaps:
        given[gap.attempt_id] = given.get(gap.attempt_id, 0) + gap.given_ms
    return given


def credit(gap: Gap, *, ms: int, actor: str, reason: str, now_ms: int) -> Fact:
    """The ledger entry of a gap. Its id follows from the gap and what it was given: two make one."""
    kind, before_ms = ("debit", gap.owed_ms) if ms < 0 else ("credit", gap.given_ms)
    return Fact(
        id=uuid5(gap.attempt_id, f"fair-{kind}:{gap.from_ms}:{before_ms}"),
        attempt_id=gap.attempt_id,
        kind=FactKind.CREDIT,
        at_ms=now_ms,
        actor=actor,
        reason=reason,
        ms=ms,
        text=gap.cause.value if ms > 0 else "declined",
    )


def _as_seen(kept: Sequence[Gap], attempts: Mapping[UUID, LiveAttempt], now_ms: int) -> Sequence[Gap]:
    """Kept gaps as they stand now, and the silences that no one has kept."""
    known = {(gap.attempt_id, gap.from_ms) for gap in kept}
    gaps = [_closed(gap, attempts.get(gap.attempt_id)) for gap in kept]
    for attempt_id, live in attempts.items():
        silent = live.state is State.RUNNING and is_silent(
            last_seen_ms=live.last_seen_ms, deadline_ms=live.deadline_ms, now_ms=now_ms
        )
        if silent and (attempt_id, live.last_seen_ms) not in known:
            gaps.append(Gap(attempt_id=attempt_id, from_ms=live.last_seen_ms))
    return gaps


def _closed(gap: Gap, live: LiveAttempt | None) -> Gap:
    """An open gap whose page was heard again, and said of no trouble, was one of answering."""
    if gap.ended is not Ended.OPEN or live is None:
        return gap
    if live.state is State.RUNNING and live.last_seen_ms <= gap.from_ms:
        return gap
    back_ms = live.closed_ms if live.last_seen_ms <= gap.from_ms else live.last_seen_ms
    return msgspec.structs.replace(gap, ended=Ended.ANSWERING, to_ms=max(back_ms, gap.from_ms + 1))


def _changed(kept: Sequence[Gap], gaps: Sequence[Gap], verdicts: Sequence[Verdict]) -> Sequence[Gap]:
    """What must be kept anew: decided gaps, closed ones, and silences that are part of an open window."""
    before = {(gap.attempt_id, gap.from_ms): gap for gap in kept}
    found = {(one.attempt_id, one.from_ms): one for one in verdicts}
    changed: list[Gap] = []
    for gap in gaps:
        key = (gap.attempt_id, gap.from_ms)
        verdict = found.get(key)
        after = gap if verdict is None else entered(gap, verdict)
        waits = verdict is not None and verdict.say is Say.WAIT
        if after != before.get(key) and (key in before or waits):
            changed.append(after)
    return changed


async def _contradicted(kept: Sequence[Gap], parts: ExamParts) -> Sequence[Gap]:
    """Where another device followed: what the first one brings later may prove that it answered."""
    found: list[Gap] = []
    for gap in kept:
        latest = gap.last_op_ms
        if gap.ended is Ended.BLOCKED and gap.claimed_ms < 0:
            ops = chain.unpack(await passing([], parts.live.side(gap.attempt_id)) or b"")
            inside = [one.op.client_ms for one in ops if gap.from_ms < one.op.client_ms < gap.to_ms]
            latest = max([latest, *inside])
        found.append(gap if latest == gap.last_op_ms else msgspec.structs.replace(gap, last_op_ms=latest))
    return found


async def _enter(gap: Gap, verdict: Verdict, parts: ExamParts) -> bool:
    if verdict.ms == 0:
        return False
    reason = f"room:{gap.cause}" if verdict.ms > 0 else f"debit:{gap.cause}"
    if verdict.settled_ms:
        reason += f" -{verdict.settled_ms}"
    now_ms = parts.clock.now_ms()
    await enter_fact(credit(gap, ms=verdict.ms, actor="system", reason=reason, now_ms=now_ms), parts)
    return verdict.ms > 0


async def _hold(
    waits: set[UUID], attempts: Mapping[UUID, LiveAttempt], given: Mapping[UUID, int], parts: ExamParts
) -> None:
    for attempt_id in waits:
        live = attempts[attempt_id]
        until_ms = hold_until_ms(live.deadline_ms, given.get(attempt_id, 0))
        if live.state is State.RUNNING and live.hold_ms != until_ms:
            await parts.gaps.hold(attempt_id, until_ms=until_ms)


async def _let_go(waits: set[UUID], attempts: Mapping[UUID, LiveAttempt], parts: ExamParts) -> None:
    for attempt_id, live in attempts.items():
        if live.hold_ms and attempt_id not in waits and live.state is State.RUNNING:
            await parts.gaps.hold(attempt_id, until_ms=0)

"""Lost time that no rule decides: a candidate asks with one tap, staff decide, the ledger keeps it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt.errors import AttemptNotFound, BeyondCap, NoLostTime
from exam_api.attempt.fairness import ASK_FROM_MS, CAP_MS, Ended, Gap, Say, judge
from exam_api.attempt.model import LiveAttempt, State
from exam_api.attempt.states import Move, after
from exam_api.people import Login, Role
from exam_api.record import SessionFacts
from exam_api.usecases.fair_time import credit, given_by, seat_of, spans
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.staff_facts import enter_fact, in_reach

RULE: Final = "rule"
"""Gaps that no person decided bear this."""


class LostTime(msgspec.Struct, frozen=True, kw_only=True):
    """A gap as people see it."""

    gap: Gap
    label: str
    lost_ms: int
    say: Say
    """What the rule says; of no account once it is decided."""
    asked_ms: int
    """When the candidate asked; 0: not yet."""
    left_ms: int
    """What an institution may still give this attempt."""


def waits(one: LostTime) -> bool:
    """Whether a person must decide, and still can: a paper that was handed in gets no time."""
    return not one.gap.by and one.say is not Say.NOTHING and (one.asked_ms > 0 or one.say is Say.ASK)


class DecideTime(msgspec.Struct, frozen=True, kw_only=True):
    """Staff decide about one gap."""

    session_id: UUID
    attempt_id: UUID
    from_ms: int
    login: Login
    accept: bool
    ms: int | None
    """None: what was lost, as far as the caller may give it."""
    reason: str


async def lost_times(session_id: UUID, parts: ExamParts) -> Sequence[LostTime]:
    """Gaps of a session that are or were worth a look, latest first.

    Raises LiveAway, RecordAway.
    """
    facts = await parts.armory.session(session_id)
    if facts is None:
        return ()
    attempts = {one.armed.attempt_id: one for one in await parts.live.of_session(session_id)}
    found = await _shown(facts, await parts.gaps.of_session(session_id), attempts, parts)
    return sorted(found, key=lambda one: -one.gap.from_ms)


async def my_lost_time(attempt_id: UUID, login: Login, parts: ExamParts) -> LostTime | None:
    """The candidate's latest gap that is worth asking for.

    Raises AttemptNotFound, LiveAway, RecordAway.
    """
    live = await _own(attempt_id, login, parts)
    found = await lost_times(live.armed.session_id, parts)
    mine = [one for one in found if one.gap.attempt_id == attempt_id]
    return next((one for one in mine if one.gap.by or one.lost_ms >= ASK_FROM_MS), None)


async def ask_for_time(attempt_id: UUID, login: Login, parts: ExamParts) -> LostTime:
    """The one tap: I could not answer just now.

    Raises NoLostTime: the page answered, or it is decided. AttemptNotFound, LiveAway, RecordAway.
    """
    found = await my_lost_time(attempt_id, login, parts)
    if found is None or found.gap.by:
        raise NoLostTime(attempt_id)
    live = await _own(attempt_id, login, parts)
    now_ms = parts.clock.now_ms()
    await parts.gaps.ask(live.armed.session_id, attempt_id, found.gap.from_ms, now_ms=now_ms)
    return msgspec.structs.replace(found, asked_ms=found.asked_ms or now_ms)


async def decide_time(ask: DecideTime, parts: ExamParts) -> LostTime:
    """Give or decline, once; an officer may give more than the rule or an institution gave.

    Raises NoLostTime, BeyondCap, AttemptNotFound (also for another tenant's), MoveNotAllowed, LiveAway,
    RecordAway.
    """
    live = await in_reach(ask.session_id, ask.attempt_id, ask.login, parts)
    after(live.state, Move.CREDIT)
    officer = ask.login.role is Role.OFFICER
    found = next(
        (
            one
            for one in await lost_times(ask.session_id, parts)
            if (one.gap.attempt_id, one.gap.from_ms) == (ask.attempt_id, ask.from_ms)
        ),
        None,
    )
    more = officer and ask.accept and ask.ms is not None
    if found is None or found.gap.ended is not Ended.BLOCKED or (found.gap.by and not more):
        raise NoLostTime(ask.attempt_id)
    gap, ms = found.gap, _given(ask, found, officer=officer)
    fact = credit(
        gap, ms=ms, actor=f"staff:{ask.login.subject_id}", reason=ask.reason, now_ms=parts.clock.now_ms()
    )
    await enter_fact(fact, parts)
    decided = msgspec.structs.replace(gap, by=fact.actor, given_ms=gap.given_ms + ms)
    await parts.gaps.keep(ask.session_id, [decided])
    if live.hold_ms:
        await parts.gaps.hold(ask.attempt_id, until_ms=0)
    return msgspec.structs.replace(found, gap=decided, left_ms=max(0, found.left_ms - ms))


def _given(ask: DecideTime, found: LostTime, *, officer: bool) -> int:
    if not ask.accept:
        return 0
    if ask.ms is None:
        return found.lost_ms if officer else min(found.lost_ms, found.left_ms)
    if not officer and ask.ms > found.left_ms:
        raise BeyondCap(most_ms=found.left_ms)
    return ask.ms


async def _own(attempt_id: UUID, login: Login, parts: ExamParts) -> LiveAttempt:
    live = await parts.live.find(attempt_id)
    if live is None or live.armed.person_id != login.subject_id:
        raise AttemptNotFound(attempt_id)
    return live


async def _shown(
    facts: SessionFacts, gaps: Sequence[Gap], attempts: dict[UUID, LiveAttempt], parts: ExamParts
) -> Sequence[LostTime]:
    now_ms = parts.clock.now_ms()
    blocked = {gap.attempt_id for gap in gaps if gap.ended is Ended.BLOCKED}
    covered = {one: spans(await parts.credits.of_attempt(one), now_ms) for one in blocked}
    seats = [seat_of(facts, one) for one in attempts.values()]
    undecided = [msgspec.structs.replace(gap, by="", given_ms=0, owed_ms=0, settled_ms=0) for gap in gaps]
    verdicts = {(one.attempt_id, one.from_ms): one for one in judge(undecided, seats, covered=covered)}
    asked = await parts.gaps.asked(facts.id)
    given = given_by(gaps)
    found: list[LostTime] = []
    for gap in gaps:
        verdict = verdicts.get((gap.attempt_id, gap.from_ms))
        live = attempts.get(gap.attempt_id)
        if live is None or verdict is None or (verdict.say is Say.NOTHING and not gap.by):
            continue
        found.append(
            LostTime(
                gap=gap,
                label=live.armed.label,
                lost_ms=verdict.lost_ms,
                say=verdict.say if live.state is State.RUNNING or gap.by else Say.NOTHING,
                asked_ms=asked.get((gap.attempt_id, gap.from_ms), 0),
                left_ms=max(0, CAP_MS - given.get(gap.attempt_id, 0)),
            )
        )
    return found

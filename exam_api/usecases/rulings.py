"""Correcting keys of a finished session: one person proposes, a second agrees; both can be taken back."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.people import Login, Role
from exam_api.record import Result
from exam_api.ruling_ports import KeptRuling, ReviewLine, RulingState, WaitingRuling
from exam_api.usecases.console_parts import scope_of
from exam_api.usecases.errors import NoSuchRuling, RulingWaits, SecondOfficerNeeded
from exam_api.usecases.preview_ruling import check_corrections, ruled_session
from exam_api.usecases.remark import (
    Standing,
    changed,
    changed_but_impossible,
    packed_runs,
    standing,
)
from exam_api.usecases.rescoring_parts import RescoringParts, for_rulers
from exam_api.usecases.shelf import Marking
from exam_api.usecases.under_rulings import tell_live
from scoring.corrections import Correction, Ruling, corrected, in_force, taken_back

TRIES: Final = 3
"""How often runs are worked out anew where late answers were accepted in between."""


class ProposeAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be corrected, and why; without corrections the newest ruling is to be taken back."""

    session_id: UUID
    login: Login
    corrections: Mapping[str, Correction]
    reason: str


class DecideAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What the second person says."""

    session_id: UUID
    number: int
    login: Login
    agree: bool
    reason: str


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for somebody after exams."""

    rulings: Sequence[WaitingRuling]
    """That this person may agree to."""
    reviews: Sequence[ReviewLine]
    """Open score reviews in reach."""


async def list_rulings(session_id: UUID, login: Login, parts: RescoringParts) -> Sequence[KeptRuling]:
    """All rulings of a session, oldest first. Raises NoSuchSession, RecordAway."""
    await for_rulers(session_id, login, parts)
    return await parts.rulings.of_session(session_id)


async def waiting_rescoring(login: Login, parts: RescoringParts) -> Waiting:
    """Rulings that wait for this person's agreement, and open score reviews. Raises RecordAway."""
    if login.role not in {Role.OFFICER, Role.INSTITUTION_ADMIN}:
        return Waiting(rulings=(), reviews=())
    reach = scope_of(login)
    proposed = await parts.rulings.waiting(reach) if login.role is Role.OFFICER else ()
    return Waiting(
        rulings=[one for one in proposed if one.kept.proposed_by != login.subject_id],
        reviews=await parts.reviews.listed(reach, open_only=True),
    )


async def propose_ruling(ask: ProposeAsk, parts: RescoringParts) -> KeptRuling:
    """Put a ruling before the second person; nothing is scored yet.

    Raises NoSuchSession, SessionNotOver, CorrectionNotSound, NothingLeft, RulingWaits, RecordAway.
    """
    owned, items, marking = await ruled_session(ask.session_id, ask.login, parts)
    kept = await parts.rulings.of_session(ask.session_id)
    history = standing(kept).history
    if ask.corrections:
        check_corrections(ask.corrections, items)
        ruling = corrected(history, ask.corrections, ask.reason)[-1]
    else:
        ruling = taken_back(history, ask.reason)[-1]
    await _worked_out(ask.session_id, marking, history, ruling, parts)  # refused now rather than when agreed
    proposed = KeptRuling(
        session_id=ask.session_id,
        institution_id=owned.facts.institution_id,
        ruling=msgspec.structs.replace(
            ruling, number=max((one.ruling.number for one in kept), default=0) + 1
        ),
        proposed_by=ask.login.subject_id,
        proposer=ask.login.name,
        proposed_ms=parts.exam.clock.now_ms(),
    )
    if not await parts.rulings.propose(proposed):
        raise RulingWaits
    return proposed


async def decide_ruling(ask: DecideAsk, parts: RescoringParts) -> KeptRuling:
    """Agree to what somebody else proposed: every score it changes gets a new run; or decline it.

    Who proposed may decline too: that withdraws it.
    Raises NoSuchSession, NoSuchRuling, SecondOfficerNeeded, NothingLeft, RecordAway.
    """
    _, _, marking = await ruled_session(ask.session_id, ask.login, parts)
    for _ in range(TRIES):
        kept = await parts.rulings.of_session(ask.session_id)
        proposed = next((one for one in kept if one.ruling.number == ask.number), None)
        if proposed is None or proposed.state is not RulingState.PROPOSED:
            break
        _may_decide(ask, proposed)
        decided = _decided(proposed, ask, parts.exam.clock.now_ms())
        if not ask.agree:
            if await parts.rulings.decline(decided):
                return decided
            break
        history = standing(kept).history
        made = await _worked_out(ask.session_id, marking, history, proposed.ruling, parts)
        decided = msgspec.structs.replace(decided, runs=made.count)
        if await parts.rulings.agree(decided, made.packed):
            await _catch_up(ask.session_id, marking, made, parts)
            return decided
    raise NoSuchRuling(ask.number)


def _may_decide(ask: DecideAsk, proposed: KeptRuling) -> None:
    """An officer who did not propose it agrees or declines; who proposed it may withdraw it."""
    own = proposed.proposed_by == ask.login.subject_id
    if ask.agree and (own or ask.login.role is not Role.OFFICER):
        raise SecondOfficerNeeded
    if not own and ask.login.role is not Role.OFFICER:
        raise NoSuchRuling(ask.number)


class _Made(msgspec.Struct):
    """Score runs worked out and not yet appended: packed, some 3 KB each, 30 MB for the largest session."""

    under: Standing
    packed: list[bytes]
    count: int
    seen: dict[UUID, int]
    """By attempt the run that will be its newest."""


async def _worked_out(
    session_id: UUID,
    marking: Marking,
    history: tuple[Ruling, ...],
    ruling: Ruling,
    parts: RescoringParts,
) -> _Made:
    """Raises NothingLeft."""
    before, whole = in_force(history), (*history, ruling)
    after = in_force(whole)
    touched = [one for one in before.keys() | after.keys() if before.get(one) != after.get(one)]
    made = _Made(Standing(whole, after), [], 0, {})
    at_ms = parts.exam.clock.now_ms()
    async for batch in parts.rulings.papers(session_id):
        fresh = await parts.in_thread(changed, batch, marking, made.under, touched=touched, at_ms=at_ms)
        made.seen |= {one.result.attempt_id: one.result.run for one in batch}
        made.seen |= {one.attempt_id: one.run for one in fresh}
        if fresh:
            made.packed.append(packed_runs(fresh))
            made.count += len(fresh)
    return made


async def _catch_up(session_id: UUID, marking: Marking, made: _Made, parts: RescoringParts) -> None:
    """Runs of attempts that were scored while the ruling was on its way, and then the wall."""
    newest = await parts.rulings.newest_runs(session_id)
    missed = [one for one, run in newest.items() if made.seen.get(one) != run]
    at_ms = parts.exam.clock.now_ms()
    async for batch in parts.rulings.papers(session_id, only=missed):
        fresh = await parts.in_thread(changed_but_impossible, batch, marking, made.under, at_ms=at_ms)
        if fresh:
            await parts.rulings.add_runs([packed_runs(fresh)])
            await tell_live(fresh, parts.exam)
    for packed in made.packed:
        await tell_live(msgspec.msgpack.decode(packed, type=list[Result]), parts.exam)


def _decided(proposed: KeptRuling, ask: DecideAsk, now_ms: int) -> KeptRuling:
    return msgspec.structs.replace(
        proposed,
        state=RulingState.AGREED if ask.agree else RulingState.DECLINED,
        decided_by=ask.login.subject_id,
        decider=ask.login.name,
        decided_ms=now_ms,
        decided_reason=ask.reason.strip(),
    )

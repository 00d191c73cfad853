"""A department officer decides whether answers that came after the deadline count."""

from uuid import UUID

import msgspec

from exam_api.attempt import chain
from exam_api.attempt.errors import NoSuchRequest
from exam_api.attempt.model import Fact, FactKind
from exam_api.people import Login
from exam_api.record import LateRequest, LateState, Result
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.remark import Standing, marked
from exam_api.usecases.shelf import Marking
from exam_api.usecases.under_rulings import standing_of, tell_live, under_rulings
from question_pools.draw import Paper
from scoring.errors import NothingLeft
from scoring.paper import PaperScore


class DecideAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The decision of an officer; the route lets nobody else in."""

    attempt_id: UUID
    login: Login
    accept: bool
    reason: str


async def decide_late(ask: DecideAsk, parts: ExamParts) -> LateRequest:
    """Accepting makes a new score run from the answers held and the late ops in their order.

    Raises NoSuchRequest: none is open. RecordAway, LiveAway.
    """
    request = await parts.record.late_request(ask.attempt_id)
    if request is None or request.state is not LateState.OPEN:
        raise NoSuchRequest(ask.attempt_id)
    now_ms = parts.clock.now_ms()
    decided = msgspec.structs.replace(
        request,
        state=LateState.ACCEPTED if ask.accept else LateState.DECLINED,
        decided_by=ask.login.subject_id,
        decided_ms=now_ms,
        reason=ask.reason,
    )
    result = await _with_late_ops(ask.attempt_id, now_ms, parts) if ask.accept else None
    if not await parts.record.decide_late(decided, result):
        raise NoSuchRequest(ask.attempt_id)
    if result is not None:
        await tell_live([await under_rulings(result, parts)], parts)
    await parts.live.apply(
        Fact(
            id=parts.new_id(),
            attempt_id=ask.attempt_id,
            kind=FactKind.LATE_ACCEPTED if ask.accept else FactKind.LATE_DECLINED,
            at_ms=now_ms,
            actor=f"staff:{ask.login.subject_id}",
            reason=ask.reason,
        )
    )
    return decided


async def _with_late_ops(attempt_id: UUID, now_ms: int, parts: ExamParts) -> Result:
    runs = await parts.results.of_attempt(attempt_id)
    if not runs:
        raise NoSuchRequest(attempt_id)
    last = max(runs, key=lambda one: one.run)
    papers = await parts.plans.papers(last.session_id)
    paper = papers.get(attempt_id)
    if paper is None:
        raise NoSuchRequest(attempt_id)
    packed = await parts.record.late_ops(attempt_id)
    slots = len(paper.slots)
    answers = chain.replay(packed, answers=last.answers, slots=slots)
    under = await standing_of(last.session_id, parts)
    marking = await parts.shelf.marking(last.session_id)
    heads = chain.heads(attempt_id, fence=last.fence, base=last.seq, base_head=last.head, ops=packed)
    return msgspec.structs.replace(
        last,
        run=last.run + 1,
        cause="late-accepted",
        score=_score(marking, paper, answers, under),
        ruling=under.number,
        answers=answers,
        answers_digest=chain.answers_digest(attempt_id, answers, slots),
        seq=last.seq + len(packed) // chain.OP_BYTES,
        head=heads[-chain.HEAD_BYTES :],
        scored_ms=now_ms,
    )


def _score(marking: Marking, paper: Paper, answers: bytes, under: Standing) -> PaperScore:
    try:
        return marked(marking, paper, answers, under.corrections)
    except NothingLeft:  # the preview named such papers; this one came after it
        return marked(marking, paper, answers, {})

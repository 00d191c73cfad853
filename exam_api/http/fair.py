"""Fair time: a candidate asks for what was lost, staff decide, credits are listed."""

from collections.abc import Sequence
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from exam_api.attempt.errors import AttemptNotFound, BeyondCap, MoveNotAllowed, NoLostTime
from exam_api.attempt.fairness import Say
from exam_api.errors import LiveAway, RecordAway
from exam_api.http.guards import CANDIDATE, READERS, ROOM, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.wire_fair import (
    CreditRow,
    CreditsOut,
    DecideTimeIn,
    LostTimeRow,
    LostTimesOut,
    MyLostTimeOut,
)
from exam_api.usecases.console_parts import session_in_reach
from exam_api.usecases.errors import NoSuchSession
from exam_api.usecases.lost_time import (
    RULE,
    DecideTime,
    LostTime,
    ask_for_time,
    decide_time,
    lost_times,
    my_lost_time,
)
from exam_api.usecases.sights import session_in_sight
from exam_api.visible import Field, Sight, sight_of_session

MINUTE_MS = 60_000

_OWN = told(AttemptNotFound, LiveAway, RecordAway)


@get(
    "/api/my/exams/{attempt_id:uuid}/lost-time",
    operation_id="myLostTime",
    opt=only(CANDIDATE),
    responses=_OWN,
)
async def my_time(attempt_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> MyLostTimeOut:
    """Tell how much time the page lost lately, and what became of it."""
    return _mine(await my_lost_time(attempt_id, request.user, parts.exam))


@post(
    "/api/my/exams/{attempt_id:uuid}/lost-time",
    operation_id="askForTime",
    opt=only(CANDIDATE),
    status_code=200,
    responses=told(AttemptNotFound, NoLostTime, LiveAway, RecordAway),
)
async def ask(attempt_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> MyLostTimeOut:
    """Ask for the time in which one could not answer (我刚才不能作答); staff decide."""
    return _mine(await ask_for_time(attempt_id, request.user, parts.exam))


@get(
    "/api/sessions/{session_id:uuid}/lost-time",
    operation_id="listLostTime",
    opt=only(ROOM, reads="live"),
    responses=told(NoSuchSession, LiveAway, RecordAway),
)
async def lost(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> LostTimesOut:
    """List time that seats lost: what the rule gave, what waits, what staff must decide."""
    _, sight = await session_in_sight(session_id, request.user, parts.console, parts.persons)
    found = await lost_times(session_id, parts.exam)
    return LostTimesOut(
        server_ms=parts.exam.clock.now_ms(), rows=[_row(one, sight) for one in found if _state(one)]
    )


@post(
    "/api/sessions/{session_id:uuid}/lost-time/{attempt_id:uuid}",
    operation_id="decideLostTime",
    opt=only(ROOM),
    status_code=200,
    responses=told(
        NoSuchSession, AttemptNotFound, NoLostTime, BeyondCap, MoveNotAllowed, LiveAway, RecordAway
    ),
)
async def decide(
    session_id: FromPath[UUID],
    attempt_id: FromPath[UUID],
    data: JSONBody[DecideTimeIn],
    request: Logged,
    parts: Given[Parts],
) -> LostTimeRow:
    """Give or decline the time of one gap; an institution up to 15 minutes in all, an officer more."""
    line = await session_in_reach(session_id, request.user, parts.console)
    decided = await decide_time(
        DecideTime(
            session_id=session_id,
            attempt_id=attempt_id,
            from_ms=data.from_ms,
            login=request.user,
            accept=data.accept,
            ms=None if data.minutes is None else data.minutes * MINUTE_MS,
            reason=data.reason,
        ),
        parts.exam,
    )
    return _row(decided, sight_of_session(request.user, line.facts.institution_id))


@get(
    "/api/sessions/{session_id:uuid}/credits",
    operation_id="listCredits",
    opt=only(READERS, reads="live"),
    responses=told(NoSuchSession, RecordAway),
)
async def credits_of(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> CreditsOut:
    """List time given and kept back in a session's room, with cause, as the ledger has it."""
    line = await session_in_reach(session_id, request.user, parts.console)
    sight = sight_of_session(request.user, line.facts.institution_id)
    return CreditsOut(
        rows=[
            CreditRow(
                id=str(one.fact.id),
                attempt_id=str(one.fact.attempt_id),
                ticket_no=sight.text(Field.TICKET, one.ticket_no),
                seat=sight.text(Field.SEAT, one.seat),
                at_ms=one.fact.at_ms,
                ms=one.fact.ms,
                by=one.fact.actor.partition(":")[0],
                reason=one.fact.reason,
            )
            for one in await parts.exam.credits.of_session(session_id)
        ]
    )


ROUTES: Sequence[HTTPRouteHandler] = (my_time, ask, lost, decide, credits_of)


def _mine(found: LostTime | None) -> MyLostTimeOut:
    if found is None:
        return MyLostTimeOut(lost_ms=0, state="none")
    return MyLostTimeOut(lost_ms=found.lost_ms, state=_state(found) or "none", given_ms=found.gap.given_ms)


def _state(one: LostTime) -> str:
    """As the wire tells it; empty for what nobody need see."""
    if one.gap.by:
        return "given" if one.gap.by == RULE or one.gap.given_ms else "declined"
    if one.asked_ms:
        return "asked"
    return {Say.WAIT: "wait", Say.RULE: "wait", Say.ASK: "ask"}.get(one.say, "")


def _row(one: LostTime, sight: Sight) -> LostTimeRow:
    name, ticket_no, seat = one.label.split("|")
    return LostTimeRow(
        attempt_id=str(one.gap.attempt_id),
        name=sight.text(Field.NAME, name),
        ticket_no=sight.text(Field.TICKET, ticket_no),
        seat=sight.text(Field.SEAT, seat),
        from_ms=one.gap.from_ms,
        to_ms=one.gap.to_ms,
        lost_ms=one.lost_ms,
        cause=one.gap.cause,
        state=_state(one),
        by=one.gap.by if one.gap.by == RULE else "staff" if one.gap.by else "",
        given_ms=one.gap.given_ms,
        left_ms=one.left_ms,
    )

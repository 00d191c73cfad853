"""Fair time: a candidate asks for what was lost, staff decide, credits are listed."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from exam_api.attempt.errors import AttemptNotFound, BeyondCap, MoveNotAllowed, NoLostTime
from exam_api.attempt.fairness import Say
from exam_api.attempt.model import Fact
from exam_api.errors import LiveAway, RecordAway
from exam_api.fair_ports import CreditLine
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
    RoomLostRow,
    RoomsLostOut,
)
from exam_api.people import Login
from exam_api.usecases.console_parts import session_in_reach
from exam_api.usecases.errors import NoSuchSession
from exam_api.usecases.fair_ledger import list_credits, rooms_with_gaps
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
    "/api/lost-time",
    operation_id="listRoomsLostTime",
    opt=only(ROOM, reads="live"),
    responses=told(NoSuchSession, LiveAway, RecordAway),
)
async def rooms(request: Logged, parts: Given[Parts]) -> RoomsLostOut:
    """List time that seats of all rooms at work lost: what waits for a decision stands in one list."""
    found = await rooms_with_gaps(request.user, parts.console)
    return RoomsLostOut(
        server_ms=parts.exam.clock.now_ms(),
        rows=[
            RoomLostRow(
                session_id=str(room.session.id),
                session=room.session.title,
                institution=room.session.institution,
                gap=_row(one, sight_of_session(request.user, room.session.institution_id)),
            )
            for room in found
            for one in room.lost
            if _state(one)
        ],
    )


@get(
    "/api/credits",
    operation_id="listCredits",
    opt=only(READERS, reads="live"),
    responses=told(NoSuchSession, RecordAway),
)
async def credits_of(
    request: Logged,
    parts: Given[Parts],
    session: Annotated[UUID | None, QueryParameter()] = None,
) -> CreditsOut:
    """List time given, refused and kept back, with cause and where the audit has it."""
    found = await list_credits(session, request.user, parts.console)
    return CreditsOut(rows=[_credit(one, request.user) for one in found.lines], more=found.more)


ROUTES: Sequence[HTTPRouteHandler] = (my_time, ask, lost, decide, rooms, credits_of)


def _mine(found: LostTime | None) -> MyLostTimeOut:
    if found is None:
        return MyLostTimeOut(lost_ms=0, state="none")
    return MyLostTimeOut(lost_ms=found.lost_ms, state=_state(found) or "none", given_ms=found.gap.given_ms)


def _credit(one: CreditLine, login: Login) -> CreditRow:
    fact, sight = one.fact, sight_of_session(login, one.institution_id)
    kind = _kind(fact)
    return CreditRow(
        id=str(fact.id),
        attempt_id=str(fact.attempt_id),
        session_id=str(one.session_id),
        session=one.session,
        institution=one.institution,
        name=sight.text(Field.NAME, one.name),
        ticket_no=sight.text(Field.TICKET, one.ticket_no),
        seat=sight.text(Field.SEAT, one.seat),
        at_ms=fact.at_ms,
        ms=fact.ms,
        kind=kind,
        cause=_cause(fact, kind),
        by=one.by,
        reason=fact.reason if kind in {"staff", "declined"} else "",
        audit_day="" if one.entered is None else one.entered.day,
        audit_no=0 if one.entered is None else one.entered.no,
        sealed_ms=one.sealed_ms,
    )


def _kind(fact: Fact) -> str:
    if fact.ms <= 0:
        return "debit" if fact.ms else "declined"
    if fact.actor == "system":
        return "service" if fact.reason == "service" else "room"
    return "staff"


def _cause(fact: Fact, kind: str) -> str:
    if kind == "debit":
        return fact.reason.removeprefix("debit:").partition(" ")[0]
    return fact.text if kind in {"room", "staff"} else ""


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

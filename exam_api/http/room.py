"""Running a session: the live table, what staff do to attempts, late answers."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from exam_api.attempt.errors import AttemptNotFound, MoveNotAllowed, NoSuchRequest
from exam_api.attempt.model import FactKind
from exam_api.console_ports import LateLine
from exam_api.errors import LiveAway, RecordAway
from exam_api.http.guards import OFFICER, ROOM, Logged, only
from exam_api.http.logins import login_over
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.sessions import armed_sessions, session_row
from exam_api.http.show_result import counted_ops, held_ops
from exam_api.http.wall import WallStream, live_row
from exam_api.http.wire_staff import (
    DecideIn,
    ExtendIn,
    LateOut,
    LateRow,
    LiveOut,
    LiveRow,
    MessageIn,
    ReasonIn,
    TakeoverCodeOut,
)
from exam_api.people import Login
from exam_api.usecases.decide_late import DecideAsk, decide_late
from exam_api.usecases.errors import NoSuchSession
from exam_api.usecases.late import list_late
from exam_api.usecases.sights import session_in_sight
from exam_api.usecases.staff_facts import ActAsk, act, give_takeover_code
from exam_api.visible import Field, Relation, sight_of_session

MINUTE_MS = 60_000

_ACT = told(AttemptNotFound, MoveNotAllowed, LiveAway)


@get(
    "/api/sessions/{session_id:uuid}/live",
    operation_id="liveTable",
    opt=only(ROOM, reads="live"),
    responses=told(NoSuchSession, LiveAway, RecordAway),
)
async def live_table(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> LiveOut:
    """Give the whole live table; `watch` then streams what changes."""
    line, sight = await session_in_sight(session_id, request.user, parts.console, parts.persons)
    table = parts.wall.table(session_id, sight)
    rows = await table.rows()
    return LiveOut(
        server_ms=parts.exam.clock.now_ms(),
        event=table.event_id,
        session=session_row(line, await armed_sessions(parts), lent=Relation.LENDING in sight.relations),
        rows=rows,
    )


@get(
    "/api/sessions/{session_id:uuid}/watch",
    operation_id="watchSession",
    opt=only(ROOM, reads="live"),
    media_type="text/event-stream",
    responses=told(NoSuchSession, LiveAway, RecordAway),
)
async def watch(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> WallStream:
    """Stream changed rows of the live table; resumes from Last-Event-ID."""
    _, sight = await session_in_sight(session_id, request.user, parts.console, parts.persons)
    return WallStream(parts.wall.table(session_id, sight), over=partial(login_over, request, parts))


@post(
    "/api/sessions/{session_id:uuid}/attempts/{attempt_id:uuid}/extend",
    operation_id="extendAttempt",
    opt=only(ROOM),
    status_code=200,
    responses=_ACT,
)
async def extend(
    session_id: FromPath[UUID],
    attempt_id: FromPath[UUID],
    data: JSONBody[ExtendIn],
    request: Logged,
    parts: Given[Parts],
) -> LiveRow:
    """Give one candidate more time, with a reason."""
    ask = ActAsk(
        session_id=session_id,
        attempt_id=attempt_id,
        login=request.user,
        kind=FactKind.EXTEND,
        reason=data.reason,
        ms=data.minutes * MINUTE_MS,
    )
    return live_row(await act(ask, parts.exam))


@post(
    "/api/sessions/{session_id:uuid}/attempts/{attempt_id:uuid}/message",
    operation_id="messageAttempt",
    opt=only(ROOM),
    status_code=200,
    responses=_ACT,
)
async def message(
    session_id: FromPath[UUID],
    attempt_id: FromPath[UUID],
    data: JSONBody[MessageIn],
    request: Logged,
    parts: Given[Parts],
) -> LiveRow:
    """Send one candidate a message."""
    ask = ActAsk(
        session_id=session_id,
        attempt_id=attempt_id,
        login=request.user,
        kind=FactKind.MESSAGE,
        text=data.text,
    )
    return live_row(await act(ask, parts.exam))


def _reasoned(word: str, kind: FactKind) -> HTTPRouteHandler:
    """One of the acts that need nothing but a reason."""

    async def do(
        session_id: FromPath[UUID],
        attempt_id: FromPath[UUID],
        data: JSONBody[ReasonIn],
        request: Logged,
        parts: Given[Parts],
    ) -> LiveRow:
        ask = ActAsk(
            session_id=session_id,
            attempt_id=attempt_id,
            login=request.user,
            kind=kind,
            reason=data.reason,
        )
        return live_row(await act(ask, parts.exam))

    return post(
        f"/api/sessions/{{session_id:uuid}}/attempts/{{attempt_id:uuid}}/{word}",
        operation_id=f"{word}Attempt",
        summary=f"{word.capitalize()} one attempt, with a reason",
        opt=only(ROOM),
        status_code=200,
        responses=_ACT,
    )(do)


@post(
    "/api/sessions/{session_id:uuid}/attempts/{attempt_id:uuid}/takeover-code",
    operation_id="giveTakeoverCode",
    opt=only(ROOM),
    status_code=200,
    responses=_ACT,
)
async def takeover_code(
    session_id: FromPath[UUID], attempt_id: FromPath[UUID], request: Logged, parts: Given[Parts]
) -> TakeoverCodeOut:
    """Make a code that lets this candidate go on with another device."""
    code, until_ms = await give_takeover_code(session_id, attempt_id, request.user, parts.exam)
    return TakeoverCodeOut(code=code, until_ms=until_ms)


@get(
    "/api/late",
    operation_id="listLate",
    opt=only(ROOM, reads="late"),
    responses=told(NoSuchSession, RecordAway),
)
async def late(
    request: Logged,
    parts: Given[Parts],
    session: Annotated[UUID | None, QueryParameter()] = None,
) -> LateOut:
    """List answers that came after the deadline, open requests first."""
    found = await list_late(session, request.user, parts.console)
    return LateOut(requests=[_late_row(one, request.user) for one in found])


@post(
    "/api/late/{attempt_id:uuid}/decide",
    operation_id="decideLate",
    opt=only(OFFICER),
    status_code=200,
    responses=told(NoSuchRequest, LiveAway, RecordAway),
)
async def decide(
    attempt_id: FromPath[UUID], data: JSONBody[DecideIn], request: Logged, parts: Given[Parts]
) -> LateRow:
    """Accept or decline late answers; accepting makes a new score run."""
    ask = DecideAsk(attempt_id=attempt_id, login=request.user, accept=data.accept, reason=data.reason)
    decided = await decide_late(ask, parts.exam)
    lines = await list_late(decided.session_id, request.user, parts.console)
    return next(_late_row(one, request.user) for one in lines if one.request.attempt_id == attempt_id)


ROUTES: Sequence[HTTPRouteHandler] = (
    live_table,
    watch,
    extend,
    message,
    _reasoned("pause", FactKind.PAUSE),
    _reasoned("resume", FactKind.RESUME),
    _reasoned("terminate", FactKind.TERMINATE),
    takeover_code,
    late,
    decide,
)


def _late_row(one: LateLine, login: Login) -> LateRow:
    request = one.request
    sight = sight_of_session(login, request.institution_id)
    return LateRow(
        id=str(request.attempt_id),
        name=sight.text(Field.NAME, one.name),
        ticket_no=sight.text(Field.TICKET, one.ticket_no),
        session_id=str(request.session_id),
        session=one.session,
        institution=one.institution,
        ops=held_ops(one.packed) if sight.may(Field.ANSWERS) else counted_ops(one.packed),
        first_ms=request.first_ms,
        closed_ms=one.closed_ms,
        state=request.state,
        reason=request.reason,
        score_centi=sight.value(Field.SCORE, one.score_centi),
    )

"""Sessions, rosters, tickets and results for the console."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from enrollment.errors import RosterUnreadable
from enrollment.identity import mask_name
from exam_api.console_ports import ListedRegistration, SessionLine
from exam_api.errors import LiveAway, RecordAway
from exam_api.http.guards import OFFICE, OFFICER, ROOM, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.pools import UNREADABLE
from exam_api.http.problems import told
from exam_api.http.wire_attempt import Uuid, Wire
from exam_api.http.wire_staff import (
    RegistrationRow,
    RegistrationsOut,
    ResultRow,
    ResultsOut,
    RosterOut,
    RosterProblem,
    Says,
    SessionIn,
    SessionRow,
    SessionsOut,
)
from exam_api.usecases.errors import (
    NoPlacesLeft,
    NoSuchBlueprint,
    NoSuchPool,
    NoSuchProfile,
    NoSuchSession,
    PoolNotPublished,
    SessionNotPlannable,
    SessionStateWrong,
)
from exam_api.usecases.results import ResultLine, results_sheet, session_results
from exam_api.usecases.rosters import RosterAsk, RosterTaken, take_roster
from exam_api.usecases.sessions import (
    SessionAsk,
    announce_session,
    list_sessions,
    plan_session,
    tickets,
)
from exam_api.usecases.sights import lent_sessions, session_in_sight
from exam_api.visible import Field, Sight
from question_pools.errors import BlueprintNotMet, OverlapNotMet

ROSTER_MAX = 10 * 1024 * 1024
"""Bytes of a roster: 10,000 lines with room for what people paste beside them."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TicketRow(Wire, kw_only=True):
    """A registration with the text of its ticket's QR."""

    id: Uuid
    name: str
    ticket_no: str
    qr: str


class TicketsOut(Wire, kw_only=True):
    tickets: list[TicketRow]


class InstitutionRow(Wire, kw_only=True):
    id: Uuid
    name: str


class InstitutionsOut(Wire, kw_only=True):
    institutions: list[InstitutionRow]


@get("/api/institutions", operation_id="listInstitutions", opt=only(OFFICER), responses=told(RecordAway))
async def institutions(parts: Given[Parts]) -> InstitutionsOut:
    """List the institutions that a session may be given to."""
    found = await parts.console.sittings.institutions()
    return InstitutionsOut(institutions=[InstitutionRow(id=str(one.id), name=one.name) for one in found])


@get("/api/sessions", operation_id="listSessions", opt=only(ROOM), responses=told(RecordAway))
async def sessions(request: Logged, parts: Given[Parts]) -> SessionsOut:
    """List the sessions of the login's tenant, newest first, then those it lends rooms to."""
    lines = await list_sessions(request.user, parts.console)
    lent = await lent_sessions(request.user, parts.console, parts.persons)
    armed = await armed_sessions(parts)
    rows = [session_row(line, armed) for line in lines]
    return SessionsOut(
        server_ms=parts.exam.clock.now_ms(),
        sessions=rows + [session_row(line, armed, lent=True) for line in lent],
    )


@post(
    "/api/sessions",
    operation_id="planSession",
    opt=only(OFFICE),
    status_code=200,
    responses=told(
        NoSuchPool,
        PoolNotPublished,
        NoSuchBlueprint,
        NoSuchProfile,
        BlueprintNotMet,
        SessionNotPlannable,
        RecordAway,
    ),
)
async def plan(data: JSONBody[SessionIn], request: Logged, parts: Given[Parts]) -> SessionRow:
    """Plan a session; it stays a draft until it is opened."""
    ask = SessionAsk(
        login=request.user,
        title=data.title,
        pool_id=UUID(data.pool_id),
        blueprint_id=UUID(data.blueprint_id),
        profile=data.profile,
        opens_ms=data.opens_ms,
        closes_ms=data.closes_ms,
        institution_id=UUID(data.institution_id) if data.institution_id else None,
        pass_centi=data.pass_centi,
        length_ms=data.length_ms,
        takeover=data.takeover,
    )
    return session_row(await plan_session(ask, parts.console), frozenset())


@post(
    "/api/sessions/{session_id:uuid}/roster",
    operation_id="takeRoster",
    opt=only(OFFICE, body_max=ROSTER_MAX, takes_file=True),
    status_code=200,
    responses=told(NoSuchSession, SessionStateWrong, RosterUnreadable, *UNREADABLE, NoPlacesLeft, RecordAway),
)
async def roster(
    session_id: FromPath[UUID],
    request: Logged,
    parts: Given[Parts],
    filename: Annotated[str, QueryParameter(max_length=200)],
    store: FromQuery[bool] = False,  # noqa: FBT002 - a query
) -> RosterOut:
    """Read a roster (.xlsx, .xls or .csv as the raw body); with `store` register its people."""
    ask = RosterAsk(
        login=request.user,
        session_id=session_id,
        data=await request.body(),
        filename=filename,
        store=store,
    )
    return _roster(await take_roster(ask, parts.console))


@get(
    "/api/sessions/{session_id:uuid}/registrations",
    operation_id="listRegistrations",
    opt=only(ROOM, reads="registrations"),
    responses=told(NoSuchSession, RecordAway),
)
async def registrations(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> RegistrationsOut:
    """List who is registered; numbers and phones are masked."""
    _, sight = await session_in_sight(session_id, request.user, parts.console, parts.persons)
    listed = await parts.console.sittings.listed(session_id)
    return RegistrationsOut(registrations=[registration_row(one, sight) for one in listed])


@get(
    "/api/sessions/{session_id:uuid}/tickets",
    operation_id="listTickets",
    opt=only(OFFICE, reads="tickets"),
    responses=told(NoSuchSession, RecordAway),
)
async def ticket_list(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> TicketsOut:
    """Give the signed ticket texts, for printing."""
    _, sight = await session_in_sight(session_id, request.user, parts.console, parts.persons)
    held = await tickets(session_id, request.user, parts.console)
    return TicketsOut(
        tickets=[
            TicketRow(
                id=str(one.registration.id),
                name=sight.text(Field.NAME, one.registration.name, mask_name(one.registration.name)),
                ticket_no=sight.text(Field.TICKET, one.registration.ticket_no),
                qr=sight.text(Field.TICKET, one.qr),
            )
            for one in held
        ]
    )


@post(
    "/api/sessions/{session_id:uuid}/open",
    operation_id="openSession",
    opt=only(OFFICE),
    status_code=200,
    responses=told(NoSuchSession, SessionStateWrong, OverlapNotMet, RecordAway),
)
async def announce(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> SessionRow:
    """Open a draft: its candidates see it from now on."""
    line = await announce_session(session_id, request.user, parts.console)
    return session_row(line, await armed_sessions(parts))


@get(
    "/api/sessions/{session_id:uuid}/results",
    operation_id="listResults",
    opt=only(ROOM, reads="results"),
    responses=told(NoSuchSession, RecordAway),
)
async def results(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> ResultsOut:
    """List the results of a session, the newest score run of each."""
    _, sight = await session_in_sight(session_id, request.user, parts.console, parts.persons)
    found = await session_results(session_id, request.user, parts.console)
    return ResultsOut(
        session=session_row(found.session, await armed_sessions(parts)),
        section_titles=list(found.titles),
        rows=[_result_row(line, sight) for line in found.lines],
    )


@get(
    "/api/sessions/{session_id:uuid}/results.xlsx",
    operation_id="exportResults",
    opt=only(OFFICE, reads="results-export", line_first=True),
    media_type=XLSX,
    responses=told(NoSuchSession, RecordAway),
)
async def export(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> Response[bytes]:
    """Give the results as a workbook; no cell can be taken for a formula."""
    _, sight = await session_in_sight(session_id, request.user, parts.console, parts.persons)
    found = await session_results(session_id, request.user, parts.console)
    name = f"results-{session_id.hex[:8]}.xlsx"
    return Response(
        await parts.console.in_thread(results_sheet, found, sight),
        media_type=XLSX,
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


ROUTES: Sequence[HTTPRouteHandler] = (
    institutions,
    sessions,
    plan,
    roster,
    registrations,
    ticket_list,
    announce,
    results,
    export,
)


async def armed_sessions(parts: Parts) -> frozenset[UUID]:
    """Sessions that are in the live state; with that away, none is known to be."""
    try:
        return frozenset(await parts.exam.armory.armed_sessions())
    except LiveAway:
        return frozenset()


def registration_row(one: ListedRegistration, sight: Sight) -> RegistrationRow:
    """A registration as far as somebody sees it; numbers are never whole here."""
    return RegistrationRow(
        id=str(one.id),
        name=sight.text(Field.NAME, one.name, mask_name(one.name)),
        id_no=one.id_masked if sight.may(Field.ID_NUMBER) else "",
        phone=one.phone_masked if sight.may(Field.PHONE) else "",
        ticket_no=sight.text(Field.TICKET, one.ticket_no),
        seat=sight.text(Field.SEAT, one.seat),
        extra_ms=one.extra_ms,
    )


def session_row(line: SessionLine, armed: frozenset[UUID], *, lent: bool = False) -> SessionRow:
    """A session as staff see it."""
    facts = line.facts
    return SessionRow(
        id=str(facts.id),
        title=facts.title,
        institution=facts.institution,
        channel=facts.channel,
        profile=facts.profile,
        profile_confirmed=facts.profile_confirmed,
        opens_ms=facts.opens_ms,
        closes_ms=facts.closes_ms,
        latest_entry_ms=facts.latest_entry_ms,
        length_ms=facts.length_ms,
        pass_centi=facts.pass_centi,
        full_centi=facts.full_centi,
        state=facts.state,
        registrations=line.registrations,
        armed=facts.id in armed,
        room_code=facts.room_code,
        lent=lent,
    )


def _roster(taken: RosterTaken) -> RosterOut:
    return RosterOut(
        rows=taken.roster.rows,
        accepted=len(taken.roster.entries),
        added=taken.added,
        problems=[
            RosterProblem(row=one.row, column=one.column, code=one.code, message=Says(zh=one.zh, en=one.en))
            for one in taken.roster.problems
        ],
        stored=taken.stored,
    )


def _result_row(line: ResultLine, sight: Sight) -> ResultRow:
    own, result = line.registration, line.result
    score = result.score if result and sight.may(Field.SCORE) else None
    return ResultRow(
        id=str(own.id),
        name=sight.text(Field.NAME, own.name, mask_name(own.name)),
        id_no=own.id_masked if sight.may(Field.ID_NUMBER) else "",
        ticket_no=sight.text(Field.TICKET, own.ticket_no),
        state=line.state,
        run=result.run if result else None,
        score_centi=score.total_centi if score else None,
        full_centi=score.full_centi if score else None,
        passed=sight.value(Field.PASSED, score.passed) if score else None,
        closed_ms=result.closed_ms if result else 0,
        close_kind=result.close_kind if result else None,
        late_state=line.late_state,
        sections=[section.score_centi for section in score.sections] if score else [],
    )

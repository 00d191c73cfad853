"""After an exam: how its items did, rulings on its keys, and the score runs they make."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from exam_api.attempt.errors import AttemptNotFound
from exam_api.errors import RecordAway
from exam_api.http.guards import OFFICE, READERS, WRITERS, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.sessions import XLSX
from exam_api.http.show_rescoring import (
    corrections_in,
    preview_out,
    ruling_rows,
    session_out,
    statistics_out,
)
from exam_api.http.wire_rescoring import (
    DecideRulingIn,
    ProposeIn,
    RemedyName,
    RescoringWaitingOut,
    RulingPreviewIn,
    RulingPreviewOut,
    RulingsOut,
    RunRow,
    RunsOut,
    StatisticsOut,
    StatisticsSessionsOut,
    WaitingRulingRow,
)
from exam_api.ruling_ports import WaitingRuling
from exam_api.usecases.errors import (
    NoSuchRuling,
    NoSuchSession,
    RulingWaits,
    SecondOfficerNeeded,
    SessionNotOver,
)
from exam_api.usecases.preview_ruling import Preview, PreviewAsk, preview_ruling
from exam_api.usecases.rescoring_parts import for_rulers
from exam_api.usecases.rescoring_sheets import moved_sheet, statistics_sheet
from exam_api.usecases.rulings import (
    DecideAsk,
    ProposeAsk,
    decide_ruling,
    list_rulings,
    propose_ruling,
    waiting_rescoring,
)
from exam_api.usecases.statistics import session_statistics, statistics_sessions
from exam_api.visible import Field, sight_of_session
from scoring.errors import CorrectionNotSound, NothingLeft, StatisticsNotSound
from scoring.radius import Remedy

RULING_MAX: Final = 32 * 1024
"""Bytes of a ruling: fifty corrections with a reason."""

_PREVIEWED = told(NoSuchSession, SessionNotOver, CorrectionNotSound, RecordAway)


@get(
    "/api/statistics",
    operation_id="listStatistics",
    opt=only(WRITERS),
    responses=told(RecordAway),
)
async def sessions(request: Logged, parts: Given[Parts]) -> StatisticsSessionsOut:
    """List sessions with scores that were drawn from the login's own pools."""
    found = await statistics_sessions(request.user, parts.rescoring)
    return StatisticsSessionsOut(sessions=[session_out(one, request.user) for one in found])


@get(
    "/api/sessions/{session_id:uuid}/statistics",
    operation_id="itemStatistics",
    opt=only(WRITERS),
    responses=told(NoSuchSession, StatisticsNotSound, RecordAway),
)
async def statistics(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> StatisticsOut:
    """Say how the items of a session did: for those who write them, with keys, without candidates."""
    found = await session_statistics(session_id, request.user, parts.rescoring)
    return statistics_out(found, request.user)


@get(
    "/api/sessions/{session_id:uuid}/statistics.xlsx",
    operation_id="exportStatistics",
    opt=only(WRITERS, reads="statistics-export", line_first=True),
    media_type=XLSX,
    responses=told(NoSuchSession, StatisticsNotSound, RecordAway),
)
async def statistics_book(
    session_id: FromPath[UUID], request: Logged, parts: Given[Parts]
) -> Response[bytes]:
    """Give the statistics as a workbook."""
    found = await session_statistics(session_id, request.user, parts.rescoring)
    content = await parts.rescoring.in_thread(statistics_sheet, found)
    return _workbook(content, f"statistics-{session_id.hex[:8]}.xlsx")


@post(
    "/api/sessions/{session_id:uuid}/rulings/preview",
    operation_id="previewRuling",
    opt=only(OFFICE, body_max=RULING_MAX, reads="rulings"),
    status_code=200,
    responses=_PREVIEWED,
)
async def preview(
    session_id: FromPath[UUID], data: JSONBody[RulingPreviewIn], request: Logged, parts: Given[Parts]
) -> RulingPreviewOut:
    """Show every remedy of a faulty item side by side. Changes nothing."""
    began_ms = parts.exam.clock.now_ms()
    found, key = await _previewed(session_id, data, request, parts)
    took_ms = parts.exam.clock.now_ms() - began_ms
    return preview_out(found, request.user, new_key=data.new_key, key=key, took_ms=took_ms)


@post(
    "/api/sessions/{session_id:uuid}/rulings/preview.xlsx",
    operation_id="exportPreview",
    opt=only(OFFICE, body_max=RULING_MAX, reads="rulings-export", line_first=True),
    status_code=200,
    media_type=XLSX,
    responses=_PREVIEWED,
)
async def preview_book(
    session_id: FromPath[UUID],
    data: JSONBody[RulingPreviewIn],
    request: Logged,
    parts: Given[Parts],
    remedy: Annotated[RemedyName, QueryParameter()],
) -> Response[bytes]:
    """Give everybody whom one remedy would move as a workbook."""
    found, _ = await _previewed(session_id, data, request, parts)
    way = found.ways.get(Remedy(remedy))
    if way is None:
        raise CorrectionNotSound("without a new key there is no such remedy")
    content = await parts.rescoring.in_thread(
        moved_sheet, way, sight_of_session(request.user, found.owned.facts.institution_id)
    )
    return _workbook(content, f"preview-{session_id.hex[:8]}.xlsx")


@get(
    "/api/sessions/{session_id:uuid}/rulings",
    operation_id="listRulings",
    opt=only(READERS),
    responses=told(NoSuchSession, RecordAway),
)
async def rulings(session_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> RulingsOut:
    """List the rulings on a session, newest first."""
    return await _rulings(session_id, request, parts)


@post(
    "/api/sessions/{session_id:uuid}/rulings",
    operation_id="proposeRuling",
    opt=only(OFFICE, body_max=RULING_MAX),
    status_code=200,
    responses=told(NoSuchSession, SessionNotOver, CorrectionNotSound, NothingLeft, RulingWaits, RecordAway),
)
async def propose(
    session_id: FromPath[UUID], data: JSONBody[ProposeIn], request: Logged, parts: Given[Parts]
) -> RulingsOut:
    """Put a ruling before a second person; without corrections, one that takes the newest back."""
    ask = ProposeAsk(
        session_id=session_id,
        login=request.user,
        corrections=corrections_in(data.corrections),
        reason=data.reason,
    )
    await propose_ruling(ask, parts.rescoring)
    return await _rulings(session_id, request, parts)


@post(
    "/api/sessions/{session_id:uuid}/rulings/{number:int}/decide",
    operation_id="decideRuling",
    opt=only(OFFICE),
    status_code=200,
    responses=told(NoSuchSession, SessionNotOver, NoSuchRuling, SecondOfficerNeeded, NothingLeft, RecordAway),
)
async def decide(
    session_id: FromPath[UUID],
    number: FromPath[int],
    data: JSONBody[DecideRulingIn],
    request: Logged,
    parts: Given[Parts],
) -> RulingsOut:
    """Agree to somebody else's ruling, so that scores change; or decline it, or withdraw the own one."""
    ask = DecideAsk(
        session_id=session_id, number=number, login=request.user, agree=data.agree, reason=data.reason
    )
    await decide_ruling(ask, parts.rescoring)
    return await _rulings(session_id, request, parts)


@get("/api/rescoring/waiting", operation_id="rescoringWaiting", opt=only(OFFICE), responses=told(RecordAway))
async def waiting(request: Logged, parts: Given[Parts]) -> RescoringWaitingOut:
    """Say which rulings wait for this login's agreement, and how many score reviews are open."""
    found = await waiting_rescoring(request.user, parts.rescoring)
    return RescoringWaitingOut(
        rulings=[_waiting_row(one) for one in found.rulings], reviews=len(found.reviews)
    )


@get(
    "/api/sessions/{session_id:uuid}/attempts/{attempt_id:uuid}/runs",
    operation_id="listRuns",
    opt=only(READERS, reads="results"),
    responses=told(NoSuchSession, AttemptNotFound, RecordAway),
)
async def runs(
    session_id: FromPath[UUID], attempt_id: FromPath[UUID], request: Logged, parts: Given[Parts]
) -> RunsOut:
    """List all score runs of one attempt, the first one first."""
    owned = await for_rulers(session_id, request.user, parts.rescoring)
    sight = sight_of_session(request.user, owned.facts.institution_id)
    found = await parts.exam.results.of_attempt(attempt_id)
    if not found or found[0].session_id != session_id or not sight.may(Field.SCORE):
        raise AttemptNotFound(attempt_id)
    return RunsOut(
        runs=[
            RunRow(
                run=one.run,
                cause=one.cause,
                ruling=one.ruling,
                score_centi=one.score.total_centi,
                passed=one.score.passed,
                scored_ms=one.scored_ms,
            )
            for one in found
        ]
    )


ROUTES: Sequence[HTTPRouteHandler] = (
    sessions,
    statistics,
    statistics_book,
    preview,
    preview_book,
    rulings,
    propose,
    decide,
    waiting,
    runs,
)


async def _previewed(
    session_id: UUID, data: RulingPreviewIn, request: Logged, parts: Parts
) -> tuple[Preview, int]:
    ask = PreviewAsk(
        session_id=session_id,
        login=request.user,
        version=data.version,
        new_key=data.new_key,
        others=corrections_in(data.others),
    )
    found = await preview_ruling(ask, parts.rescoring)
    return found, found.item.key


async def _rulings(session_id: UUID, request: Logged, parts: Parts) -> RulingsOut:
    owned = await for_rulers(session_id, request.user, parts.rescoring)
    kept = await list_rulings(session_id, request.user, parts.rescoring)
    names = await parts.exam.rulings.item_names({one for each in kept for one in each.ruling.corrections})
    return RulingsOut(
        session=session_out(owned, request.user), rulings=ruling_rows(kept, request.user, names)
    )


def _waiting_row(one: WaitingRuling) -> WaitingRulingRow:
    ruling = one.kept.ruling
    return WaitingRulingRow(
        session_id=str(one.kept.session_id),
        session=one.session,
        number=ruling.number,
        reason=ruling.reason,
        items=len(ruling.corrections),
        takes_back=ruling.takes_back,
        proposer=one.kept.proposer,
        proposed_ms=one.kept.proposed_ms,
    )


def _workbook(content: bytes, name: str) -> Response[bytes]:
    return Response(
        content,
        media_type=XLSX,
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )

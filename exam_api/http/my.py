"""A candidate's own: exams, results, consent, reports, practice."""

from collections.abc import Sequence
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from exam_api.attempt.errors import AttemptNotFound
from exam_api.errors import LiveAway, RecordAway
from exam_api.http import wire_attempt as wire
from exam_api.http.admission import Way
from exam_api.http.errors import MustWait
from exam_api.http.guards import CANDIDATE, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.show_paper import shown_paper
from exam_api.http.show_result import shown_hand_in
from exam_api.usecases.my_exams import MyExam, give_consent, my_exams, my_result, report_item
from exam_api.usecases.snapshots import PHOTOS, consent_changed


@get(
    "/api/my/exams",
    operation_id="myExams",
    opt=only(CANDIDATE, way=Way.PAPER),
    responses=told(MustWait, LiveAway, RecordAway),
)
async def exams(request: Logged, parts: Given[Parts]) -> wire.MyExamsOut:
    """List the exams of the candidate who is logged in."""
    found = await my_exams(request.user, parts.console)
    return wire.MyExamsOut(server_ms=parts.exam.clock.now_ms(), exams=[_exam(one) for one in found])


@get(
    "/api/my/exams/{attempt_id:uuid}/result",
    operation_id="myResult",
    opt=only(CANDIDATE),
    responses=told(AttemptNotFound, LiveAway, RecordAway),
)
async def result(attempt_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> wire.SubmitOut:
    """Give the candidate's own result, once the attempt is closed."""
    found = await my_result(attempt_id, request.user, parts.console)
    return shown_hand_in(
        found.handed,
        pass_centi=found.pass_centi,
        late_state=found.late_state,
        now_ms=parts.exam.clock.now_ms(),
    )


@post(
    "/api/my/exams/{attempt_id:uuid}/consent",
    operation_id="giveConsent",
    opt=only(CANDIDATE, way=Way.PAPER),
    status_code=204,
    responses=told(AttemptNotFound, MustWait, LiveAway, RecordAway),
)
async def consent(
    attempt_id: FromPath[UUID], data: JSONBody[wire.ConsentIn], request: Logged, parts: Given[Parts]
) -> None:
    """Remember what the candidate agreed to for this exam."""
    await give_consent(
        attempt_id, request.user, choice=data.choice, text_version=data.text_version, parts=parts.console
    )
    await consent_changed([attempt_id], given=data.choice == PHOTOS, parts=parts.snapshots)


@post(
    "/api/my/exams/{attempt_id:uuid}/items/report",
    operation_id="reportItem",
    opt=only(CANDIDATE),
    status_code=204,
    responses=told(AttemptNotFound, LiveAway, RecordAway),
)
async def report(
    attempt_id: FromPath[UUID], data: JSONBody[wire.ItemReportIn], request: Logged, parts: Given[Parts]
) -> None:
    """Keep what the candidate says about an item of the paper (本题有误)."""
    await report_item(attempt_id, request.user, slot=data.slot, text=data.text, parts=parts.console)


@get("/api/practice", operation_id="practice", opt=only(CANDIDATE))
async def practice(parts: Given[Parts]) -> wire.PracticeOut:
    """Give the practice paper (试考): for trying the screen, at any time, without a result."""
    held = parts.practice
    return wire.PracticeOut(paper=shown_paper(held.paper, held.source, digest=held.digest))


@post("/api/practice/mark", operation_id="markPractice", opt=only(CANDIDATE), status_code=200)
async def mark_practice(data: JSONBody[wire.PracticeMarkIn], parts: Given[Parts]) -> wire.PracticeMarkOut:
    """Mark a practice paper; nothing is kept."""
    marked = parts.practice.mark(data.answers)
    return wire.PracticeMarkOut(
        right=list(marked.right), score_centi=marked.score_centi, full_centi=marked.full_centi
    )


ROUTES: Sequence[HTTPRouteHandler] = (exams, result, consent, report, practice, mark_practice)


def _exam(one: MyExam) -> wire.MyExam:
    own, facts, found = one.own, one.own.facts, one.result
    return wire.MyExam(
        id=str(own.id),
        title=facts.title,
        institution=facts.institution,
        channel=facts.channel,
        ticket_no=own.ticket_no,
        seat=own.seat,
        entry_ms=facts.entry_ms,
        opens_ms=facts.opens_ms,
        latest_entry_ms=facts.latest_entry_ms,
        closes_ms=facts.closes_ms,
        length_ms=facts.length_ms + own.extra_ms,
        earliest_hand_in_ms=facts.earliest_hand_in_ms,
        items=own.items,
        full_centi=facts.full_centi,
        pass_centi=facts.pass_centi,
        navigation=facts.navigation,
        takeover=facts.takeover,
        consent=own.consent,
        spread_ms=one.spread_ms,
        state=one.state,
        score_centi=found.score.total_centi if found else None,
        passed=found.score.passed if found else None,
        profile_confirmed=facts.profile_confirmed,
    )

"""Acts that take two persons: asking, answering, and the acts themselves."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from exam_api.agreements.errors import AgreementNotGood, NoSuchAgreement, SecondPersonNeeded
from exam_api.agreements.rules import PARTIES, Answer, TwoPersonAct, waits_for
from exam_api.attempt.errors import AttemptNotFound, MoveNotAllowed
from exam_api.audit_ports import AgreementLine
from exam_api.errors import LiveAway, RecordAway
from exam_api.http.guards import OFFICER, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.show_paper import shown_paper
from exam_api.http.wall import live_row
from exam_api.http.wire_attempt import Paper
from exam_api.http.wire_audit import AgreementIn, AgreementRow, AgreementsOut, OnAgreementIn
from exam_api.http.wire_staff import LiveRow
from exam_api.people import Login
from exam_api.usecases.agreements import (
    PairAsk,
    answer_agreement,
    ask_agreement,
    list_agreements,
    use_agreement,
    void_attempt,
)
from exam_api.usecases.errors import NoSuchSession
from exam_api.visible import Field, sight_of_session
from question_pools.draw import paper_digest

DEPARTMENT: Final = UUID(int=0)
"""Stands for no institution."""

_ANSWERS = told(NoSuchAgreement, SecondPersonNeeded, AgreementNotGood, RecordAway)
_ACTS = told(
    NoSuchAgreement,
    AgreementNotGood,
    NoSuchSession,
    AttemptNotFound,
    MoveNotAllowed,
    LiveAway,
    RecordAway,
)


@post(
    "/api/agreements",
    operation_id="askAgreement",
    opt=only(PARTIES),
    status_code=200,
    responses=told(SecondPersonNeeded, NoSuchSession, AttemptNotFound, MoveNotAllowed, LiveAway, RecordAway),
)
async def ask(data: JSONBody[AgreementIn], request: Logged, parts: Given[Parts]) -> AgreementsOut:
    """Ask a second person to agree to an act; the answer holds for a quarter of an hour."""
    wanted = PairAsk(
        act=data.act,
        session_id=UUID(data.session_id),
        attempt_id=UUID(data.attempt_id),
        reason=data.reason,
        login=request.user,
    )
    made = await ask_agreement(wanted, parts.audit, parts.console)
    return await _out(request.user, parts, only_this=made.id)


@get("/api/agreements", operation_id="listAgreements", opt=only(PARTIES), responses=told(RecordAway))
async def agreements(request: Logged, parts: Given[Parts]) -> AgreementsOut:
    """List what the caller asked or may answer, of the last day, newest first."""
    return await _out(request.user, parts)


def _answering(word: str, answer: Answer) -> HTTPRouteHandler:
    """One of the answers."""

    async def do(agreement_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> AgreementsOut:
        await answer_agreement(agreement_id, answer, request.user, parts.audit)
        return await _out(request.user, parts, only_this=agreement_id)

    return post(
        f"/api/agreements/{{agreement_id:uuid}}/{word}",
        operation_id=f"{word}Agreement",
        summary=f"{word.capitalize()}: one answer of one person",
        opt=only(PARTIES),
        status_code=200,
        responses=_ANSWERS,
    )(do)


@post(
    "/api/sessions/{session_id:uuid}/attempts/{attempt_id:uuid}/void",
    operation_id="voidAttempt",
    opt=only(OFFICER),
    status_code=200,
    responses=_ACTS,
)
async def void(
    session_id: FromPath[UUID],
    attempt_id: FromPath[UUID],
    data: JSONBody[OnAgreementIn],
    request: Logged,
    parts: Given[Parts],
) -> LiveRow:
    """End one attempt without a score: what a second person has agreed to, with the same reason."""
    wanted = _pair(TwoPersonAct.VOID, session_id, attempt_id, data.reason, request.user)
    done = await void_attempt(wanted, UUID(data.agreement_id), parts.audit, parts.console)
    return live_row(done, sight=sight_of_session(request.user, done.armed.institution_id))


@post(
    "/api/sessions/{session_id:uuid}/attempts/{attempt_id:uuid}/paper",
    operation_id="showDrawnPaper",
    opt=only(OFFICER, reads="paper", line_first=True),
    status_code=200,
    responses=_ACTS,
)
async def paper(
    session_id: FromPath[UUID],
    attempt_id: FromPath[UUID],
    data: JSONBody[OnAgreementIn],
    request: Logged,
    parts: Given[Parts],
) -> Paper:
    """Show a drawn paper, without keys: what a second person has agreed to."""
    wanted = _pair(TwoPersonAct.SHOW_PAPER, session_id, attempt_id, data.reason, request.user)
    drawn = (await parts.exam.plans.papers(session_id)).get(attempt_id)
    if drawn is None:
        raise AttemptNotFound(attempt_id)
    source = await parts.exam.shelf.source(session_id)
    await use_agreement(wanted, UUID(data.agreement_id), parts.audit, parts.console)
    return shown_paper(drawn, source, digest=paper_digest(drawn))


ROUTES: Sequence[HTTPRouteHandler] = (
    ask,
    agreements,
    _answering("agree", Answer.AGREED),
    _answering("decline", Answer.DECLINED),
    _answering("withdraw", Answer.WITHDRAWN),
    void,
    paper,
)


def _pair(act: TwoPersonAct, session_id: UUID, attempt_id: UUID, reason: str, login: Login) -> PairAsk:
    return PairAsk(act=act, session_id=session_id, attempt_id=attempt_id, reason=reason, login=login)


async def _out(login: Login, parts: Parts, *, only_this: UUID | None = None) -> AgreementsOut:
    now_ms = parts.audit.clock.now_ms()
    lines = await list_agreements(login, parts.audit)
    return AgreementsOut(
        server_ms=now_ms,
        agreements=[
            _row(one, login, now_ms) for one in lines if only_this is None or one.agreement.id == only_this
        ],
    )


def _row(one: AgreementLine, login: Login, now_ms: int) -> AgreementRow:
    held = one.agreement
    sight = sight_of_session(login, held.matter.org or DEPARTMENT)
    return AgreementRow(
        id=str(held.id),
        act=held.matter.act,
        session_id=held.matter.body["session"],
        attempt_id=held.matter.object.removeprefix("attempt:"),
        reason=held.matter.body["reason"],
        label=sight.text(Field.TICKET, one.label),
        session=one.session,
        institution=one.institution,
        asked_by=one.asked_by,
        asked_ms=held.asked_ms,
        until_ms=held.until_ms,
        answer=held.answer,
        answered_by=one.answered_by,
        answered_ms=held.answered_ms,
        used_ms=held.used_ms,
        mine=held.asked_by == login.subject_id,
        waits_for_me=waits_for(held, login, now_ms),
    )

"""Results of a session for its institution and the department, and as a sheet."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from enrollment.identity import mask_name
from exam_api.attempt.model import LiveAttempt, State
from exam_api.console_ports import ListedRegistration, SessionLine
from exam_api.errors import LiveAway
from exam_api.people import Login
from exam_api.record import Result
from exam_api.usecases.console_parts import ConsoleParts, reach_of, session_in_reach
from exam_api.usecases.sheet import Cell, Sheet, workbook
from exam_api.visible import Field, Sight

HEADINGS: Final = ("准考证号", "姓名", "身份证号", "状态", "总分", "满分", "是否合格")
"""Columns of the exported sheet before the sections."""

STATES: Final = {
    State.READY: "未参加",
    State.RUNNING: "考试中",
    State.PAUSED: "已暂停",
    State.CLOSED: "已交卷",
    State.VOID: "已作废",
}
"""States as the sheet says them."""


class ResultLine(msgspec.Struct, frozen=True, kw_only=True):
    """One registration with what came of it."""

    registration: ListedRegistration
    state: State
    result: Result | None
    late_state: str


class SessionResults(msgspec.Struct, frozen=True, kw_only=True):
    session: SessionLine
    titles: Sequence[str]
    lines: Sequence[ResultLine]


async def session_results(session_id: UUID, login: Login, parts: ConsoleParts) -> SessionResults:
    """Newest score run of every registration; with the live state away, what the record has.

    Raises NoSuchSession, RecordAway.
    """
    session = await session_in_reach(session_id, login, parts)
    recorded = {one.attempt_id: one for one in await parts.book.of_session(session_id)}
    live = {one.armed.attempt_id: one for one in await _live(session_id, parts)}
    late = {
        one.request.attempt_id: str(one.request.state)
        for one in await parts.book.late(institution_id=reach_of(login), session_id=session_id)
    }
    lines = [
        _line(one, recorded.get(one.id), live.get(one.id), late.get(one.id, "none"))
        for one in await parts.sittings.listed(session_id)
    ]
    scored = next((line.result for line in lines if line.result), None)
    return SessionResults(
        session=session,
        titles=[section.title for section in scored.score.sections] if scored else [],
        lines=lines,
    )


def results_sheet(results: SessionResults, sight: Sight) -> bytes:
    """The results as .xlsx, as far as somebody sees them; no cell can be taken for a formula."""
    rows = [_cells(line, sight) for line in results.lines]
    return workbook(Sheet(title="成绩", heads=[*HEADINGS, *results.titles], rows=rows, kept=2))


def _cells(line: ResultLine, sight: Sight) -> list[Cell]:
    own = line.registration
    about: list[Cell] = [
        sight.text(Field.TICKET, own.ticket_no),
        sight.text(Field.NAME, own.name, mask_name(own.name)),
        own.id_masked if sight.may(Field.ID_NUMBER) else "",
        STATES[line.state],
    ]
    if line.result is None or not sight.may(Field.SCORE):
        return about
    score = line.result.score
    sections = [section.score_centi / 100 for section in score.sections]
    verdict = ("合格" if score.passed else "不合格") if sight.may(Field.PASSED) else ""
    return [*about, score.total_centi / 100, score.full_centi / 100, verdict, *sections]


async def _live(session_id: UUID, parts: ConsoleParts) -> Sequence[LiveAttempt]:
    try:
        return await parts.exam.live.of_session(session_id)
    except LiveAway:
        return ()


def _line(
    registration: ListedRegistration, recorded: Result | None, live: LiveAttempt | None, late_state: str
) -> ResultLine:
    result = recorded
    if result is None and live is not None and live.result:
        result = msgspec.msgpack.decode(live.result, type=Result)
    state = live.state if live else (State.CLOSED if recorded else State.READY)
    return ResultLine(registration=registration, state=state, result=result, late_state=late_state)

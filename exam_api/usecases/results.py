"""Results of a session for its institution and the department, and as a sheet."""

import io
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from exam_api.attempt.model import LiveAttempt, State
from exam_api.console_ports import ListedRegistration, SessionLine
from exam_api.errors import LiveAway
from exam_api.people import Login
from exam_api.record import Result
from exam_api.usecases.console_parts import ConsoleParts, reach_of, session_in_reach

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a sheet program take text for a formula."""

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


def results_sheet(results: SessionResults) -> bytes:
    """The results as .xlsx; text that a sheet program would take for a formula is made harmless."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("成绩")  # pyright: ignore[reportUnknownMemberType]
    heading = book.add_format({"bold": True})  # pyright: ignore[reportUnknownMemberType]
    points = book.add_format({"num_format": "0.00"})  # pyright: ignore[reportUnknownMemberType]
    for column, text in enumerate([*HEADINGS, *results.titles]):
        sheet.write_string(0, column, harmless(text), heading)
    for row, line in enumerate(results.lines, 1):
        own, result = line.registration, line.result
        texts = [own.ticket_no, own.name, own.id_masked, STATES[line.state]]
        for column, text in enumerate(texts):
            sheet.write_string(row, column, harmless(text))
        if result:
            score = result.score
            sheet.write_number(row, 4, score.total_centi / 100, points)
            sheet.write_number(row, 5, score.full_centi / 100, points)
            sheet.write_string(row, 6, "合格" if score.passed else "不合格")
            for column, section in enumerate(score.sections, len(HEADINGS)):
                sheet.write_number(row, column, section.score_centi / 100, points)
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, len(HEADINGS) - 1, 14)
    book.close()
    return out.getvalue()


def harmless(text: str) -> str:
    """Text that no sheet program runs."""
    return "'" + text if text.startswith(DANGEROUS) else text


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

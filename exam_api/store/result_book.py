"""Results and late requests as lists show them."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, and_, case, func, select

from exam_api.console_ports import LateLine, ResultBook
from exam_api.record import LateState, Result
from exam_api.store.engine import Database
from exam_api.store.ops import asked_ops, packed_ops
from exam_api.store.record import late_request_of
from exam_api.store.results import SCORE_RUN, result_of
from exam_api.store.sessions import INSTITUTION, REAL, SESSION
from exam_api.store.tables import (
    AttemptRow,
    LateRequestRow,
    OpRow,
    PersonGivenRow,
    PersonRow,
    RegistrationRow,
    table,
)

ATTEMPT: Final = table(AttemptRow)
GIVEN: Final = table(PersonGivenRow)
LATE: Final = table(LateRequestRow)
OP: Final = table(OpRow)
PERSON: Final = table(PersonRow)
REGISTRATION: Final = table(RegistrationRow)


class ResultBookStore(ResultBook):
    """Lists for the institution of a session and for the department."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_session(self, session_id: UUID) -> Sequence[Result]:
        """The newest run of every attempt."""
        asked = _newest(SCORE_RUN.c.session_id == session_id)
        async with self._database.reading() as connection:
            return [result_of(row) for row in await connection.execute(asked)]

    async def late(self, *, institution_id: UUID | None, session_id: UUID | None) -> Sequence[LateLine]:
        """Open requests first; None: of every institution, of every session."""
        asked = _late()
        if institution_id is not None:
            asked = asked.where(LATE.c.institution_id == institution_id)
        if session_id is not None:
            asked = asked.where(LATE.c.session_id == session_id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked)).all()
            ids = [row.attempt_id for row in rows]
            packed = await packed_ops(connection, asked_ops("late").where(OP.c.attempt_id.in_(ids)))
        return [_line(row, packed.get(row.attempt_id, b"")) for row in rows]


def _newest(*wanted: Any) -> Select[Any]:  # noqa: ANN401 - conditions
    newest = (
        select(SCORE_RUN.c.attempt_id, func.max(SCORE_RUN.c.run).label("run"))
        .where(*wanted)
        .group_by(SCORE_RUN.c.attempt_id)
        .subquery()
    )
    same = and_(SCORE_RUN.c.attempt_id == newest.c.attempt_id, SCORE_RUN.c.run == newest.c.run)
    return select(SCORE_RUN).join(newest, same).order_by(SCORE_RUN.c.attempt_id)


def _late() -> Select[Any]:
    score = (
        select(SCORE_RUN.c.total_centi)
        .where(SCORE_RUN.c.attempt_id == LATE.c.attempt_id)
        .order_by(SCORE_RUN.c.run.desc())
        .limit(1)
        .scalar_subquery()
    )
    whole = (
        LATE.join(SESSION, SESSION.c.id == LATE.c.session_id)
        .join(INSTITUTION, INSTITUTION.c.id == LATE.c.institution_id)
        .outerjoin(REGISTRATION, REGISTRATION.c.id == LATE.c.attempt_id)
        .outerjoin(PERSON, PERSON.c.id == REGISTRATION.c.person_id)
        .outerjoin(
            GIVEN,
            and_(GIVEN.c.person_id == PERSON.c.id, GIVEN.c.institution_id == LATE.c.institution_id),
        )
        .outerjoin(ATTEMPT, ATTEMPT.c.id == LATE.c.attempt_id)
    )
    return (
        select(
            LATE,
            func.coalesce(GIVEN.c.name, PERSON.c.name, "").label("name"),
            func.coalesce(REGISTRATION.c.ticket_no, "").label("ticket_no"),
            SESSION.c.title.label("session"),
            INSTITUTION.c.name.label("institution"),
            func.coalesce(ATTEMPT.c.closed_ms, 0).label("closed_ms"),
            score.label("score_centi"),
        )
        .select_from(whole)
        .where(REAL)
        .order_by(
            case((LATE.c.state == LateState.OPEN.value, 0), else_=1), LATE.c.first_ms, LATE.c.attempt_id
        )
    )


def _line(row: Row[Any], packed: bytes) -> LateLine:
    return LateLine(
        request=late_request_of(row),
        name=row.name,
        ticket_no=row.ticket_no,
        session=row.session,
        institution=row.institution,
        packed=packed,
        closed_ms=row.closed_ms,
        score_centi=row.score_centi,
    )

"""Opening requests for late ops, so that a department officer sees them."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import any_, bindparam, delete, func, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.record import LateState
from exam_api.store.ops import held_later
from exam_api.store.tables import AttemptRow, LateRequestRow, OpRow, SessionRow, table

ATTEMPT: Final = table(AttemptRow)
LATE: Final = table(LateRequestRow)
OP: Final = table(OpRow)
SESSION: Final = table(SessionRow)

_OPEN: Final = select(LATE.c.attempt_id).where(LATE.c.state == LateState.OPEN.value)
_OPEN_OF_ALL: Final = _OPEN.where(
    LATE.c.attempt_id == any_(bindparam("ids", type_=postgresql.ARRAY(LATE.c.attempt_id.type)))
)
"""One statement however many are asked about: PostgreSQL plans it once."""


async def open_late_requests(connection: AsyncConnection, attempts: Iterable[UUID]) -> None:
    """Open one request for each attempt, or bring an open one's count up to date; decided ones stay.

    An open one of which every op was held after all is taken back.
    """
    late = (OP.c.how == "late", ~held_later())
    make = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    for attempt_id in sorted(attempts):
        counted = (
            select(
                ATTEMPT.c.id,
                ATTEMPT.c.session_id,
                SESSION.c.institution_id,
                func.count(OP.c.seq),
                func.min(OP.c.at_ms),
                literal(LateState.OPEN.value),
                literal(0),
                literal(""),
            )
            .join(SESSION, SESSION.c.id == ATTEMPT.c.session_id)
            .join(OP, OP.c.attempt_id == ATTEMPT.c.id)
            .where(ATTEMPT.c.id == attempt_id, *late)
            .group_by(ATTEMPT.c.id, ATTEMPT.c.session_id, SESSION.c.institution_id)
        )
        names = [
            "attempt_id",
            "session_id",
            "institution_id",
            "ops",
            "first_ms",
            "state",
            "decided_ms",
            "reason",
        ]
        fresh = make(LATE).from_select(names, counted)
        await connection.execute(
            fresh.on_conflict_do_update(
                index_elements=[LATE.c.attempt_id],
                set_={"ops": fresh.excluded.ops, "first_ms": fresh.excluded.first_ms},
                where=LATE.c.state == LateState.OPEN.value,
            )
        )
        left = select(OP.c.seq).where(OP.c.attempt_id == attempt_id, *late)
        await connection.execute(
            delete(LATE).where(
                LATE.c.attempt_id == attempt_id, LATE.c.state == LateState.OPEN.value, ~left.exists()
            )
        )


async def waiting(connection: AsyncConnection, attempts: Iterable[UUID]) -> Sequence[UUID]:
    """Those of the attempts whose request is open."""
    ids = list(attempts)
    if not ids:
        return ()
    if connection.dialect.name == "sqlite":
        asked = _OPEN.where(LATE.c.attempt_id.in_(ids))
        return (await connection.execute(asked)).scalars().all()
    return (await connection.execute(_OPEN_OF_ALL, {"ids": ids})).scalars().all()

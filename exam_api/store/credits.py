"""Time that was given, as the ledger of facts has it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select

from exam_api.attempt.model import Fact, FactKind
from exam_api.fair_ports import CreditLine, Credits
from exam_api.store.engine import Database
from exam_api.store.record import fact_of
from exam_api.store.tables import FactRow, RegistrationRow, table

FACT: Final = table(FactRow)
REGISTRATION: Final = table(RegistrationRow)

_CLOCK: Final = (FactKind.CREDIT.value, FactKind.PAUSE.value, FactKind.RESUME.value)


class CreditStore(Credits):
    """`Credits` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_session(self, session_id: UUID) -> Sequence[CreditLine]:
        asked = (
            select(FACT, REGISTRATION.c.ticket_no, REGISTRATION.c.seat)
            .join(REGISTRATION, REGISTRATION.c.id == FACT.c.attempt_id)
            .where(REGISTRATION.c.session_id == session_id, FACT.c.kind == FactKind.CREDIT.value)
            .order_by(FACT.c.at_ms, FACT.c.id)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked)).all()
        return [CreditLine(fact=fact_of(row), ticket_no=row.ticket_no, seat=row.seat) for row in rows]

    async def of_attempt(self, attempt_id: UUID) -> Sequence[Fact]:
        asked = (
            select(FACT)
            .where(FACT.c.attempt_id == attempt_id, FACT.c.kind.in_(_CLOCK))
            .order_by(FACT.c.at_ms, FACT.c.id)
        )
        async with self._database.reading() as connection:
            return [fact_of(row) for row in await connection.execute(asked)]

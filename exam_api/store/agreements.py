"""Agreements of two persons, kept with the audit lines that tell of them."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.agreements.rules import Agreement, Answer, Matter, TwoPersonAct
from exam_api.audit_ports import AgreementLine, Agreements, Line
from exam_api.store import audit
from exam_api.store.engine import Database
from exam_api.store.tables import (
    AgreementRow,
    InstitutionRow,
    RegistrationRow,
    SessionRow,
    StaffRow,
    table,
)

AGREEMENT: Final = table(AgreementRow)
INSTITUTION: Final = table(InstitutionRow)
REGISTRATION: Final = table(RegistrationRow)
SESSION: Final = table(SessionRow)
STAFF: Final = table(StaffRow)

LISTED_MAX: Final = 200
"""Agreements of one list: a quarter of an hour has few, a day rarely more."""


class AgreementStore(Agreements):
    """`Agreements` on the database; it decides nothing, but lets nothing happen twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, agreement: Agreement) -> None:
        """Keep a question."""
        row = {
            "id": agreement.id,
            "act": agreement.matter.act.value,
            "object": agreement.matter.object,
            "org": agreement.matter.org,
            "digest": agreement.matter.digest(),
            "body": msgspec.json.encode(agreement.matter.body, order="sorted").decode(),
            "asked_by": agreement.asked_by,
            "asked_ms": agreement.asked_ms,
            "until_ms": agreement.until_ms,
            "answer": Answer.OPEN.value,
            "answered_by": None,
            "answered_ms": 0,
            "used_ms": 0,
        }
        async with self._database.writing() as connection:
            await connection.execute(insert(AGREEMENT), row)
            line = _line(agreement, "asked", f"staff:{agreement.asked_by}", agreement.asked_ms)
            await audit.append(connection, [line])

    async def one(self, agreement_id: UUID) -> Agreement | None:
        """An agreement as it is now."""
        async with self._database.reading() as connection:
            asked = select(AGREEMENT).where(AGREEMENT.c.id == agreement_id)
            row = (await connection.execute(asked)).first()
        return None if row is None else _agreement(row)

    async def answer(self, agreement: Agreement) -> bool:
        """Keep an answer; False: somebody answered meanwhile."""
        changed = (
            update(AGREEMENT)
            .where(AGREEMENT.c.id == agreement.id, AGREEMENT.c.answer == Answer.OPEN.value)
            .values(
                answer=agreement.answer.value,
                answered_by=agreement.answered_by,
                answered_ms=agreement.answered_ms,
            )
        )
        async with self._database.writing() as connection:
            if (await connection.execute(changed)).rowcount != 1:
                return False
            by = f"staff:{agreement.answered_by}"
            line = _line(agreement, agreement.answer.value, by, agreement.answered_ms)
            await audit.append(connection, [line])
        return True

    async def use(self, agreement: Agreement, *, at_ms: int) -> bool:
        """Mark as used; False: it was used meanwhile."""
        changed = (
            update(AGREEMENT)
            .where(AGREEMENT.c.id == agreement.id, AGREEMENT.c.used_ms == 0)
            .where(AGREEMENT.c.answer == Answer.AGREED.value, AGREEMENT.c.until_ms > at_ms)
            .values(used_ms=at_ms)
        )
        async with self._database.writing() as connection:
            if (await connection.execute(changed)).rowcount != 1:
                return False
            line = _line(agreement, "used", f"staff:{agreement.asked_by}", at_ms)
            await audit.append(connection, [line])
        return True

    async def since(self, asked_ms: int) -> Sequence[AgreementLine]:
        """Asked at or after that instant, newest first."""
        async with self._database.reading() as connection:
            return await _listed(connection, asked_ms)


async def _listed(connection: AsyncConnection, asked_ms: int) -> Sequence[AgreementLine]:
    asker, answerer = STAFF.alias("asker"), STAFF.alias("answerer")
    asked = (
        select(
            AGREEMENT,
            func.coalesce(asker.c.name, "").label("asker"),
            func.coalesce(answerer.c.name, "").label("answerer"),
            func.coalesce(INSTITUTION.c.name, "").label("institution"),
        )
        .select_from(
            AGREEMENT.outerjoin(asker, asker.c.id == AGREEMENT.c.asked_by)
            .outerjoin(answerer, answerer.c.id == AGREEMENT.c.answered_by)
            .outerjoin(INSTITUTION, INSTITUTION.c.id == AGREEMENT.c.org)
        )
        .where(AGREEMENT.c.asked_ms >= asked_ms)
        .order_by(AGREEMENT.c.asked_ms.desc(), AGREEMENT.c.id)
        .limit(LISTED_MAX)
    )
    rows = (await connection.execute(asked)).all()
    attempts = [UUID(row.object.removeprefix("attempt:")) for row in rows]
    seats = (
        select(REGISTRATION.c.id, REGISTRATION.c.ticket_no, SESSION.c.title)
        .join(SESSION, SESSION.c.id == REGISTRATION.c.session_id)
        .where(REGISTRATION.c.id.in_(attempts))
    )
    known = {row.id: row for row in await connection.execute(seats)}
    return [
        AgreementLine(
            agreement=_agreement(row),
            asked_by=row.asker,
            answered_by=row.answerer,
            label=known[attempt].ticket_no if attempt in known else "",
            session=known[attempt].title if attempt in known else "",
            institution=row.institution,
        )
        for row, attempt in zip(rows, attempts, strict=True)
    ]


def _agreement(row: Row[Any]) -> Agreement:
    return Agreement(
        id=row.id,
        matter=Matter(
            act=TwoPersonAct(row.act),
            object=row.object,
            org=row.org,
            body=msgspec.json.decode(row.body, type=dict[str, str]),
        ),
        asked_by=row.asked_by,
        asked_ms=row.asked_ms,
        until_ms=row.until_ms,
        answer=Answer(row.answer),
        answered_by=row.answered_by,
        answered_ms=row.answered_ms,
        used_ms=row.used_ms,
    )


def _line(agreement: Agreement, what: str, actor: str, at_ms: int) -> Line:
    return Line(
        at_ms=at_ms,
        actor=actor,
        act=f"agreement.{what}",
        object=agreement.matter.object,
        body={"agreement": str(agreement.id), "act": agreement.matter.act.value},
        org=agreement.matter.org,
    )

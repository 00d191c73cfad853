"""Time that was given, as the ledger of facts has it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.attempt.model import Fact, FactKind
from exam_api.audit_ports import Place
from exam_api.fair_ports import CreditLine, Credits
from exam_api.people import Reach
from exam_api.store.audit import AUDIT
from exam_api.store.engine import Database
from exam_api.store.record import fact_of
from exam_api.store.seals import SEAL
from exam_api.store.sessions import INSTITUTION, REAL, SESSION
from exam_api.store.tables import (
    FactRow,
    PersonGivenRow,
    PersonRow,
    RegistrationRow,
    StaffRow,
    table,
)

FACT: Final = table(FactRow)
GIVEN: Final = table(PersonGivenRow)
PERSON: Final = table(PersonRow)
REGISTRATION: Final = table(RegistrationRow)
STAFF: Final = table(StaffRow)

_CLOCK: Final = (FactKind.CREDIT.value, FactKind.PAUSE.value, FactKind.RESUME.value)
_STAFF: Final = "staff:"


class CreditStore(Credits):
    """`Credits` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, reach: Reach, *, session_id: UUID | None, most: int) -> Sequence[CreditLine]:
        asked = _credits().limit(most)
        if not reach.everywhere:
            asked = asked.where(SESSION.c.institution_id == reach.institution_id)
        if session_id is not None:
            asked = asked.where(SESSION.c.id == session_id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked)).all()
            staff = await _staff(connection, {row.actor for row in rows})
            places = await _places(connection, {row.attempt_id for row in rows})
            sealed = await _sealed(connection, set(places.values()))
        return [_line(row, staff, places, sealed) for row in rows]

    async def of_attempt(self, attempt_id: UUID) -> Sequence[Fact]:
        asked = (
            select(FACT)
            .where(FACT.c.attempt_id == attempt_id, FACT.c.kind.in_(_CLOCK))
            .order_by(FACT.c.at_ms, FACT.c.id)
        )
        async with self._database.reading() as connection:
            return [fact_of(row) for row in await connection.execute(asked)]


def _credits() -> Select[Any]:
    given = and_(GIVEN.c.person_id == PERSON.c.id, GIVEN.c.institution_id == SESSION.c.institution_id)
    whole = (
        FACT.join(REGISTRATION, REGISTRATION.c.id == FACT.c.attempt_id)
        .join(SESSION, SESSION.c.id == REGISTRATION.c.session_id)
        .join(INSTITUTION, INSTITUTION.c.id == SESSION.c.institution_id)
        .outerjoin(PERSON, PERSON.c.id == REGISTRATION.c.person_id)
        .outerjoin(GIVEN, given)
    )
    return (
        select(
            FACT,
            func.coalesce(GIVEN.c.name, PERSON.c.name, "").label("name"),
            REGISTRATION.c.ticket_no,
            REGISTRATION.c.seat,
            SESSION.c.id.label("session_id"),
            SESSION.c.title.label("session"),
            SESSION.c.institution_id,
            INSTITUTION.c.name.label("institution"),
        )
        .select_from(whole)
        .where(FACT.c.kind == FactKind.CREDIT.value, REAL)
        .order_by(FACT.c.at_ms.desc(), FACT.c.id)
    )


async def _staff(connection: AsyncConnection, actors: set[str]) -> Mapping[str, str]:
    """Names of the accounts that actors stand for."""
    ids = [UUID(actor.removeprefix(_STAFF)) for actor in actors if actor.startswith(_STAFF)]
    asked = select(STAFF.c.id, STAFF.c.name).where(STAFF.c.id.in_(ids))
    return {f"{_STAFF}{row.id}": row.name for row in await connection.execute(asked)} if ids else {}


async def _places(connection: AsyncConnection, attempts: set[UUID]) -> Mapping[str, Place]:
    """Where the audit tells of each fact."""
    objects = [f"attempt:{one}" for one in attempts]
    asked = select(AUDIT.c.org, AUDIT.c.day, AUDIT.c.no, AUDIT.c.body).where(
        AUDIT.c.object.in_(objects), AUDIT.c.act == f"attempt.{FactKind.CREDIT}"
    )
    rows = await connection.execute(asked) if objects else ()
    return {msgspec.json.decode(row.body)["fact"]: Place(row.org, row.day, row.no) for row in rows}


async def _sealed(connection: AsyncConnection, places: set[Place]) -> Mapping[tuple[UUID, str], int]:
    """When the ends of their days were signed."""
    orgs, days = {place.org for place in places}, {place.day for place in places}
    asked = select(SEAL.c.org, SEAL.c.day, SEAL.c.made_ms).where(SEAL.c.org.in_(orgs), SEAL.c.day.in_(days))
    return {(row.org, row.day): row.made_ms for row in await connection.execute(asked)} if places else {}


def _line(
    row: Row[Any],
    staff: Mapping[str, str],
    places: Mapping[str, Place],
    sealed: Mapping[tuple[UUID, str], int],
) -> CreditLine:
    place = places.get(str(row.id))
    return CreditLine(
        fact=fact_of(row),
        name=row.name,
        ticket_no=row.ticket_no,
        seat=row.seat,
        session_id=row.session_id,
        session=row.session,
        institution_id=row.institution_id,
        institution=row.institution,
        by=staff.get(row.actor, ""),
        entered=place,
        sealed_ms=0 if place is None else sealed.get((place.org, place.day), 0),
    )

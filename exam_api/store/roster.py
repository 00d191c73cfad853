"""Registering people for a session: persons found or made, tickets and seats given, nobody twice."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from enrollment.ticket import make_ticket
from exam_api.console_ports import Act, NewRegistration
from exam_api.persons_ports import SentPerson
from exam_api.store.bulk import put_rows
from exam_api.store.errors import NoSuchSession
from exam_api.store.keeping import Keeper
from exam_api.store.tables import PersonGivenRow, PersonRow, RegistrationRow, SessionRow, table

PERSON: Final = table(PersonRow)
GIVEN: Final = table(PersonGivenRow)
REGISTRATION: Final = table(RegistrationRow)
SESSION: Final = table(SessionRow)


class Registrar:
    """Registers a roster."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def contradicted(
        self, connection: AsyncConnection, session_id: UUID, people: Sequence[NewRegistration]
    ) -> tuple[UUID | None, Sequence[int]]:
        """The session's institution, and places in the list that it may not register under that name."""
        asked = select(SESSION.c.institution_id).where(SESSION.c.id == session_id)
        institution_id: UUID | None = await connection.scalar(asked)
        sent = [sent_by(one) for one in people]
        return institution_id, await self._keeper.contradicted(connection, sent, institution_id)

    async def register(
        self, connection: AsyncConnection, session_id: UUID, people: Sequence[NewRegistration], act: Act
    ) -> int:
        """Add who is not registered yet, in the order of the roster. How many were added.

        Raises NoSuchSession, OthersFacts.
        """
        asked = select(SESSION).where(SESSION.c.id == session_id).with_for_update()
        session = (await connection.execute(asked)).first()
        if session is None:
            raise NoSuchSession(session_id)
        sent = [sent_by(one) for one in people]
        known = await self._keeper.keep(connection, sent, session.institution_id, act)
        there = set(
            (
                await connection.execute(
                    select(REGISTRATION.c.person_id).where(REGISTRATION.c.session_id == session_id)
                )
            ).scalars()
        )
        rows: list[dict[str, Any]] = []
        serial = await _last_serial(connection, session_id)
        for one in people:
            person_id = known[one.id_no]
            if person_id not in there:
                there.add(person_id)
                serial += 1
                rows.append(_row(session, one.id, person_id, serial, act))
        return await put_rows(connection, REGISTRATION, rows)


def sent_by(one: NewRegistration) -> SentPerson:
    """A roster line as what was sent about its person."""
    return SentPerson(person_id=one.person_id, name=one.name, id_no=one.id_no, phone=one.phone)


def booked(session_id: UUID) -> Select[Any]:
    """Ask for the booked registrations of a session, each with its person."""
    person = (
        PERSON.c.name,
        PERSON.c.id_blind,
        PERSON.c.id_sealed,
        PERSON.c.id_mask,
        PERSON.c.phone_sealed,
        PERSON.c.phone_mask,
    )
    return (
        select(REGISTRATION, *person)
        .join(PERSON, PERSON.c.id == REGISTRATION.c.person_id)
        .where(REGISTRATION.c.session_id == session_id, REGISTRATION.c.state == "booked")
    )


def booked_as_given(session_id: UUID) -> Select[Any]:
    """Ask for the booked registrations of a session as its institution knows the people: by what it sent."""
    given = and_(
        GIVEN.c.person_id == REGISTRATION.c.person_id, GIVEN.c.institution_id == SESSION.c.institution_id
    )
    return (
        select(
            REGISTRATION,
            func.coalesce(GIVEN.c.name, PERSON.c.name).label("name"),
            PERSON.c.id_mask,
            func.coalesce(GIVEN.c.phone_mask, "").label("phone_mask"),
        )
        .join(PERSON, PERSON.c.id == REGISTRATION.c.person_id)
        .join(SESSION, SESSION.c.id == REGISTRATION.c.session_id)
        .outerjoin(GIVEN, given)
        .where(REGISTRATION.c.session_id == session_id, REGISTRATION.c.state == "booked")
    )


async def _last_serial(connection: AsyncConnection, session_id: UUID) -> int:
    asked = select(func.coalesce(func.max(REGISTRATION.c.serial), 0)).where(
        REGISTRATION.c.session_id == session_id
    )
    return (await connection.execute(asked)).scalar_one()


def _row(session: Row[Any], registration_id: UUID, person_id: UUID, serial: int, act: Act) -> dict[str, Any]:
    return {
        "id": registration_id,
        "session_id": session.id,
        "person_id": person_id,
        "serial": serial,
        "ticket_no": make_ticket(year=session.plan_year, plan=session.plan_no, serial=serial),
        "seat": f"{serial:02d}" if session.channel == "desk" else "",
        "extra_ms": 0,
        "state": "booked",
        "made_ms": act.at_ms,
    }

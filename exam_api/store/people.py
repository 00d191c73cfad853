"""Persons and staff accounts as log-ins ask for them."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select

from exam_api.people import ArmedPerson, Holder, Role, StaffAccount
from exam_api.ports import People, Sealer
from exam_api.store.engine import Database
from exam_api.store.sealed import number_context
from exam_api.store.tables import InstitutionRow, PersonRow, RegistrationRow, SecondFactorRow, StaffRow, table

FACTOR: Final = table(SecondFactorRow)
INSTITUTION: Final = table(InstitutionRow)
PERSON: Final = table(PersonRow)
REGISTRATION: Final = table(RegistrationRow)
STAFF: Final = table(StaffRow)


class PeopleStore(People):
    """What log-ins need when a person or account is not in an armed roster."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def person(self, blind: bytes) -> ArmedPerson | None:
        """A person with all their registrations."""
        asked = select(PERSON).where(PERSON.c.id_blind == blind)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
            if row is None:
                return None
            own = (await connection.execute(_registrations(row.id))).scalars().all()
        return _armed(row.id, row, tuple(own))

    async def holder(self, registration_id: UUID) -> Holder | None:
        """Who a registration is for."""
        return await self._holder(REGISTRATION.c.id == registration_id)

    async def holder_by_ticket(self, ticket_no: str) -> Holder | None:
        """Who holds a ticket number."""
        return await self._holder(REGISTRATION.c.ticket_no == ticket_no)

    async def staff(self, login_name: str) -> StaffAccount | None:
        """An open account by its login name, small letters."""
        return await self._staff(STAFF.c.login == login_name)

    async def staff_of(self, account_id: UUID) -> StaffAccount | None:
        """An open account by its id."""
        return await self._staff(STAFF.c.id == account_id)

    async def _staff(self, wanted: ColumnElement[bool]) -> StaffAccount | None:
        asked = (
            select(STAFF, INSTITUTION.c.name.label("institution"), FACTOR.c.confirmed_ms)
            .outerjoin(INSTITUTION, INSTITUTION.c.id == STAFF.c.institution_id)
            .outerjoin(FACTOR, FACTOR.c.staff_id == STAFF.c.id)
            .where(wanted, STAFF.c.disabled_ms == 0)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
        if row is None:
            return None
        return StaffAccount(
            id=row.id,
            login_name=row.login,
            role=Role(row.role),
            name=row.name,
            institution_id=row.institution_id,
            institution=row.institution or "",
            password_hash=row.password_hash,
            employer_id=row.employer_id,
            must_change=row.must_change,
            second_factor=bool(row.confirmed_ms),
        )

    async def _holder(self, wanted: Any) -> Holder | None:  # noqa: ANN401 - a condition
        asked = (
            select(
                PERSON,
                REGISTRATION.c.id.label("registration_id"),
                REGISTRATION.c.session_id,
                REGISTRATION.c.person_id,
            )
            .join(PERSON, PERSON.c.id == REGISTRATION.c.person_id)
            .where(wanted, REGISTRATION.c.state == "booked")
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
            if row is None:
                return None
            own = (await connection.execute(_registrations(row.person_id))).scalars().all()
        number = self._sealer.open(row.id_sealed, context=number_context(row.person_id.bytes)).decode()
        return Holder(
            registration_id=row.registration_id,
            session_id=row.session_id,
            blind=row.id_blind,
            id_no=number,
            person=_armed(row.person_id, row, tuple(own)),
        )


def _registrations(person_id: UUID) -> Select[Any]:
    return (
        select(REGISTRATION.c.id)
        .where(REGISTRATION.c.person_id == person_id, REGISTRATION.c.state == "booked")
        .order_by(REGISTRATION.c.made_ms, REGISTRATION.c.id)
    )


def _armed(person_id: UUID, row: Row[Any], registrations: tuple[UUID, ...]) -> ArmedPerson:
    return ArmedPerson(
        person_id=person_id, name=row.name, phone_sealed=row.phone_sealed, registrations=registrations
    )

"""Registering people for a session: persons found or made, tickets and seats given, nobody twice."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from enrollment.identity import mask_identity, mask_mobile
from enrollment.ticket import make_ticket
from exam_api.console_ports import Act, NewRegistration
from exam_api.ports import Sealer
from exam_api.store.bulk import put_rows
from exam_api.store.errors import NoSuchSession
from exam_api.store.sealed import number_context
from exam_api.store.tables import PersonRow, RegistrationRow, SessionRow, table

PERSON: Final = table(PersonRow)
REGISTRATION: Final = table(RegistrationRow)
SESSION: Final = table(SessionRow)

PART: Final = 500
"""Persons asked for in one statement: databases limit the arguments of one."""


class SealedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One roster line, sealed."""

    registration_id: UUID
    row: Mapping[str, Any]
    """Of `person`, should they be new."""
    phone: str

    def __repr__(self) -> str:
        """Stay silent about the person where a value is printed by accident."""
        return f"SealedPerson({self.registration_id})"


class Registrar:
    """Knows how numbers are sealed and found."""

    def __init__(self, sealer: Sealer, blind: Callable[[str], bytes]) -> None:
        self._sealer = sealer
        self._blind = blind

    def sealed(self, line: NewRegistration, act: Act) -> SealedPerson:
        """Seal a roster line: from here on nobody holds the number in the clear."""
        own = line.person_id.bytes
        row = {
            "id": line.person_id,
            "name": line.name,
            "id_blind": self._blind(line.id_no),
            "id_sealed": self._sealer.seal(line.id_no.encode(), context=number_context(own)),
            "id_mask": mask_identity(line.id_no),
            **self._phone(line.person_id, line.phone),
            "made_ms": act.at_ms,
        }
        return SealedPerson(registration_id=line.id, row=row, phone=line.phone)

    async def register(
        self, connection: AsyncConnection, session_id: UUID, people: Sequence[SealedPerson], act: Act
    ) -> int:
        """Add who is not registered yet, in the order of the roster. How many were added."""
        asked = select(SESSION).where(SESSION.c.id == session_id).with_for_update()
        session = (await connection.execute(asked)).first()
        if session is None:
            raise NoSuchSession(session_id)
        # In one order everywhere: two rosters with the same people must not lock each other out.
        ordered = sorted((one.row for one in people), key=lambda row: row["id_blind"])
        await put_rows(connection, PERSON, ordered)
        known = await self._persons(connection, [one.row["id_blind"] for one in people])
        await self._refresh(connection, session.institution_id, people, known)
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
            person_id: UUID = known[one.row["id_blind"]].id
            if person_id not in there:
                there.add(person_id)
                serial += 1
                rows.append(_row(session, one.registration_id, person_id, serial, act))
        return await put_rows(connection, REGISTRATION, rows)

    async def _persons(
        self, connection: AsyncConnection, blinds: Sequence[bytes]
    ) -> Mapping[bytes, Row[Any]]:
        found: dict[bytes, Row[Any]] = {}
        for first in range(0, len(blinds), PART):
            asked = select(PERSON.c.id, PERSON.c.id_blind, PERSON.c.name, PERSON.c.phone_sealed).where(
                PERSON.c.id_blind.in_(blinds[first : first + PART])
            )
            found.update({row.id_blind: row for row in await connection.execute(asked)})
        return found

    async def _refresh(
        self,
        connection: AsyncConnection,
        institution_id: UUID,
        people: Sequence[SealedPerson],
        known: Mapping[bytes, Row[Any]],
    ) -> None:
        """Take over a new name or phone of a known person, unless another institution registered them too.

        Else one institution could send another's candidate's codes to a phone of its own.
        """
        elsewhere = (
            select(REGISTRATION.c.id)
            .join(SESSION, SESSION.c.id == REGISTRATION.c.session_id)
            .where(REGISTRATION.c.person_id == PERSON.c.id, SESSION.c.institution_id != institution_id)
            .exists()
        )
        for one in people:
            person = known[one.row["id_blind"]]
            if person.id == one.row["id"]:
                continue
            values: dict[str, Any] = {}
            if person.name != one.row["name"]:
                values["name"] = one.row["name"]
            if one.phone and self._opened(person) != one.phone:
                values |= self._phone(person.id, one.phone)
            if person.id == one.row["id"] or not values:
                continue
            await connection.execute(
                update(PERSON).where(PERSON.c.id == person.id, ~elsewhere).values(values)
            )

    def _opened(self, person: Row[Any]) -> str:
        sealed = person.phone_sealed
        return self._sealer.open(sealed, context=person.id.bytes).decode() if sealed else ""

    def _phone(self, person_id: UUID, phone: str) -> dict[str, Any]:
        sealed = self._sealer.seal(phone.encode(), context=person_id.bytes) if phone else b""
        return {"phone_sealed": sealed, "phone_mask": mask_mobile(phone) if phone else ""}


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

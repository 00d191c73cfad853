"""Sessions as institutions and candidates see them: planning, announcing, lists, consents, reports."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import (
    Act,
    ListedRegistration,
    NamedInstitution,
    NewRegistration,
    OwnRegistration,
    PlanAsk,
    SessionLine,
    Sittings,
)
from exam_api.record import SessionState
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.errors import NoSuchSource
from exam_api.store.roster import Registrar, booked_as_given
from exam_api.store.sessions import (
    BLUEPRINT,
    INSTITUTION,
    OF_REAL_HOUSE,
    REAL,
    SESSION,
    VERSION,
    facts_of,
    session_row,
    with_facts,
)
from exam_api.store.tables import ConsentRow, ItemReportRow, PersonRow, RegistrationRow, table
from question_pools.blueprint import Blueprint

CONSENT: Final = table(ConsentRow)
PERSON: Final = table(PersonRow)
REGISTRATION: Final = table(RegistrationRow)
REPORT: Final = table(ItemReportRow)

SHANGHAI_AHEAD: Final = timedelta(hours=8)
"""Civil dates are those of Asia/Shanghai; it has had no summer time since 1991."""

ANNOUNCED: Final = (SessionState.OPEN.value, SessionState.CLOSED.value, SessionState.PUBLISHED.value)
"""States in which candidates see a session."""


class SittingStore(Sittings):
    """Sessions and who is registered for them."""

    def __init__(self, database: Database, registrar: Registrar) -> None:
        self._database = database
        self._registrar = registrar

    async def sessions(self, institution_id: UUID | None) -> Sequence[SessionLine]:
        """Newest first; None: of every institution."""
        asked = _lines().where(REAL).order_by(SESSION.c.opens_ms.desc(), SESSION.c.id)
        if institution_id is not None:
            asked = asked.where(SESSION.c.institution_id == institution_id)
        async with self._database.reading() as connection:
            return [_line(row) for row in await connection.execute(asked)]

    async def session(self, session_id: UUID) -> SessionLine | None:
        """One session as it is listed."""
        async with self._database.reading() as connection:
            row = (await connection.execute(_lines().where(SESSION.c.id == session_id))).first()
        return None if row is None else _line(row)

    async def plan(self, ask: PlanAsk, *, act: Act) -> None:
        """Write a session down; it gets the next plan number of its year.

        Raises NoSuchSource, RecordAway.
        """
        facts = ask.facts
        version = (
            select(VERSION.c.id)
            .where(VERSION.c.pool_id == ask.pool_id, VERSION.c.digest == facts.pool_digest)
            .where(VERSION.c.published_ms > 0)
            .order_by(VERSION.c.number.desc())
            .limit(1)
        )
        blueprint = select(BLUEPRINT.c.id).where(
            BLUEPRINT.c.id == ask.blueprint_id, BLUEPRINT.c.digest == facts.blueprint_digest
        )
        year = (datetime.fromtimestamp(facts.opens_ms / 1000, tz=UTC) + SHANGHAI_AHEAD).year
        async with self._database.writing() as connection:
            version_id, blueprint_id = await connection.scalar(version), await connection.scalar(blueprint)
            if version_id is None or blueprint_id is None:
                raise NoSuchSource(facts.id)
            row = session_row(facts) | {
                "pool_version_id": version_id,
                "blueprint_id": blueprint_id,
                "plan_year": year,
                "plan_no": await _next_plan(connection, year),
                "made_ms": act.at_ms,
            }
            await connection.execute(insert(SESSION), row)
            await _remember(connection, act, "session.planned", facts.id)

    async def announce(self, session_id: UUID, *, act: Act) -> bool:
        """DRAFT → OPEN; False when it was not a draft."""
        opened = (
            update(SESSION)
            .where(SESSION.c.id == session_id, SESSION.c.state == SessionState.DRAFT.value)
            .values(state=SessionState.OPEN.value)
        )
        async with self._database.writing() as connection:
            if (await connection.execute(opened)).rowcount != 1:
                return False
            await _remember(connection, act, "session.announced", session_id)
        return True

    async def register(self, session_id: UUID, people: Sequence[NewRegistration], *, act: Act) -> int:
        """Add who is not registered yet; people, registrations and audit line in one transaction.

        Raises NoSuchSession, NotATicketNumber (more than 9,999), OthersFacts, RecordAway.
        """
        async with self._database.writing() as connection:
            added = await self._registrar.register(connection, session_id, people, act)
            await _remember(connection, act, "session.registered", session_id, rows=len(people), added=added)
        return added

    async def contradicted(self, session_id: UUID, people: Sequence[NewRegistration]) -> Sequence[int]:
        """Places in the list whose number is known under a name that the institution may not change."""
        async with self._database.reading() as connection:
            _, places = await self._registrar.contradicted(connection, session_id, people)
        return places

    async def listed(self, session_id: UUID) -> Sequence[ListedRegistration]:
        """Registrations in the order of their tickets, numbers masked."""
        asked = booked_as_given(session_id).order_by(REGISTRATION.c.serial)
        async with self._database.reading() as connection:
            return [
                ListedRegistration(
                    id=row.id,
                    name=row.name,
                    id_masked=row.id_mask,
                    phone_masked=row.phone_mask,
                    ticket_no=row.ticket_no,
                    seat=row.seat,
                    extra_ms=row.extra_ms,
                )
                for row in await connection.execute(asked)
            ]

    async def institution(self, institution_id: UUID) -> str | None:
        """Name of an institution."""
        async with self._database.reading() as connection:
            asked = select(INSTITUTION.c.name).where(INSTITUTION.c.id == institution_id)
            name: str | None = await connection.scalar(asked)
        return name

    async def institutions(self) -> Sequence[NamedInstitution]:
        """All institutions, by name."""
        asked = select(INSTITUTION.c.id, INSTITUTION.c.name).where(OF_REAL_HOUSE)
        asked = asked.order_by(INSTITUTION.c.name, INSTITUTION.c.id)
        async with self._database.reading() as connection:
            return [NamedInstitution(id=row.id, name=row.name) for row in await connection.execute(asked)]

    async def own(self, person_id: UUID) -> Sequence[OwnRegistration]:
        """A person's registrations in announced sessions, soonest first."""
        async with self._database.reading() as connection:
            return [_own(row) for row in await connection.execute(_OWN, {"person": person_id})]

    async def consent(self, attempt_id: UUID, *, choice: str, text_version: str, at_ms: int) -> None:
        """Keep a choice beside earlier ones."""
        row = {"attempt_id": attempt_id, "at_ms": at_ms, "choice": choice, "text_version": text_version}
        async with self._database.writing() as connection:
            await put_rows(connection, CONSENT, [row])

    async def report_item(  # noqa: PLR0913 - the port's
        self, attempt_id: UUID, session_id: UUID, *, slot: int, version: bytes, text: str, at_ms: int
    ) -> None:
        """Keep what a candidate says is wrong with an item."""
        row = {
            "id": uuid4(),
            "attempt_id": attempt_id,
            "session_id": session_id,
            "slot": slot,
            "version": version,
            "message": text.replace("\0", ""),
            "at_ms": at_ms,
        }
        async with self._database.writing() as connection:
            await connection.execute(insert(REPORT), row)


def _lines() -> Select[Any]:
    registered = (
        select(func.count())
        .where(REGISTRATION.c.session_id == SESSION.c.id, REGISTRATION.c.state == "booked")
        .scalar_subquery()
    )
    return with_facts(registered.label("registrations"))


def _line(row: Row[Any]) -> SessionLine:
    return SessionLine(facts=facts_of(row), registrations=row.registrations)


def _own_asked() -> Select[Any]:
    """Made once: putting it together costs more than the database's answer, and every log-in asks it."""
    latest = (
        select(CONSENT.c.choice)
        .where(CONSENT.c.attempt_id == REGISTRATION.c.id)
        .order_by(CONSENT.c.at_ms.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        with_facts(
            REGISTRATION.c.id.label("registration_id"),
            REGISTRATION.c.ticket_no,
            REGISTRATION.c.seat,
            REGISTRATION.c.extra_ms,
            BLUEPRINT.c.content.label("blueprint"),
            func.coalesce(latest, "none").label("consent"),
        )
        .join(REGISTRATION, REGISTRATION.c.session_id == SESSION.c.id)
        .where(REGISTRATION.c.person_id == bindparam("person"), REGISTRATION.c.state == "booked")
        .where(SESSION.c.state.in_(ANNOUNCED))
        .order_by(SESSION.c.opens_ms, SESSION.c.id)
    )


_OWN: Final = _own_asked()


def _own(row: Row[Any]) -> OwnRegistration:
    blueprint = msgspec.json.decode(row.blueprint, type=Blueprint)
    facts = msgspec.structs.replace(facts_of(row), room_code="")  # never sent to candidates
    return OwnRegistration(
        id=row.registration_id,
        facts=facts,
        ticket_no=row.ticket_no,
        seat=row.seat,
        extra_ms=row.extra_ms,
        items=sum(section.count for section in blueprint.sections),
        consent=row.consent,
    )


async def _next_plan(connection: AsyncConnection, year: int) -> int:
    if connection.dialect.name == "postgresql":
        # Two plans at a time would take the same number and one would fail.
        await connection.execute(select(func.pg_advisory_xact_lock(year)))
    highest = select(func.coalesce(func.max(SESSION.c.plan_no), 0)).where(SESSION.c.plan_year == year)
    return 1 + (await connection.execute(highest)).scalar_one()


async def _remember(connection: AsyncConnection, act: Act, what: str, session_id: UUID, **body: int) -> None:
    line = audit.Line(
        at_ms=act.at_ms,
        actor=act.actor,
        act=what,
        object=f"session:{session_id}",
        body=body,
        org=await connection.scalar(select(SESSION.c.institution_id).where(SESSION.c.id == session_id)),
    )
    await audit.append(connection, [line])

"""Rehearsals on record: written as sessions are, hidden from every list, and taken out again row by row."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Select, Table, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act
from exam_api.ports import Sealer
from exam_api.record import SessionFacts, SessionState
from exam_api.rehearsal.plan import Neighbour
from exam_api.rehearsal_ports import OnRecord, Planned, Rehearsals, Shadow, ShadowPerson
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.sealed import number_context
from exam_api.store.sessions import INSTITUTION, REAL, SESSION, facts_of, session_row, with_facts
from exam_api.store.tables import (
    AttemptRow,
    ConsentRow,
    EventRow,
    ExposureRow,
    FactRow,
    ItemReportRow,
    LateRequestRow,
    OpRow,
    PaperRow,
    PersonConsentRow,
    PersonNoticeRow,
    PersonRow,
    PictureKeyRow,
    RegistrationRow,
    ScoreReviewRow,
    ScoreRunRow,
    SnapshotRow,
    WechatLinkRow,
    table,
)

ATTEMPT: Final = table(AttemptRow)
EXPOSURE: Final = table(ExposureRow)
OP: Final = table(OpRow)
PERSON: Final = table(PersonRow)
REGISTRATION: Final = table(RegistrationRow)
RUN: Final = table(ScoreRunRow)

NO_YEAR: Final = 0
"""Plan year of a rehearsal: it takes no plan number, and as numbers are unique there is one at a time."""

SHADOW: Final = and_(SESSION.c.rehearsal.is_(True), SESSION.c.plan_year == NO_YEAR)
"""Condition of whatever is taken out: a real session that were given the mark by hand would still be one."""

OF_ATTEMPTS: Final[Sequence[Table]] = tuple(
    table(row)
    for row in (
        OpRow,
        EventRow,
        FactRow,
        ConsentRow,
        SnapshotRow,
        PictureKeyRow,
        LateRequestRow,
        ScoreReviewRow,
        ItemReportRow,
        ScoreRunRow,
        PaperRow,
    )
)
"""Tables with rows of an attempt, which bear `attempt_id`."""

OF_PERSONS: Final[Sequence[Table]] = tuple(
    table(row) for row in (PersonConsentRow, PersonNoticeRow, WechatLinkRow)
)
"""Tables into which candidates can write about themselves."""

PART: Final = 200
"""Attempts taken out in one transaction: some 20,000 rows, so that others get their turn."""


class RehearsalStore(Rehearsals):
    """`Rehearsals` in the database; its guards let rows of rehearsals go, and no others."""

    def __init__(self, database: Database, sealer: Sealer, blind: Callable[[str], bytes]) -> None:
        self._database = database
        self._sealer = sealer
        self._blind = blind

    async def planned(self, session_id: UUID) -> Planned | None:
        """As the port says."""
        enrolled = (
            select(func.count())
            .where(REGISTRATION.c.session_id == SESSION.c.id, REGISTRATION.c.state == "booked")
            .scalar_subquery()
        )
        asked = with_facts(enrolled.label("enrolled")).where(SESSION.c.id == session_id, REAL)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
        return None if row is None else Planned(facts=facts_of(row), enrolled=row.enrolled)

    async def neighbours(self, *, now_ms: int) -> Sequence[Neighbour]:
        """As the port says, soonest first."""
        asked = (
            select(SESSION.c.title, SESSION.c.entry_ms, SESSION.c.opens_ms, SESSION.c.closes_ms)
            .where(REAL, SESSION.c.state == SessionState.OPEN.value, SESSION.c.closes_ms > now_ms)
            .order_by(SESSION.c.entry_ms, SESSION.c.id)
        )
        async with self._database.reading() as connection:
            return [
                Neighbour(
                    title=row.title, entry_ms=row.entry_ms, opens_ms=row.opens_ms, closes_ms=row.closes_ms
                )
                for row in await connection.execute(asked)
            ]

    async def begin(
        self, of: UUID, facts: SessionFacts, people: Sequence[ShadowPerson], *, act: Act
    ) -> Shadow | None:
        """As the port says."""
        try:
            return await self._begin(of, facts, people, act)
        except IntegrityError:
            return None  # somebody else's was there first

    async def _begin(self, of: UUID, facts: SessionFacts, people: Sequence[ShadowPerson], act: Act) -> Shadow:
        shadow = Shadow(
            session_id=facts.id, institution_id=uuid4(), begun_ms=act.at_ms, opens_ms=facts.opens_ms
        )
        house = {"id": shadow.institution_id, "name": facts.institution, "made_ms": act.at_ms}
        async with self._database.writing() as connection:
            real = (await connection.execute(select(SESSION).where(SESSION.c.id == of))).one()
            own = msgspec.structs.replace(facts, institution_id=shadow.institution_id, rehearsal=True)
            row = session_row(own) | {
                "pool_version_id": real.pool_version_id,
                "blueprint_id": real.blueprint_id,
                "plan_year": NO_YEAR,
                "plan_no": 1,
                "made_ms": act.at_ms,
            }
            await connection.execute(insert(INSTITUTION), house)
            await connection.execute(insert(SESSION), row)
            await put_rows(connection, PERSON, [self._person(one, act) for one in people])
            places = [_registration(facts, one, serial, act) for serial, one in enumerate(people, start=1)]
            await put_rows(connection, REGISTRATION, places)
            told = {"of": str(of), "candidates": len(people)}
            await _remember(connection, act, "rehearsal.begun", shadow, told)
        return shadow

    async def left(self) -> Sequence[Shadow]:
        """As the port says."""
        asked = select(SESSION.c.id, SESSION.c.institution_id, SESSION.c.made_ms, SESSION.c.opens_ms)
        async with self._database.reading() as connection:
            found = await connection.execute(asked.where(SHADOW))
            return [
                Shadow(
                    session_id=row.id,
                    institution_id=row.institution_id,
                    begun_ms=row.made_ms,
                    opens_ms=row.opens_ms,
                )
                for row in found
            ]

    async def close(self, session_id: UUID) -> None:
        """As the port says."""
        closed = (
            update(SESSION)
            .where(SESSION.c.id == session_id, SHADOW)
            .values(state=SessionState.CANCELLED.value)
        )
        async with self._database.writing() as connection:
            await connection.execute(closed)

    async def on_record(self, session_id: UUID) -> OnRecord:
        """As the port says."""
        own = select(REGISTRATION.c.id).where(REGISTRATION.c.session_id == session_id)
        counts = (
            select(func.count()).where(ATTEMPT.c.session_id == session_id, ATTEMPT.c.started_ms > 0),
            select(func.count()).where(OP.c.attempt_id.in_(own), OP.c.how == "held"),
            select(func.count()).where(RUN.c.session_id == session_id, RUN.c.run == 1),
        )
        async with self._database.reading() as connection:
            started, ops, results = [(await connection.execute(one)).scalar_one() for one in counts]
        return OnRecord(started=started, ops=ops, results=results)

    async def take_out(self, shadow: Shadow) -> Mapping[str, int]:
        """As the port says, so many attempts in one transaction."""
        own = select(REGISTRATION.c.id).where(_registered(shadow))
        async with self._database.reading() as connection:
            attempts = (await connection.execute(own.order_by(REGISTRATION.c.id))).scalars().all()
        gone: dict[str, int] = {}
        for first in range(0, len(attempts), PART):
            part = attempts[first : first + PART]
            async with self._database.writing() as connection:
                for of in OF_ATTEMPTS:
                    await _delete(connection, gone, of, of.c.attempt_id.in_(part))
                await _delete(connection, gone, ATTEMPT, ATTEMPT.c.id.in_(part))
        return gone

    async def end(self, shadow: Shadow, *, told: Mapping[str, str | int], act: Act) -> Mapping[str, int]:
        """As the port says."""
        gone: dict[str, int] = {}
        here = _registered(shadow)
        async with self._database.writing() as connection:
            nobody = (
                select(PERSON.c.id)
                .join(REGISTRATION, REGISTRATION.c.person_id == PERSON.c.id)
                .where(here, PERSON.c.id_mask == "")
            )
            persons = (await connection.execute(nobody)).scalars().all()
            exposed = EXPOSURE.c.session_id.in_(_session(shadow))
            await _delete(connection, gone, EXPOSURE, exposed)
            await _delete(connection, gone, REGISTRATION, here)
            for first in range(0, len(persons), PART):
                part = persons[first : first + PART]
                for of in OF_PERSONS:
                    await _delete(connection, gone, of, of.c.person_id.in_(part))
                await _delete(connection, gone, PERSON, PERSON.c.id.in_(part))
            if await _delete(connection, gone, SESSION, SESSION.c.id == shadow.session_id, SHADOW):
                await _delete(connection, gone, INSTITUTION, INSTITUTION.c.id == shadow.institution_id)
            await _remember(connection, act, "rehearsal.removed", shadow, told)
        return gone

    def _person(self, one: ShadowPerson, act: Act) -> dict[str, Any]:
        """Without masks: lists of persons leave such rows out, as they do those of erased persons."""
        context = number_context(one.person_id.bytes)
        return {
            "id": one.person_id,
            "name": one.name,
            "id_blind": self._blind(one.id_no),
            "id_sealed": self._sealer.seal(one.id_no.encode(), context=context),
            "id_mask": "",
            "phone_sealed": b"",
            "phone_mask": "",
            "made_ms": act.at_ms,
        }


async def shadows_among(connection: AsyncConnection, attempts: Collection[UUID]) -> Collection[UUID]:
    """Those of the attempts that are a rehearsal's."""
    if not attempts:
        return ()
    asked = (
        select(REGISTRATION.c.id)
        .join(SESSION, SESSION.c.id == REGISTRATION.c.session_id)
        .where(REGISTRATION.c.id.in_(attempts), SESSION.c.rehearsal.is_(True))
    )
    return set((await connection.execute(asked)).scalars())


def _registration(facts: SessionFacts, one: ShadowPerson, serial: int, act: Act) -> dict[str, Any]:
    return {
        "id": one.registration_id,
        "session_id": facts.id,
        "person_id": one.person_id,
        "serial": serial,
        "ticket_no": f"R{serial:08d}",  # no ticket number has a letter
        "seat": f"{serial:02d}" if facts.channel == "desk" else "",
        "extra_ms": 0,
        "state": "booked",
        "made_ms": act.at_ms,
    }


def _session(shadow: Shadow) -> Select[tuple[UUID]]:
    """Its id, where it is a rehearsal's."""
    return select(SESSION.c.id).where(SESSION.c.id == shadow.session_id, SHADOW)


def _registered(shadow: Shadow) -> ColumnElement[bool]:
    return REGISTRATION.c.session_id.in_(_session(shadow))


async def _delete(connection: AsyncConnection, gone: dict[str, int], of: Table, *wanted: Any) -> int:  # noqa: ANN401 - conditions
    rows = (await connection.execute(delete(of).where(*wanted))).rowcount
    if rows:
        gone[str(of.name)] = gone.get(str(of.name), 0) + rows
    return rows


async def _remember(
    connection: AsyncConnection, act: Act, what: str, shadow: Shadow, told: Mapping[str, str | int]
) -> None:
    """In the department's chain: that of the rehearsal's own institution would outlive it."""
    line = audit.Line(
        at_ms=act.at_ms,
        actor=act.actor,
        act=what,
        object=f"session:{shadow.session_id}",
        body=dict(told),
    )
    await audit.append(connection, [line])

"""Persons as far as somebody's reach goes: lists, files, imports, the audited look at a number."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import and_, exists, func, insert, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act
from exam_api.people import Reach
from exam_api.persons_ports import (
    PeopleAsk,
    PersonFile,
    PersonLine,
    Persons,
    SentPerson,
    SittingLine,
    Taken,
)
from exam_api.store import audit
from exam_api.store.employers import employments_of, keep_employments
from exam_api.store.engine import Database
from exam_api.store.keeping import Keeper
from exam_api.store.tables import (
    AttemptRow,
    EmployerRow,
    EmploymentRow,
    InstitutionRow,
    PersonGivenRow,
    PersonNoticeRow,
    PersonRow,
    RegistrationRow,
    ScoreRunRow,
    SessionRow,
    table,
)

ATTEMPT: Final = table(AttemptRow)
EMPLOYER: Final = table(EmployerRow)
EMPLOYMENT: Final = table(EmploymentRow)
GIVEN: Final = table(PersonGivenRow)
INSTITUTION: Final = table(InstitutionRow)
NOTICE: Final = table(PersonNoticeRow)
PERSON: Final = table(PersonRow)
REGISTRATION: Final = table(RegistrationRow)
RUN: Final = table(ScoreRunRow)
SESSION: Final = table(SessionRow)


class PersonStore(Persons):
    """Persons for consoles and imports."""

    def __init__(self, database: Database, keeper: Keeper) -> None:
        self._database = database
        self._keeper = keeper

    async def contradicted(self, people: Sequence[SentPerson], institution_id: UUID | None) -> Sequence[int]:
        """Places in the list whose identity number is known under a name that this sender may not change."""
        async with self._database.reading() as connection:
            return await self._keeper.contradicted(connection, people, institution_id)

    async def take(self, people: Sequence[SentPerson], institution_id: UUID | None, *, act: Act) -> Taken:
        """Keep all of them, or none: persons, what was given, employers, employment.

        Raises OthersFacts.
        """
        async with self._database.writing() as connection:
            ids = await self._keeper.keep(connection, people, institution_id, act)
            works = await keep_employments(connection, people, ids, institution_id, act)
            sent = {one.id_no: one.person_id for one in people}
            new = sum(ids[number] == person_id for number, person_id in sent.items())
            taken = Taken(new=new, known=len(sent) - new, employments=works)
            line = audit.Line(
                at_ms=act.at_ms,
                actor=act.actor,
                act="people.imported",
                object=f"institution:{institution_id}" if institution_id else "department",
                body={"rows": len(people), "new": new, "employments": works},
                org=institution_id,
            )
            await audit.append(connection, [line])
        return taken

    async def notice(
        self, people: Sequence[SentPerson], institution_id: UUID | None, *, code: str, at_ms: int
    ) -> None:
        """Remember for these persons that something was refused because of what others told."""
        async with self._database.writing() as connection:
            known = await self._keeper.known(connection, people, institution_id)
            rows = [
                {
                    "id": uuid4(),
                    "person_id": one.row.id,
                    "institution_id": institution_id,
                    "code": code,
                    "at_ms": at_ms,
                }
                for one in known.values()
            ]
            if rows:
                await connection.execute(insert(NOTICE), rows)

    async def people(self, ask: PeopleAsk) -> Sequence[PersonLine]:
        """A page of the list, by name."""
        asked, name = _within(ask.reach)
        if ask.name:
            asked = asked.where(name.startswith(ask.name, autoescape=True))
        if ask.id_no:
            asked = asked.where(PERSON.c.id_blind.in_(self._keeper.blinds(ask.id_no)))
        async with self._database.reading() as connection:
            if ask.after is not None:
                last = (await connection.execute(asked.where(PERSON.c.id == ask.after))).first()
                if last is not None:
                    after = and_(name == last.name, PERSON.c.id > ask.after)
                    asked = asked.where(or_(name > last.name, after))
            rows = await connection.execute(asked.order_by(name, PERSON.c.id).limit(ask.limit))
            return [_line(row) for row in rows]

    async def person(self, person_id: UUID, reach: Reach) -> PersonFile | None:
        """A person with everything within reach; None: not within reach."""
        asked, _ = _within(reach)
        givers = (
            select(INSTITUTION.c.name)
            .join(GIVEN, GIVEN.c.institution_id == INSTITUTION.c.id)
            .where(GIVEN.c.person_id == person_id)
            .order_by(INSTITUTION.c.name)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(asked.where(PERSON.c.id == person_id))).first()
            if row is None:
                return None
            return PersonFile(
                line=_line(row),
                employments=await employments_of(connection, person_id, reach),
                sittings=await sittings_of(connection, person_id, reach),
                given_by=(await connection.execute(givers)).scalars().all() if reach.everywhere else [],
            )

    async def number(self, person_id: UUID, reach: Reach, *, reason: str, act: Act) -> str | None:
        """The identity number, with the read in the audit; None: not within reach, or erased."""
        asked, _ = _within(reach)
        asked = asked.add_columns(PERSON.c.id_sealed).where(PERSON.c.id == person_id)
        async with self._database.writing() as connection:
            row = (await connection.execute(asked)).first()
            if row is None:
                return None
            number = self._keeper.opened_number(person_id, row.id_sealed)
            line = audit.Line(
                at_ms=act.at_ms,
                actor=act.actor,
                act="person.number-opened",
                object=f"person:{person_id}",
                body={"reason": reason},
                org=reach.institution_id,
            )
            await audit.append(connection, [line])
        return number or None


async def sittings_of(connection: AsyncConnection, person_id: UUID, reach: Reach) -> list[SittingLine]:
    """A person's registrations within reach, newest first, each with its newest score run."""
    every = RUN.alias()
    newest = select(func.max(every.c.run)).where(every.c.attempt_id == REGISTRATION.c.id).scalar_subquery()
    run = and_(RUN.c.attempt_id == REGISTRATION.c.id, RUN.c.run == newest)
    asked = (
        select(
            REGISTRATION.c.id,
            REGISTRATION.c.session_id,
            REGISTRATION.c.ticket_no,
            REGISTRATION.c.seat,
            SESSION.c.institution_id,
            SESSION.c.title,
            SESSION.c.opens_ms,
            SESSION.c.full_centi,
            INSTITUTION.c.name.label("institution"),
            RUN.c.total_centi,
            RUN.c.passed,
            func.coalesce(ATTEMPT.c.started_ms, 0).label("started_ms"),
            func.coalesce(ATTEMPT.c.closed_ms, 0).label("closed_ms"),
        )
        .join(SESSION, SESSION.c.id == REGISTRATION.c.session_id)
        .join(INSTITUTION, INSTITUTION.c.id == SESSION.c.institution_id)
        .outerjoin(ATTEMPT, ATTEMPT.c.id == REGISTRATION.c.id)
        .outerjoin(RUN, run)
        .where(REGISTRATION.c.person_id == person_id, REGISTRATION.c.state == "booked")
        .order_by(SESSION.c.opens_ms.desc(), SESSION.c.id)
    )
    if reach.institution_id is not None:
        asked = asked.where(SESSION.c.institution_id == reach.institution_id)
    return [_sitting(row) for row in await connection.execute(asked)]


def _within(reach: Reach) -> tuple[Any, Any]:
    """Ask for persons within reach, and the column of the name they have there. Erased ones are nobody's."""
    name: Any = PERSON.c.name
    phone: Any = PERSON.c.phone_mask
    works = and_(EMPLOYMENT.c.person_id == PERSON.c.id, EMPLOYMENT.c.until == "")
    registered: Any = literal(value=False)
    if reach.institution_id is not None:
        name, phone = GIVEN.c.name, GIVEN.c.phone_mask
        works = and_(works, EMPLOYMENT.c.given_by == reach.institution_id)
        registered = exists(
            select(REGISTRATION.c.id)
            .join(SESSION, SESSION.c.id == REGISTRATION.c.session_id)
            .where(REGISTRATION.c.person_id == PERSON.c.id, SESSION.c.institution_id == reach.institution_id)
        )
    elif reach.employer_id is not None:
        works = and_(works, EMPLOYMENT.c.employer_id == reach.employer_id)
    employer = (
        select(EMPLOYER.c.name)
        .join(EMPLOYMENT, EMPLOYMENT.c.employer_id == EMPLOYER.c.id)
        .where(works)
        .order_by(EMPLOYMENT.c.made_ms.desc(), EMPLOYMENT.c.id)
        .limit(1)
        .scalar_subquery()
    )
    asked = select(
        PERSON.c.id,
        name.label("name"),
        PERSON.c.id_mask,
        phone.label("phone_mask"),
        PERSON.c.made_ms,
        func.coalesce(employer, "").label("employer"),
        registered.label("registered"),
    ).where(PERSON.c.id_mask != "")
    if reach.institution_id is not None:
        own = and_(GIVEN.c.person_id == PERSON.c.id, GIVEN.c.institution_id == reach.institution_id)
        asked = asked.join(GIVEN, own)
    elif reach.employer_id is not None:
        asked = asked.where(exists(select(EMPLOYMENT.c.id).where(works)))
    elif not reach.everywhere:
        asked = asked.where(literal(value=False))
    return asked, name


def _line(row: Any) -> PersonLine:  # noqa: ANN401 - a row
    return PersonLine(
        id=row.id,
        name=row.name,
        id_mask=row.id_mask,
        phone_mask=row.phone_mask,
        employer=row.employer,
        registered=bool(row.registered),
        made_ms=row.made_ms,
    )


def _sitting(row: Any) -> SittingLine:  # noqa: ANN401 - a row
    state = "closed" if row.closed_ms else "running" if row.started_ms else "ready"
    return SittingLine(
        registration_id=row.id,
        session_id=row.session_id,
        institution_id=row.institution_id,
        institution=row.institution,
        title=row.title,
        opens_ms=row.opens_ms,
        ticket_no=row.ticket_no,
        seat=row.seat,
        state=state,
        total_centi=row.total_centi,
        full_centi=row.full_centi,
        passed=row.passed,
    )

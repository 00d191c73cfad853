"""Employers, and who works for them as what."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act
from exam_api.people import Reach
from exam_api.persons_ports import EmployerLine, Employers, EmploymentLine, SentPerson
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.tables import EmployerRow, EmploymentRow, table

EMPLOYER: Final = table(EmployerRow)
EMPLOYMENT: Final = table(EmploymentRow)

LIST_MOST: Final = 500
"""Employers of one answer; more is for the search."""

PART: Final = 500
"""Codes asked for in one statement."""


class EmployerStore(Employers):
    """Employers for the console."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def employers(self, reach: Reach, *, words: str) -> Sequence[EmployerLine]:
        """By name; an institution sees those that it sent people of, and how many of them it sent."""
        works = _within(
            select(func.count(EMPLOYMENT.c.person_id.distinct()))
            .where(EMPLOYMENT.c.employer_id == EMPLOYER.c.id, EMPLOYMENT.c.until == "")
            .correlate(EMPLOYER),
            reach,
        ).scalar_subquery()
        asked = select(EMPLOYER.c.id, EMPLOYER.c.uscc, EMPLOYER.c.name, works.label("people"))
        if words:
            asked = asked.where(
                EMPLOYER.c.name.contains(words, autoescape=True) | (EMPLOYER.c.uscc == words.upper())
            )
        if not reach.everywhere:
            own = _within(select(EMPLOYMENT.c.employer_id), reach)
            asked = asked.where(EMPLOYER.c.id.in_(own))
        asked = asked.order_by(EMPLOYER.c.name, EMPLOYER.c.id).limit(LIST_MOST)
        async with self._database.reading() as connection:
            return [
                EmployerLine(id=row.id, uscc=row.uscc, name=row.name, people=row.people)
                for row in await connection.execute(asked)
            ]

    async def keep_employer(self, uscc: str, name: str, *, act: Act) -> None:
        """One that is there takes the name."""
        row = {"id": uuid4(), "uscc": uscc, "name": name, "made_ms": act.at_ms}
        async with self._database.writing() as connection:
            if not await put_rows(connection, EMPLOYER, [row]):
                await connection.execute(update(EMPLOYER).where(EMPLOYER.c.uscc == uscc).values(name=name))
            await audit.append(connection, [_line(act, "employer.kept", f"employer:{uscc}", None)])

    async def confirm_employment(self, employment_id: UUID, reach: Reach, *, act: Act) -> bool:
        """Say that it is so: the employer's clerk, or the department."""
        return await self._change(
            employment_id,
            reach,
            {"confirmed_by": act.actor, "confirmed_ms": act.at_ms},
            act=act,
            what="employment.confirmed",
        )

    async def end_employment(self, employment_id: UUID, reach: Reach, *, until: str, act: Act) -> bool:
        """It ended that day."""
        return await self._change(employment_id, reach, {"until": until}, act=act, what="employment.ended")

    async def _change(
        self, employment_id: UUID, reach: Reach, values: Mapping[str, Any], *, act: Act, what: str
    ) -> bool:
        own = _within(select(EMPLOYMENT.c.id).where(EMPLOYMENT.c.id == employment_id), reach)
        if "until" in values:
            own = own.where(EMPLOYMENT.c.since <= values["until"])
        async with self._database.writing() as connection:
            if await connection.scalar(own) is None:
                return False
            await connection.execute(
                update(EMPLOYMENT).where(EMPLOYMENT.c.id == employment_id).values(**values)
            )
            line = _line(act, what, f"employment:{employment_id}", reach.institution_id)
            await audit.append(connection, [line])
        return True


async def keep_employments(
    connection: AsyncConnection,
    people: Sequence[SentPerson],
    ids: Mapping[str, UUID],
    institution_id: UUID | None,
    act: Act,
) -> int:
    """Keep the employers and employments of an import. How many employments were new."""
    works = [(ids[one.id_no], one.employment) for one in people if one.employment is not None]
    names: dict[str, str] = {}
    for _, work in works:
        names[work.uscc] = names.get(work.uscc) or work.employer
    rows = [
        {"id": uuid4(), "uscc": uscc, "name": name or uscc, "made_ms": act.at_ms}
        for uscc, name in sorted(names.items())
    ]
    await put_rows(connection, EMPLOYER, rows)
    codes = sorted(names)
    employers: dict[str, UUID] = {}
    for first in range(0, len(codes), PART):
        asked = select(EMPLOYER.c.uscc, EMPLOYER.c.id).where(EMPLOYER.c.uscc.in_(codes[first : first + PART]))
        employers.update({row.uscc: row.id for row in await connection.execute(asked)})
    found = [
        {
            "id": uuid4(),
            "person_id": person_id,
            "employer_id": employers[work.uscc],
            "role": work.role,
            "since": work.since,
            "until": "",
            "given_by": institution_id,
            "confirmed_by": "",
            "confirmed_ms": 0,
            "made_ms": act.at_ms,
        }
        for person_id, work in works
    ]
    return await put_rows(connection, EMPLOYMENT, found)


async def employments_of(connection: AsyncConnection, person_id: UUID, reach: Reach) -> list[EmploymentLine]:
    """Where a person works and worked, newest first, within reach."""
    asked = (
        select(EMPLOYMENT, EMPLOYER.c.name, EMPLOYER.c.uscc)
        .join(EMPLOYER, EMPLOYER.c.id == EMPLOYMENT.c.employer_id)
        .where(EMPLOYMENT.c.person_id == person_id)
        .order_by(EMPLOYMENT.c.made_ms.desc(), EMPLOYMENT.c.id)
    )
    return [
        EmploymentLine(
            id=row.id,
            employer_id=row.employer_id,
            employer=row.name,
            uscc=row.uscc,
            role=row.role,
            since=row.since,
            until=row.until,
            confirmed_ms=row.confirmed_ms,
        )
        for row in await connection.execute(_within(asked, reach))
    ]


def _within(asked: Any, reach: Reach) -> Any:  # noqa: ANN401 - a statement, with more conditions
    """An institution reads the employments it sent itself, an employer its own."""
    if reach.everywhere:
        return asked
    if reach.employer_id is not None:
        return asked.where(EMPLOYMENT.c.employer_id == reach.employer_id)
    return asked.where(EMPLOYMENT.c.given_by == reach.institution_id)


def _line(act: Act, what: str, on: str, org: UUID | None) -> audit.Line:
    return audit.Line(at_ms=act.at_ms, actor=act.actor, act=what, object=on, org=org)

"""The audit for those who read it: lines by filter, the names of what they speak of, walks and seals."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.audit_ports import AuditBook, KeptLine, Line, LinesAsk, Place, Seal, Walked
from exam_api.store.audit import AUDIT, DEPARTMENT
from exam_api.store.audit_walk import walked
from exam_api.store.engine import Database
from exam_api.store.seals import ends, kept_seals
from exam_api.store.tables import (
    InstitutionRow,
    PersonRow,
    PoolRow,
    RegistrationRow,
    SessionRow,
    StaffRow,
    table,
)

INSTITUTION: Final = table(InstitutionRow)
PERSON: Final = table(PersonRow)
POOL: Final = table(PoolRow)
REGISTRATION: Final = table(RegistrationRow)
SESSION: Final = table(SessionRow)
STAFF: Final = table(StaffRow)

ACTORS_MAX: Final = 200
"""Accounts that a part of a name may stand for."""


class AuditBookStore(AuditBook):
    """`AuditBook` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lines(self, ask: LinesAsk) -> Sequence[KeptLine]:
        """Lines newest first."""
        async with self._database.reading() as connection:
            actors = await _actors(connection, ask.actor)
            rows = await connection.execute(_asked(ask, actors))
            return [_kept(row) for row in rows]

    async def names(self, words: Sequence[str], *, of_persons: bool) -> Mapping[str, str]:
        """What the things are called that `kind:<uuid>` stands for."""
        ids: dict[str, set[UUID]] = {}
        for word in words:
            kind, _, rest = word.partition(":")
            if (found := _uuid(rest)) is not None:
                ids.setdefault(kind, set()).add(found)
        async with self._database.reading() as connection:
            return {
                f"{kind}:{row.id}": row.name
                for kind, asked in _naming(of_persons=of_persons).items()
                if kind in ids
                for row in await connection.execute(asked.where(asked.selected_columns.id.in_(ids[kind])))
            }

    async def walked(self, *, org: UUID | None, day: str | None) -> Sequence[Walked]:
        """Walk every chain, or one; whole, or one day of it; against the seals that are kept here."""
        return await walked(self._database, org=org, day=day, sealed=ends(await self.seals()))

    async def seals(self) -> Sequence[Seal]:
        """Every seal, oldest day first."""
        async with self._database.reading() as connection:
            return await kept_seals(connection)


def _asked(ask: LinesAsk, actors: Sequence[str] | None) -> Select[Any]:
    place = (AUDIT.c.at_ms, AUDIT.c.org, AUDIT.c.day, AUDIT.c.no)
    asked = select(AUDIT).order_by(*(column.desc() for column in place)).limit(ask.limit)
    wanted = (
        (AUDIT.c.org == ask.org, ask.org is not None),
        (AUDIT.c.day >= ask.first_day, bool(ask.first_day)),
        (AUDIT.c.day <= ask.last_day, bool(ask.last_day)),
        (AUDIT.c.actor.in_(actors or ()), actors is not None),
        (AUDIT.c.act.startswith(ask.act, autoescape=True), bool(ask.act)),
        (AUDIT.c.object == ask.object, bool(ask.object)),
    )
    asked = asked.where(*(condition for condition, holds in wanted if holds))
    if ask.after is not None:
        at_ms, org, day, no = ask.after
        known = (literal(at_ms, AUDIT.c.at_ms.type), literal(org, AUDIT.c.org.type))
        asked = asked.where(tuple_(*place) < tuple_(*known, literal(day), literal(no, AUDIT.c.no.type)))
    return asked


async def _actors(connection: AsyncConnection, asked: str) -> Sequence[str] | None:
    """The actors that a text stands for: one by its own word, accounts by a part of name or log-in name."""
    if not asked:
        return None
    named = or_(
        STAFF.c.name.contains(asked, autoescape=True),
        STAFF.c.login.contains(asked.lower(), autoescape=True),
    )
    found = await connection.execute(select(STAFF.c.id).where(named).limit(ACTORS_MAX))
    return [asked, *(f"staff:{one}" for one in found.scalars())]


def _naming(*, of_persons: bool) -> Mapping[str, Any]:
    """By kind of thing, what names all of them; to be narrowed by id."""
    person = PERSON.c.name if of_persons else PERSON.c.id_mask
    seat = REGISTRATION.c.ticket_no
    if of_persons:
        seat = seat.concat(" ").concat(PERSON.c.name)
    held = REGISTRATION.join(PERSON, PERSON.c.id == REGISTRATION.c.person_id)
    return {
        "staff": select(STAFF.c.id, STAFF.c.name),
        "session": select(SESSION.c.id, SESSION.c.title.label("name")),
        "pool": select(POOL.c.id, POOL.c.title.label("name")),
        "institution": select(INSTITUTION.c.id, INSTITUTION.c.name),
        "person": select(PERSON.c.id, person.label("name")),
        "attempt": select(REGISTRATION.c.id, seat.label("name")).select_from(held),
    }


def _uuid(text: str) -> UUID | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return None if found == DEPARTMENT else found


def _kept(row: Row[Any]) -> KeptLine:
    line = Line(
        at_ms=row.at_ms,
        actor=row.actor,
        act=row.act,
        object=row.object,
        body=msgspec.json.decode(row.body, type=dict[str, str | int | bool | None]),
        org=None if row.org == DEPARTMENT else row.org,
    )
    return KeptLine(Place(row.org, row.day, row.no), line, row.hash)

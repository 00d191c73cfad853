"""Which WeChat identity belongs to which person, under a keyed hash."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select

from exam_api.account_ports import LinkedPerson, WeChatLinks
from exam_api.console_ports import Act
from exam_api.people import ArmedPerson
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.tables import PersonRow, RegistrationRow, WechatLinkRow, table

LINK: Final = table(WechatLinkRow)
PERSON: Final = table(PersonRow)
REGISTRATION: Final = table(RegistrationRow)


class WeChatLinkStore(WeChatLinks):
    """`WeChatLinks` in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def person(self, openid_hashes: Sequence[bytes]) -> LinkedPerson | None:
        """Whom the identity logs in."""
        asked = (
            select(PERSON)
            .join(LINK, LINK.c.person_id == PERSON.c.id)
            .where(LINK.c.openid_hash.in_(openid_hashes))
        )
        own = select(REGISTRATION.c.id).order_by(REGISTRATION.c.made_ms, REGISTRATION.c.id)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
            if row is None:
                return None
            booked = own.where(REGISTRATION.c.person_id == row.id, REGISTRATION.c.state == "booked")
            registrations = (await connection.execute(booked)).scalars().all()
        person = ArmedPerson(
            person_id=row.id,
            name=row.name,
            phone_sealed=row.phone_sealed,
            registrations=tuple(registrations),
        )
        return LinkedPerson(person=person, blind=row.id_blind)

    async def link(self, openid_hash: bytes, person_id: UUID, *, act: Act) -> bool:
        """False: it is linked to another person."""
        row = {"openid_hash": openid_hash, "person_id": person_id, "made_ms": act.at_ms}
        held = select(LINK.c.person_id).where(LINK.c.openid_hash == openid_hash)
        async with self._database.writing() as connection:
            if await put_rows(connection, LINK, [row]):
                await audit.append(connection, [_line(act, "wechat.linked", person_id)])
                return True
            found: UUID = (await connection.execute(held)).scalar_one()
        return found == person_id

    async def unlink(self, person_id: UUID, *, act: Act) -> int:
        """Take all links of a person away."""
        async with self._database.writing() as connection:
            done = await connection.execute(delete(LINK).where(LINK.c.person_id == person_id))
            if done.rowcount:
                await audit.append(connection, [_line(act, "wechat.unlinked", person_id)])
        return max(0, done.rowcount)


def _line(act: Act, what: str, person_id: UUID) -> audit.Line:
    return audit.Line(at_ms=act.at_ms, actor=act.actor, act=what, object=f"person:{person_id}")

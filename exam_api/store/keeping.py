"""Keeping what somebody sent about persons: found or made, what was given beside what the record holds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from enrollment.identity import mask_identity, mask_mobile, normal_name
from exam_api.console_ports import Act
from exam_api.errors import OthersFacts
from exam_api.persons_ports import SentPerson
from exam_api.ports import Sealer
from exam_api.store.bulk import put_rows
from exam_api.store.sealed import number_context
from exam_api.store.tables import PersonGivenRow, PersonRow, table

PERSON: Final = table(PersonRow)
GIVEN: Final = table(PersonGivenRow)

PART: Final = 500
"""Persons asked for in one statement: databases limit the arguments of one."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the list as the record has them."""

    row: Row[Any]
    given: Row[Any] | None
    """What this sender sent before."""
    others: bool
    """Whether another institution sent something too."""

    def may_change(self, institution_id: UUID | None) -> bool:
        """The department may; an institution only where it made the person and nobody else sent anything."""
        if institution_id is None:
            return True
        return self.given is not None and not self.others and self.given.first_ms == self.row.made_ms


class Keeper:
    """Knows how numbers are sealed and found, also under the keys of before."""

    def __init__(
        self,
        sealer: Sealer,
        blind: Callable[[str], bytes],
        *,
        older: Sequence[Callable[[str], bytes]] = (),
    ) -> None:
        self._sealer = sealer
        self._blinds = (blind, *older)

    def blinds(self, id_no: str) -> list[bytes]:
        """Every blind index under which a number may be kept; the newest first."""
        return [blind(id_no) for blind in self._blinds]

    async def known(
        self, connection: AsyncConnection, people: Sequence[SentPerson], institution_id: UUID | None
    ) -> Mapping[str, Known]:
        """Those of the list whom the record knows, by identity number."""
        numbers = {blind: one.id_no for one in people for blind in self.blinds(one.id_no)}
        rows: dict[str, Row[Any]] = {}
        for part in _parts(list(numbers)):
            asked = select(PERSON).where(_among(connection, PERSON.c.id_blind, part))
            rows.update({numbers[row.id_blind]: row for row in await connection.execute(asked)})
        own: dict[UUID, Row[Any]] = {}
        others: set[UUID] = set()
        for part in _parts([row.id for row in rows.values()]):
            asked = select(GIVEN).where(_among(connection, GIVEN.c.person_id, part))
            for row in await connection.execute(asked):
                if row.institution_id == institution_id:
                    own[row.person_id] = row
                else:
                    others.add(row.person_id)
        return {
            number: Known(row=row, given=own.get(row.id), others=row.id in others)
            for number, row in rows.items()
        }

    async def contradicted(
        self, connection: AsyncConnection, people: Sequence[SentPerson], institution_id: UUID | None
    ) -> Sequence[int]:
        """Places in the list whose number is known under a name that this sender may not change."""
        known = await self.known(connection, people, institution_id)
        return [n for n, one in enumerate(people) if _contradicts(one, known.get(one.id_no), institution_id)]

    async def keep(
        self,
        connection: AsyncConnection,
        people: Sequence[SentPerson],
        institution_id: UUID | None,
        act: Act,
    ) -> Mapping[str, UUID]:
        """Find or make every person, keep what was given; ids by identity number.

        Raises OthersFacts.
        """
        before = await self.known(connection, people, institution_id)
        if any(_contradicts(one, before.get(one.id_no), institution_id) for one in people):
            raise OthersFacts
        fresh = [self._person(one, act) for one in people if one.id_no not in before]
        # In one order everywhere: two rosters with the same people must not lock each other out.
        await put_rows(connection, PERSON, sorted(fresh, key=lambda row: row["id_blind"]))
        made = [one for one in people if one.id_no not in before]
        known = {**before, **await self.known(connection, made, institution_id)}
        if any(_contradicts(one, known[one.id_no], institution_id) for one in made):
            raise OthersFacts  # somebody else made them at the same moment
        await self._refresh(connection, [one for one in people if one.id_no in before], known, institution_id)
        if institution_id is None:
            await self._settle(connection, [known[one.id_no].row.id for one in people])
        else:
            await self._give(connection, people, known, institution_id, act)
        return {number: one.row.id for number, one in known.items()}

    def phone(self, person_id: UUID, phone: str) -> dict[str, Any]:
        """Columns of a phone, sealed for its person."""
        sealed = self._sealer.seal(phone.encode(), context=person_id.bytes) if phone else b""
        return {"phone_sealed": sealed, "phone_mask": mask_mobile(phone) if phone else ""}

    def number(self, person_id: UUID, id_no: str) -> dict[str, Any]:
        """Columns of an identity number, sealed for its person."""
        return {
            "id_blind": self._blinds[0](id_no),
            "id_sealed": self._sealer.seal(id_no.encode(), context=number_context(person_id.bytes)),
            "id_mask": mask_identity(id_no),
        }

    def opened_phone(self, person_id: UUID, sealed: bytes) -> str:
        """Empty where none is kept."""
        return self._sealer.open(sealed, context=person_id.bytes).decode() if sealed else ""

    def opened_number(self, person_id: UUID, sealed: bytes) -> str:
        """Empty where it was erased."""
        if not sealed:
            return ""
        return self._sealer.open(sealed, context=number_context(person_id.bytes)).decode()

    def _person(self, one: SentPerson, act: Act) -> dict[str, Any]:
        return {
            "id": one.person_id,
            "name": one.name,
            **self.number(one.person_id, one.id_no),
            **self.phone(one.person_id, one.phone),
            "made_ms": act.at_ms,
        }

    async def _refresh(
        self,
        connection: AsyncConnection,
        people: Sequence[SentPerson],
        known: Mapping[str, Known],
        institution_id: UUID | None,
    ) -> None:
        """Take a new name or phone over into the record where this sender may.

        Else one institution could send another's candidate's codes to a phone of its own.
        """
        changed: list[dict[str, Any]] = []
        for one in people:
            held = known[one.id_no]
            if not held.may_change(institution_id):
                continue
            row = held.row
            kept = {"name": row.name, "phone_sealed": row.phone_sealed, "phone_mask": row.phone_mask}
            values = kept | {"name": one.name}
            if one.phone and self.opened_phone(row.id, row.phone_sealed) != one.phone:
                values |= self.phone(row.id, one.phone)
            if values != kept:
                changed.append({"of": row.id, **values})
        if changed:
            await connection.execute(update(PERSON).where(PERSON.c.id == bindparam("of")), changed)

    async def _give(
        self,
        connection: AsyncConnection,
        people: Sequence[SentPerson],
        known: Mapping[str, Known],
        institution_id: UUID,
        act: Act,
    ) -> None:
        fresh: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for one in people:
            held = known[one.id_no]
            person_id, given = held.row.id, held.given
            if given is None:
                row = {"person_id": person_id, "institution_id": institution_id, "name": one.name}
                phone = self.phone(person_id, one.phone)
                fresh.append({**row, **phone, "at_ms": act.at_ms, "first_ms": act.at_ms})
                continue
            kept = {"name": given.name, "phone_sealed": given.phone_sealed, "phone_mask": given.phone_mask}
            values = kept | {"name": one.name}
            if one.phone and self.opened_phone(person_id, given.phone_sealed) != one.phone:
                values |= self.phone(person_id, one.phone)
            if values != kept:
                changed.append({"of": person_id, **values, "at_ms": act.at_ms})
        await put_rows(connection, GIVEN, fresh)
        if changed:
            own = (GIVEN.c.person_id == bindparam("of"), GIVEN.c.institution_id == institution_id)
            await connection.execute(update(GIVEN).where(*own), changed)

    async def _settle(self, connection: AsyncConnection, person_ids: Sequence[UUID]) -> None:
        """What the department says stands: no institution changes it afterwards."""
        for part in _parts(person_ids):
            await connection.execute(update(GIVEN).where(GIVEN.c.person_id.in_(part)).values(first_ms=0))


def _contradicts(one: SentPerson, known: Known | None, institution_id: UUID | None) -> bool:
    if known is None or known.may_change(institution_id):
        return False
    return normal_name(one.name) != normal_name(known.row.name)


def _among(connection: AsyncConnection, column: ColumnElement[Any], values: Sequence[Any]) -> Any:  # noqa: ANN401
    """The column is one of the values.

    PostgreSQL gets them as a set to be joined: a long list inside a prepared statement is compared one by one
    with every row as long as it holds the table to be as small as it was.
    """
    if connection.dialect.name == "sqlite":
        return column.in_(values)
    held = bindparam(None, list(values), type_=ARRAY(column.type))
    return column.in_(select(func.unnest(held)))


def _parts(ids: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (ids[first : first + PART] for first in range(0, len(ids), PART))

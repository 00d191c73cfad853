"""What was erased for good: after the restore of an older backup it is erased again."""

from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act
from exam_api.store.audit import AUDIT, Line
from exam_api.store.erasing import erase_person
from exam_api.store.retention import carry_out_in
from exam_api.store.tables import ErasureRow, PersonRow, table

ERASURE: Final = table(ErasureRow)
PERSON: Final = table(PersonRow)

_PERSON: Final = "person:"
_KIND: Final = "retention:"


class Forgotten(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The log of deletions, without a word about whom they concerned but the id."""

    persons: frozenset[UUID] = frozenset()
    retention: dict[str, int] = {}
    """For each kind, the latest instant before which it was erased."""

    def beyond(self, other: "Forgotten") -> "Forgotten":
        """What of it the other does not know."""
        later = {kind: at for kind, at in self.retention.items() if at > other.retention.get(kind, 0)}
        return Forgotten(persons=self.persons - other.persons, retention=later)

    def joined(self, other: "Forgotten") -> "Forgotten":
        """What either knows."""
        kinds = self.retention.keys() | other.retention.keys()
        latest = {kind: max(self.retention.get(kind, 0), other.retention.get(kind, 0)) for kind in kinds}
        return Forgotten(persons=self.persons | other.persons, retention=latest)


class _Applied(msgspec.Struct):
    """What a line of retention says."""

    before_ms: int = 0


async def forgotten(connection: AsyncConnection) -> Forgotten:
    """What this database's audit tells of deletions."""
    erased = select(AUDIT.c.object).where(AUDIT.c.act == "person.erased")
    applied = select(AUDIT.c.object, AUDIT.c.body).where(AUDIT.c.act == "retention.applied")
    persons = {_person(told) for (told,) in await connection.execute(erased)}
    retention: dict[str, int] = {}
    for told, body in await connection.execute(applied):
        kind = str(told).removeprefix(_KIND)
        before_ms = msgspec.json.decode(body, type=_Applied).before_ms
        retention[kind] = max(retention.get(kind, 0), before_ms)
    return Forgotten(persons=frozenset(persons - {None}), retention=retention)  # type: ignore[arg-type]


async def forget_again(connection: AsyncConnection, log: Forgotten, *, act: Act) -> list[Line]:
    """Erase what the log names; the lines of the audit that tell of it, to be appended last."""
    lines: list[Line] = []
    for person_id in sorted(log.persons):
        known = select(PERSON.c.id).where(PERSON.c.id == person_id)
        if (await connection.execute(known)).first() is None:
            continue
        await erase_person(connection, person_id)
        asked = update(ERASURE).where(ERASURE.c.person_id == person_id, ERASURE.c.state == "open")
        await connection.execute(asked.values(state="done", decided_by=act.actor, decided_ms=act.at_ms))
        lines.append(_line(act, "person.erased", f"{_PERSON}{person_id}", again=True))
    for kind, before_ms in sorted(log.retention.items()):
        rows = await carry_out_in(connection, kind, before_ms=before_ms)
        if rows:
            told = {"rows": rows, "before_ms": before_ms, "again": True}
            lines.append(_line(act, "retention.applied", f"{_KIND}{kind}", **told))
    return lines


def _line(act: Act, what: str, of: str, **body: Any) -> Line:  # noqa: ANN401 - figures
    return Line(at_ms=act.at_ms, actor=act.actor, act=what, object=of, body=body)


def _person(told: str) -> UUID | None:
    try:
        return UUID(told.removeprefix(_PERSON))
    except ValueError:
        return None

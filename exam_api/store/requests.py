"""What persons ask for: corrections and deletions, decided within reach; and holds."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act
from exam_api.errors import ErasureHeld, OthersFacts
from exam_api.people import Reach
from exam_api.persons_ports import Correction, Erasure, Finding, NewCorrection, Requests
from exam_api.ports import Sealer
from exam_api.store import audit
from exam_api.store.engine import Database
from exam_api.store.erasing import count, erase_person, findings_of
from exam_api.store.keeping import Keeper
from exam_api.store.sealed import correction_context
from exam_api.store.tables import (
    CorrectionRow,
    ErasureRow,
    HoldRow,
    PersonGivenRow,
    PersonRow,
    table,
)

CORRECTION: Final = table(CorrectionRow)
ERASURE: Final = table(ErasureRow)
GIVEN: Final = table(PersonGivenRow)
HOLD: Final = table(HoldRow)
PERSON: Final = table(PersonRow)


class RequestStore(Requests):
    """Requests of persons, and what becomes of them."""

    def __init__(self, database: Database, keeper: Keeper, sealer: Sealer) -> None:
        self._database = database
        self._keeper = keeper
        self._sealer = sealer

    async def ask_correction(self, asked: NewCorrection) -> bool:
        """False: one for that field is open already."""
        sealed = self._sealer.seal(asked.value.encode(), context=correction_context(asked.id.bytes))
        row = {
            "id": asked.id,
            "person_id": asked.person_id,
            "field": asked.field,
            "value_sealed": sealed,
            "value_mask": asked.value_mask,
            "reason": asked.reason,
            "asked_ms": asked.asked_ms,
        }
        waiting = (CORRECTION.c.person_id == asked.person_id, CORRECTION.c.field == asked.field)
        async with self._database.writing() as connection:
            if not await _first(connection, CORRECTION, asked.person_id, *waiting):
                return False
            await connection.execute(insert(CORRECTION), row)
            body = {"field": asked.field, "person": str(asked.person_id)}
            line = _line("candidate", asked.asked_ms, "correction.asked", f"correction:{asked.id}", body)
            await audit.append(connection, [line])
        return True

    async def corrections(self, reach: Reach, *, open_only: bool) -> Sequence[Correction]:
        """Oldest open ones first."""
        asked = corrections_of(reach)
        if open_only:
            asked = asked.where(CORRECTION.c.state == "open")
        async with self._database.reading() as connection:
            return [correction_of(row) for row in await connection.execute(asked)]

    async def correction_value(self, correction_id: UUID, reach: Reach) -> tuple[Correction, str] | None:
        """The correction with the whole new value, to be checked by rules."""
        asked = corrections_of(reach).where(CORRECTION.c.id == correction_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
        return None if row is None else (correction_of(row), self._value(row))

    async def decide_correction(
        self, correction_id: UUID, reach: Reach, *, grant: bool, answer: str, act: Act
    ) -> Correction | None:
        """Decide an open one and carry it out; None: not within reach, or decided.

        Raises OthersFacts: the new number is another person's.
        """
        asked = corrections_of(reach).where(CORRECTION.c.id == correction_id, CORRECTION.c.state == "open")
        state = "granted" if grant else "declined"
        values = {"state": state, "decided_by": act.actor, "decided_ms": act.at_ms, "answer": answer}
        async with self._database.writing() as connection:
            row = (await connection.execute(asked)).first()
            if row is None:
                return None
            done = await connection.execute(
                update(CORRECTION)
                .where(CORRECTION.c.id == correction_id, CORRECTION.c.state == "open")
                .values(**values)
            )
            if done.rowcount != 1:
                return None
            if grant:
                await self._correct(connection, row, reach)
            body = {"field": row.field, "person": str(row.person_id)}
            on = f"correction:{correction_id}"
            line = _line(act.actor, act.at_ms, f"correction.{state}", on, body, reach.institution_id)
            await audit.append(connection, [line])
        return msgspec.structs.replace(correction_of(row), state=state, decided_ms=act.at_ms, answer=answer)

    async def ask_erasure(self, erasure_id: UUID, person_id: UUID, *, reason: str, at_ms: int) -> bool:
        """False: one is open already."""
        row = {"id": erasure_id, "person_id": person_id, "reason": reason, "asked_ms": at_ms}
        async with self._database.writing() as connection:
            if not await _first(connection, ERASURE, person_id, ERASURE.c.person_id == person_id):
                return False
            await connection.execute(insert(ERASURE), row)
            line = _line("candidate", at_ms, "erasure.asked", f"person:{person_id}")
            await audit.append(connection, [line])
        return True

    async def erasures(self, reach: Reach, *, open_only: bool) -> Sequence[Erasure]:
        """Oldest open ones first."""
        asked = erasures_of(reach)
        if open_only:
            asked = asked.where(ERASURE.c.state == "open")
        async with self._database.reading() as connection:
            return [erasure_of(row) for row in await connection.execute(asked)]

    async def examine(self, person_id: UUID, *, now_ms: int) -> Sequence[Finding]:
        """What a deletion would erase and keep, and why."""
        async with self._database.reading() as connection:
            return await findings_of(connection, person_id, now_ms)

    async def erase(self, erasure_id: UUID, reach: Reach, *, act: Act) -> Erasure | None:
        """Carry out an open one; None: not within reach, or decided. Raises ErasureHeld."""
        asked = erasures_of(reach).where(ERASURE.c.id == erasure_id, ERASURE.c.state == "open")
        async with self._database.writing() as connection:
            row = (await connection.execute(asked)).first()
            if row is None:
                return None
            locked = select(PERSON.c.id).where(PERSON.c.id == row.person_id).with_for_update()
            await connection.execute(locked)
            outcome = await findings_of(connection, row.person_id, act.at_ms)
            held = next((one for one in outcome if one.kind == "identity" and not one.erased), None)
            if held is not None:
                raise ErasureHeld(why=held.why, until_ms=held.until_ms)
            await erase_person(connection, row.person_id)
            told = msgspec.json.encode(outcome).decode()
            done = {"state": "done", "decided_by": act.actor, "decided_ms": act.at_ms, "outcome": told}
            # What the person wrote as a reason may name them.
            await connection.execute(
                update(ERASURE).where(ERASURE.c.id == erasure_id).values(**done, reason="")
            )
            line = _line(act.actor, act.at_ms, "person.erased", f"person:{row.person_id}")
            await audit.append(connection, [line])
        return msgspec.structs.replace(
            erasure_of(row), name="", reason="", state="done", decided_ms=act.at_ms, outcome=outcome
        )

    async def decline_erasure(self, erasure_id: UUID, reach: Reach, *, why: str, act: Act) -> Erasure | None:
        """Say no, with a reason that the person reads."""
        asked = erasures_of(reach).where(ERASURE.c.id == erasure_id, ERASURE.c.state == "open")
        outcome = [Finding(kind="identity", rows=1, erased=False, why=why)]
        told = msgspec.json.encode(outcome).decode()
        values = {"state": "declined", "decided_by": act.actor, "decided_ms": act.at_ms, "outcome": told}
        async with self._database.writing() as connection:
            row = (await connection.execute(asked)).first()
            if row is None:
                return None
            await connection.execute(update(ERASURE).where(ERASURE.c.id == erasure_id).values(**values))
            line = _line(act.actor, act.at_ms, "erasure.declined", f"person:{row.person_id}")
            await audit.append(connection, [line])
        return msgspec.structs.replace(
            erasure_of(row), state="declined", decided_ms=act.at_ms, outcome=outcome
        )

    async def hold(self, person_id: UUID, *, hold_id: UUID, reason: str, act: Act) -> bool:
        """Keep everything about a person; False: no such person."""
        row = {"id": hold_id, "person_id": person_id, "reason": reason, "by": act.actor, "at_ms": act.at_ms}
        async with self._database.writing() as connection:
            if await connection.scalar(select(PERSON.c.id).where(PERSON.c.id == person_id)) is None:
                return False
            await connection.execute(insert(HOLD), row)
            line = _line(act.actor, act.at_ms, "person.held", f"person:{person_id}")
            await audit.append(connection, [line])
        return True

    async def lift_hold(self, person_id: UUID, *, act: Act) -> int:
        """Lift every hold on a person. How many there were."""
        standing = (HOLD.c.person_id == person_id, HOLD.c.lifted_ms == 0)
        async with self._database.writing() as connection:
            lifted = await connection.execute(update(HOLD).where(*standing).values(lifted_ms=act.at_ms))
            line = _line(act.actor, act.at_ms, "person.hold-lifted", f"person:{person_id}")
            await audit.append(connection, [line] if lifted.rowcount else [])
        return lifted.rowcount

    async def _correct(self, connection: AsyncConnection, row: Any, reach: Reach) -> None:  # noqa: ANN401
        value, person_id = self._value(row), row.person_id
        values: dict[str, Any] = {"name": value}
        if row.field == "phone":
            values = self._keeper.phone(person_id, value)
        elif row.field == "id-number":
            taken = select(PERSON.c.id).where(PERSON.c.id_blind.in_(self._keeper.blinds(value)))
            if await connection.scalar(taken.where(PERSON.c.id != person_id)) is not None:
                raise OthersFacts
            values = self._keeper.number(person_id, value)
        await connection.execute(update(PERSON).where(PERSON.c.id == person_id).values(**values))
        # The person's own word stands: no institution changes the record's name or phone afterwards.
        await connection.execute(update(GIVEN).where(GIVEN.c.person_id == person_id).values(first_ms=0))
        if row.field != "id-number" and reach.institution_id is not None:
            own = (GIVEN.c.person_id == person_id, GIVEN.c.institution_id == reach.institution_id)
            await connection.execute(update(GIVEN).where(*own).values(**values))

    def _value(self, row: Any) -> str:  # noqa: ANN401 - a row
        if not row.value_sealed:
            return ""
        return self._sealer.open(row.value_sealed, context=correction_context(row.id.bytes)).decode()


def corrections_of(reach: Reach, person_id: UUID | None = None) -> Any:  # noqa: ANN401 - a statement
    """Ask for corrections within reach.

    An institution decides names and phones of people whom only it sent; numbers are the department's.
    """
    asked = (
        select(
            CORRECTION,
            PERSON.c.name.label("person_name"),
            PERSON.c.id_mask.label("id_mask"),
            PERSON.c.phone_mask.label("phone_mask"),
        )
        .join(PERSON, PERSON.c.id == CORRECTION.c.person_id)
        .order_by(CORRECTION.c.decided_ms, CORRECTION.c.asked_ms, CORRECTION.c.id)
    )
    if person_id is not None:
        asked = asked.where(CORRECTION.c.person_id == person_id)
    if reach.everywhere:
        return asked
    own = (GIVEN.c.person_id == CORRECTION.c.person_id, GIVEN.c.institution_id == reach.institution_id)
    other = (GIVEN.c.person_id == CORRECTION.c.person_id, GIVEN.c.institution_id != reach.institution_id)
    return asked.where(
        CORRECTION.c.field != "id-number",
        exists(select(GIVEN.c.person_id).where(*own)),
        ~exists(select(GIVEN.c.person_id).where(*other)),
    )


def correction_of(row: Any) -> Correction:  # noqa: ANN401 - a row
    """A correction as it is listed."""
    old = {"name": row.person_name, "phone": row.phone_mask, "id-number": row.id_mask}[row.field]
    return Correction(
        id=row.id,
        person_id=row.person_id,
        name=row.person_name,
        field=row.field,
        old_mask=old,
        new_mask=row.value_mask,
        reason=row.reason,
        asked_ms=row.asked_ms,
        state=row.state,
        decided_ms=row.decided_ms,
        answer=row.answer,
    )


def erasures_of(reach: Reach, person_id: UUID | None = None) -> Any:  # noqa: ANN401 - a statement
    """Ask for deletions; they are the department's to decide."""
    asked = (
        select(ERASURE, PERSON.c.name.label("person_name"))
        .join(PERSON, PERSON.c.id == ERASURE.c.person_id)
        .order_by(ERASURE.c.decided_ms, ERASURE.c.asked_ms, ERASURE.c.id)
    )
    if person_id is not None:
        asked = asked.where(ERASURE.c.person_id == person_id)
    return asked if reach.everywhere else asked.where(ERASURE.c.id.is_(None))


def erasure_of(row: Any) -> Erasure:  # noqa: ANN401 - a row
    """A deletion as it is listed."""
    return Erasure(
        id=row.id,
        person_id=row.person_id,
        name=row.person_name,
        reason=row.reason,
        asked_ms=row.asked_ms,
        state=row.state,
        decided_ms=row.decided_ms,
        outcome=msgspec.json.decode(row.outcome, type=list[Finding]),
    )


async def _first(connection: AsyncConnection, of: Any, person_id: UUID, *wanted: Any) -> bool:  # noqa: ANN401
    """Whether no such request is open; two that come together wait here for each other."""
    await connection.execute(select(PERSON.c.id).where(PERSON.c.id == person_id).with_for_update())
    return not await count(connection, of, *wanted, of.c.state == "open")


def _line(  # noqa: PLR0913, PLR0917 - what an audit line has
    actor: str,
    at_ms: int,
    what: str,
    on: str,
    body: Mapping[str, str | int | bool | None] | None = None,
    org: UUID | None = None,
) -> audit.Line:
    return audit.Line(at_ms=at_ms, actor=actor, act=what, object=on, body=body or {}, org=org)

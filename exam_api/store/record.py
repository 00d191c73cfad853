"""The record of the exam: what the log brought, the ledger of facts, late requests and their decisions."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.attempt.model import CloseKind, Fact, FactKind
from exam_api.errors import RecordAway
from exam_api.ports import Record
from exam_api.record import HeldAttempt, LateRequest, LateState, LogEntry, Result
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.drained import Drained, as_they_came, drained, fact_row
from exam_api.store.engine import Database, refused_a_row
from exam_api.store.late import open_late_requests, waiting
from exam_api.store.mirror import raise_mirrors
from exam_api.store.ops import asked_ops, packed_ops
from exam_api.store.rehearsals import shadows_among
from exam_api.store.results import SCORE_RUN, result_of, row_of
from exam_api.store.tables import (
    AttemptRow,
    ConsentRow,
    EventRow,
    FactRow,
    LateRequestRow,
    OpRow,
    RegistrationRow,
    SessionRow,
    SnapshotRow,
    table,
)

ATTEMPT: Final = table(AttemptRow)
CONSENT: Final = table(ConsentRow)
EVENT: Final = table(EventRow)
FACT: Final = table(FactRow)
LATE: Final = table(LateRequestRow)
OP: Final = table(OpRow)
REGISTRATION: Final = table(RegistrationRow)
SESSION: Final = table(SessionRow)
SNAPSHOT: Final = table(SnapshotRow)


class RecordStore(Record):
    """Idempotent throughout: after a crash between writing and acknowledging the same rows come again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write_log(self, entries: Sequence[LogEntry]) -> None:
        """Ops, events, starts, facts of the log → rows, all in one transaction.

        Facts that were applied while the database was away get their ledger row and audit line here.
        """
        try:
            await self._write(drained(entries))
        except (SQLAlchemyError, OverflowError) as refused:
            if not refused_a_row(refused):
                raise
            # One that the tables refuse must not keep the others from the record.
            if len(entries) == 1:
                await self._write(as_they_came(entries))
                return
            half = len(entries) // 2
            await self.write_log(entries[:half])
            await self.write_log(entries[half:])

    async def _write(self, found: Drained) -> None:
        async with self._database.writing() as connection:
            # In the order of hand-ins, which bring ops of their own: neither can lock the other out.
            await put_rows(connection, OP, sorted(found.ops, key=_attempt))
            await put_rows(connection, EVENT, found.events)
            await put_rows(connection, CONSENT, found.consents)
            await put_rows(connection, SNAPSHOT, found.snapshots)
            await raise_mirrors(connection, found.mirrors)
            await open_late_requests(connection, found.late | set(await waiting(connection, found.counted)))
            await audit.append(connection, await _put_facts(connection, found))

    async def add_fact(self, fact: Fact, *, audit_act: str) -> None:
        """The ledger row and its audit line in one transaction. Idempotent by id."""
        async with self._database.writing() as connection:
            if await put_rows(connection, FACT, [fact_row(fact)]):
                if await shadows_among(connection, [fact.attempt_id]):
                    return  # the audit keeps no line of them
                orgs = await _orgs(connection, [fact.attempt_id])
                await audit.append(connection, [_line(fact, audit_act, orgs.get(fact.attempt_id))])

    async def facts_since(self, *, since_ms: int) -> Sequence[Fact]:
        """Facts from that instant on, oldest first."""
        asked = select(FACT).where(FACT.c.at_ms >= since_ms).order_by(FACT.c.at_ms, FACT.c.id)
        async with self._database.reading() as connection:
            return [fact_of(row) for row in await connection.execute(asked)]

    async def held(self, session_id: UUID) -> Sequence[HeldAttempt]:
        """What the record holds of a session's started attempts: the source for `reconcile`.

        A result came by its own way, so it may be here before the log has brought start, ops or closing.
        """
        started = select(ATTEMPT).where(ATTEMPT.c.session_id == session_id, ATTEMPT.c.started_ms > 0)
        ids = select(ATTEMPT.c.id).where(ATTEMPT.c.session_id == session_id, ATTEMPT.c.started_ms > 0)
        runs = select(SCORE_RUN).where(SCORE_RUN.c.session_id == session_id).order_by(SCORE_RUN.c.run)
        async with self._database.reading() as connection:
            attempts = (await connection.execute(started)).all()
            ops = await packed_ops(connection, asked_ops("held").where(OP.c.attempt_id.in_(ids)))
            results = {row.attempt_id: result_of(row) for row in await connection.execute(runs)}
        held = [_held(row, ops.get(row.id, b""), results.pop(row.id, None)) for row in attempts]
        return [*held, *(_of_result(result) for result in results.values())]

    async def late_ops(self, attempt_id: UUID) -> bytes:
        """Canonical late ops in order, concatenated."""
        asked = asked_ops("late").where(OP.c.attempt_id == attempt_id)
        async with self._database.reading() as connection:
            return (await packed_ops(connection, asked)).get(attempt_id, b"")

    async def late_request(self, attempt_id: UUID) -> LateRequest | None:
        """The request of an attempt, decided or not."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(LATE).where(LATE.c.attempt_id == attempt_id))).first()
        return None if row is None else late_request_of(row)

    async def decide_late(self, request: LateRequest, result: Result | None) -> bool:
        """Decision, audit line and (accepted) new score run in one transaction. False: decided before."""
        decided = (
            update(LATE)
            .where(LATE.c.attempt_id == request.attempt_id, LATE.c.state == LateState.OPEN.value)
            .values(
                state=request.state.value,
                decided_by=request.decided_by,
                decided_ms=request.decided_ms,
                reason=request.reason,
            )
        )
        async with self._database.writing() as connection:
            if (await connection.execute(decided)).rowcount != 1:
                return False
            if result is not None and await put_rows(connection, SCORE_RUN, [row_of(result)]) != 1:
                raise RecordAway  # a ruling made that run meanwhile: asking again scores on top of it
            await audit.append(connection, [_decision(request, result)])
        return True


def _attempt(op: Mapping[str, Any]) -> int:
    attempt_id: UUID = op["attempt_id"]
    return attempt_id.int  # orders as the ids do, at a fraction of what comparing them costs


async def _put_facts(connection: AsyncConnection, found: Drained) -> Sequence[audit.Line]:
    """Write the facts that are not on record yet; gives the audit lines they need."""
    new = [
        fact
        for fact in sorted(found.facts.values(), key=lambda fact: (fact.at_ms, fact.id))
        if await put_rows(connection, FACT, [fact_row(fact)])
    ]
    attempts = {fact.attempt_id for fact in new}
    orgs = await _orgs(connection, attempts)
    shadows = await shadows_among(connection, attempts)  # the audit keeps no line of them
    return [
        _line(fact, f"attempt.{fact.kind}", orgs.get(fact.attempt_id))
        for fact in new
        if fact.attempt_id not in shadows
    ]


async def _orgs(connection: AsyncConnection, attempts: Collection[UUID]) -> Mapping[UUID, UUID]:
    """Whose the attempts are; one that no registration is known of stays the department's."""
    if not attempts:
        return {}
    asked = (
        select(REGISTRATION.c.id, SESSION.c.institution_id)
        .join(SESSION, SESSION.c.id == REGISTRATION.c.session_id)
        .where(REGISTRATION.c.id.in_(set(attempts)))
    )
    return {row.id: row.institution_id for row in await connection.execute(asked)}


def _line(fact: Fact, act: str, org: UUID | None) -> audit.Line:
    body = {"fact": str(fact.id), "reason": fact.reason, "ms": fact.ms, "fence": fact.fence}
    return audit.Line(
        at_ms=fact.at_ms, actor=fact.actor, act=act, object=f"attempt:{fact.attempt_id}", body=body, org=org
    )


def _decision(request: LateRequest, result: Result | None) -> audit.Line:
    body = {"reason": request.reason, "ops": request.ops, "run": None if result is None else result.run}
    return audit.Line(
        at_ms=request.decided_ms,
        actor=f"staff:{request.decided_by}",
        act=f"late.{request.state}",
        object=f"attempt:{request.attempt_id}",
        body=body,
        org=request.institution_id,
    )


def _held(row: Row[Any], ops: bytes, result: Result | None) -> HeldAttempt:
    if not row.closed_ms and result is not None:
        return msgspec.structs.replace(_of_result(result), ops=ops, deadline_ms=row.deadline_ms)
    return HeldAttempt(
        attempt_id=row.id,
        fence=row.fence,
        storage_key=row.storage_key,
        started_ms=row.started_ms,
        deadline_ms=row.deadline_ms,
        ops=ops,
        closed_ms=row.closed_ms,
        close_kind=CloseKind(row.close_kind) if row.close_kind else None,
        result=result,
    )


def _of_result(result: Result) -> HeldAttempt:
    """An attempt of which the log brought no closing, or nothing, before its result was on record."""
    return HeldAttempt(
        attempt_id=result.attempt_id,
        fence=result.fence,
        storage_key="",
        started_ms=result.started_ms,
        deadline_ms=0,
        ops=b"",
        closed_ms=result.closed_ms,
        close_kind=result.close_kind,
        result=result,
    )


def fact_of(row: Row[Any]) -> Fact:
    """The ledger entry that a row holds."""
    return Fact(
        id=row.id,
        attempt_id=row.attempt_id,
        kind=FactKind(row.kind),
        at_ms=row.at_ms,
        actor=row.actor,
        reason=row.reason,
        ms=row.ms,
        text=row.message,
        fence=row.fence,
    )


def late_request_of(row: Row[Any]) -> LateRequest:
    """The request that a row holds."""
    return LateRequest(
        attempt_id=row.attempt_id,
        session_id=row.session_id,
        institution_id=row.institution_id,
        ops=row.ops,
        first_ms=row.first_ms,
        state=LateState(row.state),
        decided_by=row.decided_by,
        decided_ms=row.decided_ms,
        reason=row.reason,
    )

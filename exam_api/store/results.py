"""Durable results: whatever waits is committed together, and nobody is answered before the commit."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.attempt.model import CloseKind
from exam_api.attempt.place import EVERYTHING, NOTHING, HeldOps, Place
from exam_api.errors import RecordAway
from exam_api.record import Result
from exam_api.result_ports import Results
from exam_api.store.bulk import put_rows
from exam_api.store.drained import op_rows
from exam_api.store.engine import Database
from exam_api.store.measured import COMMITTED
from exam_api.store.put_results import PUT_RUNS, PUT_RUNS_AND_OPS
from exam_api.store.tables import AttemptRow, OpRow, ScoreRunRow, table
from scoring.paper import PaperScore

ATTEMPT: Final = table(AttemptRow)
OP: Final = table(OpRow)
SCORE_RUN: Final = table(ScoreRunRow)

BATCH: Final = 500
"""Results of one commit at most: some 2 MB."""

PATIENCE_S: Final = 3.0
"""How long a hand-in waits for its commit before it is told that the record is away."""

_PLACES: Final = select(ATTEMPT.c.id, ATTEMPT.c.fence, ATTEMPT.c.seq, ATTEMPT.c.closed_ms)


class _Put(msgspec.Struct, frozen=True):
    """A result that waits for its commit."""

    result: Result
    ops: Sequence[HeldOps]
    needs: Place
    """What the record must have reached without `ops`."""

    def is_whole(self, reached: Mapping[UUID, Place]) -> bool:
        """Whether `ops` follow on what the record has."""
        return self.needs <= reached.get(self.result.attempt_id, NOTHING)


_Told: TypeAlias = Place | Exception | None
_Waiting: TypeAlias = tuple[_Put, asyncio.Future[_Told]]


class ResultStore(Results):
    """Group commit without lingering: while one batch commits, the next gathers."""

    def __init__(self, database: Database, *, patience_s: float = PATIENCE_S) -> None:
        self._database = database
        self._patience_s = patience_s
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def put_whole(self, result: Result, ops: Sequence[HeldOps] = ()) -> Place | None:
        """Answer when it is on disk. Raises RecordAway; the result may still be written then."""
        needs = ops[0].begin if ops else Place(result.fence, result.seq)
        return await self._put(_Put(result, ops, needs))

    async def put(self, result: Result) -> None:
        """Answer when the result is on disk. Raises RecordAway; the result may still be written then."""
        await self._put(_Put(result, (), NOTHING))

    async def of_attempt(self, attempt_id: UUID) -> Sequence[Result]:
        """All score runs of an attempt, the first one first."""
        asked = select(SCORE_RUN).where(SCORE_RUN.c.attempt_id == attempt_id).order_by(SCORE_RUN.c.run)
        async with self._database.reading() as connection:
            return [result_of(row) for row in await connection.execute(asked)]

    async def _put(self, put: _Put) -> Place | None:
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[_Told] = loop.create_future()
        self._waiting.append((put, kept))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="results: group commit")
        patience = loop.call_later(self._patience_s, _answer, kept, RecordAway())
        try:
            told = await kept
        finally:
            patience.cancel()
        if isinstance(told, Exception):
            raise told
        return told

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._write_batch(batch)
        finally:
            self._writing = None

    async def _write_batch(self, batch: Sequence[_Waiting]) -> None:
        try:
            # In one order everywhere, so that two processes with the same rows cannot lock each other out.
            batch = sorted(batch, key=_order)
            COMMITTED.observe(len(batch))
            puts = [put for put, _ in batch]
            lacking = await (self._write(puts) if self._database.is_sqlite else self._write_at_once(puts))
        except RecordAway:
            given_up, self._waiting = [*batch, *self._waiting], []  # they would only wait to hear the same
            for _, kept in given_up:
                _answer(kept, RecordAway())
        except SQLAlchemyError as refused:
            if len(batch) == 1:
                _answer(batch[0][1], refused)
            else:  # one result the tables refuse must not take the others with it
                for one in batch:
                    await self._write_batch([one])
        else:
            for at, (_, kept) in enumerate(batch):
                _answer(kept, lacking.get(at))

    async def _write(self, puts: Sequence[_Put]) -> Mapping[int, Place]:
        """Write those of which the record has, or gets here, all ops.

        Returns the others by their place in `puts`, with how far the record has come.
        """
        async with self._database.writing() as connection:
            reached = await _reached(connection, [put for put in puts if put.needs > NOTHING])
            whole = [put for put in puts if put.is_whole(reached)]
            brought = [row for put in whole for row in _ops_of(put)]
            await put_rows(connection, OP, brought)
            await put_rows(connection, SCORE_RUN, [row_of(put.result) for put in whole])
        return {
            at: reached.get(put.result.attempt_id, NOTHING)
            for at, put in enumerate(puts)
            if not put.is_whole(reached)
        }

    async def _write_at_once(self, puts: Sequence[_Put]) -> Mapping[int, Place]:
        """The same by the one statement of PostgreSQL."""
        runs = [(*row_of(put.result).values(), put.needs.fence, put.needs.seq) for put in puts]
        brought = [
            (*row.values(), nth) for nth, put in enumerate(puts, start=1) if put.ops for row in _ops_of(put)
        ]
        statement = PUT_RUNS_AND_OPS if brought else PUT_RUNS
        told = await self._database.at_once(statement, [*_columns(runs), *_columns(brought)])
        return {at: Place(fence, seq) for at, fence, seq in told}


async def _reached(connection: AsyncConnection, asked: Sequence[_Put]) -> Mapping[UUID, Place]:
    """How far the record has come with the ops of these attempts, where it has any.

    The closing follows on all ops in the log: once it is on record, there is nothing left to come.
    """
    if not asked:
        return {}
    rows = await connection.execute(_PLACES.where(ATTEMPT.c.id.in_([put.result.attempt_id for put in asked])))
    return {row.id: EVERYTHING if row.closed_ms else Place(row.fence, row.seq) for row in rows}


def _order(one: _Waiting) -> tuple[bytes, int]:
    result = one[0].result
    return result.attempt_id.bytes, result.run


def _ops_of(put: _Put) -> list[dict[str, Any]]:
    return [
        row for ops in put.ops for row in op_rows(put.result.attempt_id, ops.ops, how="held", at_ms=ops.at_ms)
    ]


def _columns(rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Rows as arrays, one for each column."""
    return list(zip(*rows, strict=True))


def row_of(result: Result) -> dict[str, Any]:
    """The row of a score run, in the order of its table's columns."""
    return {
        "attempt_id": result.attempt_id,
        "run": result.run,
        "session_id": result.session_id,
        "institution_id": result.institution_id,
        "cause": result.cause,
        "total_centi": result.score.total_centi,
        "full_centi": result.score.full_centi,
        "passed": result.score.passed,
        "score": msgspec.json.encode(result.score).decode(),
        "answers": result.answers,
        "answers_digest": result.answers_digest,
        "fence": result.fence,
        "seq": result.seq,
        "head": result.head,
        "started_ms": result.started_ms,
        "closed_ms": result.closed_ms,
        "close_kind": result.close_kind.value,
        "late_ops": result.late_ops,
        "scored_ms": result.scored_ms,
        "ruling": result.ruling,
    }


def result_of(row: Row[Any]) -> Result:
    """The result that a row of `score_run` holds."""
    return Result(
        attempt_id=row.attempt_id,
        session_id=row.session_id,
        institution_id=row.institution_id,
        run=row.run,
        cause=row.cause,
        score=msgspec.json.decode(row.score, type=PaperScore),
        answers=row.answers,
        answers_digest=row.answers_digest,
        fence=row.fence,
        seq=row.seq,
        head=row.head,
        started_ms=row.started_ms,
        closed_ms=row.closed_ms,
        close_kind=CloseKind(row.close_kind),
        late_ops=row.late_ops,
        scored_ms=row.scored_ms,
        ruling=row.ruling,
    )


def _answer(kept: asyncio.Future[_Told], told: _Told) -> None:
    # A refusal as a value: a caller who no longer waits leaves no exception behind that nobody asked for.
    if not kept.done():
        kept.set_result(told)

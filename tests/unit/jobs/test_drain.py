"""The drain's turns: what it writes together, and what it leaves when the log or the record fails."""

import asyncio
from collections.abc import Container, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from exam_api.attempt import chain
from exam_api.attempt.model import SHARDS, Op, OpKind
from exam_api.errors import LiveAway, RecordAway
from exam_api.jobs.worker import DRAIN_TOGETHER, Worker
from exam_api.ports import Log
from exam_api.record import LogEntry, LogKind


class _Log(Log):
    """Shards that all must be read alone; some do not answer."""

    def __init__(self, held: Mapping[int, Sequence[LogEntry]], *, away: Container[int] = ()) -> None:
        self.held = held
        self.away = away
        self.told: list[str] = []

    async def read_together(
        self,
        *,
        count: int,  # noqa: ARG002 - the port's
    ) -> tuple[Sequence[tuple[int, Sequence[LogEntry]]], Sequence[int]]:
        return (), range(SHARDS)

    async def read(self, shard: int, *, count: int) -> Sequence[LogEntry]:  # noqa: ARG002 - the port's
        if shard in self.away:
            raise LiveAway
        await asyncio.sleep(0.001)
        self.told.append("read")
        return self.held.get(shard, ())

    async def done_together(self, done: Sequence[tuple[int, Sequence[str]]]) -> None:
        self.told += ["done" for _ in done]

    def left(self, shards: Iterable[int]) -> None:
        self.told += [f"left {list(shards)}"]


class _Record:
    """Takes what it is given, and counts the answers of each transaction."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.away = False

    async def write_log(self, entries: Sequence[LogEntry]) -> None:
        if self.away:
            raise RecordAway
        self.answers.append(sum(len(entry.data) // chain.OP_BYTES for entry in entries))


def _worker(log: Log, record: _Record) -> Worker:
    return Worker(cast("Any", SimpleNamespace(record=record)), log, cast("Any", None))


def _entry(shard: int, ops: int) -> LogEntry:
    packed = chain.pack(Op(1, OpKind.ANSWER, 0, bytes(16), 1, 0), 1) * ops
    return LogEntry(
        id="1-0",
        shard=shard,
        kind=LogKind.OPS,
        attempt_id=UUID(int=shard),
        session_id=UUID(int=1),
        at_ms=1,
        fence=1,
        base=0,
        data=packed,
    )


async def test_shards_whose_node_is_away_hold_up_no_others() -> None:
    log, record = _Log({shard: [_entry(shard, 1)] for shard in range(SHARDS)}, away={0, 1}), _Record()
    assert await _worker(log, record).drain_turn()
    assert log.told == ["left [0]", "left [1]", *["read"] * (SHARDS - 2), *["done"] * (SHARDS - 2)]
    assert record.answers == [SHARDS - 2]


async def test_a_drain_that_no_node_answers_waits() -> None:
    log = _Log({}, away=range(SHARDS))
    with pytest.raises(LiveAway):
        await _worker(log, _Record()).drain_turn()


async def test_no_read_goes_on_after_the_drain_said_what_it_leaves() -> None:
    log, record = _Log({0: [_entry(0, 1)]}), _Record()
    record.away = True
    with pytest.raises(RecordAway):
        await _worker(log, record).drain_turn()
    await asyncio.sleep(0.01)
    assert log.told == ["read"] * SHARDS + [f"left {list(range(SHARDS))}"]


async def test_a_transaction_is_bounded_in_answers_however_few_entries_they_fill() -> None:
    of_each = 300
    record = _Record()
    await _worker(_Log({shard: [_entry(shard, of_each)] for shard in range(SHARDS)}), record).drain_turn()
    assert sum(record.answers) == of_each * SHARDS
    assert max(record.answers) <= DRAIN_TOGETHER + of_each

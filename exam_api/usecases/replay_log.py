"""After the restore of an older backup: what the log in Redis still holds goes into the record once more."""

import asyncio
from typing import Final

import msgspec

from exam_api.attempt.model import SHARDS
from exam_api.ports import Log, Record
from exam_api.record import LogEntry, LogKind, Result
from exam_api.result_ports import Results

COUNT: Final = 1_000
"""Entries in memory at a time."""


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at; most of it may have been on record."""

    entries: int
    results: int


async def replay_log(log: Log, record: Record, results: Results) -> Replayed:
    """Write every entry that is still there, from the oldest on; what is on record changes nothing.

    Raises LiveAway, RecordAway.
    """
    entries = scored = 0
    for shard in range(SHARDS):
        after = ""
        while found := await log.again(shard, after=after, count=COUNT):
            await record.write_log(found)
            first = [result for entry in found if (result := _result(entry)) is not None]
            await asyncio.gather(*(results.put(result) for result in first))
            after = found[-1].id
            entries, scored = entries + len(found), scored + len(first)
    return Replayed(entries=entries, results=scored)


def _result(entry: LogEntry) -> Result | None:
    """The first result of an attempt, as its log entry carries it."""
    if entry.kind is not LogKind.RESULT:
        return None
    try:
        return msgspec.msgpack.decode(entry.data, type=Result)
    except msgspec.MsgspecError:
        return None

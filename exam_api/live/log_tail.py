"""The newest part of the op log in Redis, read backwards for one attempt."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from exam_api.attempt.model import shard_of
from exam_api.attempt.place import HeldOps, Place
from exam_api.live.keys import OF_SHARD
from exam_api.live.lane import Lane
from exam_api.live.replies import log_entry
from exam_api.record import LogKind
from exam_api.result_ports import LogTail

COUNT: Final = 200
"""Entries asked for at a time."""

PARTS_MOST: Final = 3
"""How often it is asked further back: a record that is behind by more is waited for."""

_OPS: Final = LogKind.OPS.value.encode()


class RedisLogTail(LogTail):
    """`LogTail` on Redis."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def ops_from(self, attempt_id: UUID, place: Place) -> Sequence[HeldOps]:
        """As the port says."""
        shard, own = shard_of(attempt_id), attempt_id.bytes
        log, before = OF_SHARD[shard].log, "+"
        found: list[HeldOps] = []
        for _ in range(PARTS_MOST):
            words = ("XREVRANGE", log, before, "-", "COUNT", COUNT)
            part: list[tuple[bytes, Any]] = await self._lane.command(*words)
            for entry_id, flat in part:
                if flat[1] != _OPS or flat[3] != own:  # "k", kind, "a", attempt, …
                    continue
                entry = log_entry(shard, entry_id, flat)
                found.append(HeldOps(fence=entry.fence, base=entry.base, ops=entry.data, at_ms=entry.at_ms))
                if found[-1].begin <= place:
                    return found[::-1]
            if len(part) < COUNT:
                return ()
            before = f"({part[-1][0].decode()}"
        return ()

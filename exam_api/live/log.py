"""The op log in Redis: a stream a shard, read in order by one group."""

from collections.abc import Sequence
from typing import Any, Final

from exam_api.live import scripts
from exam_api.live.keys import OF_SHARD
from exam_api.live.lane import Lane
from exam_api.live.redis_lane import ScriptBroken
from exam_api.live.replies import log_entry
from exam_api.ports import Log
from exam_api.record import LogEntry

GROUP: Final = "record"
READER: Final = "drain"
"""Every drain bears one name, so that what a crashed one was given comes to the next one."""

MARGIN_MS: Final = 60_000
"""Entries stay at least so long after they are on record: watchers read them too."""

KEPT_MS: Final = 90 * 60_000
"""How long entries stay where nothing else is set: what the record loses in an hour is still here."""

LOOK_BACK_EVERY: Final = 64
"""Reads of a shard after which it is asked whether another drain left entries unacknowledged."""

_DONE: Final = scripts.ALL["log_done"]


class RedisLog(Log):
    """`Log` on Redis. Fails closed. Several drains may run: an entry may then come to more than one."""

    def __init__(self, lane: Lane, *, kept_ms: int = KEPT_MS) -> None:
        """`kept_ms`: how long entries stay that are on record; a restored backup is completed by them."""
        self._lane = lane
        self._kept_ms = max(kept_ms, MARGIN_MS)
        self._reads: dict[int, int] = {}
        """Reads of a shard since its unacknowledged entries were asked for; none: they are asked for next."""

    async def read(self, shard: int, *, count: int) -> Sequence[LogEntry]:
        """As the port says."""
        reads = self._reads.get(shard, LOOK_BACK_EVERY)
        if reads < LOOK_BACK_EVERY:
            self._reads[shard] = reads + 1
            return await self._read(shard, ">", count)
        found = await self._read(shard, "0", count)
        if not found:
            self._reads[shard] = 0
            found = await self._read(shard, ">", count)
        return found

    async def done(self, shard: int, ids: Sequence[str]) -> None:
        """As the port says."""
        if ids:
            newest_last = sorted(ids, key=_order)
            await self._lane.run(_DONE, (OF_SHARD[shard].log,), (GROUP, self._kept_ms, *newest_last))

    async def again(self, shard: int, *, after: str, count: int) -> Sequence[LogEntry]:
        """As the port says."""
        first = f"({after}" if after else "-"
        words = ("XRANGE", OF_SHARD[shard].log, first, "+", "COUNT", count)
        found: list[tuple[bytes, Any]] = await self._lane.command(*words)
        return [log_entry(shard, entry_id, flat) for entry_id, flat in found]

    async def _read(self, shard: int, after: str, count: int) -> Sequence[LogEntry]:
        name = OF_SHARD[shard].log
        words = ("XREADGROUP", "GROUP", GROUP, READER, "COUNT", count, "STREAMS", name, after)
        try:
            reply = await self._lane.command(*words)
        except ScriptBroken as refused:
            if not str(refused).startswith("NOGROUP"):
                raise
            await self._begin(shard)
            reply = await self._lane.command(*words)
        entries: list[tuple[bytes, Any]] = reply[0][1] if reply else []
        # An entry that was trimmed while it was unacknowledged has no fields left; its id alone says nothing.
        return [log_entry(shard, entry_id, flat) for entry_id, flat in entries if flat]

    async def _begin(self, shard: int) -> None:
        try:
            await self._lane.command("XGROUP", "CREATE", OF_SHARD[shard].log, GROUP, "0", "MKSTREAM")
        except ScriptBroken as refused:
            if not str(refused).startswith("BUSYGROUP"):  # another drain was quicker
                raise


def _order(entry_id: str) -> tuple[int, int]:
    milliseconds, _, number = entry_id.partition("-")
    return int(milliseconds), int(number)

"""The op log in Redis: a stream a shard, read in order by one group."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog

from exam_api.attempt.model import SHARDS
from exam_api.errors import LiveAway
from exam_api.live import scripts
from exam_api.live.keys import OF_SHARD
from exam_api.live.lane import Lane
from exam_api.live.redis_lane import ScriptBroken
from exam_api.live.replies import log_entry
from exam_api.ports import Log
from exam_api.record import LogEntry, LogKind

GROUP: Final = "record"
READER: Final = "drain"
"""Every drain bears one name, so that what a crashed one was given comes to the next one."""

MARGIN_MS: Final = 60_000
"""Entries stay at least so long after they are on record: watchers read them too."""

KEPT_MS: Final = 90 * 60_000
"""How long entries stay where nothing else is set: what the record loses in an hour is still here."""

LOOK_BACK_EVERY: Final = 64
"""Reads of a shard after which it is asked whether another drain left entries unacknowledged."""

_log = structlog.stdlib.get_logger("kaowu.live")
_SHARD_OF_LOG: Final = {own.log: shard for shard, own in enumerate(OF_SHARD)}
_NOBODY: Final = UUID(int=0)
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

    async def read_together(
        self, *, count: int
    ) -> tuple[Sequence[tuple[int, Sequence[LogEntry]]], Sequence[int]]:
        """As the port says."""
        if self._lane.apart:
            return (), range(SHARDS)
        fresh = [
            shard for shard in range(SHARDS) if self._reads.get(shard, LOOK_BACK_EVERY) < LOOK_BACK_EVERY
        ]
        alone = sorted(set(range(SHARDS)).difference(fresh))
        if not fresh:
            return (), alone
        names = [OF_SHARD[shard].log for shard in fresh]
        words = ("XREADGROUP", "GROUP", GROUP, READER, "COUNT", count, "STREAMS", *names, *[">"] * len(names))
        try:
            reply: Sequence[tuple[bytes, Any]] = await self._lane.command(*words) or ()
        except ScriptBroken:
            return (), range(SHARDS)  # a shard without its group is given one when it is read alone
        for shard in fresh:
            self._reads[shard] += 1
        return [(shard, _entries(shard, flats)) for shard, flats in _by_shard(reply)], alone

    async def done(self, shard: int, ids: Sequence[str]) -> None:
        """As the port says."""
        await self.done_together([(shard, ids)])

    async def done_together(self, done: Sequence[tuple[int, Sequence[str]]]) -> None:
        """As the port says."""
        named = [(shard, sorted(ids, key=_order)) for shard, ids in done if ids]
        if not named:
            return
        if self._lane.apart:
            await asyncio.gather(*(self._done_alone(shard, ids) for shard, ids in named))
            return
        try:
            await self._done(named)
        except ScriptBroken:
            if len(named) == 1:
                raise
            # A proxy may take one slot a script only. What is acknowledged twice stays acknowledged.
            await asyncio.gather(*(self._done_alone(shard, ids) for shard, ids in named))

    def left(self, shards: Iterable[int]) -> None:
        """As the port says."""
        for shard in shards:
            self._reads.pop(shard, None)

    async def _done(self, named: Sequence[tuple[int, Sequence[str]]]) -> None:
        logs = [OF_SHARD[shard].log for shard, _ in named]
        counted = [word for _, ids in named for word in (len(ids), *ids)]
        await self._lane.run(_DONE, logs, (GROUP, self._kept_ms, *counted))

    async def _done_alone(self, shard: int, ids: Sequence[str]) -> None:
        try:
            await self._done([(shard, ids)])
        except LiveAway:
            self.left([shard])  # they come again when its node is back, and are acknowledged then

    async def again(self, shard: int, *, after: str, count: int) -> Sequence[LogEntry]:
        """As the port says."""
        first = f"({after}" if after else "-"
        words = ("XRANGE", OF_SHARD[shard].log, first, "+", "COUNT", count)
        found: list[tuple[bytes, Any]] = await self._lane.command(*words)
        return _entries(shard, found)

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
        given: Sequence[tuple[bytes, Any]] = reply[0][1] if reply else ()
        if not await self._let_go(shard, given):
            return _entries(shard, given)
        return _entries(shard, given) or await self._read(shard, after, count)

    async def _let_go(self, shard: int, given: Sequence[tuple[bytes, Any]]) -> bool:
        """Acknowledge ids whose entries are gone: they would come for ever, and keep all after them."""
        gone = [entry_id for entry_id, flat in given if not flat]
        if gone:
            _log.error("log.gone", shard=shard, entries=[entry_id.decode() for entry_id in gone[:10]])
            await self._lane.command("XACK", OF_SHARD[shard].log, GROUP, *gone)
        return bool(gone)

    async def _begin(self, shard: int) -> None:
        try:
            await self._lane.command("XGROUP", "CREATE", OF_SHARD[shard].log, GROUP, "0", "MKSTREAM")
        except ScriptBroken as refused:
            if not str(refused).startswith("BUSYGROUP"):  # another drain was quicker
                raise


def _by_shard(reply: Sequence[tuple[bytes, Any]]) -> list[tuple[int, Any]]:
    return [(_SHARD_OF_LOG[name], entries) for name, entries in reply]


def _entries(shard: int, entries: Sequence[tuple[bytes, Any]]) -> list[LogEntry]:
    """The entries; one that cannot be read is told and comes as it is: it holds up no other, no trimming."""
    found: list[LogEntry] = []
    for entry_id, flat in entries:
        if not flat:  # see `_let_go`
            continue
        try:
            found.append(log_entry(shard, entry_id, flat))
        except (ValueError, KeyError) as wrong:
            _log.error("log.unreadable", shard=shard, entry=entry_id.decode(), why=type(wrong).__name__)
            found.append(_unknown(shard, entry_id, flat))
    return found


def _unknown(shard: int, entry_id: bytes, flat: Sequence[bytes]) -> LogEntry:
    """An entry of a newer version, or of nobody: what it says of itself is not believed."""
    named = dict(zip(flat[::2], flat[1::2], strict=False))
    return LogEntry(
        id=entry_id.decode(),
        shard=shard,
        kind=LogKind.UNKNOWN,
        attempt_id=_id(named.get(b"a", b"")),
        session_id=_id(named.get(b"s", b"")),
        at_ms=_order(entry_id.decode())[0],
        fence=0,
        base=0,
        data=msgspec.msgpack.encode(list(flat)),
    )


def _id(raw: bytes) -> UUID:
    return UUID(bytes=raw) if len(raw) == len(_NOBODY.bytes) else _NOBODY


def _order(entry_id: str) -> tuple[int, int]:
    milliseconds, _, number = entry_id.partition("-")
    return int(milliseconds), int(number)

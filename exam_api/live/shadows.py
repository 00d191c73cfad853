"""What a rehearsal holds in Redis: the right to rehearse, and all of its session, which is forgotten."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from exam_api.attempt.model import SHARDS, shard_of
from exam_api.live import keys, scripts
from exam_api.live.lane import Lane
from exam_api.live.log import GROUP
from exam_api.live.together import together
from exam_api.ports import Logins
from exam_api.record import Registration
from exam_api.rehearsal_ports import RIGHT_S, Shadow, ShadowLive

HELD_MS: Final = round(RIGHT_S * 1000)

LIMITS: Final = ("code-minute", "code-hour", "failed")
"""Limits that candidates run into when they log in."""

MARGIN_MS: Final = 60_000
"""So much more of the log is looked through than the rehearsal is old."""

READ: Final = 500
"""Entries of the log looked at in one go."""

_SET_CODE: Final = scripts.ALL["set_code"]

_SESSION: Final = 5
"""Place of the session among an entry's fields, as scripts write them (`live.replies.log_entry`)."""


class RedisShadows(ShadowLive):
    """`ShadowLive` on Redis. Fails closed; forgetting again changes nothing."""

    def __init__(self, lane: Lane, logins: Logins) -> None:
        self._lane = lane
        self._logins = logins

    async def hold(self, session_id: UUID) -> bool:
        """As the port says."""
        key = keys.rehearsal()
        if await self._lane.command("SET", key, session_id.bytes, "NX", "PX", HELD_MS):
            return True
        if await self._lane.command("GET", key) != session_id.bytes:
            return False
        await self._lane.command("PEXPIRE", key, HELD_MS)
        return True

    async def is_held(self) -> bool:
        """As the port says."""
        return bool(await self._lane.command("EXISTS", keys.rehearsal()))

    async def release(self, session_id: UUID) -> None:
        """Let go of it; another's stays."""
        if await self._lane.command("GET", keys.rehearsal()) == session_id.bytes:
            await self._lane.command("DEL", keys.rehearsal())

    async def armed(self, session_id: UUID) -> bool:
        """As the port says."""
        return bool(await self._lane.command("EXISTS", keys.armed(session_id)))

    async def ring(self, blind: bytes, code_hash: bytes, *, life_ms: int) -> None:
        """As the port says; the tries of a new code begin at 0."""
        await self._lane.run(_SET_CODE, (keys.code(blind),), (code_hash, life_ms))

    async def forget(
        self, shadow: Shadow, registrations: Sequence[Registration], marks: Sequence[bytes], *, age_ms: int
    ) -> int:
        """As the port says."""
        own = shadow.session_id
        gone = await together(
            [
                self._lane.command("SREM", keys.armed_sessions(), own.bytes),
                self._lane.command("DEL", keys.armed(own)),
                self._lane.command("DEL", keys.gaps(own)),
            ]
        )
        # Made one by one, as below: a command is under way from then on, and a lane refuses too many.
        gone += await together(self._lane.command("HDEL", keys.person(mark), own.bytes) for mark in marks)
        gone += await together(self._lane.command("DEL", *keys.of_attempt(one.id)) for one in registrations)
        ids: dict[int, list[bytes]] = {}
        for one in registrations:
            ids.setdefault(shard_of(one.id), []).append(one.id.bytes)
        for shard, held in ids.items():
            deadlines, undurable = keys.OF_SHARD[shard].deadlines, keys.OF_SHARD[shard].undurable
            gone += await together(
                [
                    self._lane.command("ZREM", deadlines, *held),
                    self._lane.command("ZREM", undurable, *held),
                    self._lane.command("DEL", keys.session_index(own, shard)),
                ]
            )
        gone += await self._forget_logins(shadow, registrations)
        seconds, _ = await self._lane.command("TIME")  # entries bear Redis' time, which may not be ours
        first = f"{max(0, int(seconds) * 1000 - age_ms - MARGIN_MS)}"
        gone += [await self._forget_log(shadow, shard, first) for shard in range(SHARDS)]
        return sum(gone)

    async def _forget_logins(self, shadow: Shadow, registrations: Sequence[Registration]) -> list[int]:
        """Of candidates and of those who looked at them."""
        people = [shadow.institution_id, *(one.person_id for one in registrations)]
        gone = await together(self._logins.end_of(person) for person in people)
        names = [
            key
            for one in registrations
            for key in (keys.code(one.blind), *(keys.rate(kind, one.blind) for kind in LIMITS))
        ]
        return gone + await together(self._lane.command("DEL", name) for name in names)

    async def _forget_log(self, shadow: Shadow, shard: int, first: str) -> int:
        """Delete the session's entries, drained or not: nothing of it can be written to the record again."""
        log, gone = keys.OF_SHARD[shard].log, 0
        while True:
            found: list[tuple[bytes, Any]] = await self._lane.command(
                "XRANGE", log, first, "+", "COUNT", READ
            )
            own = [one for one, flat in found if flat[_SESSION] == shadow.session_id.bytes]
            if own:
                await self._lane.command("XACK", log, GROUP, *own)
                gone += await self._lane.command("XDEL", log, *own)
            if len(found) < READ:
                return gone
            first = f"({found[-1][0].decode()}"

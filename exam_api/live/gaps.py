"""Gaps of running sessions in Redis: one hash a session, which dies by itself."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt.fairness import Ended, Gap
from exam_api.attempt.model import shard_of
from exam_api.fair_ports import Gaps
from exam_api.live import keys, scripts
from exam_api.live.lane import Lane
from exam_api.live.together import together

_HOLD: Final = scripts.ALL["hold"]
_GAP: Final = msgspec.msgpack.Decoder(Gap)
_ASK: Final = b"ask:"
_FIELD_BYTES: Final = 24


class RedisGaps(Gaps):
    """`Gaps` on Redis. Fails closed; keeping begins the life of 7 days anew."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def of_session(self, session_id: UUID) -> Sequence[Gap]:
        held = await self._all(session_id)
        return [_GAP.decode(value) for field, value in sorted(held.items()) if len(field) == _FIELD_BYTES]

    async def find(self, session_id: UUID, attempt_id: UUID, from_ms: int) -> Gap | None:
        held = await self._lane.command("HGET", keys.gaps(session_id), _field(attempt_id, from_ms))
        return None if held is None else _GAP.decode(held)

    async def keep(self, session_id: UUID, gaps: Sequence[Gap]) -> None:
        if not gaps:
            return
        key = keys.gaps(session_id)
        told = [
            # What a page said since it was found silent stays: an open gap never takes its place.
            self._lane.command(
                "HSETNX" if gap.ended is Ended.OPEN else "HSET",
                key,
                _field(gap.attempt_id, gap.from_ms),
                msgspec.msgpack.encode(gap),
            )
            for gap in gaps
        ]
        await together([*told, self._lane.command("PEXPIRE", key, keys.ROSTER_LIFE_MS)])

    async def ask(self, session_id: UUID, attempt_id: UUID, from_ms: int, *, now_ms: int) -> None:
        field = _ASK + _field(attempt_id, from_ms)
        await self._lane.command("HSETNX", keys.gaps(session_id), field, now_ms)

    async def asked(self, session_id: UUID) -> Mapping[tuple[UUID, int], int]:
        held = await self._all(session_id)
        return {
            (UUID(bytes=field[4:20]), int.from_bytes(field[20:], "big")): int(value)
            for field, value in held.items()
            if field.startswith(_ASK) and len(field) == len(_ASK) + _FIELD_BYTES
        }

    async def hold(self, attempt_id: UUID, *, until_ms: int) -> None:
        own, shard = keys.of_attempt(attempt_id), keys.OF_SHARD[shard_of(attempt_id)]
        await self._lane.run(_HOLD, (own.attempt, shard.deadlines), (until_ms,))

    async def _all(self, session_id: UUID) -> Mapping[bytes, bytes]:
        flat: Sequence[bytes] = await self._lane.command("HGETALL", keys.gaps(session_id))
        return dict(zip(flat[::2], flat[1::2], strict=True))


def _field(attempt_id: UUID, from_ms: int) -> bytes:
    return attempt_id.bytes + from_ms.to_bytes(8, "big")

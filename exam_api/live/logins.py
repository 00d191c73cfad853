"""Log-ins, one-time codes and limits in Redis."""

from typing import Final
from uuid import UUID

import msgspec
import structlog

from exam_api.errors import LiveAway
from exam_api.live import keys, scripts
from exam_api.live.redis_lane import RedisLane
from exam_api.people import Login
from exam_api.ports import Logins

_SET_CODE: Final = scripts.ALL["set_code"]
_TRY_CODE: Final = scripts.ALL["try_code"]
_COUNT: Final = scripts.ALL["count"]
_LOGIN: Final = msgspec.msgpack.Decoder(Login)
_log = structlog.stdlib.get_logger("kaowu.live")


class RedisLogins(Logins):
    """`Logins` on Redis. Log-ins and codes fail closed, limits fail open."""

    def __init__(self, lane: RedisLane) -> None:
        self._lane = lane

    async def open(self, login: Login, *, token_hash: bytes, life_ms: int) -> None:
        await self._lane.command(
            "SET", keys.login(token_hash), msgspec.msgpack.encode(login), "PX", max(1, life_ms)
        )

    async def find(self, token_hash: bytes) -> Login | None:
        held = await self._lane.command("GET", keys.login(token_hash))
        return None if held is None else _LOGIN.decode(held)

    async def end(self, token_hash: bytes) -> None:
        await self._lane.command("DEL", keys.login(token_hash))

    async def set_code(self, blind: bytes, code_hash: bytes, *, life_ms: int) -> None:
        """A new code takes the place of the old one, its tries begin at 0."""
        await self._set(keys.code(blind), code_hash, life_ms)

    async def try_code(self, blind: bytes, code_hash: bytes) -> bool:
        return await self._try(keys.code(blind), code_hash)

    async def over_limit(self, kind: str, key: bytes, *, limit: int, window_ms: int) -> bool:
        """As the port says: of each window `limit` calls are let through."""
        try:
            count = await self._lane.run(_COUNT, (keys.rate(kind, key),), (window_ms,))
        except LiveAway:
            return self._unknown(kind)
        return count > limit

    async def is_over(self, kind: str, key: bytes, *, limit: int) -> bool:
        """As the port says: whether one more would be over."""
        try:
            count = await self._lane.command("GET", keys.rate(kind, key))
        except LiveAway:
            return self._unknown(kind)
        return int(count or 0) >= limit

    async def set_takeover_code(self, attempt_id: UUID, code_hash: bytes, *, life_ms: int) -> None:
        await self._set(keys.of_attempt(attempt_id).takeover, code_hash, life_ms)

    async def try_takeover_code(self, attempt_id: UUID, code_hash: bytes) -> bool:
        return await self._try(keys.of_attempt(attempt_id).takeover, code_hash)

    async def _set(self, key: bytes, code_hash: bytes, life_ms: int) -> None:
        await self._lane.run(_SET_CODE, (key,), (code_hash, life_ms))

    async def _try(self, key: bytes, code_hash: bytes) -> bool:
        return await self._lane.run(_TRY_CODE, (key,), (code_hash,)) == 1

    def _unknown(self, kind: str) -> bool:
        _log.warning("rate.unknown", limit=kind)
        return False

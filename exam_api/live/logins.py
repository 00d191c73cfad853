"""Log-ins, one-time codes and limits in Redis."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Final, cast
from uuid import UUID

import msgspec
import structlog

from exam_api.errors import LiveAway
from exam_api.live import keys, scripts
from exam_api.live.lane import Lane
from exam_api.live.starts import Seen
from exam_api.people import Login, Role
from exam_api.ports import Limit, Logins

_SET_CODE: Final = scripts.ALL["set_code"]
_OFFER_CODE: Final = scripts.ALL["offer_code"]
_TRY_CODE: Final = scripts.ALL["try_code"]
_COUNT: Final = scripts.ALL["count"]
_UNCOUNT: Final = scripts.ALL["uncount"]
_INDEX: Final = scripts.ALL["index_login"]
_LOGIN: Final = msgspec.msgpack.Decoder(Login)

LOGINS_MOST: Final = 32
"""Open log-ins of one person or account; beyond it the oldest ends."""

_log = structlog.stdlib.get_logger("kaowu.live")


class RedisLogins(Logins):
    """`Logins` on Redis. Log-ins and codes fail closed, limits fail open."""

    def __init__(self, lane: Lane, seen: Seen | None = None) -> None:
        """`seen`: told of every log-in that is looked up or opened here."""
        self._lane = lane
        self._seen = seen or Seen()

    async def open(self, login: Login, *, token_hash: bytes, life_ms: int) -> None:
        """Noted under its subject as well; where only one of the two succeeds, nobody is told the token."""
        life_ms = max(1, life_ms)
        packed = msgspec.msgpack.encode(login)
        noted, _ = await asyncio.gather(
            self._lane.run(_INDEX, (keys.logins(login.subject_id),), (token_hash, login.id.bytes, life_ms)),
            self._lane.command("SET", keys.login(token_hash), packed, "PX", life_ms),
        )
        if noted > LOGINS_MOST:
            await self._end_oldest(login.subject_id)
        if login.role is Role.CANDIDATE:
            self._seen.logins.put(token_hash, (packed, login))

    async def find(self, token_hash: bytes) -> Login | None:
        held = await self._lane.command("GET", keys.login(token_hash))
        if held is None:
            self._seen.logins.drop(token_hash)
            return None
        return self._seen.login(token_hash, held)

    async def seen(self, token_hash: bytes, login: Login, *, now_ms: int) -> None:
        """Written only where the log-in is still there: one that was ended stays so."""
        seen = msgspec.msgpack.encode(msgspec.structs.replace(login, seen_ms=now_ms))
        await self._lane.command("SET", keys.login(token_hash), seen, "XX", "KEEPTTL")

    async def end(self, token_hash: bytes) -> None:
        self._seen.logins.drop(token_hash)
        held = await self._lane.command("GETDEL", keys.login(token_hash))
        if held is not None:
            index = keys.logins(_LOGIN.decode(held).subject_id)
            await self._lane.command("HDEL", index, token_hash)

    async def of_subject(self, subject_id: UUID) -> Sequence[Login]:
        """Open log-ins, the newest first."""
        held = await self._held(subject_id)
        return sorted(held.values(), key=lambda login: (-login.since_ms, login.id))

    async def end_of(self, subject_id: UUID, *, only: UUID | None = None, but: UUID | None = None) -> int:
        """As the port says."""
        ended = 0
        for token_hash, login in (await self._held(subject_id)).items():
            if login.id != but and only in {None, login.id}:
                await self.end(token_hash)
                ended += 1
        return ended

    async def offer_code(
        self, blind: bytes, code_hash: bytes, *, life_ms: int, limits: tuple[Limit, Limit]
    ) -> Limit | None:
        """As the port says; the tries of a new code begin at 0."""
        first, second = limits
        passed: int = await self._lane.run(
            _OFFER_CODE,
            (keys.code(blind), keys.rate(first.kind, blind), keys.rate(second.kind, blind)),
            (code_hash, life_ms, first.most, first.window_ms, second.most, second.window_ms),
        )
        return limits[passed - 1] if passed else None

    async def try_code(self, blind: bytes, code_hash: bytes, *, failures: Limit) -> bool | None:
        """As the port says."""
        tried: int = await self._lane.run(
            _TRY_CODE,
            (keys.code(blind), keys.rate(failures.kind, blind)),
            (code_hash, failures.most),
        )
        return None if tried < 0 else tried == 1

    async def over_limit(self, kind: str, key: bytes, *, limit: int, window_ms: int) -> bool:
        """As the port says: of each window `limit` calls are let through."""
        try:
            count = await self._lane.run(_COUNT, (keys.rate(kind, key),), (window_ms,))
        except LiveAway:
            return self._unknown(kind)
        return count > limit

    async def take_back(self, kind: str, key: bytes) -> None:
        """Take back one that was counted; where Redis is away it is forgotten with its window."""
        with contextlib.suppress(LiveAway):
            await self._lane.run(_UNCOUNT, (keys.rate(kind, key),), ())

    async def is_over(self, kind: str, key: bytes, *, limit: int) -> bool:
        """As the port says: whether one more would be over."""
        try:
            count = await self._lane.command("GET", keys.rate(kind, key))
        except LiveAway:
            return self._unknown(kind)
        return int(count or 0) >= limit

    async def set_takeover_code(self, attempt_id: UUID, code_hash: bytes, *, life_ms: int) -> None:
        await self._lane.run(_SET_CODE, (keys.of_attempt(attempt_id).takeover,), (code_hash, life_ms))

    async def try_takeover_code(self, attempt_id: UUID, code_hash: bytes) -> bool:
        takeover = keys.of_attempt(attempt_id).takeover
        return await self._lane.run(_TRY_CODE, (takeover,), (code_hash,)) == 1

    async def _held(self, subject_id: UUID) -> Mapping[bytes, Login]:
        """Log-ins by token hash; those that have died of themselves leave the list."""
        index = keys.logins(subject_id)
        hashes = cast("list[bytes]", await self._lane.command("HKEYS", index))
        found = await asyncio.gather(*(self.find(token_hash) for token_hash in hashes))
        gone = [one for one, login in zip(hashes, found, strict=True) if login is None]
        if gone:
            await self._lane.command("HDEL", index, *gone)
        return {one: login for one, login in zip(hashes, found, strict=True) if login is not None}

    async def _end_oldest(self, subject_id: UUID) -> None:
        for login in (await self.of_subject(subject_id))[LOGINS_MOST:]:
            await self.end_of(subject_id, only=login.id)

    def _unknown(self, kind: str) -> bool:
        _log.warning("rate.unknown", limit=kind)
        return False

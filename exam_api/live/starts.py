"""Starts in one question: decided by what this process remembers, if the script finds it unchanged."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar
from uuid import UUID

import msgspec

from exam_api.attempt.model import ArmedAttempt, LiveAttempt, State, shard_of
from exam_api.live import keys, replies, scripts
from exam_api.live.lane import Lane
from exam_api.live.redis_lane import ScriptBroken
from exam_api.people import Login, Role
from exam_api.start_ports import KnownStart, Starts

KEPT: Final = 30_000
"""Log-ins and attempts that a process remembers, each some 1 KB: a provincial peak."""

_LOOK: Final = scripts.ALL["look"]
_START: Final = scripts.ALL["start_known"]
_LOGIN: Final = msgspec.msgpack.Decoder(Login)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The newest of what was seen."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._held: OrderedDict[K, V] = OrderedDict()

    def put(self, key: K, value: V) -> None:
        """Remember; the oldest goes when there are too many."""
        self._held[key] = value
        if len(self._held) > self._most:
            self._held.popitem(last=False)

    def get(self, key: K) -> V | None:
        return self._held.get(key)

    def has(self, key: K) -> bool:
        return key in self._held

    def drop(self, key: K) -> None:
        self._held.pop(key, None)


class Seen:
    """What this process saw in the live state: log-ins as they are kept, armed facts. May be old."""

    def __init__(self) -> None:
        self.logins: Kept[bytes, tuple[bytes, Login]] = Kept()
        """By hash of the token."""
        self.ready: Kept[UUID, ArmedAttempt | None] = Kept()
        """Armed facts of attempts that were ready; None for one that was not."""

    def login(self, token_hash: bytes, packed: bytes) -> Login:
        """Decode a log-in and remember a candidate's."""
        login = _LOGIN.decode(packed)
        if login.role is Role.CANDIDATE:
            self.logins.put(token_hash, (packed, login))
        return login

    def attempt(self, live: LiveAttempt) -> None:
        """Remember an attempt as it is now."""
        self.ready.put(live.armed.attempt_id, live.armed if live.state is State.READY else None)


class RedisStarts(Starts):
    """`Starts` on one node of Redis; in a cluster it knows nobody."""

    def __init__(self, lane: Lane, seen: Seen) -> None:
        self._lane = lane
        self._seen = seen

    async def know(self, token_hash: bytes, attempt_id: UUID) -> tuple[Login, ArmedAttempt] | None:
        """As the port says."""
        if self._lane.apart:
            return None
        login = self._seen.logins.get(token_hash)
        if login is None or not self._seen.ready.has(attempt_id):
            await self._learn(token_hash, attempt_id)
            login = self._seen.logins.get(token_hash)
        armed = self._seen.ready.get(attempt_id)
        return None if login is None or armed is None else (login[1], armed)

    def began(self, attempt_id: UUID) -> bool:
        """As the port says."""
        ready = self._seen.ready
        return ready.has(attempt_id) and ready.get(attempt_id) is None

    async def start(self, ask: KnownStart) -> bytes | None:
        """As the port says."""
        held, attempt_id = self._seen.logins.get(ask.token_hash), ask.armed.attempt_id
        if held is None or self._lane.apart:
            return None
        own, shard = keys.of_attempt(attempt_id), keys.OF_SHARD[shard_of(attempt_id)]
        told = b'{"deadline_ms":%d,"storage_key":%b,"source":%b}' % (
            ask.deadline_ms,
            msgspec.json.encode(ask.storage_key),
            msgspec.json.encode(ask.source),
        )
        named = (
            own.attempt,
            own.answers,
            shard.log,
            shard.deadlines,
            shard.shard,
            keys.login(ask.token_hash),
            own.paper,
        )
        words = (
            self._lane.run_id_of(shard.shard),
            ask.now_ms,
            ask.deadline_ms,
            ask.storage_key,
            ask.source,
            held[0],
            replies.meta(ask.armed),
            told,
            int(ask.wants_paper),
        )
        try:
            started: bytes | int = await self._lane.run(_START, named, words)
        except ScriptBroken:
            return None  # a proxy may take one slot a script only: the ordinary start needs no more
        self._seen.ready.put(attempt_id, None)
        if isinstance(started, int):
            return b"" if started else None
        return started

    async def _learn(self, token_hash: bytes, attempt_id: UUID) -> None:
        """Both in one write: that an attempt is looked at tells nobody anything."""
        own = keys.of_attempt(attempt_id)
        packed, looked = await asyncio.gather(
            self._lane.command("GET", keys.login(token_hash)),
            self._lane.run(_LOOK, (own.attempt, own.answers), ()),
        )
        live = replies.live_attempt(looked)
        if packed is not None:
            self._seen.login(token_hash, packed)
        if live is not None:
            self._seen.attempt(live)

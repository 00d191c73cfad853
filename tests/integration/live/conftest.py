"""The live state on a real Redis, reconciled and ready; and its log read from the beginning."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import msgspec
import pytest
import pytest_asyncio

from exam_api.attempt.model import SHARDS, LiveAttempt, shard_of
from exam_api.live.attempts import RedisLive
from exam_api.live.keys import OF_SHARD
from exam_api.live.redis_lane import RedisLane
from tests.integration.live.page import MINUTE, NOW, armed


class Entry(msgspec.Struct):
    """One entry of the log, as it stands in the stream."""

    kind: str
    at_ms: int
    fence: int
    base: int
    data: bytes


@pytest_asyncio.fixture
async def lane(redis_url: str) -> AsyncIterator[RedisLane]:
    opened = RedisLane(redis_url, deadline_s=10.0)  # a Redis that shares its cores may be late
    await opened.open()
    yield opened
    await opened.close()


async def ready(lane: RedisLane) -> RedisLive:
    live = RedisLive(lane)
    await live.unready()
    for shard in range(SHARDS):
        await live.reconciled(shard)
    return live


@pytest_asyncio.fixture
async def live(lane: RedisLane) -> RedisLive:
    return await ready(lane)


@pytest.fixture
def attempt_id() -> UUID:
    return uuid4()


@pytest.fixture
def entries(lane: RedisLane) -> Callable[[UUID], Awaitable[list[Entry]]]:
    async def read(attempt_id: UUID) -> list[Entry]:
        return await log_of(lane, attempt_id)

    return read


async def log_of(lane: RedisLane, attempt_id: UUID) -> list[Entry]:
    """What the log holds of one attempt."""
    found = []
    for _id, flat in await lane.command("XRANGE", OF_SHARD[shard_of(attempt_id)].log, "-", "+"):
        held = dict(zip(flat[::2], flat[1::2], strict=True))
        if held[b"a"] == attempt_id.bytes:
            found.append(
                Entry(held[b"k"].decode(), int(held[b"t"]), int(held[b"f"]), int(held[b"b"]), held[b"d"])
            )
    return found


async def running(live: RedisLive, attempt_id: UUID, **changes: object) -> LiveAttempt:
    """Arm and start an attempt of one hour."""
    await live.arm([armed(attempt_id, **changes)])
    return await live.start(
        attempt_id, now_ms=NOW, deadline_ms=NOW + 60 * MINUTE, storage_key="k1", source="aa"
    )

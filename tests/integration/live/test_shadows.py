"""What a rehearsal leaves in Redis goes through a lane that refuses too many calls at once."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest_asyncio

from exam_api.live import keys
from exam_api.live.logins import RedisLogins
from exam_api.live.redis_lane import RedisLane
from exam_api.live.shadows import RedisShadows
from exam_api.record import Registration
from exam_api.rehearsal_ports import Shadow
from tests.integration.live.page import NOW

SHADOWS = 100
MARKS = 3
"""Of each: the blind index, and two that the roster lists people under."""


@pytest_asyncio.fixture
async def narrow(redis_url: str) -> AsyncIterator[RedisLane]:
    opened = RedisLane(redis_url, in_flight_max=200)
    await opened.open()
    yield opened
    await opened.close()


def _registered(session_id: UUID, n: int) -> Registration:
    return Registration(
        id=uuid4(), session_id=session_id, person_id=uuid4(), name=f"影子{n}", blind=b"%016d" % n,
        phone_sealed=b"", ticket_no=f"R{n:08d}", seat="", extra_ms=0,
    )  # fmt: skip


async def test_more_shadows_than_a_lane_takes_calls_are_forgotten_all_the_same(
    lane: RedisLane, narrow: RedisLane
) -> None:
    shadow = Shadow(session_id=uuid4(), institution_id=uuid4(), begun_ms=NOW, opens_ms=NOW)
    people = [_registered(shadow.session_id, n) for n in range(SHADOWS)]
    marks = [b"%d-" % n + one.blind for one in people for n in range(MARKS)]
    for mark in marks:
        await lane.command("HSET", keys.person(mark), shadow.session_id.bytes, b"here")
    for one in people:
        await lane.command("SET", keys.code(one.blind), b"a code")
    gone = await RedisShadows(narrow, RedisLogins(narrow)).forget(shadow, people, marks, age_ms=0)
    assert gone == SHADOWS * (MARKS + 1)
    assert not await lane.command("EXISTS", *(keys.person(mark) for mark in marks))

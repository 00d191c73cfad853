"""What pages are told while something the service stands on does not answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from exam_api.people import Role
from tests.e2e.world import World, open_world, ready, soon
from tests.integration.http.people import ask_code, give_code, registered
from tests.servers import RedisServer


@pytest_asyncio.fixture
async def frail(own_redis: RedisServer, sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(sqlite_url, own_redis.url, tmp_path) as opened:
        yield opened


async def test_with_the_live_state_away_every_call_is_a_503_problem_and_nothing_is_lost(
    frail: World, own_redis: RedisServer
) -> None:
    sitting = await frail.sitting(people=1)
    device = await frail.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    device.choose(0)
    own_redis.stop()
    for reply in (
        await device.sync(),
        await device.submit(),
        await device.http.get("/api/me"),
        await device.http.post("/api/attempt/start", json={}),
    ):
        assert (reply.status_code, reply.json()["type"]) == (503, "/problems/live-away")
        assert int(reply.headers["retry-after"]) >= 1
    told = await frail.stranger().get("/ready")
    assert (told.status_code, told.json()) == (503, {"live": False, "record": True})
    assert (await frail.stranger().get("/health")).status_code == 200
    own_redis.start()
    await soon(lambda: _is_ready(frail), within_s=5)
    refused = await device.sync()
    assert refused.json()["type"] == "/problems/shard-unready", "what staff did is applied first"
    assert refused.headers["retry-after"] == "1"
    await ready(frail)
    assert (await device.sync()).json()["took"] == "ok"


async def test_limits_fail_open_and_codes_fail_closed(frail: World, own_redis: RedisServer) -> None:
    _, people = await registered(frail, 1)
    code = await ask_code(frail.stranger(), people[0])
    own_redis.stop()
    assert (await give_code(frail.stranger(), people[0], code)).status_code == 503
    assert not await frail.exam.logins.over_limit("code-minute", b"x", limit=0, window_ms=1000)
    assert not await frail.exam.logins.is_over("failed", b"x", limit=0)
    own_redis.start()
    await soon(lambda: _is_ready(frail), within_s=5)
    staff = await frail.staff(Role.OFFICER)
    assert (await staff.get("/api/sessions")).status_code == 200


async def _is_ready(world: World) -> bool:
    return (await world.stranger().get("/ready")).json()["live"] is True

"""A master of a cluster that dies without a replica holds up its own shards only, and these catch up."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from redis.cluster import RedisCluster as BlockingCluster

from exam_api.attempt import chain
from exam_api.attempt.model import SHARDS, shard_of
from exam_api.errors import LiveAway
from exam_api.live.keys import OF_SHARD
from tests.e2e.world import HOUR, Sitting, World, open_world, ready
from tests.integration.live.cluster import CLI, SERVER, Cluster

pytestmark = [
    pytest.mark.xdist_group("cluster"),
    pytest.mark.skipif(not (SERVER and CLI), reason="redis-server and redis-cli are not both installed"),
]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    held = Cluster(tmp_path / "cluster", replicas=0)
    try:
        held.start()
        yield held
    finally:
        held.stop()


def _port_of(cluster: Cluster, shard: int) -> int:
    """The node that serves a shard."""
    with BlockingCluster(host="127.0.0.1", port=cluster.nodes[0].port) as client:
        return int(client.get_node_from_key(OF_SHARD[shard].log.decode()).port)


async def _answered(world: World, sitting: Sitting, attempt_id: UUID) -> None:
    (person,) = (one for one in sitting.people if one.id == attempt_id)
    device = await world.device(person)
    await device.start(attempt_id)
    device.choose(0, 1)
    await device.sync()


async def _on_record(world: World, sitting: Sitting) -> dict[UUID, int]:
    """Answers of each attempt that the record has."""
    held = await world.exam.record.held(sitting.id)
    return {one.attempt_id: len(list(chain.unpack(one.ops))) for one in held}


async def _causes(world: World, *attempts: UUID) -> list[list[str]]:
    return [[run.cause for run in await world.exam.results.of_attempt(one)] for one in attempts]


async def _until_away(world: World, attempt_id: UUID) -> None:
    with contextlib.suppress(LiveAway):
        while True:
            await world.exam.live.find(attempt_id)
            await asyncio.sleep(0.01)


async def _until_back(world: World, attempt_id: UUID) -> None:
    for _ in range(600):
        with contextlib.suppress(LiveAway):
            await world.exam.live.find(attempt_id)
            return
        await asyncio.sleep(0.05)


async def test_shards_of_a_dead_master_hold_up_no_others_and_catch_up(
    cluster: Cluster, sqlite_url: str, tmp_path: Path
) -> None:
    ports = {shard: _port_of(cluster, shard) for shard in range(SHARDS)}
    async with open_world(sqlite_url, cluster.url, tmp_path) as world:
        sitting = await world.sitting(people=24)
        lost = sitting.people[0].id
        dead = ports[shard_of(lost)]
        sound = next(one.id for one in sitting.people if ports[shard_of(one.id)] != dead)
        for attempt_id in (lost, sound):
            await _answered(world, sitting, attempt_id)
        await asyncio.to_thread(cluster.kill, dead)
        await _until_away(world, lost)

        assert await world.worker.drain_turn()
        assert await _on_record(world, sitting) == {sound: 1}

        await world.wired.lane.command("DEL", OF_SHARD[shard_of(sound)].shard)
        await world.worker.reconcile_turn()
        assert shard_of(sound) not in await world.exam.live.unready()

        world.clock.at += HOUR
        assert await world.worker.expire_turn()
        await world.worker.drain_turn()
        await world.worker.finish_turn()
        assert await _causes(world, sound, lost) == [["time"], []]
        away = list(ports.values()).count(dead)
        assert REGISTRY.get_sample_value("kaowu_shards_away") == away

        await asyncio.to_thread(cluster.start_again, dead)
        await _until_back(world, lost)
        await ready(world)
        await world.expire()
        assert await _on_record(world, sitting) == {sound: 1, lost: 1}
        assert await _causes(world, sound, lost) == [["time"], ["time"]]
        await world.worker.expire_turn()
        assert REGISTRY.get_sample_value("kaowu_shards_away") == 0

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
from exam_api.live import keys
from exam_api.live.keys import OF_SHARD
from tests.e2e.world import HOUR, MINUTE, Sitting, World, open_world, ready
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


def _port_of_session(cluster: Cluster, session_id: UUID) -> int:
    """The node that has a session's facts and gaps."""
    with BlockingCluster(host="127.0.0.1", port=cluster.nodes[0].port) as client:
        return int(client.get_node_from_key(keys.gaps(session_id).decode()).port)


async def _room_of(world: World, cluster: Cluster, node: int, *, on_it: bool, people: int) -> Sitting:
    """A room of desks at work, whose facts and gaps lie on that node or not; some of its seats do."""
    while True:
        sitting = await world.sitting(people=people, channel="desk")
        held_there = await asyncio.to_thread(_port_of_session, cluster, sitting.id) == node
        if held_there is on_it:
            break
    for person in sitting.people:
        assert (await (await world.device(person)).start(person.id)).status_code == 200
    return sitting


async def _states(world: World, attempts: list[UUID]) -> list[str]:
    found = [await world.exam.live.find(one) for one in attempts]
    return [one.state.value for one in found if one is not None]


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


async def test_a_silent_room_is_not_handed_in_unjudged_when_a_master_is_dead(
    cluster: Cluster, sqlite_url: str, tmp_path: Path
) -> None:
    ports = {shard: _port_of(cluster, shard) for shard in range(SHARDS)}
    async with open_world(sqlite_url, cluster.url, tmp_path) as world:
        dead = ports[0]
        unseen = await _room_of(world, cluster, dead, on_it=True, people=8)
        partly = await _room_of(world, cluster, dead, on_it=False, people=24)
        on_nodes = {one.id: ports[shard_of(one.id)] for one in (*unseen.people, *partly.people)}
        lost = next(one for one, port in on_nodes.items() if port == dead)
        sound = [one for one, port in on_nodes.items() if port != dead]
        await world.worker.fair_turn()
        await asyncio.to_thread(cluster.kill, dead)
        await _until_away(world, lost)

        end = world.clock.at + 45 * MINUTE
        world.clock.at = end + 3_000
        with pytest.raises(LiveAway):
            await world.worker.fair_turn()
        world.clock.at = end + 30_000
        for _ in range(2):
            await world.worker.expire_turn()
        assert set(await _states(world, sound)) == {"running"}

        world.clock.at = end + 15 * MINUTE + 6_000
        with pytest.raises(LiveAway):
            await world.worker.fair_turn()
        await world.worker.expire_turn()
        assert set(await _states(world, sound)) == {"closed"}, "not beyond the cap"

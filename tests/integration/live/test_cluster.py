"""The live state on a Redis Cluster: every shard is served, and a master that dies costs nothing held."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from exam_api.attempt.model import SHARDS, Took, shard_of
from exam_api.errors import LiveAway
from exam_api.live.attempts import RedisLive
from exam_api.live.cluster_lane import ClusterLane, is_cluster
from exam_api.live.keys import OF_SHARD
from exam_api.live.log import RedisLog
from exam_api.live.watch import Watch
from exam_api.record import LogKind
from exam_api.serving.doctor import Level, check_cluster, check_redis
from exam_api.serving.redis_nodes import ClusterTold, NodeTold
from exam_api.settings import from_environ
from exam_api.wiring.ground import WallClock
from tests.integration.live.cluster import CLI, MASTERS, SERVER, Cluster, ask
from tests.integration.live.conftest import ready, running
from tests.integration.live.fair_walk import expiry_waits, gaps_are_kept
from tests.integration.live.page import NOW, SESSION, Page

pytestmark = [
    pytest.mark.xdist_group("cluster"),
    pytest.mark.skipif(not (SERVER and CLI), reason="redis-server and redis-cli are not both installed"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    held = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        held.start()
        yield held
    finally:
        held.stop()


@pytest_asyncio.fixture
async def lane(cluster: Cluster) -> AsyncIterator[ClusterLane]:
    opened = ClusterLane(cluster.url)
    await opened.open()
    yield opened
    await opened.close()


def one_of_each_shard() -> list[UUID]:
    return [UUID(bytes=bytes([shard]) + secrets.token_bytes(15)) for shard in range(SHARDS)]


async def back(lane: ClusterLane) -> RedisLive:
    """Ready again after a failover, however long it takes."""
    for _ in range(300):
        try:
            live = await ready(lane)
            await live.of_session(SESSION)  # every shard is asked
            if not await live.unready():
                return live
        except LiveAway:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError("the cluster did not come back")


def test_an_address_tells_a_cluster_from_one_node() -> None:
    assert is_cluster("redis+cluster://a:1,b:2")
    assert is_cluster("rediss+cluster://user:pw@a:1")
    assert not is_cluster("redis://a:1")
    assert not is_cluster("unix:///run/redis.sock")


async def test_all_shards_are_spread_over_the_masters_and_each_serves(lane: ClusterLane) -> None:
    live = await ready(lane)
    assert len(lane.by_node([own.log for own in OF_SHARD])) == MASTERS
    for attempt_id in one_of_each_shard():
        await running(live, attempt_id)
        page = Page(attempt_id, 1)
        page.answer(slot=0, mask=1)
        took = await live.sync(page.ask(now_ms=NOW + 1))
        assert (took.took, took.seq) == (Took.OK, 1)
    log = RedisLog(lane)
    read = [await log.read(shard, count=100) for shard in range(SHARDS)]
    assert all(read)
    await log.done_together([(shard, [entry.id for entry in held]) for shard, held in enumerate(read)])
    together, alone = await log.read_together(count=100)
    again = [await log.read(shard, count=100) for shard in alone]
    assert (list(together), len(alone), any(again)) == ([], SHARDS, False)


async def test_gaps_are_kept_and_expiry_waits_on_whatever_node(lane: ClusterLane) -> None:
    live = await ready(lane)
    for _ in range(MASTERS):
        await gaps_are_kept(lane)  # of sessions on different nodes
    for attempt_id in one_of_each_shard()[:: SHARDS // 8]:
        await expiry_waits(lane, live, attempt_id)


async def test_one_watch_sees_what_happens_on_every_node(cluster: Cluster, lane: ClusterLane) -> None:
    live = await ready(lane)
    watch = Watch(cluster.url, epoch="c")
    await watch.open()
    try:
        attempts = one_of_each_shard()
        pages = {each: watch.nudge(each) for each in attempts}
        wall = watch.subscribe(SESSION)
        for attempt_id in attempts:
            await running(live, attempt_id)
            opened = await live.open_fence(attempt_id, seen_fence=1, now_ms=NOW, storage_key="k2", source="b")
            assert opened.fence == 2
        assert all([await page.wait(5) for page in pages.values()])
        seen: list[UUID] = []
        while len(seen) < SHARDS and (batch := await wall.next(5)).events:
            assert not batch.again  # which would say that it had lost its place, as when no log can be read
            seen += [one.entry.attempt_id for one in batch.events if one.entry.kind is LogKind.FENCE]
        assert set(seen) == set(attempts)
    finally:
        await watch.close()


async def test_the_doctor_asks_every_node_and_names_the_worst(cluster: Cluster, lane: ClusterLane) -> None:
    assert lane.by_node([OF_SHARD[0].log])
    settings = from_environ({"KAOWU_SECRET": "s" * 40, "KAOWU_REDIS_URL": cluster.url})
    told = await asyncio.to_thread(check_redis, settings, now_ms=WallClock().now_ms)
    assert {one.check: one.level for one in told} == dict.fromkeys(
        ("cluster", "redis", "persistence", "clock"), Level.OK
    )
    last = cluster.nodes[-1].port
    ask(last, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    try:
        told = await asyncio.to_thread(check_redis, settings, now_ms=WallClock().now_ms)
    finally:
        ask(last, "CONFIG", "SET", "maxmemory-policy", "noeviction")
    bad = [one for one in told if one.level is Level.FAIL]
    assert [one.check for one in bad] == ["persistence"]
    assert bad[0].told.en.startswith(f"127.0.0.1:{last}: ")


def test_the_doctor_warns_of_a_master_that_nobody_can_replace() -> None:
    kept = {"appendonly": "yes", "maxmemory-policy": "noeviction"}
    node = NodeTold("a:1", "7.0.15", kept, last_write_ok=True, skew_ms=0)
    alone = check_cluster(ClusterTold([node], silent=["b:1"], alone=["a:1"], whole=True))
    assert alone[0].level is Level.WARN
    assert "b:1, a:1" in alone[0].told.en
    assert check_cluster(ClusterTold([node], silent=[], alone=[], whole=False))[0].level is Level.FAIL


@pytest.mark.long
async def test_a_master_that_dies_costs_no_acknowledged_answer(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    lane = None
    try:
        cluster.start()
        lane = ClusterLane(cluster.url, deadline_s=1.0)
        await lane.open()
        live = await ready(lane)
        attempts = [uuid4() for _ in range(100)]
        pages = {attempt_id: Page(attempt_id, 1) for attempt_id in attempts}
        for attempt_id, page in pages.items():
            await running(live, attempt_id)
            page.answer(slot=0, mask=2)
            assert (await live.sync(page.ask(now_ms=NOW + 1))).took is Took.OK
        await asyncio.sleep(1.0)  # replication is asynchronous; what it had not copied pages send again
        await asyncio.to_thread(cluster.kill_a_master)
        live = await back(lane)
        for attempt_id, page in pages.items():
            page.answer(slot=1, mask=4)
            took = await live.sync(page.ask(now_ms=NOW + 2))
            assert (took.took, took.seq) == (Took.OK, 2), shard_of(attempt_id)
            held = await live.find(attempt_id)
            assert held is not None
            assert held.answers[:8] == b"\0\0\0\x02\0\0\0\x04"
    finally:
        if lane is not None:
            await lane.close()
        cluster.stop()

"""Metrics of the whole exam: what waits for the record, who is at work, how syncs were taken."""

import math
import urllib.request
from typing import Any

import pytest
from prometheus_client import REGISTRY

from exam_api.errors import RecordAway
from exam_api.jobs.measure import metrics_served, show
from exam_api.live.measure import RedisMeasures
from exam_api.store.engine import Database
from tests.e2e.world import World
from tests.servers import unused_port


def shown(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def _look(world: World, *, later_ms: int = 0) -> None:
    shards = await RedisMeasures(world.wired.lane).shards()
    now_ms = max((one.oldest_ms for one in shards), default=0) + later_ms
    show(shards, now_ms=now_ms)


async def test_the_lag_of_the_drain_is_seen_and_goes_with_it(world: World) -> None:
    sitting = await world.sitting(people=2)
    for person in sitting.people:
        device = await world.device(person)
        await device.start(person.id)
        device.choose(0, 1)
        await device.sync()
    await _look(world, later_ms=7_000)
    assert shown("kaowu_drain_waiting_all") == 4  # two starts, two answers
    assert shown("kaowu_drain_oldest_seconds_all") >= 7
    assert shown("kaowu_live_attempts", state="running") == 2
    written = shown("kaowu_drained_ops_total")
    await world.drain()
    await _look(world)
    assert (shown("kaowu_drain_waiting_all"), shown("kaowu_drain_oldest_seconds_all")) == (0, 0)
    assert shown("kaowu_drained_ops_total") == written + 2


async def test_an_entry_that_was_read_and_not_written_still_waits(world: World) -> None:
    sitting = await world.sitting()
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    for shard in range(64):
        await world.wired.log.read(shard, count=10)  # a drain that died before it wrote
    await _look(world)
    assert shown("kaowu_drain_waiting_all") == 1


async def test_syncs_are_counted_by_how_they_were_taken(world: World) -> None:
    sitting = await world.sitting()
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    device.choose(0, 1)
    before = {took: shown("kaowu_syncs_total", took=took) for took in ("ok", "behind")}
    sent = shown("kaowu_sync_ops_total")
    await device.sync(lose_reply=True)
    await device.sync()  # the same again
    device.choose(1, 1)
    device.choose(2, 1)
    assert (await device.sync(base=2)).json()["took"] == "behind"
    assert shown("kaowu_syncs_total", took="ok") == before["ok"] + 2
    assert shown("kaowu_syncs_total", took="behind") == before["behind"] + 1
    assert shown("kaowu_sync_ops_total") == sent + 3


async def test_the_time_without_database_adds_up(tmp_path: Any) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/none/kaowu.db")
    before = shown("kaowu_database_away_seconds_total")
    for _ in range(2):
        with pytest.raises(RecordAway):
            async with database.reading():
                pass
    await database.close()
    assert shown("kaowu_database_away_seconds_total") > before


def test_nothing_is_told_where_nothing_is_known() -> None:
    show((), now_ms=0)
    assert math.isnan(shown("kaowu_drain_waiting_all"))


def test_the_worker_shows_its_metrics_on_loopback() -> None:
    port = unused_port()
    with metrics_served(port):
        told = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read()
    assert b"kaowu_drain_waiting_all" in told

"""Metrics of the whole exam: what waits for the record, who is at work, how syncs were taken."""

import math
import urllib.request
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY, generate_latest
from structlog.testing import capture_logs

from exam_api.errors import LiveAway, RecordAway
from exam_api.jobs.measure import metrics_served, show
from exam_api.live.measure import RedisMeasures
from exam_api.live.redis_lane import RedisLane
from exam_api.store.engine import Database
from tests.e2e.world import World, soon
from tests.integration.http.test_streams import streamed
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


async def test_a_refused_receipt_is_counted_apart(world: World) -> None:
    sitting = await world.sitting()
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    device.choose(0, 1)
    await device.sync()
    before = shown("kaowu_syncs_total", took="fork")
    forged = device.range_from(1) | {"base": 1, "baseHead": "ab" * 32}
    assert (await device.http.post("/api/attempt/sync", json=forged)).status_code == 409
    assert shown("kaowu_syncs_total", took="fork") == before + 1


async def test_replies_and_their_times_are_counted_by_route(world: World) -> None:
    sitting = await world.sitting()
    device = await world.device(sitting.people[0])
    route = "/api/attempt/start"
    good, bad = {"route": route, "status": "200"}, {"route": route, "status": "404"}
    lasts = {"route": route, "method": "POST"}
    before = [
        shown("kaowu_http_replies_total", **good),
        shown("kaowu_http_replies_total", **bad),
        shown("kaowu_http_seconds_count", **lasts),
        shown("kaowu_http_seconds_sum", **lasts),
    ]
    assert (await device.start(sitting.people[0].id)).status_code == 200
    assert (await device.start(uuid4())).status_code == 404
    assert shown("kaowu_http_replies_total", **good) == before[0] + 1
    assert shown("kaowu_http_replies_total", **bad) == before[1] + 1
    assert shown("kaowu_http_seconds_count", **lasts) == before[2] + 2
    assert shown("kaowu_http_seconds_sum", **lasts) > before[3]
    longest = shown("kaowu_http_seconds_bucket", **lasts, le="+Inf")
    assert longest == before[2] + 2


async def test_methods_that_a_caller_invents_are_counted_as_one(world: World) -> None:
    client = world.stranger()
    lasts = {"route": "/api/attempt/sync", "method": "-"}
    before = shown("kaowu_http_seconds_count", **lasts)
    with capture_logs() as told:
        for number in range(50):
            for path in (lasts["route"], "/api/me"):
                assert (await client.request(f"INVENTED{number}", path)).status_code == 405
    assert shown("kaowu_http_seconds_count", **lasts) == before + 50
    assert "INVENTED" not in generate_latest().decode()
    assert {line["method"] for line in told if line["event"] == "http.reply"} == {"-"}


async def test_results_that_shared_a_commit_and_what_was_drained_are_counted(world: World) -> None:
    sitting = await world.sitting()
    device = await world.device(sitting.people[0])
    before = shown("kaowu_commit_results_sum"), shown("kaowu_drained_entries_total", kind="start")
    await device.start(sitting.people[0].id)
    assert (await device.submit()).json()["durable"] is True
    await world.drain()
    after = shown("kaowu_commit_results_sum"), shown("kaowu_drained_entries_total", kind="start")
    assert after == (before[0] + 1, before[1] + 1)


async def test_an_open_stream_is_counted_while_it_is_open(world: World) -> None:
    sitting = await world.sitting()
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    before = shown("kaowu_http_streams")
    async with streamed(world, device.http, "/api/attempt/down"):
        await soon(lambda: _is_shown("kaowu_http_streams", before + 1))
    await soon(lambda: _is_shown("kaowu_http_streams", before))


async def _is_shown(name: str, value: float) -> bool:
    return shown(name) == value


async def test_the_time_without_redis_adds_up(tmp_path: Path) -> None:
    lane = RedisLane(f"unix://{tmp_path}/none.sock", deadline_s=0.3)
    before = shown("kaowu_redis_away_seconds_total")
    with pytest.raises(LiveAway):
        await lane.open()
    await lane.close()
    assert shown("kaowu_redis_away_seconds_total") > before


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

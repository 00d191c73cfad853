"""The failure table: database away, Redis killed or set back, a crash in the middle of a hand-in."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from exam_api.attempt import chain
from exam_api.attempt.model import CloseKind, Fact, FactKind, State
from exam_api.errors import AwayError
from exam_api.http.show_paper import prepare_items
from exam_api.jobs.warm import keep_warm
from exam_api.usecases.arm_session import arm_session
from tests.e2e.world import MINUTE, World, open_world, ready, soon
from tests.servers import PostgresServer, RedisServer


@pytest_asyncio.fixture
async def on_postgres(newest_redis: RedisServer, postgres_url: str, tmp_path: Path) -> AsyncIterator[World]:
    newest_redis.flush()
    async with open_world(postgres_url, newest_redis.url, tmp_path) as opened:
        yield opened


@pytest.mark.postgres
async def test_an_armed_session_needs_no_database_from_start_to_score(
    on_postgres: World, postgres_server: PostgresServer
) -> None:
    world = on_postgres
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    device = await world.device(person)
    staff = await world.staff("invigilator", own=True)
    postgres_server.stop()
    try:
        agreed = await device.http.post(
            f"/api/my/exams/{person.id}/consent", json={"choice": "no-photos", "textVersion": "2026-1"}
        )
        assert agreed.status_code == 204, agreed.text
        started = await device.start(person.id)
        assert started.status_code == 200, started.text
        device.choose(0, 1)
        assert (await device.sync()).json()["took"] == "ok"
        world.clock.at += 10 * MINUTE
        device.choose(1, 1)
        assert (await device.sync()).json()["took"] == "ok"
        more = await staff.post(
            f"/api/sessions/{sitting.id}/attempts/{person.id}/extend", json={"minutes": 5, "reason": "断电"}
        )
        assert more.status_code in {200, 201}, more.text
        handed = (await device.submit()).json()
        assert handed["durable"] is False
        assert handed["receipt"]
        again = (await device.submit()).json()
        assert (again["durable"], again["receipt"]) == (False, handed["receipt"])
    finally:
        postgres_server.start()
    await world.drain()  # until then the phone keeps its ops
    durable = (await device.submit()).json()
    assert (durable["durable"], durable["receipt"]) == (True, handed["receipt"])
    runs = await world.exam.results.of_attempt(person.id)
    assert [run.score.total_centi for run in runs] == [handed["result"]["scoreCenti"]]
    facts = await world.exam.record.facts_since(since_ms=0)
    assert [fact.kind for fact in facts if fact.attempt_id == person.id] == [FactKind.EXTEND]
    (mine,) = (await device.http.get("/api/my/exams")).json()["exams"]
    assert mine["consent"] == "no-photos"


@pytest.mark.postgres
async def test_after_an_outage_the_record_goes_on_where_it_stopped(
    on_postgres: World, postgres_server: PostgresServer
) -> None:
    world = on_postgres
    sitting, device = await world.started()
    await world.drain()
    device.choose(0, 1)
    await device.sync()
    postgres_server.stop()
    try:
        with pytest.raises(AwayError):
            await world.worker.drain_turn()
    finally:
        postgres_server.start()
    device.choose(1, 1)
    await device.sync()
    lengths: list[int] = []
    while await world.worker.drain_turn():
        (held,) = await world.exam.record.held(sitting.id)
        lengths.append(len(held.ops) // chain.OP_BYTES)
        assert [one.op.seq for one in chain.unpack(held.ops)] == [1, 2][: lengths[-1]]
    assert lengths == [1, 2]


@pytest.mark.postgres
async def test_the_job_makes_a_result_durable_when_the_page_never_asks_again(
    on_postgres: World, postgres_server: PostgresServer
) -> None:
    world = on_postgres
    sitting, device = await world.started()
    device.choose(0, 1)
    postgres_server.stop()
    try:
        assert (await device.submit()).json()["durable"] is False
    finally:
        postgres_server.start()
    await world.expire()
    live = await world.live_of(sitting)
    assert live.durable
    assert len(await world.exam.results.of_attempt(sitting.people[0].id)) == 1


async def test_a_crash_after_closing_and_before_scoring_is_finished_by_the_job(world: World) -> None:
    """What `kill -9` leaves between the two steps of a hand-in."""
    sitting, device = await world.started()
    device.choose(0, 1)
    await device.sync()
    person = sitting.people[0]
    await world.exam.live.close(person.id, kind=CloseKind.MANUAL, now_ms=world.clock.at, fence=1)
    await world.expire()
    runs = await world.exam.results.of_attempt(person.id)
    assert [(run.cause, run.seq) for run in runs] == [("hand-in", 1)]
    assert (await device.submit()).json()["result"]["scoreCenti"] == runs[0].score.total_centi


async def test_redis_killed_and_restarted_loses_nothing_acknowledged(
    fragile: World, own_redis: RedisServer
) -> None:
    world = fragile
    sitting, device = await world.started()
    device.choose(0, 1)
    device.choose(1, 1)
    await device.sync()
    own_redis.restart()
    device.choose(2, 1)
    refused = await device.sync()
    assert refused.status_code == 503
    assert "retry-after" in refused.headers
    await ready(world)
    told = await device.sync_all()
    assert (told["took"], told["seq"]) == ("ok", 3)
    live = await world.live_of(sitting)
    assert live.head.hex() == device.head_at(3)


async def test_redis_set_back_in_time_gets_the_ops_again_from_the_outbox(
    fragile: World, own_redis: RedisServer
) -> None:
    world = fragile
    sitting, device = await world.started()
    device.choose(0, 1)
    await device.sync()
    kept = own_redis.keep_data()
    for slot in range(1, 6):
        device.choose(slot, 1)
    assert (await device.sync()).json()["seq"] == 6
    own_redis.roll_back(kept)
    await ready(world)
    device.choose(6, 1)
    told = await device.sync_all()
    assert (told["took"], told["seq"]) == ("ok", 7)
    await world.drain()
    held = await world.exam.record.held(sitting.id)
    assert len(held[0].ops) == 7 * 39


async def test_a_fact_that_redis_lost_is_applied_again_before_the_shard_serves(
    fragile: World, own_redis: RedisServer
) -> None:
    world = fragile
    sitting, device = await world.started()
    person = sitting.people[0]
    before = (await device.sync()).json()["deadlineMs"]
    kept = own_redis.keep_data()
    staff = await world.staff("invigilator", own=True)
    url = f"/api/sessions/{sitting.id}/attempts/{person.id}/extend"
    await staff.post(url, json={"minutes": 5, "reason": "换机"})
    own_redis.roll_back(kept)
    await ready(world)
    assert (await device.sync()).json()["deadlineMs"] == before + 5 * MINUTE


async def test_a_takeover_that_redis_lost_cannot_revive_the_old_writer(
    fragile: World, own_redis: RedisServer
) -> None:
    """Two devices, and the IndexedDB of the first is lost after a Redis rollback."""
    world = fragile
    sitting = await world.sitting(people=1, takeover="own")
    person = sitting.people[0]
    first, second = await world.device(person), await world.device(person)
    await first.start(person.id)
    first.choose(0, 1)
    await first.sync()
    kept = own_redis.keep_data()
    await second.start(person.id, takeover=True)
    second.choose(1, 2)
    await second.sync()
    own_redis.roll_back(kept)
    await ready(world)
    first.choose(0, 2)
    assert (await first.sync()).json()["took"] == "side"
    told = await second.sync_all()
    assert (told["took"], told["fence"], told["seq"]) == ("ok", 2, 1)
    third = await world.device(person)  # the first phone again, its storage wiped
    third.http.cookies = first.http.cookies
    taken = (await third.start(person.id, takeover=True)).json()
    assert taken["fence"] == 3
    assert taken["answers"][1] == 2


async def test_an_empty_redis_is_filled_from_the_record(fragile: World, own_redis: RedisServer) -> None:
    world = fragile
    sitting, device = await world.started()
    person = sitting.people[0]
    device.choose(0, 1)
    device.choose(3, 2)
    await device.sync()
    await world.drain()
    own_redis.flush()
    own_redis.restart()
    await ready(world)
    live = await world.exam.live.find(person.id)
    assert live is not None
    assert (live.state, live.fence, live.seq) == (State.RUNNING, 1, 2)
    assert live.head.hex() == device.head_at(2)
    device.choose(4, 1)
    assert (await device.sync()).json()["took"] == "ok"
    handed = (await device.submit()).json()
    assert handed["durable"] is True


async def test_a_result_survives_an_empty_redis(fragile: World, own_redis: RedisServer) -> None:
    world = fragile
    _sitting, device = await world.started()
    device.choose(0, 1)
    handed = (await device.submit()).json()
    await world.drain()
    own_redis.flush()
    own_redis.restart()
    await ready(world)
    again = (await device.submit()).json()
    assert again["result"]["scoreCenti"] == handed["result"]["scoreCenti"]
    assert again["receipt"] == handed["receipt"]


async def test_a_fact_is_applied_once_however_often_it_comes(world: World) -> None:
    sitting, device = await world.started()
    before = (await device.sync()).json()["deadlineMs"]
    fact = Fact(
        id=uuid4(),
        attempt_id=sitting.people[0].id,
        kind=FactKind.EXTEND,
        at_ms=world.clock.at,
        actor="system",
        reason="试",
        ms=MINUTE,
    )
    assert [await world.exam.live.apply(fact) for _ in range(3)] == [True, False, False]
    assert (await device.sync()).json()["deadlineMs"] == before + MINUTE


async def test_arming_twice_changes_no_paper_and_no_running_attempt(world: World) -> None:
    sitting, device = await world.started()
    device.choose(0, 1)
    await device.sync()
    await arm_session(sitting.id, world.exam)
    told = (await device.start(sitting.people[0].id)).json()
    assert (told["fence"], told["seq"], told["answers"][0]) == (1, 1, 1)
    assert told["paper"] == device.paper


async def test_time_in_which_no_call_was_served_is_given_back(world: World) -> None:
    _sitting, device = await world.started()
    await world.exam.live.beat(world.clock.at)
    before = (await device.sync()).json()["deadlineMs"]
    world.clock.at += 90_000
    assert await world.exam.live.beat(world.clock.at) == 1
    told = (await device.sync()).json()
    assert told["deadlineMs"] == before + 90_000
    assert [command["kind"] for command in told["commands"]] == ["credit"]
    assert await world.exam.live.beat(world.clock.at) == 0


async def test_nobody_is_handed_in_while_no_call_is_served(world: World) -> None:
    """No API process beats; the worker lives. What the candidate lost is credited before expiry goes on."""
    sitting, device = await world.started()
    deadline_ms = (await device.sync()).json()["deadlineMs"]
    world.clock.at = deadline_ms - 1_000
    await world.exam.live.beat(world.clock.at)
    world.clock.at = deadline_ms + 5_001
    await world.expire()
    live = await world.live_of(sitting)
    assert live.state is State.RUNNING
    assert await world.exam.live.beat(world.clock.at) == 1
    device.choose(0, 1)
    assert (await device.sync()).json()["took"] == "ok"


async def test_an_armed_session_is_in_memory_before_anybody_starts(
    fragile: World, own_redis: RedisServer
) -> None:
    """A provincial start finds papers' sources and keys there; nobody loads them while thousands wait."""
    world = fragile
    sitting = await world.sitting(people=1)
    warming = asyncio.create_task(keep_warm(world.exam.armory, world.exam.shelf, prepare_items))
    with capture_logs() as told:
        await soon(lambda: _said(told, "session.warm"))
    warming.cancel()
    own_redis.stop()
    source = await world.exam.shelf.source(sitting.id)
    marking = await world.exam.shelf.marking(sitting.id)
    assert source.facts.id == sitting.id
    assert set(marking.book.keys) == set(source.public.items)


async def _said(told: Sequence[Mapping[str, object]], event: str) -> bool:
    return any(line["event"] == event for line in told)

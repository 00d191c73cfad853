"""Restarts, failovers and rollbacks: a shard serves only under the run id it was reconciled under."""

import asyncio
from uuid import UUID, uuid4

import msgspec
import pytest

from exam_api.attempt.model import SHARDS, CloseKind, Fact, FactKind, State, Took, shard_of
from exam_api.errors import LiveAway, ShardUnready
from exam_api.live.attempts import RedisLive
from exam_api.live.keys import of_attempt
from exam_api.live.redis_lane import RedisLane
from tests.integration.live.conftest import ready, running
from tests.integration.live.page import MINUTE, NOW, Page, armed, masks_of

DEADLINE = NOW + 60 * MINUTE


async def test_a_node_that_nobody_reconciled_serves_no_attempt(lane, attempt_id) -> None:
    live = RedisLive(lane)
    await live.arm([armed(attempt_id)])
    calls = [
        lambda: live.start(attempt_id, now_ms=1, deadline_ms=2, storage_key="", source=""),
        lambda: live.open_fence(attempt_id, seen_fence=0, now_ms=1, storage_key="", source=""),
        lambda: live.sync(Page(attempt_id).ask()),
        lambda: live.close(attempt_id, kind=CloseKind.MANUAL, now_ms=1, fence=None),
        lambda: live.keep_result(attempt_id, b"r"),
        lambda: live.due(shard_of(attempt_id), before_ms=1, limit=1),
    ]
    for call in calls:
        with pytest.raises(ShardUnready):
            await call()
    assert len(await live.unready()) == SHARDS
    assert (await live.find(attempt_id)).state is State.READY
    assert await live.beat(NOW) == 0


async def test_only_the_shard_that_was_reconciled_serves(lane) -> None:
    live = RedisLive(lane)
    first, second = UUID(int=0), UUID(bytes=bytes([1]) + bytes(15))
    await live.arm([armed(first), armed(second)])
    await live.reconciled(0)
    assert (await live.start(first, now_ms=1, deadline_ms=2, storage_key="", source="")).fence == 1
    with pytest.raises(ShardUnready):
        await live.start(second, now_ms=1, deadline_ms=2, storage_key="", source="")
    assert list(await live.unready()) == list(range(1, SHARDS))


async def test_after_a_restart_every_shard_is_unready(own_redis) -> None:
    lane = RedisLane(own_redis.url)
    await lane.open()
    live, attempt_id = await ready(lane), uuid4()
    await running(live, attempt_id)
    own_redis.restart()
    with pytest.raises(LiveAway):
        await live.sync(Page(attempt_id).ask())
    await lane.open()
    with pytest.raises(ShardUnready):
        await live.sync(Page(attempt_id).ask())
    assert len(await live.unready()) == SHARDS
    await live.reconciled(shard_of(attempt_id))
    assert (await live.sync(Page(attempt_id).ask())).took is Took.OK
    await lane.close()


@pytest.mark.parametrize("asked_by_another_job", [False, True])
async def test_a_restart_during_reconcile_leaves_the_shard_unready(own_redis, asked_by_another_job) -> None:
    lane = RedisLane(own_redis.url)
    await lane.open()
    live = RedisLive(lane)
    await live.unready()
    own_redis.restart()
    await _back(lane, live)
    if asked_by_another_job:
        await live.unready()
    await live.reconciled(5)
    assert 5 in await live.unready()
    await live.reconciled(5)
    assert 5 not in await live.unready()
    await lane.close()


async def _back(lane: RedisLane, live: RedisLive) -> None:
    """Wait until the lane is connected again, without asking for readiness."""
    for _ in range(200):
        try:
            await live.find(UUID(int=0))
        except LiveAway:
            await asyncio.sleep(0.02)
        else:
            return
    await lane.open()


async def test_after_a_restart_nothing_is_due_before_the_first_beat(own_redis) -> None:
    lane = RedisLane(own_redis.url)
    await lane.open()
    live, attempt_id = await ready(lane), uuid4()
    await live.beat(DEADLINE - 2_000)
    await running(live, attempt_id)
    own_redis.restart()
    await _back(lane, live)
    await ready(lane)
    due = await live.due(shard_of(attempt_id), before_ms=DEADLINE + 1, limit=5)
    await live.beat(DEADLINE + 5_000)
    assert (due, (await live.find(attempt_id)).deadline_ms) == ((), DEADLINE + 7_000)
    await lane.close()


async def test_what_was_lost_whole_comes_back_from_the_record(live, lane, attempt_id) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(4)
    await live.sync(page.ask())
    known = await live.find(attempt_id)
    await lane.command("FLUSHALL")
    await live.restore(known)
    await ready(lane)
    back = await live.find(attempt_id)
    assert msgspec.structs.replace(back, last_seen_ms=known.last_seen_ms) == known
    page.answers(2)
    assert (await live.sync(page.ask(4))).seq == 6
    assert await live.due(shard_of(attempt_id), before_ms=DEADLINE + 1, limit=5) == (attempt_id,)


async def test_restoring_what_is_newer_here_changes_nothing(live, attempt_id) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(2)
    await live.sync(page.ask())
    older = await live.find(attempt_id)
    page.answers(3)
    await live.sync(page.ask(2))
    await live.apply(
        Fact(id=uuid4(), attempt_id=attempt_id, kind=FactKind.EXTEND, at_ms=NOW, actor="x", ms=MINUTE)
    )
    now = await live.find(attempt_id)
    await live.restore(older)
    assert await live.find(attempt_id) == now


async def test_a_higher_seq_on_record_brings_its_answers(live, attempt_id) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answer(0, 1)
    await live.sync(page.ask())
    page.answer(1, 2)
    record = msgspec.structs.replace(
        await live.find(attempt_id), seq=2, head=page.head, answers=b"\0\0\0\1\0\0\0\2"
    )
    await live.restore(record)
    held = await live.find(attempt_id)
    assert (held.seq, held.head, masks_of(held.answers)) == (2, page.head, {0: 1, 1: 2})


async def test_a_higher_fence_on_record_makes_the_held_one_a_side(live, attempt_id) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(3)
    await live.sync(page.ask())
    record = msgspec.structs.replace(await live.find(attempt_id), fence=2, seq=0, head=b"", storage_key="k2")
    await live.restore(record)
    page.answers(1)
    took = await live.sync(page.ask(1))
    assert (took.took, took.fence, took.side_ops, took.kept_seq) == (Took.SIDE, 2, 1, 4)
    assert (await live.find(attempt_id)).storage_key == "k2"


async def test_a_close_and_a_result_on_record_are_restored(live, attempt_id) -> None:
    await running(live, attempt_id)
    record = msgspec.structs.replace(
        await live.find(attempt_id),
        state=State.CLOSED,
        closed_ms=NOW + MINUTE,
        close_kind=CloseKind.STAFF,
        result=b"scored",
    )
    await live.restore(record)
    held = await live.find(attempt_id)
    assert (held.state, held.closed_ms, held.close_kind, held.result) == (
        State.CLOSED,
        NOW + MINUTE,
        CloseKind.STAFF,
        b"scored",
    )
    shard = shard_of(attempt_id)
    assert await live.undurable(shard, limit=5) == (attempt_id,)
    assert await live.due(shard, before_ms=DEADLINE * 2, limit=5) == ()
    await live.restore(msgspec.structs.replace(record, durable=True))
    assert await live.undurable(shard, limit=5) == ()


async def test_facts_applied_after_a_restore_shift_the_deadline_once(live, lane, attempt_id) -> None:
    await running(live, attempt_id)
    begun = await live.find(attempt_id)
    facts = [
        Fact(id=uuid4(), attempt_id=attempt_id, kind=FactKind.PAUSE, at_ms=NOW + 5, actor="x"),
        Fact(id=uuid4(), attempt_id=attempt_id, kind=FactKind.RESUME, at_ms=NOW + 65, actor="x"),
        Fact(id=uuid4(), attempt_id=attempt_id, kind=FactKind.EXTEND, at_ms=NOW + 70, actor="x", ms=MINUTE),
    ]
    for each in facts:
        await live.apply(each)
    for _ in range(2):
        await live.restore(begun)
        for each in facts:
            await live.apply(each)
    survived = await live.find(attempt_id)
    await lane.command("FLUSHALL")
    await live.restore(begun)
    for each in facts:
        await live.apply(each)
    rebuilt = await live.find(attempt_id)
    assert {survived.deadline_ms, rebuilt.deadline_ms} == {DEADLINE + 60 + MINUTE}


async def test_a_restored_attempt_has_a_life(live, lane, attempt_id) -> None:
    await running(live, attempt_id)
    known = await live.find(attempt_id)
    await lane.command("FLUSHALL")
    await live.restore(known)
    lives = [await lane.command("PTTL", key) for key in of_attempt(attempt_id)[:2]]
    assert min(lives) > 6 * 86_400_000

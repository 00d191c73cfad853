"""Watching the logs: sessions see their own events in order, resume by id, and learn what they missed."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from exam_api.attempt.model import Fact, FactKind
from exam_api.live import watch as module
from exam_api.live.attempts import RedisLive
from exam_api.live.redis_lane import RedisLane
from exam_api.live.watch import BEHIND_MAX, RING, Watch
from exam_api.record import LogKind
from tests.integration.live.conftest import ready, running
from tests.integration.live.page import NOW, SESSION, Page


@pytest_asyncio.fixture
async def watch(redis_url) -> AsyncIterator[Watch]:
    opened = Watch(redis_url, epoch="e")
    await opened.open()
    yield opened
    await opened.close()


PATIENCE_S = 30
"""How long a test waits for what must come: it may share its cores with others."""


async def collect(page: module.Subscription, count: int, *, kind: LogKind | None = None) -> list[module.Seen]:
    """Events as they come until there are so many, of one kind or of any."""
    events: list[module.Seen] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(events) < count:
            events += [seen for seen in (await page.next()).events if kind in {None, seen.entry.kind}]
    return events


async def read_up_to(watch: Watch, counter: int) -> None:
    """Wait until the session's latest event is that many behind the place where its ring began."""
    first = int(Watch("unix://nowhere", epoch="e").last_id(SESSION).rpartition(".")[2]) + 1
    async with asyncio.timeout(PATIENCE_S):
        while int(watch.last_id(SESSION).rpartition(".")[2]) < first + counter:  # noqa: ASYNC110 - as pages see it
            await asyncio.sleep(0.02)


def counters(events: list[module.Seen]) -> list[int]:
    return [int(seen.id.rpartition(".")[2]) for seen in events]


async def test_a_session_sees_its_own_events_with_consecutive_ids(watch, live) -> None:
    page = watch.subscribe(SESSION)
    mine, other = uuid4(), uuid4()
    await running(live, other, session_id=uuid4())
    await running(live, mine)
    await live.sync(Page(mine).answers(2).ask())
    events = await collect(page, 2)
    assert [(seen.entry.kind, seen.entry.attempt_id) for seen in events] == [
        (LogKind.START, mine),
        (LogKind.OPS, mine),
    ]
    first = counters(events)[0]
    assert counters(events) == [first, first + 1]


async def test_all_shards_are_watched(watch, live) -> None:
    page = watch.subscribe(SESSION)
    attempts = {UUID(bytes=bytes([shard]) + bytes(15)) for shard in range(64)}
    await asyncio.gather(*(running(live, each) for each in attempts))
    assert {seen.entry.attempt_id for seen in await collect(page, 64)} == attempts


async def test_what_happened_before_is_not_told(watch, live, attempt_id) -> None:
    early = watch.subscribe(SESSION)
    await running(live, attempt_id)
    await collect(early, 1)
    page = watch.subscribe(SESSION)
    await live.sync(Page(attempt_id).answers(1).ask())
    assert [seen.entry.kind for seen in await collect(page, 1)] == [LogKind.OPS]


async def test_a_page_resumes_after_its_last_event(watch, live, attempt_id) -> None:
    await running(live, attempt_id)
    page, device = watch.subscribe(SESSION), Page(attempt_id)
    for base in range(6):
        await live.sync(device.answers(1).ask(base))
    seen = await collect(page, 6, kind=LogKind.OPS)
    back = watch.subscribe(SESSION, after=seen[2].id)
    batch = await back.next(1.0)
    assert (list(batch.events), batch.again) == (seen[3:], False)


async def test_a_page_that_missed_nothing_gets_nothing(watch, live, attempt_id) -> None:
    page = watch.subscribe(SESSION)
    await running(live, attempt_id)
    [started] = await collect(page, 1)
    back = watch.subscribe(SESSION, after=started.id)
    batch = await back.next(0.05)
    assert (batch.events, batch.again, batch.last_id) == ([], False, started.id)


@pytest.mark.parametrize("after", ["", "x", "e1", "e1.", "e1.x", "e1.99", "e2.0", "other.1", "e1.-1", "e1.²"])
async def test_a_foreign_id_means_take_the_snapshot_again(watch, after) -> None:
    batch = await watch.subscribe(SESSION, after=after).next(1.0)
    assert (batch.again, batch.events) == (True, [])


async def test_an_id_that_left_the_ring_means_take_the_snapshot_again(watch, live, attempt_id) -> None:
    page = watch.subscribe(SESSION)
    await running(live, attempt_id)
    [started] = await collect(page, 1)
    page.close()
    device = Page(attempt_id)
    await asyncio.gather(*(live.sync(device.ask(events=b"[]")) for _ in range(RING + 1)))
    await read_up_to(watch, RING + 2)
    assert (await watch.subscribe(SESSION, after=started.id).next(1.0)).again


async def test_a_page_that_does_not_read_loses_its_place_not_our_memory(watch, live, attempt_id) -> None:
    await running(live, attempt_id)
    slow, quick = watch.subscribe(SESSION), watch.subscribe(SESSION)
    device = Page(attempt_id)
    for _ in range(5):
        await asyncio.gather(*(live.sync(device.ask(events=b"[]")) for _ in range(BEHIND_MAX // 4)))
        await collect(quick, BEHIND_MAX // 4)
    batch = await slow.next(1.0)
    assert batch.again
    assert len(batch.events) <= BEHIND_MAX


async def test_a_closed_page_is_given_nothing(watch, live, attempt_id) -> None:
    gone, there = watch.subscribe(SESSION), watch.subscribe(SESSION)
    gone.close()
    await running(live, attempt_id)
    await collect(there, 1)
    assert (await gone.next(0)).events == []


async def test_a_fact_nudges_the_running_page(watch, live, attempt_id) -> None:
    await running(live, attempt_id)
    mine, other = watch.nudge(attempt_id), watch.nudge(uuid4())
    fact = Fact(id=uuid4(), attempt_id=attempt_id, kind=FactKind.MESSAGE, at_ms=NOW, actor="x", text="t")
    await live.apply(fact)
    assert await mine.wait(PATIENCE_S)
    assert not await other.wait(0.01)
    assert not await mine.wait(0.05)


async def test_ones_own_answers_are_no_nudge(watch, live, attempt_id) -> None:
    await running(live, attempt_id)
    nudge, page = watch.nudge(attempt_id), watch.subscribe(SESSION)
    await live.sync(Page(attempt_id).answers(1).ask())
    await collect(page, 1)
    assert not await nudge.wait(0.02)
    nudge.close()


async def test_after_a_restart_watchers_take_the_snapshot_again_and_go_on(own_redis) -> None:
    watch = Watch(own_redis.url, epoch="e")
    await watch.open()
    page, nudge = watch.subscribe(SESSION), watch.nudge(UUID(int=5))
    own_redis.restart()
    async with asyncio.timeout(PATIENCE_S):
        batch = await page.next()
        assert await nudge.wait()
    lane = RedisLane(own_redis.url)
    await lane.open()
    await running(await ready(lane), UUID(int=5))
    later = await page.next(PATIENCE_S)
    assert (batch.again, later.again, [seen.entry.kind for seen in later.events]) == (
        True,
        False,
        [LogKind.START],
    )
    assert later.last_id.startswith("e2.")
    await lane.close()
    await watch.close()


async def test_a_session_nobody_watches_any_more_is_forgotten(watch, live, attempt_id, monkeypatch) -> None:
    monkeypatch.setattr(module, "IDLE_S", 0.0)
    page = watch.subscribe(SESSION)
    await running(live, attempt_id)
    [started] = await collect(page, 1)
    page.close()
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await _stir(live)
            back = watch.subscribe(SESSION, after=started.id)
            if (await back.next(0)).again:
                break
            back.close()


async def test_a_watch_that_was_closed_leaves_nothing_running(redis_url, live) -> None:
    before = asyncio.all_tasks()
    watch = Watch(redis_url, epoch="e")
    await watch.open()
    page = watch.subscribe(SESSION)
    await running(live, uuid4())
    await collect(page, 1)
    assert asyncio.all_tasks() > before
    await watch.close()
    assert asyncio.all_tasks() == before


async def _stir(live: RedisLive) -> None:
    """Make the reader go round once."""
    await running(live, uuid4(), session_id=uuid4())
    await asyncio.sleep(0.1)

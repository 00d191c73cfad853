"""Redis killed with SIGKILL under traffic and started again: nothing acknowledged is lost."""

import asyncio
from uuid import UUID, uuid4

from exam_api.attempt.model import CloseKind, State, Took
from exam_api.errors import LiveAway
from exam_api.live.attempts import RedisLive
from exam_api.live.redis_lane import RedisLane
from tests.integration.live.conftest import log_of, ready, running
from tests.integration.live.page import NOW, Page, masks_of

PAGES = 40
KILLS = 3


class Typist:
    """A page that answers all the time and resends until it is acknowledged."""

    def __init__(self, live: RedisLive, attempt_id: UUID) -> None:
        self.live = live
        self.page = Page(attempt_id)
        self.told = 0
        self.refused = 0

    async def type(self, until: asyncio.Event) -> None:
        while not until.is_set():
            self.page.answers(1)
            await self.send()
            await asyncio.sleep(0.002)
        while self.told < self.page.seq:
            await self.send()

    async def send(self) -> None:
        try:
            took = await self.live.sync(self.page.ask(self.told))
        except LiveAway:
            self.refused += 1
            await asyncio.sleep(0.01)
            return
        assert took.took in {Took.OK, Took.BEHIND}
        assert took.seq == 0 or took.head == self.page.heads[took.seq]
        self.told = took.kept_seq


async def _ready_again(lane: RedisLane) -> None:
    while True:
        try:
            await lane.open()
            await ready(lane)
        except LiveAway:
            await asyncio.sleep(0.01)
        else:
            return


async def test_a_killed_redis_loses_nothing_that_pages_resend(own_redis) -> None:
    lane = RedisLane(own_redis.url)
    await lane.open()
    live = await ready(lane)
    typists = [Typist(live, uuid4()) for _ in range(PAGES)]
    for typist in typists:
        await running(live, typist.page.attempt_id)
    done = asyncio.Event()
    typing = [asyncio.create_task(typist.type(done)) for typist in typists]
    for _ in range(KILLS):
        await asyncio.sleep(0.15)
        await asyncio.to_thread(own_redis.restart)
        await _ready_again(lane)
    await asyncio.sleep(0.1)
    done.set()
    await asyncio.gather(*typing)
    assert sum(typist.refused for typist in typists) >= PAGES
    for typist in typists:
        held = await live.find(typist.page.attempt_id)
        logged = await log_of(lane, typist.page.attempt_id)
        assert (held.seq, held.head) == (typist.page.seq, typist.page.head)
        assert masks_of(held.answers) == typist.page.masks
        assert b"".join(entry.data for entry in logged if entry.kind == "ops") == typist.page.packed(0)
    await lane.close()


async def test_hand_ins_around_a_kill_close_once_and_keep_one_result(own_redis) -> None:
    lane = RedisLane(own_redis.url)
    await lane.open()
    live, attempt_id = await ready(lane), uuid4()
    await running(live, attempt_id)
    results: set[bytes] = set()

    async def hand_in(number: int) -> None:
        while True:
            try:
                closed = await live.close(attempt_id, kind=CloseKind.MANUAL, now_ms=NOW + number, fence=1)
                assert closed.state is State.CLOSED
                results.add(await live.keep_result(attempt_id, b"%d" % number))
            except LiveAway:
                await asyncio.sleep(0.01)
            else:
                return

    handing = [asyncio.create_task(hand_in(number)) for number in range(50)]
    await asyncio.to_thread(own_redis.restart)
    handing += [asyncio.create_task(hand_in(number)) for number in range(50, 60)]
    await _ready_again(lane)
    await asyncio.gather(*handing)
    kinds = [entry.kind for entry in await log_of(lane, attempt_id)]
    assert (len(results), kinds.count("close"), kinds.count("result")) == (1, 1, 1)
    await lane.close()

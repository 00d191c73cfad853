"""The newest part of the log, as a hand-in asks for it: its own counted ops in order, or nothing."""

from uuid import UUID

import pytest

from exam_api.attempt.place import HeldOps, Place
from exam_api.live.log_tail import COUNT, PARTS_MOST, RedisLogTail
from tests.integration.live.conftest import running
from tests.integration.live.page import NOW, Page

ATTEMPT = UUID(int=0x11)
NEIGHBOUR = UUID(int=0x12)  # the same shard


@pytest.fixture
def tail(lane) -> RedisLogTail:
    return RedisLogTail(lane)


async def _twice_synced(live) -> Page:
    await running(live, ATTEMPT)
    page = Page(ATTEMPT).answers(2)
    await live.sync(page.ask())
    page.answers(3)
    await live.sync(page.ask(base=2))
    return page


async def test_ops_from_a_place_on_come_as_the_calls_brought_them(live, tail) -> None:
    page = await _twice_synced(live)
    await running(live, NEIGHBOUR)
    await live.sync(Page(NEIGHBOUR).answers(4).ask())
    first, second = await tail.ops_from(ATTEMPT, Place(1, 0))
    assert (first.ops + second.ops, first.begin, second.begin) == (page.packed(0), Place(1, 0), Place(1, 2))
    assert (second.end, second.at_ms) == (Place(1, 5), NOW + 1_000)
    assert await tail.ops_from(ATTEMPT, Place(1, 2)) == [second]


async def test_a_place_amid_a_call_gives_the_whole_call(live, tail) -> None:
    await _twice_synced(live)
    (found,) = await tail.ops_from(ATTEMPT, Place(1, 4))
    assert (found.begin, found.end) == (Place(1, 2), Place(1, 5))


async def test_ops_that_came_late_are_none_of_them(live, tail) -> None:
    await running(live, ATTEMPT)
    page = Page(ATTEMPT).answers(1)
    await live.sync(page.ask())
    page.answers(1)
    assert (await live.sync(page.ask(base=1, now_ms=NOW + 10 * 3_600_000))).took == "late"
    assert [one.end for one in await tail.ops_from(ATTEMPT, Place(1, 0))] == [Place(1, 1)]


@pytest.mark.parametrize("others", [COUNT * PARTS_MOST - 1, COUNT * PARTS_MOST])
async def test_it_looks_back_as_far_as_it_says(live, tail, others: int) -> None:
    await running(live, ATTEMPT)
    await live.sync(Page(ATTEMPT).answers(1).ask())
    attempt = await live.find(ATTEMPT)
    for n in range(others):
        await live.consent(attempt, choice="photos", text_version="1", now_ms=NOW + n)
    found: list[HeldOps] = [*await tail.ops_from(ATTEMPT, Place(1, 0))]
    assert bool(found) is (others < COUNT * PARTS_MOST)

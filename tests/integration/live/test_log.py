"""The op log as the drain reads it: in order, nothing twice unless unacknowledged, trimmed with a margin."""

from uuid import UUID, uuid4

import msgspec
import pytest

from exam_api.attempt.model import SHARDS, shard_of
from exam_api.live.keys import OF_SHARD
from exam_api.live.log import GROUP, LOOK_BACK_EVERY, MARGIN_MS, RedisLog
from exam_api.record import LogKind
from tests.integration.live.conftest import running
from tests.integration.live.page import NOW, SESSION, Page

ATTEMPT = UUID(int=0x10)
SHARD = shard_of(ATTEMPT)


@pytest.fixture
def log(lane) -> RedisLog:
    return RedisLog(lane, kept_ms=MARGIN_MS)


async def test_entries_come_in_order_with_everything_in_them(live, log) -> None:
    await running(live, ATTEMPT)
    page = Page(ATTEMPT).answers(3)
    await live.sync(page.ask(events=b"[]"))
    got = await log.read(SHARD, count=10)
    assert [entry.kind for entry in got] == [LogKind.START, LogKind.OPS, LogKind.EVENTS]
    ops = got[1]
    assert (ops.attempt_id, ops.session_id, ops.shard, ops.fence, ops.base, ops.data, ops.at_ms) == (
        ATTEMPT,
        SESSION,
        SHARD,
        1,
        0,
        page.packed(0),
        NOW + 1_000,
    )


async def test_an_empty_shard_gives_nothing(log) -> None:
    assert list(await log.read(63, count=10)) == []


async def test_acknowledged_entries_do_not_come_again(live, log) -> None:
    await running(live, ATTEMPT)
    first = await log.read(SHARD, count=10)
    await log.done(SHARD, [entry.id for entry in first])
    await live.sync(Page(ATTEMPT).answers(1).ask())
    assert [entry.kind for entry in await log.read(SHARD, count=10)] == [LogKind.OPS]


async def test_what_was_left_comes_before_anything_newer(live, log) -> None:
    await running(live, ATTEMPT)
    await log.done(SHARD, [entry.id for entry in await log.read(SHARD, count=10)])
    assert await log.read(SHARD, count=10) == []  # nothing is unacknowledged: from here on only newer ones
    page = Page(ATTEMPT).answers(1)
    await live.sync(page.ask())
    (first,) = await log.read(SHARD, count=10)
    page.answers(1)
    await live.sync(page.ask(base=1))
    log.left([SHARD])
    assert await log.read(SHARD, count=10) == [first]
    await log.done(SHARD, [first.id])
    assert [entry.base for entry in await log.read(SHARD, count=10)] == [1]


async def test_what_a_crashed_drain_was_given_comes_to_the_next(live, log, lane) -> None:
    await running(live, ATTEMPT)
    given = list(await log.read(SHARD, count=10))
    assert list(await RedisLog(lane).read(SHARD, count=10)) == given


async def test_a_running_drain_finds_what_another_left(live, log, lane) -> None:
    await running(live, ATTEMPT)
    await log.done(SHARD, [entry.id for entry in await log.read(SHARD, count=10)])
    await live.sync(Page(ATTEMPT).answers(1).ask())
    left = list(await RedisLog(lane).read(SHARD, count=10))
    reads = [list(await log.read(SHARD, count=10)) for _ in range(LOOK_BACK_EVERY + 2)]
    assert left in reads


async def test_a_count_is_kept(live, log) -> None:
    await running(live, ATTEMPT)
    page = Page(ATTEMPT)
    for base in range(6):
        page.answers(1)
        await live.sync(page.ask(base))
    sizes = []
    while got := await log.read(SHARD, count=3):
        sizes.append(len(got))
        await log.done(SHARD, [entry.id for entry in got])
    assert sizes == [3, 3, 1]


async def test_the_group_is_made_again_after_a_loss(live, log, lane) -> None:
    await running(live, ATTEMPT)
    await log.read(SHARD, count=10)
    await lane.command("DEL", OF_SHARD[SHARD].log)
    await live.sync(Page(ATTEMPT).answers(1).ask())
    assert [entry.kind for entry in await log.read(SHARD, count=10)] == [LogKind.OPS]


async def _put(lane, at_ms: int, count: int) -> list[str]:
    """Entries as scripts write them, with ids of the given instant."""
    ids = []
    for number in range(count):
        words = ("k", "events", "a", uuid4().bytes, "s", SESSION.bytes, "t", at_ms, "f", 1, "b", 0, "d", "[]")
        ids.append((await lane.command("XADD", OF_SHARD[SHARD].log, f"{at_ms}-{number}", *words)).decode())
    return ids


async def test_what_is_on_record_goes_after_the_margin(lane, log) -> None:
    old = await _put(lane, NOW, 500)
    kept = await _put(lane, NOW + MARGIN_MS + 1, 500)
    while got := await log.read(SHARD, count=300):
        await log.done(SHARD, [entry.id for entry in got])
    left = {entry_id.decode() for entry_id, _ in await lane.command("XRANGE", OF_SHARD[SHARD].log, "-", "+")}
    assert set(kept) <= left
    assert len(left & set(old)) < 200, "a stream is trimmed by whole nodes of 100 entries"


async def test_what_is_not_on_record_is_never_trimmed(lane, log) -> None:
    old = await _put(lane, NOW, 500)
    new = await _put(lane, NOW + 10 * MARGIN_MS, 10)
    given = await log.read(SHARD, count=600)
    await log.done(SHARD, new)
    assert [entry.id for entry in given] == old + new
    assert [entry.id for entry in await RedisLog(lane).read(SHARD, count=600)] == old


async def test_acknowledging_nothing_is_nothing(log) -> None:
    await log.done(SHARD, [])


async def test_all_shards_are_read_and_acknowledged_together(live, log) -> None:
    attempts = [UUID(int=each) for each in range(0x10, 0x50)]
    first, alone = await log.read_together(count=100)
    for shard in alone:  # each shard is given its group, and asked for what was left behind
        await log.read(shard, count=100)
    for attempt_id in attempts:
        await running(live, attempt_id)
    found, still_alone = await log.read_together(count=100)
    await log.done_together([(shard, [entry.id for entry in entries]) for shard, entries in found])
    after, _ = await log.read_together(count=100)
    assert (list(first), list(alone), list(still_alone), list(after)) == ([], list(range(SHARDS)), [], [])
    got = [(shard, entry.shard, entry.attempt_id) for shard, entries in found for entry in entries]
    assert sorted(got) == sorted((shard_of(one), shard_of(one), one) for one in attempts)
    assert [list(await log.read(shard, count=100)) for shard in range(SHARDS)] == [[]] * SHARDS


async def test_a_shard_that_has_no_group_yet_holds_up_no_reading_together(live, lane, log) -> None:
    for shard in range(SHARDS):
        await log.read(shard, count=10)
    await lane.command("XGROUP", "DESTROY", OF_SHARD[SHARD].log, GROUP)
    await running(live, ATTEMPT)
    together, alone = await log.read_together(count=10)
    read = [list(await log.read(shard, count=10)) for shard in alone]
    assert (list(together), sum(map(len, read))) == ([], 1)


async def test_an_entry_that_nobody_can_read_comes_as_it_is_and_is_acknowledged_as_the_others(
    live, lane, log
) -> None:
    name = OF_SHARD[SHARD].log
    await log.read(SHARD, count=10)
    await lane.command("XADD", name, "*", "k", "strange")
    words = ("k", "of-a-newer-version", "a", ATTEMPT.bytes, "s", SESSION.bytes, "t", NOW, "f", 1, "b", 0)
    await lane.command("XADD", name, "*", *words, "d", b"\x00\xff")
    await running(live, ATTEMPT)
    got = await log.read(SHARD, count=10)
    await log.done(SHARD, [entry.id for entry in got])
    waiting, *_ = await lane.command("XPENDING", name, GROUP)
    assert waiting == 0
    assert [entry.kind for entry in got] == [LogKind.UNKNOWN, LogKind.UNKNOWN, LogKind.START]
    strange, newer = got[0], got[1]
    assert (strange.attempt_id, msgspec.msgpack.decode(strange.data)) == (UUID(int=0), [b"k", b"strange"])
    assert (newer.attempt_id, newer.session_id) == (ATTEMPT, SESSION)
    assert msgspec.msgpack.decode(newer.data)[-2:] == [b"d", b"\x00\xff"]
    assert list(await log.again(SHARD, after="", count=10)) == got


async def test_ids_whose_entries_are_gone_are_acknowledged_and_hold_nothing_back(lane, log) -> None:
    name = OF_SHARD[SHARD].log
    ids = await _put(lane, NOW, 6)
    await log.read(SHARD, count=10)
    await lane.command("XDEL", name, *ids[:4])
    log.left([SHARD])
    got = [[entry.id for entry in await log.read(SHARD, count=2)] for _ in range(2)]
    assert got == [ids[4:], ids[4:]]
    await log.done(SHARD, ids[4:])
    waiting, *_ = await lane.command("XPENDING", name, GROUP)
    assert waiting == 0

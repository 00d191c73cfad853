"""One broken thing does not stop the others: an attempt, an entry of the log, a session."""

import contextlib
from uuid import UUID

import pytest
from sqlalchemy import text

from exam_api.attempt.model import shard_of
from exam_api.live import keys
from exam_api.record import LogKind
from tests.e2e.device import Device
from tests.e2e.world import HOUR, World


async def _two(world: World) -> tuple[UUID, UUID, Device]:
    """Two attempts of two shards; the one of the lower shard is going to break."""
    sitting = await world.sitting(people=8)
    ids = sorted((one.id for one in sitting.people), key=shard_of)
    assert shard_of(ids[0]) < shard_of(ids[-1])
    people = {one.id: one for one in sitting.people}
    for attempt_id in (ids[0], ids[-1]):
        device = await world.device(people[attempt_id])
        assert (await device.start(attempt_id)).status_code == 200
    return ids[0], ids[-1], device


async def _close_and_finish(world: World) -> None:
    """What broke is told when the others are done; an id without an attempt breaks nothing later."""
    with pytest.raises(ExceptionGroup):
        await world.worker.expire_turn()
    with contextlib.suppress(ExceptionGroup):
        await world.worker.finish_turn()


async def test_an_attempt_whose_paper_is_gone_does_not_keep_the_others_open(world: World) -> None:
    broken, sound, _device = await _two(world)
    await world.wired.lane.command("DEL", keys.of_attempt(broken).paper)
    world.clock.at += HOUR
    await _close_and_finish(world)
    assert [run.cause for run in await world.exam.results.of_attempt(sound)] == ["time"]


async def test_an_id_without_an_attempt_does_not_keep_the_others_open(world: World) -> None:
    broken, sound, _device = await _two(world)
    await world.wired.lane.command("DEL", keys.of_attempt(broken).attempt)
    world.clock.at += HOUR
    await _close_and_finish(world)
    assert [run.cause for run in await world.exam.results.of_attempt(sound)] == ["time"]


async def test_an_entry_that_the_tables_refuse_is_kept_as_it_came_and_stops_nothing(world: World) -> None:
    broken, _sound, device = await _two(world)
    log = keys.OF_SHARD[shard_of(broken)].log
    # A fact no server of ours writes: its number is beyond what a column holds.
    body = (
        b'{"id":"00000000-0000-0000-0000-000000000001","attempt_id":"%s","kind":"extend","at_ms":1,'
        b'"actor":"x","ms":%d}' % (str(broken).encode(), 1 << 70)
    )
    words = ("k", "fact", "a", broken.bytes, "s", bytes(16), "t", 1, "f", 1, "b", 0, "d", body)
    await world.wired.lane.command("XADD", log, "*", *words)
    device.choose(0, 1)
    await device.sync()
    await world.drain()
    async with world.wired.database.reading() as connection:
        kinds = list(await connection.scalars(text("select kind from event")))
        assert kinds.count(LogKind.FACT.value) == 1
        assert (await connection.scalar(text("select count(*) from op"))) == 1


async def test_a_session_that_cannot_be_armed_keeps_no_other_from_it(world: World) -> None:
    bad = await world.sitting(people=1, arm=False)
    good = await world.sitting(people=1, opens_in_ms=1, arm=False)
    spoilt = text(
        "update blueprint set content = '{}' "
        "where id = (select blueprint_id from session where session.id = :id)"
    )
    async with world.wired.database.writing() as connection:
        await connection.execute(spoilt, {"id": bad.id.hex})
    with pytest.raises(ExceptionGroup):
        await world.worker.arm_turn()
    assert list(await world.exam.armory.armed_sessions()) == [good.id]
    await world.wired.lane.command("DEL", keys.OF_SHARD[shard_of(good.people[0].id)].shard)
    with pytest.raises(ExceptionGroup):
        await world.reconcile()
    assert list(await world.exam.live.unready()) == []


async def test_an_entry_that_nobody_can_read_does_not_blind_the_walls(world: World) -> None:
    broken, _sound, device = await _two(world)
    live = await world.exam.live.find(broken)
    assert live is not None
    page = world.wired.parts.watch.subscribe(live.armed.session_id)
    words = ("k", "of-a-newer-version", "a", broken.bytes, "s", live.armed.session_id.bytes)
    words += ("t", 1, "f", 1, "b", 0, "d", b"")
    await world.wired.lane.command("XADD", keys.OF_SHARD[shard_of(broken)].log, "*", *words)
    assert (await page.next(3.0)).again
    device.choose(0, 1)
    await device.sync()
    assert [seen.entry.kind for seen in (await page.next(3.0)).events] == [LogKind.OPS]
    page.close()

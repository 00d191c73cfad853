"""One broken thing does not stop the others: an attempt, an entry of the log, a session."""

import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy import text

from exam_api.attempt import chain
from exam_api.attempt.model import SHARDS, shard_of
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


@asynccontextmanager
async def _gone(world: World, *tables: str) -> AsyncGenerator[None, None]:
    """Tables that are not there for a while: a fault of the database, of no row."""

    async def rename(ending: str, new_ending: str) -> None:
        async with world.wired.database.writing() as connection:
            for name in tables:
                await connection.execute(text(f"ALTER TABLE {name}{ending} RENAME TO {name}{new_ending}"))

    await rename("", "_away")
    yield
    await rename("_away", "")


async def test_after_a_write_that_failed_nothing_newer_overtakes(world: World) -> None:
    sitting, device = await world.started()
    await world.drain()
    device.choose(0, 1)
    await device.sync()
    async with _gone(world, "op", "event"):
        with pytest.raises(ExceptionGroup):
            await world.worker.drain_turn()
    device.choose(1, 1)
    await device.sync()
    seen: list[list[int]] = []
    while await world.worker.drain_turn():
        (held,) = await world.exam.record.held(sitting.id)
        seen.append([one.op.seq for one in chain.unpack(held.ops)])
    assert seen == [[1], [1, 2]]


async def test_answers_are_no_mere_events_because_their_table_was_away(world: World) -> None:
    sitting, device = await world.started()
    device.choose(0, 1)
    await device.sync()
    async with _gone(world, "op"):
        with pytest.raises(ExceptionGroup):
            await world.worker.drain_turn()
    await world.drain()
    (held,) = await world.exam.record.held(sitting.id)
    assert [one.op.seq for one in chain.unpack(held.ops)] == [1]


async def test_attempts_that_nobody_can_finish_do_not_starve_their_shard(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exam_api.usecases.expire.TRIED_FIRST", 1)
    sitting = await world.sitting(people=SHARDS + 1)  # two at least are of one shard
    by_shard: dict[int, list[UUID]] = {}
    for one in sitting.people:
        by_shard.setdefault(shard_of(one.id), []).append(one.id)
    broken, sound = sorted(next(ids for ids in by_shard.values() if len(ids) > 1))[:2]
    for person in sitting.people:
        if person.id in {broken, sound}:
            await (await world.device(person)).start(person.id)
    await world.wired.lane.command("DEL", keys.of_attempt(broken).paper)
    world.clock.at += HOUR
    with pytest.raises(ExceptionGroup):
        await world.worker.expire_turn()
    await world.drain()
    with pytest.raises(ExceptionGroup):
        await world.worker.finish_turn()
    assert [run.cause for run in await world.exam.results.of_attempt(sound)] == ["time"]


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

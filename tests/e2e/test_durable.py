"""What `durable` promises: the phone lets its ops go then, so the record must have them."""

import dataclasses
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import text

from exam_api.attempt import chain
from exam_api.attempt.model import CloseKind
from exam_api.errors import RecordAway
from exam_api.live.log_tail import COUNT, PARTS_MOST
from exam_api.ruling_ports import KeptRuling, Rulings
from exam_api.usecases.hand_in import settle
from tests.e2e.world import MINUTE, Sitting, World, ready
from tests.servers import RedisServer


async def _on_record(world: World, sitting: Sitting) -> list[int]:
    """Seqs of the ops that the record holds."""
    held = {one.attempt_id: one for one in await world.exam.record.held(sitting.id)}
    return [one.op.seq for one in chain.unpack(held[sitting.people[0].id].ops)]


@pytest.mark.parametrize("synced", [0, 1, 3])
async def test_ops_of_a_durable_hand_in_survive_a_redis_set_back_while_the_worker_is_dead(
    fragile: World, own_redis: RedisServer, synced: int
) -> None:
    """Of three ops so many were synced on their own, the others come with the hand-in."""
    world = fragile
    sitting, device = await world.started()
    await world.drain()
    kept = own_redis.keep_data()
    for slot in range(synced):
        device.choose(slot, 1)
        await device.sync()
    for slot in range(synced, 3):
        device.choose(slot, 1)
    assert (await device.submit()).json()["durable"] is True
    own_redis.roll_back(kept)
    await ready(world)
    await world.drain()
    assert await _on_record(world, sitting) == [1, 2, 3]


async def test_a_hand_in_is_not_durable_while_the_drain_is_far_behind(world: World) -> None:
    sitting, device = await world.started()
    await world.drain()
    device.choose(0, 1)
    await device.sync()
    for n in range(COUNT * PARTS_MOST + 1):  # as much as others may have brought since
        await world.exam.live.consent(
            await world.live_of(sitting), choice="photos", text_version="1", now_ms=world.clock.at + n
        )
    told = (await device.submit()).json()
    assert (told["durable"], told["result"]["fullCenti"]) == (False, 10_000)
    assert await world.exam.results.of_attempt(sitting.people[0].id) == []
    await world.drain()
    again = (await device.submit()).json()
    assert (again["durable"], again["receipt"]) == (True, told["receipt"])


async def test_the_job_finishes_what_the_drain_was_behind_with(world: World) -> None:
    sitting, device = await world.started()
    device.choose(0, 1)
    await device.sync()
    world.clock.at = (await world.live_of(sitting)).deadline_ms + 10_000
    assert await world.worker.expire_turn()
    assert not await world.worker.finish_turn()
    await world.worker.drain_turn()
    await world.worker.finish_turn()
    assert (await world.live_of(sitting)).durable
    assert await _on_record(world, sitting) == [1]


async def test_an_op_that_a_hand_in_brings_again_bears_the_instant_at_which_it_first_came(
    world: World,
) -> None:
    _sitting, device = await world.started()
    await world.drain()
    device.choose(0, 1)
    await device.sync(lose_reply=True)
    first_ms = world.clock.at
    world.clock.at += MINUTE
    device.choose(1, 1)
    assert (await device.submit()).json()["durable"] is True
    async with world.wired.database.reading() as connection:
        came_ms = list(await connection.scalars(text("select at_ms from op order by seq")))
    assert came_ms == [first_ms, first_ms + MINUTE]


async def test_an_op_bears_the_instant_at_which_it_first_came(world: World) -> None:
    sitting, device = await world.started()
    await world.drain()
    device.choose(0, 1)
    await device.sync(lose_reply=True)
    came_ms = world.clock.at
    await world.exam.live.close(
        sitting.people[0].id, kind=CloseKind.MANUAL, now_ms=came_ms, fence=device.fence
    )  # and the server died before it settled
    world.clock.at += MINUTE
    assert (await device.submit()).json()["durable"] is True
    async with world.wired.database.reading() as connection:
        assert list(await connection.scalars(text("select at_ms from op"))) == [came_ms]


class _AwayRulings(Rulings):
    """The database went between the result and the question what is in force."""

    async def of_session(self, session_id: UUID) -> Sequence[KeptRuling]:  # noqa: ARG002 - the port's
        raise RecordAway


async def test_a_result_is_not_durable_before_the_rulings_were_asked_for(world: World) -> None:
    sitting, _device = await world.started()
    world.clock.at = (await world.live_of(sitting)).armed.closes_ms + 10_000
    assert await world.worker.expire_turn()
    await world.drain()
    away = dataclasses.replace(world.exam, rulings=_AwayRulings())
    assert not (await settle(await world.live_of(sitting), away)).durable
    assert not (await world.live_of(sitting)).durable
    assert (await settle(await world.live_of(sitting), world.exam)).durable

"""A session counts as armed only when all its papers are there, whatever is reconciled meanwhile."""

from exam_api.attempt.model import shard_of
from exam_api.live.keys import OF_SHARD
from tests.e2e.world import World


async def test_a_session_of_which_some_shards_were_reconciled_is_still_armed_whole(world: World) -> None:
    sitting = await world.sitting(people=8, arm=False)
    lost = shard_of(sitting.people[0].id)
    await world.wired.lane.command("DEL", OF_SHARD[lost].shard)
    await world.worker.reconcile_turn()
    assert lost not in await world.exam.live.unready()
    await world.worker.arm_turn()
    assert all([await world.exam.live.find(one.id) for one in sitting.people])
    assert sitting.id in await world.exam.armory.armed_sessions()


async def test_an_armed_session_stays_armed_where_a_shard_was_reconciled(world: World) -> None:
    sitting = await world.sitting(people=8)
    lost = sitting.people[0].id
    await world.wired.lane.command("DEL", OF_SHARD[shard_of(lost)].shard)
    await world.worker.reconcile_turn()
    assert sitting.id in await world.exam.armory.armed_sessions()
    assert await world.exam.live.find(lost)

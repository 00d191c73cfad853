"""An hour-old backup is restored while candidates answer: nothing that was acknowledged is lost."""

from pathlib import Path

import pytest
from sqlalchemy import text

from exam_api.attempt.model import State
from exam_api.usecases.replay_log import replay_log
from tests.e2e.backup_drill import back_up, restored, settings
from tests.e2e.device import Device
from tests.e2e.world import HOUR, MINUTE, World


async def _kept_ops(world: World) -> dict[str, int]:
    """Held answers on record, by attempt."""
    asked = text("select attempt_id, count(*) from op where how = 'held' group by attempt_id")
    async with world.wired.database.reading() as connection:
        return {str(row[0]).replace("-", ""): row[1] for row in await connection.execute(asked)}


def _answer(device: Device, slots: range) -> None:
    for slot in slots:
        device.choose(slot, 1)


@pytest.mark.parametrize("redis_too", [False, True], ids=["redis stays", "redis restarts too"])
async def test_an_hour_old_backup_in_mid_session_loses_nothing_that_was_acknowledged(
    world: World, sqlite_url: str, tmp_path: Path, *, redis_too: bool
) -> None:
    sitting = await world.sitting(people=4, length_ms=3 * HOUR, closes_ms=world.clock.at + 6 * HOUR)
    devices = [await world.device(person) for person in sitting.people]
    for device, person in zip(devices, sitting.people, strict=True):
        await device.start(person.id)
        _answer(device, range(3))
        await device.sync()
    await world.drain()
    file = tmp_path / "kaowu.backup"
    given = settings(sqlite_url, tmp_path)
    await back_up(file, given)

    world.clock.at += HOUR
    done, helped, away, busy = devices
    for device in devices:
        _answer(device, range(3, 8))
        await device.sync()
    assert (await done.submit()).json()["durable"] is True
    officer = await world.staff("officer")
    asked = {"minutes": 5, "reason": "断电"}
    url = f"/api/sessions/{sitting.id}/attempts/{helped.attempt_id}/extend"
    assert (await officer.post(url, json=asked)).status_code == 200
    _answer(away, range(8, 10))  # no network: only in its outbox
    await world.drain()
    _answer(busy, range(8, 10))
    await busy.sync()  # acknowledged, not yet on record

    await restored(file, given, wipe=True)
    assert set((await _kept_ops(world)).values()) == {3}
    await replay_log(world.wired.log, world.exam.record, world.exam.results)
    if redis_too:
        await world.exam.live.reconciled(0)
        for shard in range(64):
            await world.wired.lane.command("HSET", f"kw1:{{s{shard:02d}}}:shard", "run", "another life")
        await world.reconcile()

    world.clock.at += MINUTE
    assert (await away.sync_all())["took"] == "ok"
    for device in (helped, away, busy):
        assert (await device.submit()).json()["durable"] is True
    await world.drain()
    assert await _kept_ops(world) == {
        device.attempt_id.hex: len(device.ops) for device in devices if device.attempt_id
    }
    for device in devices:
        assert device.attempt_id is not None
        (result,) = await world.exam.results.of_attempt(device.attempt_id)
        assert result.seq == len(device.ops)
        live = await world.exam.live.find(device.attempt_id)
        assert live is None or live.state is State.CLOSED
    facts = await world.exam.record.facts_since(since_ms=0)
    assert [(fact.attempt_id, fact.ms) for fact in facts] == [(helped.attempt_id, 5 * MINUTE)]

"""Redis set back in time, or emptied, while the record knows more or less: what `reconcile` makes of it."""

from uuid import uuid4

from exam_api.attempt.chain import masks
from exam_api.attempt.model import Fact, FactKind, State
from tests.e2e.world import MINUTE, Sitting, World, ready
from tests.servers import RedisServer


async def _answers(world: World, sitting: Sitting) -> list[int]:
    live = await world.live_of(sitting)
    return list(masks(live.answers, live.armed.slots))


async def test_a_hand_in_that_has_nothing_new_to_say_brings_back_what_redis_lost(
    fragile: World, own_redis: RedisServer
) -> None:
    world = fragile
    sitting, device = await world.started()
    device.choose(0, 1)
    await device.sync()
    kept = own_redis.keep_data()
    device.choose(1, 1)
    assert (await device.sync()).json()["seq"] == 2
    own_redis.roll_back(kept)
    await ready(world)
    refused = await device.submit()  # all was acknowledged, so it brings no op
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/behind")
    device.held = refused.json()["held"]
    assert (await device.submit()).json()["durable"] is True
    assert (await _answers(world, sitting))[:2] == [1, 1]


async def test_a_lost_takeover_takes_no_answer_of_the_first_writer_with_it(
    fragile: World, own_redis: RedisServer
) -> None:
    world = fragile
    sitting = await world.sitting(people=1, takeover="own")
    person = sitting.people[0]
    first, second = await world.device(person), await world.device(person)
    await first.start(person.id)
    await world.drain()
    first.choose(0, 1)
    await first.sync()  # in Redis, not yet in the record
    kept = own_redis.keep_data()
    await second.start(person.id, takeover=True)
    own_redis.roll_back(kept)
    await ready(world)
    second.choose(1, 1)
    assert (await second.sync_all())["took"] == "ok"
    assert (await _answers(world, sitting))[:2] == [1, 1]


async def test_what_the_record_has_beyond_redis_is_put_on_top_of_what_redis_has(
    fragile: World, own_redis: RedisServer
) -> None:
    world = fragile
    sitting = await world.sitting(people=1, takeover="own")
    person = sitting.people[0]
    first, second = await world.device(person), await world.device(person)
    await first.start(person.id)
    first.choose(0, 1)
    await first.sync()
    kept = own_redis.keep_data()
    first.choose(0, 2)
    await first.sync()
    await second.start(person.id, takeover=True)
    second.choose(1, 1)
    await second.sync()
    await world.drain()
    own_redis.roll_back(kept)
    await ready(world)
    assert (await _answers(world, sitting))[:2] == [2, 1]


async def test_a_result_on_record_stands_though_the_record_never_heard_of_the_closing(
    fragile: World, own_redis: RedisServer
) -> None:
    world = fragile
    sitting, device = await world.started()
    await world.drain()
    kept = own_redis.keep_data()
    device.choose(0, 1)
    handed = (await device.submit()).json()
    assert handed["durable"] is True
    own_redis.roll_back(kept)
    await ready(world)
    live = await world.live_of(sitting)
    assert (live.state, live.seq, live.durable) == (State.CLOSED, 1, True)
    device.choose(1, 1)
    assert (await device.sync()).json()["took"] == "late"
    assert (await device.submit()).json()["receipt"] == handed["receipt"]


async def test_nobody_starts_again_whose_result_is_on_record(fragile: World, own_redis: RedisServer) -> None:
    world = fragile
    sitting, device = await world.started()
    device.choose(0, 1)
    handed = (await device.submit()).json()
    own_redis.flush()  # the log with it: the record has the result and nothing else
    own_redis.restart()
    await ready(world)
    back = await world.device(sitting.people[0])  # the log-in went with Redis
    again = await back.start(sitting.people[0].id)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-closed")
    assert (await device.submit()).json()["receipt"] == handed["receipt"]


async def test_acts_that_did_not_fit_when_they_came_are_not_made_up_for_later(
    fragile: World, own_redis: RedisServer
) -> None:
    world = fragile
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    staff = await world.staff("invigilator", own=True)
    url = f"/api/sessions/{sitting.id}/attempts/{person.id}"
    await staff.post(f"{url}/terminate", json={"reason": "还没有开始"})
    world.clock.at += MINUTE
    device = await world.device(person)
    started = (await device.start(person.id)).json()
    world.clock.at += MINUTE
    for _ in range(2):
        await staff.post(f"{url}/pause", json={"reason": "火警演练"})
        world.clock.at += MINUTE
    await staff.post(f"{url}/resume", json={"reason": "演练结束"})
    before = (await device.sync()).json()
    assert before["deadlineMs"] == started["deadlineMs"] + 2 * MINUTE
    own_redis.restart()
    await ready(world)
    after = (await device.sync()).json()
    assert (after["state"], after["deadlineMs"]) == ("running", before["deadlineMs"])


async def test_a_ledger_from_elsewhere_is_replayed_by_the_rules(
    fragile: World, own_redis: RedisServer
) -> None:
    """Two invigilators pressed pause in the same instant: both rows stand, one pause was made."""
    world = fragile
    sitting, device = await world.started()
    before = (await device.sync()).json()["deadlineMs"]
    for kind, minute in ((FactKind.PAUSE, 1), (FactKind.PAUSE, 1), (FactKind.RESUME, 3)):
        fact = Fact(
            id=uuid4(),
            attempt_id=sitting.people[0].id,
            kind=kind,
            at_ms=world.clock.at + minute * MINUTE,
            actor="staff:x",
            reason="火警演练",
        )
        await world.exam.record.add_fact(fact, audit_act=f"attempt.{kind}")
        await world.exam.live.apply(fact)
    own_redis.restart()
    await ready(world)
    told = (await device.sync()).json()
    assert (told["state"], told["deadlineMs"]) == ("running", before + 2 * MINUTE)

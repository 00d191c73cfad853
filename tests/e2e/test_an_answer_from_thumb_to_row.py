"""The main story: log in, start, answer, hand in, and the score is there on three sides at once."""

import asyncio
from base64 import urlsafe_b64decode
from uuid import UUID

from exam_api.attempt.chain import unpack
from exam_api.attempt.receipt import verify
from exam_api.live import keys
from tests.e2e.world import MINUTE, World, soon


async def test_an_answer_goes_from_thumb_to_row(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    assert (await device.start(sitting.people[0].id)).status_code == 200
    device.choose(0, 1)
    device.choose(3, 2)
    told = (await device.sync()).json()
    assert (told["took"], told["seq"], told["head"]) == ("ok", 2, device.head_at(2))
    await world.drain()
    held = await world.exam.record.held(sitting.id)
    assert [(one.fence, one.op) for one in unpack(held[0].ops)] == [(1, op) for op in device.ops]


async def test_the_score_is_right_and_shown_at_the_moment_of_handing_in(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    keys = await world.keys(sitting.id)
    for slot, item in enumerate(device.paper["items"]):
        right = keys[item["version"]]
        device.choose(slot, right if slot % 4 else _wrong(right))
    told = (await device.submit()).json()
    slots = len(device.paper["items"])
    missed = len(range(0, slots, 4))
    assert told["durable"] is True
    assert told["result"]["scoreCenti"] == 10_000 - missed * (10_000 // slots)
    assert sum(one["scoreCenti"] for one in told["result"]["sections"]) == told["result"]["scoreCenti"]
    public = (await device.http.get("/api/receipts/keys")).json()["keys"]
    receipt = verify(told["receipt"], {one["id"]: _decoded(one["publicKey"]) for one in public})
    assert receipt.score_centi == told["result"]["scoreCenti"]
    assert receipt.head == device.head_at(len(device.ops))


async def test_three_sides_see_the_score_and_nobody_else(world: World) -> None:
    sitting = await world.sitting(people=2)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    device.choose(0, 1)
    score = (await device.submit()).json()["result"]["scoreCenti"]
    own = await world.staff("institution-admin", own=True)
    officer = await world.staff("officer")
    for client in (own, officer):
        reply = await client.get(f"/api/sessions/{sitting.id}/results")
        rows = {row["id"]: row for row in reply.json()["rows"]}
        assert rows[str(sitting.people[0].id)]["scoreCenti"] == score
    mine = (await device.http.get(f"/api/my/exams/{sitting.people[0].id}/result")).json()
    assert mine["result"]["scoreCenti"] == score
    foreign = await world.staff("institution-admin", own=False)
    assert (await foreign.get(f"/api/sessions/{sitting.id}/results")).status_code == 404
    neighbour = await world.device(sitting.people[1])
    reply = await neighbour.http.get(f"/api/my/exams/{sitting.people[0].id}/result")
    assert reply.status_code == 404


async def test_the_wall_shows_start_progress_and_score(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    invigilator = await world.staff("invigilator", own=True)

    async def shows(**wanted: object) -> bool:
        reply = await invigilator.get(f"/api/sessions/{sitting.id}/live")
        row = reply.json()["rows"][0]
        return {name: row[name] for name in wanted} == wanted

    assert await shows(state="ready")
    await device.start(sitting.people[0].id)
    device.choose(0)
    device.choose(1)
    await device.sync()
    await soon(lambda: shows(state="running", answered=2))
    score = (await device.submit()).json()["result"]["scoreCenti"]
    await soon(lambda: shows(state="closed", durable=True, scoreCenti=score))


async def test_a_hundred_starts_at_once_make_one_attempt(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    replies = await asyncio.gather(*(device.start(sitting.people[0].id) for _ in range(100)))
    assert {reply.status_code for reply in replies} == {200}
    assert {(reply.json()["fence"], reply.json()["startedMs"]) for reply in replies} == {
        (1, replies[0].json()["startedMs"])
    }
    await world.drain()
    assert len(await world.exam.record.held(sitting.id)) == 1


async def test_a_hundred_hand_ins_at_once_make_one_result(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    device.choose(0)
    await device.sync()
    replies = await asyncio.gather(*(device.submit() for _ in range(100)))
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.json()["receipt"] for reply in replies}) == 1
    assert len(await world.exam.results.of_attempt(sitting.people[0].id)) == 1


async def test_a_lost_reply_to_the_start_costs_nothing(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    world.clock.at += MINUTE
    again = (await device.start(sitting.people[0].id)).json()
    assert again["fence"] == 1
    assert again["remainingMs"] == again["deadlineMs"] - world.clock.at


async def test_a_paper_is_drawn_the_same_again_from_its_seed(world: World) -> None:
    """W9: same seed and pool version give the same paper; and the stored draw is what was shown."""
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    papers = await world.exam.plans.papers(sitting.id)
    stored = papers[sitting.people[0].id]
    again = await world.draw_again(sitting.id, UUID(str(sitting.people[0].id)))
    assert again == stored
    assert [item["version"] for item in device.paper["items"]] == [slot.version for slot in stored.slots]
    shown = [tuple(option["bit"] for option in item["options"]) for item in device.paper["items"]]
    assert shown == [slot.order for slot in stored.slots]


def _wrong(right: int) -> int:
    return 2 if right == 1 else 1


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_a_result_is_shown_when_the_live_state_has_long_forgotten_it(world: World) -> None:
    sitting = await world.sitting(people=2)
    person, neighbour = sitting.people
    device, other = await world.device(person), await world.device(neighbour)
    await device.start(person.id)
    handed = (await device.submit()).json()
    await world.wired.lane.command("DEL", keys.of_attempt(person.id).attempt)
    mine = (await device.http.get(f"/api/my/exams/{person.id}/result")).json()
    assert (mine["result"], mine["receipt"]) == (handed["result"], handed["receipt"])
    assert (await other.http.get(f"/api/my/exams/{person.id}/result")).status_code == 404

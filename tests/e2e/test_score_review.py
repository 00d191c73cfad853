"""成绩复核: the candidate asks, the score is worked out anew from the record, the candidate is told."""

from sqlalchemy import text

from tests.e2e.after import asked, first_right, over, sit, small_sitting
from tests.e2e.device import Device
from tests.e2e.world import Sitting, World


async def sat(world: World, people: int = 1) -> tuple[Sitting, list[Device]]:
    sitting = await small_sitting(world, people=people)
    keys = await world.keys(sitting.id)
    devices = [
        await sit(world, sitting, person, first_right(keys, 4 + n, but={}))
        for n, person in enumerate(sitting.people)
    ]
    await over(world, sitting)
    return sitting, devices


async def test_a_candidate_asks_and_is_told_that_the_score_is_equal(world: World) -> None:
    sitting, (device,) = await sat(world)
    path = f"/api/my/exams/{sitting.people[0].id}/review"
    assert (await asked(device.http, path))["state"] == "none"
    told = await asked(device.http, path, {"reason": "我觉得第 3 题答对了"})
    assert (told["state"], told["mayAsk"]) == ("open", False)
    assert (await asked(device.http, path, {"reason": ""}, status=409))["type"] == "/problems/review-asked"

    admin = await world.staff("institution-admin")
    (listed,) = (await asked(admin, "/api/reviews"))["reviews"]
    assert (listed["name"], listed["state"], listed["byCandidate"]) == (sitting.people[0].name, "open", True)
    outcome = await asked(admin, f"/api/reviews/{listed['id']}/run", {})
    assert (outcome["equal"], outcome["standsCenti"], outcome["anewCenti"]) == (True, 4_000, 4_000)
    done = await asked(device.http, path)
    assert (done["state"], done["outcome"]["equal"], done["mayAsk"]) == ("done", True, False)
    await asked(admin, f"/api/reviews/{listed['id']}/run", {}, status=404)


async def test_nobody_else_s_score_is_reviewed(world: World) -> None:
    sitting, devices = await sat(world, people=2)
    path = f"/api/my/exams/{sitting.people[0].id}/review"
    await asked(devices[1].http, path, {"reason": ""}, status=404)
    await asked(devices[0].http, path, {"reason": ""})
    stranger = await world.staff("institution-admin", own=False)
    assert (await asked(stranger, "/api/reviews"))["reviews"] == []
    (listed,) = (await asked(await world.staff("auditor"), "/api/reviews"))["reviews"]
    await asked(stranger, f"/api/reviews/{listed['id']}/run", {}, status=404)


async def test_a_record_that_does_not_give_the_score_is_told_with_both_figures(world: World) -> None:
    sitting, devices = await sat(world, people=2)
    tampered = sitting.people[1].id
    await asked(devices[1].http, f"/api/my/exams/{tampered}/review", {"reason": ""})
    async with world.wired.database.writing() as connection:  # as someone with the file in hand could
        await connection.execute(text("DROP TRIGGER keep_op_update"))
        await connection.execute(
            text("UPDATE op SET mask = 3 - mask WHERE seq = 1 AND attempt_id = :id"), {"id": tampered.hex}
        )
    officer = await world.staff("officer")
    told = await asked(officer, f"/api/sessions/{sitting.id}/review", {})
    assert (told["checked"], told["equal"], told["differing"]) == (2, 1, [str(tampered)])
    mine = (await asked(devices[1].http, f"/api/my/exams/{tampered}/review"))["outcome"]
    assert (mine["equal"], mine["standsCenti"], mine["anewCenti"]) == (False, 5_000, 4_000)
    assert mine["differs"] == ["ops", "head", "marks"]


async def test_a_takeover_and_late_answers_are_part_of_what_is_worked_out(world: World) -> None:
    sitting = await small_sitting(world, people=1, takeover="own")
    person = sitting.people[0]
    keys = await world.keys(sitting.id)
    first = await sit(world, sitting, person, first_right(keys, 3, but={}), hand_in=False)
    second = await world.device(person)
    assert (await second.start(person.id, takeover=True)).status_code == 200
    assert second.fence == first.fence + 1
    second.choose(0, keys[second.paper["items"][0]["version"]])
    await second.sync_all()
    await over(world, sitting)
    await world.expire()
    second.choose(1, keys[second.paper["items"][1]["version"]])
    assert (await second.sync()).json()["took"] == "late"
    await world.drain()
    officer = await world.staff("officer")
    await asked(officer, f"/api/late/{person.id}/decide", {"accept": True, "reason": "基站停电"})
    told = await asked(officer, f"/api/sessions/{sitting.id}/review", {})
    assert (told["checked"], told["equal"]) == (1, 1)

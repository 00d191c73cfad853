"""Two devices, two tabs, clocks that are wrong, and a page that says less than it should."""

from uuid import UUID

from sqlalchemy import text

from tests.e2e.world import HOUR, MINUTE, World, soon


async def _code(world: World, session_id: UUID, attempt_id: UUID) -> str:
    staff = await world.staff("invigilator", own=True)
    reply = await staff.post(f"/api/sessions/{session_id}/attempts/{attempt_id}/takeover-code")
    assert reply.status_code in {200, 201}
    return str(reply.json()["code"])


async def test_a_second_device_needs_the_invigilators_code(world: World) -> None:
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    first, second = await world.device(person), await world.device(person)
    await first.start(person.id)
    refused = await second.start(person.id)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/takeover-needed")
    assert refused.json()["policy"] == "staff"
    wrong = await second.start(person.id, takeoverCode="000000")
    assert wrong.json()["type"] == "/problems/takeover-code-wrong"


async def test_five_unsent_ops_of_the_first_device_are_kept_offered_and_adoptable(world: World) -> None:
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    first, second = await world.device(person), await world.device(person)
    await first.start(person.id)
    first.choose(0, 1)
    await first.sync()
    for slot in range(1, 6):
        first.choose(slot, 2)  # offline: five that the server has not heard of
    code = await _code(world, sitting.id, person.id)
    took = (await second.start(person.id, takeoverCode=code)).json()
    assert took["fence"] == 2
    assert took["answers"][0] == 1
    second.choose(7, 1)
    await second.sync()

    back = (await first.sync()).json()
    assert (back["took"], back["fence"]) == ("side", 2)
    again = (await first.sync()).json()
    assert again["sideOps"] == back["sideOps"] == 5

    told = (await second.sync(wantSide=True)).json()
    assert [(op["slot"], op["mask"]) for op in told["side"]] == [(slot, 2) for slot in range(1, 6)]
    assert any(command["kind"] == "side" for command in told["commands"])
    for op in told["side"]:
        second.choose(op["slot"], op["mask"])  # adopting makes new ops
    assert (await second.sync()).json()["seq"] == 6
    await world.drain()
    live = await world.exam.live.find(person.id)
    assert live is not None
    assert [int.from_bytes(live.answers[slot * 4 : slot * 4 + 4], "big") for slot in range(8)] == [
        1, 2, 2, 2, 2, 2, 0, 1,
    ]  # fmt: skip


async def test_the_first_device_cannot_hand_in_after_the_takeover(world: World) -> None:
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    first, second = await world.device(person), await world.device(person)
    await first.start(person.id)
    await second.start(person.id, takeoverCode=await _code(world, sitting.id, person.id))
    refused = await first.submit()
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-writing")
    await world.drain()
    assert (await second.submit()).json()["durable"] is True


async def test_an_own_takeover_asks_the_candidate_only(world: World) -> None:
    sitting = await world.sitting(people=1, takeover="own")
    person = sitting.people[0]
    first, second = await world.device(person), await world.device(person)
    await first.start(person.id)
    assert (await second.start(person.id)).json()["policy"] == "own"
    assert (await second.start(person.id, takeover=True)).json()["fence"] == 2


async def test_a_stale_second_tab_is_never_told_ok_for_what_is_not_stored(world: World) -> None:
    """peers.md 1: an autosave with a stale sequence must not say OK and store nothing."""
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    tab, other = await world.device(person), await world.device(person)
    other.storage_key = tab.storage_key
    await tab.start(person.id)
    await other.start(person.id)
    other.http.cookies = tab.http.cookies
    tab.choose(0, 1)
    tab.choose(1, 1)
    await tab.sync()
    other.choose(2, 1)  # its seq 1 is another op than the one that is held
    other.choose(2, 2)
    other.choose(2, 1)
    refused = await other.sync()
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/fork")


async def test_a_click_twice_on_start_shows_no_error(world: World) -> None:
    """peers.md 4."""
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    first, second = await device.start(sitting.people[0].id), await device.start(sitting.people[0].id)
    assert first.json()["paper"] == second.json()["paper"]


async def test_a_clock_that_is_a_day_off_changes_nothing(world: World) -> None:
    for skew_ms in (-24 * HOUR, 24 * HOUR):
        sitting = await world.sitting(people=1)
        device = await world.device(sitting.people[0])
        device.clock_skew_ms = skew_ms
        started = (await device.start(sitting.people[0].id)).json()
        world.clock.at += 10 * MINUTE
        device.choose(0, 1)
        told = (await device.sync()).json()
        assert told["took"] == "ok"
        assert told["remainingMs"] == started["remainingMs"] - 10 * MINUTE
        assert (await device.submit()).json()["result"]["closedMs"] == world.clock.at


async def test_a_stranger_cannot_start_anothers_attempt(world: World) -> None:
    sitting = await world.sitting(people=2)
    device = await world.device(sitting.people[1])
    refused = await device.start(sitting.people[0].id)
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/not-your-attempt")


async def test_time_rules_at_the_door(world: World) -> None:
    sitting = await world.sitting(people=1, opens_in_ms=5 * MINUTE)
    person = sitting.people[0]
    device = await world.device(person)
    early = await device.start(person.id)
    assert early.json()["type"] == "/problems/not-yet-open"
    assert early.json()["untilMs"] == world.clock.at + 5 * MINUTE
    world.clock.at += 6 * HOUR
    assert (await device.start(person.id)).json()["type"] == "/problems/too-late-to-enter"


async def test_handing_in_too_early_is_refused_and_keeps_the_answers(world: World) -> None:
    sitting = await world.sitting(people=1, earliest_hand_in_ms=5 * MINUTE)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    device.choose(0, 1)
    refused = await device.submit()
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-early")
    world.clock.at += 5 * MINUTE
    assert (await device.submit()).status_code == 200


async def test_a_save_is_small_and_only_itself(world: World) -> None:
    """peers.md 6: a save is not a page of 31 kB."""
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    device.choose(0, 1)
    reply = await device.sync()
    assert len(reply.content) < 600


async def test_what_another_device_did_is_kept_also_where_the_paper_only_goes_forward(world: World) -> None:
    sitting = await world.sitting(people=1, navigation="forward")
    person = sitting.people[0]
    first, second = await world.device(person), await world.device(person)
    await first.start(person.id)
    for slot in range(3):
        first.choose(slot, 1)  # offline
    await second.start(person.id, takeoverCode=await _code(world, sitting.id, person.id))
    second.choose(5, 1)
    await second.sync()
    back = (await first.sync()).json()
    assert (back["took"], back["sideOps"]) == ("side", 3)


async def test_a_takeover_code_leaves_a_line_in_the_audit_and_tells_the_page_nothing(world: World) -> None:
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    device = await world.device(person)
    await device.start(person.id)
    code = await _code(world, sitting.id, person.id)
    async with world.wired.database.reading() as connection:
        asked = text("select actor, body from audit where act = 'attempt.takeover-code'")
        ((actor, body),) = (await connection.execute(asked)).all()
    assert actor.startswith("staff:")
    assert code not in body
    assert (await device.sync()).json()["commands"] == []


async def test_a_wall_that_opens_later_still_shows_who_waits_for_a_code(world: World) -> None:
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    first, second = await world.device(person), await world.device(person)
    await first.start(person.id)
    await second.start(person.id)
    staff = await world.staff("invigilator", own=True)

    async def asked_ms() -> int:
        reply = await staff.get(f"/api/sessions/{sitting.id}/live")
        return int(reply.json()["rows"][0]["takeoverAskedMs"])

    assert await asked_ms() == world.clock.at
    await second.start(person.id, takeoverCode=await _code(world, sitting.id, person.id))

    async def calm() -> bool:
        return await asked_ms() == 0

    await soon(calm)

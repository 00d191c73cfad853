"""After the deadline: what the server held is handed in, what comes later is kept and decided by a person."""

from tests.e2e.device import Device
from tests.e2e.world import MINUTE, Sitting, World


async def _dark_at_the_deadline(world: World, **facts: object) -> tuple[Sitting, Device]:
    """One answer held, five in the outbox, the deadline ten minutes ago, handed in by the server."""
    sitting = await world.sitting(people=1, **facts)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    keys = await world.keys(sitting.id)
    device.choose(0, keys[device.paper["items"][0]["version"]])
    await device.sync()
    for slot in range(1, 6):
        device.choose(slot, keys[device.paper["items"][slot]["version"]])
    live = await world.exam.live.find(sitting.people[0].id)
    assert live is not None
    world.clock.at = live.deadline_ms + 6_000
    await world.expire()
    world.clock.at += 10 * MINUTE
    return sitting, device


async def test_an_answer_within_the_grace_counts(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    started = (await device.start(sitting.people[0].id)).json()
    device.choose(0, 1)
    world.clock.at = started["deadlineMs"] + 4_999
    assert (await device.sync()).json()["took"] == "ok"
    device.choose(1, 1)
    world.clock.at += 1
    assert (await device.sync()).json()["took"] == "late"


async def test_the_server_hands_in_without_the_phone(world: World) -> None:
    sitting, device = await _dark_at_the_deadline(world)
    runs = await world.exam.results.of_attempt(sitting.people[0].id)
    assert [(run.run, run.cause) for run in runs] == [(1, "time")]
    per_item = 10_000 // len(device.paper["items"])
    assert runs[0].score.total_centi == per_item


async def test_late_answers_change_nothing_until_an_officer_accepts_them(world: World) -> None:
    sitting, device = await _dark_at_the_deadline(world)
    person = sitting.people[0]
    told = (await device.sync()).json()
    assert (told["took"], told["lateOps"]) == ("late", 5)
    assert (await device.sync(base=1)).json()["lateOps"] == 5
    await world.drain()

    mine = (await device.http.get(f"/api/my/exams/{person.id}/result")).json()["result"]
    per_item = 10_000 // len(device.paper["items"])
    assert (mine["scoreCenti"], mine["lateOps"], mine["lateState"]) == (per_item, 5, "open")

    institution = await world.staff("institution-admin", own=True)
    officer = await world.staff("officer")
    for client in (institution, officer):
        requests = (await client.get("/api/late")).json()["requests"]
        assert [len(one["ops"]) for one in requests if one["id"] == str(person.id)] == [5]
    decision = {"accept": True, "reason": "基站停电，有证明"}
    refused = await institution.post(f"/api/late/{person.id}/decide", json=decision)
    assert refused.status_code == 403
    accepted = await officer.post(f"/api/late/{person.id}/decide", json=decision)
    assert accepted.status_code in {200, 201}

    runs = await world.exam.results.of_attempt(person.id)
    assert [(run.run, run.cause, run.score.total_centi) for run in runs] == [
        (1, "time", per_item),
        (2, "late-accepted", 6 * per_item),
    ]
    again = await officer.post(f"/api/late/{person.id}/decide", json=decision)
    assert again.status_code in {404, 409}
    after = (await device.http.get(f"/api/my/exams/{person.id}/result")).json()["result"]
    assert (after["scoreCenti"], after["run"]) == (6 * per_item, 2)


async def test_declined_late_answers_never_count(world: World) -> None:
    sitting, device = await _dark_at_the_deadline(world)
    await device.sync()
    await world.drain()
    officer = await world.staff("officer")
    person = sitting.people[0]
    await officer.post(f"/api/late/{person.id}/decide", json={"accept": False, "reason": "无证明"})
    assert len(await world.exam.results.of_attempt(person.id)) == 1
    mine = (await device.http.get(f"/api/my/exams/{person.id}/result")).json()["result"]
    assert mine["lateState"] == "declined"


async def test_a_profile_may_refuse_late_answers_and_says_so(world: World) -> None:
    sitting, device = await _dark_at_the_deadline(world, late_hold=False)
    assert (await device.sync()).json()["took"] == "late-refused"
    await world.drain()
    officer = await world.staff("officer")
    assert str(sitting.people[0].id) not in {
        one["id"] for one in (await officer.get("/api/late")).json()["requests"]
    }


async def test_extra_time_moves_the_deadline_and_is_told(world: World) -> None:
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    device = await world.device(person)
    started = (await device.start(person.id)).json()
    staff = await world.staff("invigilator", own=True)
    url = f"/api/sessions/{sitting.id}/attempts/{person.id}/extend"
    assert (await staff.post(url, json={"minutes": 5, "reason": "电脑换机"})).status_code in {200, 201}
    told = (await device.sync()).json()
    assert told["deadlineMs"] == started["deadlineMs"] + 5 * MINUTE
    assert [(one["kind"], one["ms"]) for one in told["commands"]] == [("extend", 5 * MINUTE)]
    world.clock.at = started["deadlineMs"] + 4 * MINUTE
    await world.expire()
    device.choose(0, 1)
    assert (await device.sync()).json()["took"] == "ok"


async def test_a_pause_stops_the_clock_and_gives_the_time_back(world: World) -> None:
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    device = await world.device(person)
    started = (await device.start(person.id)).json()
    staff = await world.staff("invigilator", own=True)
    url = f"/api/sessions/{sitting.id}/attempts/{person.id}"
    await staff.post(f"{url}/pause", json={"reason": "火警演练"})
    world.clock.at += 7 * MINUTE
    paused = (await device.sync()).json()
    assert (paused["state"], paused["remainingMs"]) == ("paused", started["remainingMs"])
    await staff.post(f"{url}/resume", json={"reason": "演练结束"})
    assert (await device.sync()).json()["deadlineMs"] == started["deadlineMs"] + 7 * MINUTE


async def test_a_hand_in_tapped_without_network_closes_by_itself(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    device.choose(0, 1)
    device.tap_hand_in()
    await device.sync()  # the page came back for a second and died again
    world.clock.at += 10_000
    await world.expire()
    runs = await world.exam.results.of_attempt(sitting.people[0].id)
    assert [(run.cause, run.seq) for run in runs] == [("hand-in", 2)]


async def test_a_late_request_leaves_out_what_an_extension_made_held(world: World) -> None:
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    device = await world.device(person)
    started = (await device.start(person.id)).json()
    world.clock.at = started["deadlineMs"] + 6_000  # over, but not yet handed in for them
    for slot in range(3):
        device.choose(slot, 1)
    assert (await device.sync()).json()["lateOps"] == 3
    await world.drain()
    staff = await world.staff("invigilator", own=True)
    url = f"/api/sessions/{sitting.id}/attempts/{person.id}/extend"
    await staff.post(url, json={"minutes": 5, "reason": "电脑换机"})
    told = (await device.sync(base=0)).json()
    assert (told["took"], told["seq"], told["lateOps"]) == ("ok", 3, 0)
    await world.drain()
    officer = await world.staff("officer")
    assert (await officer.get("/api/late")).json()["requests"] == []
    world.clock.at += 10 * MINUTE
    device.choose(3, 1)
    assert (await device.sync()).json()["lateOps"] == 1
    await world.expire()
    await world.drain()
    (request,) = (await officer.get("/api/late")).json()["requests"]
    assert [op["slot"] for op in request["ops"]] == [3]
    await officer.post(f"/api/late/{person.id}/decide", json={"accept": True, "reason": "基站停电"})
    runs = await world.exam.results.of_attempt(person.id)
    assert [(run.run, run.seq) for run in runs] == [(1, 3), (2, 4)]


async def test_a_hand_in_after_the_deadline_says_what_came_late(world: World) -> None:
    _sitting, device = await _dark_at_the_deadline(world)
    result = (await device.submit()).json()["result"]
    assert (result["closeKind"], result["lateOps"], result["lateState"]) == ("time", 5, "open")


async def test_a_hand_in_is_durable_only_with_what_came_late_on_record(world: World) -> None:
    """The phone lets its ops go when it hears that, and Redis alone must not be all that has them."""
    _sitting, device = await _dark_at_the_deadline(world)
    told = (await device.submit()).json()
    assert (told["durable"], told["result"]["lateOps"]) == (False, 5)
    await world.drain()
    again = (await device.submit()).json()
    assert (again["durable"], again["receipt"]) == (True, told["receipt"])


async def test_an_act_that_does_not_fit_is_refused_and_leaves_no_trace(world: World) -> None:
    sitting = await world.sitting(people=1)
    person = sitting.people[0]
    device = await world.device(person)
    await device.start(person.id)
    staff = await world.staff("invigilator", own=True)
    url = f"/api/sessions/{sitting.id}/attempts/{person.id}"
    assert (await staff.post(f"{url}/pause", json={"reason": "火警演练"})).status_code == 200
    again = await staff.post(f"{url}/pause", json={"reason": "又按了一下"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/act-does-not-fit")
    assert again.json()["state"] == "paused"
    ledger = await world.exam.record.facts_since(since_ms=0)
    assert [fact.reason for fact in ledger if fact.attempt_id == person.id] == ["火警演练"]

"""Fair time, from the cut to the ledger: a room of desks, its power, its network, its deadline."""

import asyncio
from uuid import UUID

import httpx

from exam_api.usecases.fair_time import WATCHED_AFTER_MS
from tests.e2e.device import Device
from tests.e2e.world import MINUTE, Sitting, World

SEATS = 8
CUT_MINUTES = 4


async def _room(world: World, *, seats: int = SEATS, **facts: object) -> tuple[Sitting, list[Device]]:
    """A room at work: everybody has started and was heard."""
    sitting = await world.sitting(people=seats, channel="desk", **facts)
    devices = [await world.device(person) for person in sitting.people]
    for device, person in zip(devices, sitting.people, strict=True):
        assert (await device.start(person.id)).status_code == 200
        device.now_ms = world.clock.at
        device.choose(0)
    await _heard(world, devices)
    return sitting, devices


async def _heard(world: World, devices: list[Device], *, over_ms: int = 9_000) -> None:
    """Each page's heartbeat, one after the other, the last one now."""
    began = world.clock.at
    for n, device in enumerate(devices):
        world.clock.at = began + over_ms * (n + 1) // len(devices)
        assert (await device.sync()).json()["took"] == "ok"


async def _back(world: World, device: Device, *, dead_ms: int) -> dict[str, object]:
    """The page is restarted, goes on, and says how long it was dead."""
    assert device.attempt_id is not None
    assert (await device.start(device.attempt_id)).status_code == 200
    told = {"kind": "dead", "clientMs": world.clock.at, "ms": dead_ms}
    return (await device.sync(events=[told])).json()


async def _ends(world: World, devices: list[Device]) -> list[int]:
    held = await asyncio.gather(*(world.exam.live.find(UUID(str(one.attempt_id))) for one in devices))
    return [one.deadline_ms for one in held if one is not None]


async def test_a_power_cut_is_given_back_to_the_room_and_said_once(world: World) -> None:
    sitting, devices = await _room(world)
    cut, hit = world.clock.at, devices[:6]
    before = await _ends(world, devices)
    world.clock.at = cut + 20_000
    await _heard(world, devices[6:], over_ms=0)
    await world.worker.fair_turn()
    world.clock.at = cut + CUT_MINUTES * MINUTE
    for device in hit:
        await _back(world, device, dead_ms=CUT_MINUTES * MINUTE)
    await _heard(world, devices[6:], over_ms=0)
    await asyncio.gather(world.worker.fair_turn(), world.worker.fair_turn())
    await world.worker.fair_turn()
    after = await _ends(world, devices)
    gained = [late - early for late, early in zip(after, before, strict=True)]
    assert all(abs(ms - CUT_MINUTES * MINUTE) <= 1_000 for ms in gained[:6])
    assert gained[6:] == [0, 0]
    told = (await devices[0].sync()).json()["commands"]
    assert [(one["kind"], one["text"]) for one in told] == [("credit", "page-dead")]
    await world.drain()
    officer = await world.staff("officer")
    rows = (await officer.get(f"/api/credits?session={sitting.id}")).json()["rows"]
    assert [(row["kind"], row["cause"], row["by"]) for row in rows] == [("room", "page-dead", "")] * 6
    assert all(row["auditDay"] and row["auditNo"] and not row["sealedMs"] for row in rows)
    world.clock.at += 24 * 60 * MINUTE
    await world.wired.parts.audit.seals.close_days(world.clock.at)
    rows = (await (await world.staff("officer")).get("/api/credits")).json()["rows"]
    assert {row["sealedMs"] for row in rows} == {world.clock.at}


async def test_a_network_cut_is_worth_nothing_where_pages_went_on(world: World) -> None:
    _, devices = await _room(world)
    before = await _ends(world, devices)
    cut = world.clock.at
    world.clock.at = cut + 30_000
    await world.worker.fair_turn()
    world.clock.at = cut + CUT_MINUTES * MINUTE
    for device in devices:
        device.now_ms = cut + 2 * MINUTE
        device.choose(1)
        assert (await device.sync()).json()["took"] == "ok"
    await world.worker.fair_turn()
    assert await _ends(world, devices) == before


async def test_a_window_across_the_deadline_waits_for_the_verdict(world: World) -> None:
    _, devices = await _room(world)
    (end,) = set(await _ends(world, devices))
    world.clock.at = end - 30_000
    await _heard(world, devices)
    cut = world.clock.at
    world.clock.at = end + 3_000
    await world.worker.fair_turn()
    world.clock.at = end + 30_000
    await world.expire()
    held = await asyncio.gather(*(world.exam.live.find(UUID(str(one.attempt_id))) for one in devices))
    assert {one.state for one in held if one} == {"running"}
    await _back(world, devices[0], dead_ms=world.clock.at - cut)
    refused = await devices[0].submit()
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/verdict-awaited")
    world.clock.at = cut + CUT_MINUTES * MINUTE
    for device in devices[1:]:
        await _back(world, device, dead_ms=world.clock.at - cut)
    await world.worker.fair_turn()
    assert (await devices[1].sync()).json()["remainingMs"] > 0
    ends = await _ends(world, devices)
    assert all(abs(late - end - CUT_MINUTES * MINUTE) <= 1_000 for late in ends[1:])
    world.clock.at = max(ends) + 6_000
    await _heard(world, devices, over_ms=0)
    await world.expire()
    held = await asyncio.gather(*(world.exam.live.find(UUID(str(one.attempt_id))) for one in devices))
    assert {one.state for one in held if one} == {"closed"}


async def test_a_room_that_never_comes_back_is_handed_in_at_the_cap(world: World) -> None:
    _, devices = await _room(world)
    (end,) = set(await _ends(world, devices))
    world.clock.at = end + 3_000
    await world.worker.fair_turn()
    world.clock.at = end + 15 * MINUTE
    await world.worker.fair_turn()
    await world.expire()
    held = await asyncio.gather(*(world.exam.live.find(UUID(str(one.attempt_id))) for one in devices))
    assert {one.state for one in held if one} == {"running"}
    world.clock.at = end + 15 * MINUTE + 6_000
    await world.expire()
    held = await asyncio.gather(*(world.exam.live.find(UUID(str(one.attempt_id))) for one in devices))
    assert {one.state for one in held if one} == {"closed"}


async def test_one_seat_asks_with_a_tap_and_staff_decide(world: World) -> None:
    sitting, devices = await _room(world)
    device, person = devices[0], sitting.people[0]
    (before, *_) = await _ends(world, devices)
    lost = 17 * MINUTE
    world.clock.at += lost
    await _back(world, device, dead_ms=lost)
    await _heard(world, devices[1:], over_ms=0)
    await world.worker.fair_turn()
    address = f"/api/my/exams/{person.id}/lost-time"
    assert (await device.http.get(address)).json()["state"] == "ask"
    assert (await device.http.post(address)).json()["state"] == "asked"
    assert (await devices[1].http.post(address)).status_code == 404
    invigilator, officer = await world.staff("invigilator"), await world.staff("officer")
    (row,) = (await invigilator.get(f"/api/sessions/{sitting.id}/lost-time")).json()["rows"]
    assert (row["state"], row["cause"], row["leftMs"]) == ("asked", "page-dead", 15 * MINUTE)
    decide = f"/api/sessions/{sitting.id}/lost-time/{person.id}"
    ask = {"fromMs": row["fromMs"], "accept": True, "reason": "主机故障"}
    refused = await invigilator.post(decide, json=ask | {"minutes": 16})
    assert (refused.status_code, refused.json()["mostMs"]) == (409, 15 * MINUTE)
    given = (await invigilator.post(decide, json=ask)).json()
    assert (given["state"], given["givenMs"], given["leftMs"]) == ("given", 15 * MINUTE, 0)
    assert (await invigilator.post(decide, json=ask)).status_code == 404
    more = (await officer.post(decide, json=ask | {"minutes": 2})).json()
    assert more["givenMs"] == 17 * MINUTE
    assert (await _ends(world, devices))[0] == before + lost
    assert (await world.audited()).count("attempt.credit") == 2
    other = await world.staff("invigilator", own=False)
    assert (await other.post(decide, json=ask)).status_code == 404
    assert (await other.get("/api/lost-time")).json()["rows"] == []


async def test_what_people_gave_stands_in_the_ledger_with_their_reasons(world: World) -> None:
    sitting, devices = await _room(world)
    device, person = devices[0], sitting.people[0]
    world.clock.at += 3 * MINUTE
    await _back(world, device, dead_ms=3 * MINUTE)
    admin = await world.staff("institution-admin")
    (row,) = (await admin.get("/api/lost-time")).json()["rows"]
    assert (row["sessionId"], row["gap"]["attemptId"]) == (str(sitting.id), str(person.id))
    asked = {"fromMs": row["gap"]["fromMs"], "accept": True, "minutes": 2, "reason": "主机故障"}
    await admin.post(f"/api/sessions/{sitting.id}/lost-time/{person.id}", json=asked)
    (entry,) = (await admin.get("/api/credits")).json()["rows"]
    assert (entry["kind"], entry["cause"], entry["ms"]) == ("staff", "page-dead", 2 * MINUTE)
    assert (entry["reason"], entry["ticketNo"]) == ("主机故障", person.ticket_no)
    elsewhere = await world.staff("institution-admin", own=False)
    assert (await elsewhere.get("/api/credits")).json()["rows"] == []
    assert (await elsewhere.get(f"/api/credits?session={sitting.id}")).status_code == 404


async def test_rooms_are_listed_while_they_may_be_at_work_and_not_the_whole_week(world: World) -> None:
    sitting, devices = await _room(world)
    world.clock.at += 3 * MINUTE
    await _back(world, devices[0], dead_ms=3 * MINUTE)
    facts = await world.exam.armory.session(sitting.id)
    assert facts is not None
    listed: list[int] = []
    for at_ms in (world.clock.at, facts.closes_ms + WATCHED_AFTER_MS, facts.closes_ms + WATCHED_AFTER_MS + 1):
        world.clock.at = at_ms
        admin = await world.staff("institution-admin")
        listed.append(len((await admin.get("/api/lost-time")).json()["rows"]))
    assert listed == [1, 1, 0]


async def test_a_declined_request_gives_nothing_and_says_so(world: World) -> None:
    sitting, devices = await _room(world)
    device, person = devices[0], sitting.people[0]
    before = await _ends(world, devices)
    world.clock.at += 2 * MINUTE
    await _back(world, device, dead_ms=2 * MINUTE)
    (row,) = (await (await world.staff("officer")).get(f"/api/sessions/{sitting.id}/lost-time")).json()[
        "rows"
    ]
    invigilator = await world.staff("invigilator")
    declined = await invigilator.post(
        f"/api/sessions/{sitting.id}/lost-time/{person.id}",
        json={"fromMs": row["fromMs"], "accept": False, "reason": "考生自行关机"},
    )
    assert declined.json()["state"] == "declined"
    assert (await _ends(world, devices)) == before
    (told,) = (await device.sync()).json()["commands"]
    assert (told["kind"], told["ms"], told["text"]) == ("credit", 0, "declined")


async def test_the_home_screen_tells_of_interruptions_until_they_are_decided(world: World) -> None:
    sitting, devices = await _room(world)
    world.clock.at += 2 * MINUTE
    await _back(world, devices[0], dead_ms=2 * MINUTE)
    told: dict[str, list[tuple[str, str, int]]] = {}
    for role in ("invigilator", "institution-admin", "officer", "auditor", "operator"):
        told[role] = await _home(await world.staff(role))
    told["elsewhere"] = await _home(await world.staff("institution-admin", own=False))
    here = [(str(sitting.id), "架子工理论考试", 1)]
    assert told == {
        "invigilator": here,
        "institution-admin": here,
        "officer": here,
        "auditor": [],
        "operator": [],
        "elsewhere": [],
    }
    invigilator = await world.staff("invigilator")
    (row,) = (await invigilator.get(f"/api/sessions/{sitting.id}/lost-time")).json()["rows"]
    await invigilator.post(
        f"/api/sessions/{sitting.id}/lost-time/{row['attemptId']}",
        json={"fromMs": row["fromMs"], "accept": False, "reason": "考生自行关机"},
    )
    assert await _home(invigilator) == []


async def test_the_home_screen_asks_nothing_for_papers_that_were_handed_in(world: World) -> None:
    _, devices = await _room(world)
    world.clock.at += 2 * MINUTE
    await _back(world, devices[0], dead_ms=2 * MINUTE)
    invigilator = await world.staff("invigilator")
    assert len(await _home(invigilator)) == 1
    assert (await devices[0].submit()).status_code == 200
    assert await _home(invigilator) == []


async def _home(staff: httpx.AsyncClient) -> list[tuple[str, str, int]]:
    reply = (await staff.get("/api/home")).json()
    assert reply["away"] == []
    return [(one["id"], one["title"], one["n"]) for one in reply["due"] if one["kind"] == "lost-time-open"]

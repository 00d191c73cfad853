"""Log-ins through HTTP: who gets in, who does not, and what the replies give away."""

import asyncio
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from exam_api.app import create_app
from exam_api.people import Role
from exam_api.ports import Limit
from exam_api.settings import Settings
from exam_api.usecases.login_parts import FAILURES_OF_ADDRESS, FAILURES_OF_ONE
from exam_api.usecases.login_tickets import write_ticket
from exam_api.wiring import wire
from tests.e2e.device import ORIGIN, Device
from tests.e2e.world import HOUR, World
from tests.integration.http.people import (
    PASSWORD,
    Known,
    ask_code,
    give_code,
    other_than,
    registered,
    staff_account,
)
from tests.servers import RedisServer

STRANGER = Known(uuid4(), "无名氏", "11010519491231002X", "260019999")
DAY = 24 * HOUR


async def test_a_classroom_behind_one_address_does_not_lock_itself_out(world: World) -> None:
    _, people = await registered(world, 60)

    async def enter(person: Known) -> list[int]:
        client = world.stranger()
        code = await ask_code(client, person)
        tries = [
            await give_code(client, person, given) for given in (other_than(code), other_than(code), code)
        ]
        return [reply.status_code for reply in tries]

    assert await asyncio.gather(*map(enter, people)) == [[401, 401, 200]] * 60


async def test_right_log_ins_pass_where_an_address_has_failed_too_often(world: World) -> None:
    _, people = await registered(world, 2)
    logins = world.exam.logins
    mark = world.wired.parts.login.keys.mark("address", "127.0.0.1")
    for _ in range(FAILURES_OF_ADDRESS):
        await logins.over_limit("failed-from", mark, limit=FAILURES_OF_ADDRESS, window_ms=60_000)
    client = world.stranger()
    code = await ask_code(client, people[0])
    wrong = await give_code(client, people[0], other_than(code))
    assert (wrong.status_code, wrong.json()["type"]) == (429, "/problems/too-many-failures")
    assert (await give_code(client, people[0], code)).status_code == 200


async def test_a_code_dies_after_five_wrong_tries(world: World) -> None:
    _, people = await registered(world, 1)
    client = world.stranger()
    code = await ask_code(client, people[0])
    for _ in range(5):
        assert (await give_code(client, people[0], other_than(code))).status_code == 401
    assert (await give_code(client, people[0], code)).json()["type"] == "/problems/login-refused"


async def test_a_code_is_good_once(world: World) -> None:
    _, people = await registered(world, 1)
    client = world.stranger()
    code = await ask_code(client, people[0])
    assert (await give_code(client, people[0], code)).status_code == 200
    assert (await give_code(world.stranger(), people[0], code)).status_code == 401


async def test_an_identity_that_failed_too_often_is_not_tried_and_others_are(world: World) -> None:
    _, people = await registered(world, 2)
    client = world.stranger()
    code = await ask_code(client, people[0])
    for _ in range(FAILURES_OF_ONE):
        await give_code(client, people[0], other_than(code))
    refused = await give_code(client, people[0], code)
    assert (refused.status_code, int(refused.headers["retry-after"])) == (429, 900)
    assert (await give_code(client, people[1], await ask_code(client, people[1]))).status_code == 200


async def test_a_code_is_given_once_a_minute(world: World) -> None:
    _, people = await registered(world, 1)
    await ask_code(world.stranger(), people[0])
    again = await world.stranger().post(
        "/api/login/code", json={"name": people[0].name, "idNo": people[0].id_no}
    )
    assert (again.status_code, again.json()["waitMs"]) == (429, 60_000)


async def test_replies_do_not_tell_whether_a_person_exists(world: World) -> None:
    _, people = await registered(world, 1)
    told: list[list[Any]] = []
    for person in (people[0], STRANGER):
        client = world.stranger()
        asked = await client.post("/api/login/code", json={"name": person.name, "idNo": person.id_no})
        wrong = await give_code(client, person, other_than(asked.json()["demoCode"]))
        told.append([asked.status_code, sorted(asked.json()), asked.json()["waitMs"], wrong.status_code])
        told[-1] += [wrong.json(), sorted(set(wrong.headers) - {"x-request-id"})]
    assert told[0] == told[1]
    code = await ask_code_again(world, STRANGER)
    assert (await give_code(world.stranger(), STRANGER, code)).json()["type"] == "/problems/login-refused"


async def test_timing_does_not_tell_whether_a_person_exists(world: World) -> None:
    """The reply is written before anybody is looked up, so the two cannot differ by more than noise.

    Others on the machine only ever add to a time: the least of twelve is what the reply takes.
    """
    _, people = await registered(world, 12)
    strangers = [
        Known(uuid4(), "无名氏", number, "") for number in ("11010519491231002X", "440524188001010014")
    ] * 6
    known_s, unknown_s = [], []
    client = world.stranger()
    for known, unknown in zip(people, strangers, strict=True):
        for person, times in ((known, known_s), (unknown, unknown_s)):
            begun = time.perf_counter()
            await client.post("/api/login/code", json={"name": person.name, "idNo": person.id_no})
            times.append(time.perf_counter() - begun)
    assert abs(min(known_s) - min(unknown_s)) < 0.02


async def test_a_ticket_and_the_last_six_open_a_login(world: World) -> None:
    _, people = await registered(world, 1)
    client = world.stranger()
    reply = await client.post("/api/login/ticket", json=ticket_in(world, people[0]))
    assert (reply.status_code, reply.json()["name"]) == (200, people[0].name)
    exams = (await client.get("/api/my/exams")).json()["exams"]
    assert [one["id"] for one in exams] == [str(people[0].registration_id)]


async def test_tries_are_counted_for_the_ticket_however_it_is_written(world: World) -> None:
    _, people = await registered(world, 1)
    ticket = ticket_in(world, people[0])
    client = world.stranger()
    replies = [
        await client.post(
            "/api/login/ticket",
            json={"ticket": ticket["ticket"][:9] + "!!!!" * n + ticket["ticket"][9:], "lastSix": "000000"},
        )
        for n in range(11)
    ]
    assert [reply.status_code for reply in replies] == [401] * 10 + [429]


async def test_a_forged_an_expired_and_another_ones_ticket_open_nothing(world: World) -> None:
    _, people = await registered(world, 2)
    good = ticket_in(world, people[0])
    forged = good | {"ticket": good["ticket"][:-2] + ("AA" if not good["ticket"].endswith("AA") else "BB")}
    expired = ticket_in(world, people[0], until_ms=world.clock.at)
    others = good | {"lastSix": people[1].id_no[-6:]}
    for body in (forged, expired, others):
        reply = await world.stranger().post("/api/login/ticket", json=body)
        assert reply.json()["type"] == "/problems/login-refused"
        assert "set-cookie" not in reply.headers


async def test_a_desk_login_is_good_for_the_session_of_its_room(world: World) -> None:
    _, people = await registered(world, 1, channel="desk", room_code="639916")
    first = people[0]
    client = world.stranger()
    assert (await client.post("/api/login/desk", json=desk_in(first, "639917"))).status_code == 401
    assert (await client.post("/api/login/desk", json=desk_in(first, "639916"))).status_code == 200
    second, _ = await registered(world, 1, title="另一场")  # the same person sits again, elsewhere
    exams = (await client.get("/api/my/exams")).json()["exams"]
    assert [one["id"] for one in exams] == [str(first.registration_id)]
    elsewhere = (await world.exam.plans.registrations(second))[0]
    assert elsewhere.person_id == (await world.exam.live.find(first.registration_id)).armed.person_id
    assert (await Device(client).start(elsewhere.id)).json()["type"] == "/problems/not-your-attempt"
    assert (await Device(client).start(first.registration_id)).status_code == 200


async def test_an_armed_session_is_sat_from_log_in_to_hand_in_with_the_record_away(
    world: World, newest_redis: RedisServer, tmp_path: Path
) -> None:
    session_id, people = await registered(world, 3, channel="desk", room_code="639916")
    settings = Settings(
        data_dir=tmp_path,
        database_url=f"sqlite+aiosqlite:///{tmp_path}/no-such-folder/kaowu.db",
        redis_url=newest_redis.url,
        secret="story-secret-story-secret-story-secret",
        demo=True,
        public_origins=(ORIGIN,),
    )
    wired = wire(settings, clock=world.clock)
    await wired.lane.open()
    transport = httpx.ASGITransport(create_app(wired.parts))

    async def entered(path: str, body: dict[str, str]) -> httpx.AsyncClient:
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN})
        reply = await client.post(path, json=body)
        assert reply.status_code == 200, reply.text
        return client

    first, second, third = people
    coder = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
    by_code = {"name": first.name, "idNo": first.id_no, "code": await ask_code(coder, first)}
    for person, client in (
        (first, await entered("/api/login/candidate", by_code)),
        (second, await entered("/api/login/ticket", ticket_in(world, second))),
        (third, await entered("/api/login/desk", desk_in(third, "639916"))),
    ):
        exams = (await client.get("/api/my/exams")).json()["exams"]
        assert [one["id"] for one in exams] == [str(person.registration_id)]
        device = Device(client, now_ms=world.clock.at)
        assert (await device.start(person.registration_id)).status_code == 200
        device.choose(0)
        told = (await device.submit()).json()
        assert (told["durable"], told["result"]["fullCenti"]) == (False, 10_000)
    await room_is_run_on(world, transport, session_id)
    await wired.ground.later.finish()
    await wired.lane.close()
    await wired.database.close()


async def room_is_run_on(world: World, transport: httpx.ASGITransport, session_id: UUID) -> None:
    """The invigilator, logged in before, still has session, wall and acts."""
    known = await world.staff(Role.INVIGILATOR)
    async with httpx.AsyncClient(
        transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}, cookies=known.cookies
    ) as staff:
        assert [row["id"] for row in (await staff.get("/api/sessions")).json()["sessions"]] == [
            str(session_id)
        ]
        rows = (await staff.get(f"/api/sessions/{session_id}/live")).json()["rows"]
        assert [row["state"] for row in rows] == ["closed"] * 3
        said = await staff.post(
            f"/api/sessions/{session_id}/attempts/{rows[0]['id']}/message", json={"text": "请留在座位上"}
        )
        assert said.status_code == 200
        assert (await staff.get(f"/api/sessions/{session_id}/results")).status_code == 503


async def test_staff_log_in_with_a_password_and_a_wrong_one_is_refused(world: World) -> None:
    await world.sitting(people=0)
    await staff_account(world, "jigou", Role.INSTITUTION_ADMIN, world.own)
    client = world.stranger()
    wrong = await client.post("/api/login/staff", json={"loginName": "jigou", "password": "wrong"})
    absent = await client.post("/api/login/staff", json={"loginName": "nobody", "password": "wrong"})
    assert (wrong.status_code, wrong.json()) == (absent.status_code, absent.json())
    right = await client.post("/api/login/staff", json={"loginName": "Jigou ", "password": PASSWORD})
    assert right.json() | {"serverMs": 0} == {
        "role": "institution-admin",
        "name": "何主任",
        "institution": "甲培训机构",
        "demo": True,
        "serverMs": 0,
        "supportPhone": "",
        "step": "",
    }
    assert "HttpOnly" in right.headers["set-cookie"]
    assert "Max-Age=43200" in right.headers["set-cookie"]
    assert right.headers["set-cookie"].lower().count("samesite=strict") == 2


async def test_an_account_cannot_be_shut_out_from_another_address(world: World) -> None:
    await staff_account(world, "renshichu", Role.OFFICER, None)
    keys = world.wired.parts.login.keys
    attacked = keys.mark("staff-tries", "renshichu\n203.0.113.9")
    for _ in range(FAILURES_OF_ONE):
        await world.exam.logins.over_limit("failed", attacked, limit=FAILURES_OF_ONE, window_ms=60_000)
    body = {"loginName": "renshichu", "password": PASSWORD}
    away = await world.stranger().post(
        "/api/login/staff", json=body, headers={"x-forwarded-for": "203.0.113.9"}
    )
    assert away.status_code == 429
    assert (await world.stranger().post("/api/login/staff", json=body)).status_code == 200


async def test_a_login_lasts_seven_days_and_then_every_route_answers_401(world: World) -> None:
    _, people = await registered(world, 1)
    client = world.stranger()
    await give_code(client, people[0], await ask_code(client, people[0]))
    cookie = dict(client.cookies)
    world.clock.at += 7 * DAY - 1
    assert (await client.get("/api/me")).status_code == 200
    world.clock.at += 1
    for method, path in (("GET", "/api/me"), ("GET", "/api/my/exams"), ("POST", "/api/attempt/start")):
        body = {"attemptId": str(people[0].registration_id), "storageKey": "0" * 32}
        sent = {"json": body} if method == "POST" else {}
        reply = await client.request(method, path, **sent)
        assert (reply.status_code, reply.json()["type"]) == (401, "/problems/not-logged-in")
        assert reply.headers["content-type"] == "application/problem+json"
    assert cookie


async def test_an_attempt_token_that_is_missing_or_forged_is_a_401_problem_and_never_a_200(
    world: World,
) -> None:
    client = world.stranger()
    for cookie in (None, "x" * 60, "é".encode().hex()):
        if cookie:
            client.cookies.set(world.wired.parts.cookies.attempt.decode(), cookie)
        for path in ("/api/attempt/sync", "/api/attempt/submit"):
            reply = await client.post(path, json={"base": 0})
            assert (reply.status_code, reply.json()["type"]) == (401, "/problems/attempt-token-invalid")


async def test_other_headers_do_not_end_a_login(world: World) -> None:
    _, people = await registered(world, 1)
    client = world.stranger()
    await give_code(client, people[0], await ask_code(client, people[0]))
    for headers in (
        {"accept": "text/html"},
        {"accept": "*/*", "accept-language": "en", "user-agent": "another"},
        {"accept": "image/avif,image/webp", "accept-encoding": "br", "x-forwarded-for": "198.51.100.7"},
        {"accept": "", "sec-fetch-site": "same-origin", "user-agent": ""},
    ):
        assert (await client.get("/api/me", headers=headers)).status_code == 200
    assert (await client.get("/api/me")).json()["name"] == people[0].name


async def test_logging_out_ends_the_login_on_the_server_too(world: World) -> None:
    _, people = await registered(world, 1)
    client = world.stranger()
    await give_code(client, people[0], await ask_code(client, people[0]))
    kept = dict(client.cookies)
    reply = await client.post("/api/logout")
    assert reply.status_code == 204
    assert len(reply.headers.get_list("set-cookie")) == 2
    thief = world.stranger()
    thief.cookies.update(kept)
    assert (await thief.get("/api/me")).status_code == 401


async def test_without_the_demo_flag_codes_are_not_shown_and_cookies_are_for_tls(
    newest_redis: RedisServer, sqlite_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        data_dir=tmp_path, database_url=sqlite_url, redis_url=newest_redis.url, secret="s" * 40
    )
    newest_redis.flush()
    wired = wire(settings)
    await wired.lane.open()
    transport = httpx.ASGITransport(create_app(wired.parts))
    async with httpx.AsyncClient(transport=transport, base_url="https://exam.example") as client:
        reply = await client.post("/api/login/code", json={"name": "无名氏", "idNo": STRANGER.id_no})
    assert reply.json() == {"waitMs": 60_000, "demoCode": None}
    assert reply.headers["strict-transport-security"].startswith("max-age=")
    given = wired.parts.cookies.of_login(b"x" * 32, life_ms=1000, device="d", device_life_ms=1000)
    assert [(one.key, one.secure) for one in given] == [("__Host-kw_login", True), ("__Host-kw_device", True)]
    assert "; Secure;" in wired.parts.cookies.set_attempt("x", life_ms=1000)
    assert "; Secure;" in wired.parts.cookies.set_login(b"x" * 32, life_ms=1000)
    await wired.ground.later.finish()
    await wired.lane.close()
    await wired.database.close()


async def ask_code_again(world: World, person: Known) -> str:
    """Another code, as if the minute had passed."""
    keys = world.wired.parts.login.keys
    code = world.exam.new_code()
    blind = keys.blind(person.id_no)
    limits = (Limit("again-minute", 9, 60_000), Limit("again-hour", 9, 60_000))
    await world.exam.logins.offer_code(blind, keys.code_hash(blind, code), life_ms=60_000, limits=limits)
    return code


def ticket_in(world: World, person: Known, *, until_ms: int = 0) -> dict[str, str]:
    key = world.wired.parts.console.ticket_key
    qr = write_ticket(person.registration_id, key, until_ms=until_ms or world.clock.at + HOUR)
    return {"ticket": qr, "lastSix": person.id_no[-6:].lower()}


def desk_in(person: Known, room_code: str) -> dict[str, str]:
    return {"ticketNo": person.ticket_no, "lastSix": person.id_no[-6:], "roomCode": room_code}

"""Logging staff in: steps, second factor, what is counted, known devices, idle log-ins."""

import dataclasses
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update

from exam_api.app import create_app
from exam_api.passwords import Passwords
from exam_api.people import Role
from exam_api.store.accounts import STAFF
from exam_api.usecases.account_parts import FAILURES_OF_ACCOUNT, FAILURES_WHEN_SLOW, SLOW_MS
from exam_api.usecases.login_parts import FAILURES_OF_ONE
from tests.e2e.world import HOUR, MINUTE, ORIGIN, World, soon
from tests.integration.http.accounts import (
    CHEAP,
    PASSWORD,
    acts,
    an_account,
    code,
    enrolled,
    log_in,
    opened,
    slug,
)

NEW = "three green horses"


@pytest.fixture
def office(world: World) -> World:
    return opened(world)


@pytest.fixture
def strict(world: World) -> World:
    """The same installation without the demo's ease: second factors are asked for."""
    return opened(world, forced=True)


async def test_in_a_demo_an_officer_is_in_with_the_password_alone(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    client = office.stranger()
    assert (await log_in(client, "lin")).json()["step"] == ""
    told = (await client.get("/api/my/account")).json()
    assert told == {"loginName": "lin", "secondFactor": False, "secondFactorNeeded": False, "codesLeft": 0}


async def test_an_officer_enrols_before_anything_else_and_then_logs_in_with_two_steps(strict: World) -> None:
    await an_account(strict, "lin", Role.OFFICER)
    client = strict.stranger()
    assert (await log_in(client, "lin")).json()["step"] == "enroll"
    refused = await client.get("/api/sessions")
    assert (refused.status_code, slug(refused), refused.json()["step"]) == (403, "step-needed", "enroll")
    half = dict(client.cookies)
    secret, codes = await enrolled(strict, client)
    assert (await client.get("/api/sessions")).status_code == 200
    assert len(set(codes)) == 10
    thief = strict.stranger()
    thief.cookies.update(half)
    assert (await thief.get("/api/me")).status_code == 401, "the half log-in is over"
    second = strict.stranger()
    assert (await log_in(second, "lin")).json()["step"] == "code"
    for path in ("/api/sessions", "/api/my/account", "/api/staff"):
        assert slug(await second.get(path)) == "step-needed"
    begun = await second.post("/api/my/second-factor/begin", json={"password": PASSWORD})
    assert slug(begun) == "step-needed", "the password alone enrols no other telephone"
    done = await second.post("/api/login/second", json={"code": code(strict, secret)})
    assert (done.status_code, done.json()["step"]) == (200, "")
    assert (await second.get("/api/sessions")).status_code == 200
    found = await acts(strict)
    assert (found.count("login.opened"), found.count("second-factor.enrolled")) == (2, 1)


async def test_an_invigilator_needs_no_second_factor(strict: World) -> None:
    await strict.sitting(people=0)
    await an_account(strict, "guo", Role.INVIGILATOR, strict.own)
    assert (await log_in(strict.stranger(), "guo")).json()["step"] == ""


async def test_a_code_is_taken_once_and_only_around_now(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    first = office.stranger()
    await log_in(first, "lin")
    secret, _ = await enrolled(office, first)
    for steps, fits in ((-2, False), (2, False), (0, True)):
        client = office.stranger()
        await log_in(client, "lin")
        reply = await client.post("/api/login/second", json={"code": code(office, secret, steps=steps)})
        assert (reply.status_code == 200) is fits, steps
    again = office.stranger()
    await log_in(again, "lin")
    for steps in (0, -1):
        reply = await again.post("/api/login/second", json={"code": code(office, secret, steps=steps)})
        assert (reply.status_code, slug(reply)) == (403, "code-wrong"), "used, or older than a used one"


async def test_the_secret_is_sealed_and_recovery_codes_are_hashed(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    client = office.stranger()
    await log_in(client, "lin")
    secret, codes = await enrolled(office, client)
    async with office.wired.database.reading() as connection:
        sealed = (await connection.execute(text("select secret_sealed from second_factor"))).scalar_one()
        kept = (await connection.execute(text("select code_hash from recovery_code"))).scalars().all()
    assert secret.encode() not in sealed
    assert len(kept) == 10
    assert not any(one.replace("-", "").encode() in bytes(held) for one in codes for held in kept)


async def test_a_recovery_code_opens_once_and_new_ones_end_the_old(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    first = office.stranger()
    await log_in(first, "lin")
    secret, codes = await enrolled(office, first)
    for given, status in ((codes[0].lower(), 200), (codes[0], 403), (codes[1].replace("-", " "), 200)):
        client = office.stranger()
        await log_in(client, "lin")
        assert (await client.post("/api/login/second", json={"code": given})).status_code == status
    assert (await client.get("/api/my/account")).json()["codesLeft"] == 8
    fresh = await client.post("/api/my/second-factor/codes", json={"code": code(office, secret)})
    assert len(fresh.json()["codes"]) == 10
    late = office.stranger()
    await log_in(late, "lin")
    assert (await late.post("/api/login/second", json={"code": codes[2]})).status_code == 403
    assert (await acts(office)).count("second-factor.code-used") == 2


async def test_codes_are_not_guessed(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    first = office.stranger()
    await log_in(first, "lin")
    secret, _ = await enrolled(office, first)
    thief = office.stranger()
    await log_in(thief, "lin", **{"x-forwarded-for": "203.0.113.9"})
    far = {"x-forwarded-for": "203.0.113.9"}
    for _ in range(5):
        wrong = await thief.post("/api/login/second", json={"code": "000000"}, headers=far)
        assert slug(wrong) == "code-wrong"
    right = await thief.post("/api/login/second", json={"code": code(office, secret)}, headers=far)
    assert (right.status_code, slug(right)) == (429, "too-many-failures")
    assert "login.code-held" in await acts(office)
    owner = office.stranger()
    await log_in(owner, "lin")
    assert (await owner.post("/api/login/second", json={"code": code(office, secret)})).status_code == 200


async def test_a_half_log_in_is_over_after_ten_minutes(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    client = office.stranger()
    await log_in(client, "lin")
    secret, _ = await enrolled(office, client)
    late = office.stranger()
    reply = await log_in(late, "lin")
    assert "Max-Age=600" in reply.headers["set-cookie"]
    office.clock.at += 10 * MINUTE
    assert (await late.post("/api/login/second", json={"code": code(office, secret)})).status_code == 401


async def test_who_tries_a_name_from_everywhere_slows_strangers_and_never_a_known_device(
    office: World,
) -> None:
    await an_account(office, "lin", Role.OFFICER)
    known = office.stranger()
    assert (await log_in(known, "lin")).status_code == 200
    for number in range(FAILURES_OF_ACCOUNT):
        await log_in(office.stranger(), "lin", "wrong", **{"x-forwarded-for": f"203.0.113.{number}"})
    elsewhere = {"x-forwarded-for": "198.51.100.7"}
    for _ in range(FAILURES_WHEN_SLOW):
        assert (await log_in(office.stranger(), "lin", "wrong", **elsewhere)).status_code == 401
    slowed = await log_in(office.stranger(), "lin", **elsewhere)
    assert (slowed.status_code, slug(slowed)) == (429, "too-many-failures")
    assert (await log_in(office.stranger(), "lin", **{"x-forwarded-for": "198.51.100.8"})).status_code == 200
    for _ in range(FAILURES_WHEN_SLOW + 1):
        assert (await log_in(known, "lin", "wrong", **elsewhere)).status_code == 401
    assert (await log_in(known, "lin", **elsewhere)).status_code == 200, "the device is known"

    async def audited() -> bool:
        return (await acts(office)).count("login.slowed") == 1

    await soon(audited)
    assert SLOW_MS == HOUR


async def test_a_known_device_is_held_by_itself_and_not_without_end(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    known = office.stranger()
    await log_in(known, "lin")
    for _ in range(FAILURES_OF_ONE):
        assert (await log_in(known, "lin", "wrong")).status_code == 401
    assert (await log_in(known, "lin")).status_code == 429
    assert (await log_in(office.stranger(), "lin")).status_code == 200

    async def audited() -> bool:
        return "login.held" in await acts(office)

    await soon(audited)


async def test_the_device_cookie_opens_nothing_and_names_nobody(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    client = office.stranger()
    reply = await log_in(client, "lin")
    name = office.wired.parts.cookies.device.decode()
    [cookie] = [one for one in reply.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    assert "HttpOnly" in cookie
    assert "lin" not in cookie.partition(";")[0].lower()
    thief = office.stranger()
    thief.cookies.set(name, client.cookies[name])
    assert (await thief.get("/api/me")).status_code == 401


async def test_a_staff_log_in_that_nobody_uses_is_over_and_one_in_use_goes_on(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    used, left = office.stranger(), office.stranger()
    for client in (used, left):
        await log_in(client, "lin")
    for _ in range(5):
        office.clock.at += HOUR
        assert (await used.get("/api/me")).status_code == 200
    assert (await left.get("/api/me")).status_code == 401
    office.clock.at += 7 * HOUR
    assert (await used.get("/api/me")).status_code == 401, "twelve hours are the most"


async def test_a_password_under_older_parameters_is_hashed_anew_at_the_next_log_in(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    weak = Passwords(time_cost=2, memory_cost=512).hash(PASSWORD)
    async with office.wired.database.writing() as connection:
        await connection.execute(update(STAFF).where(STAFF.c.login == "lin").values(password_hash=weak))
    assert (await log_in(office.stranger(), "lin")).status_code == 200

    async def hashed_anew() -> bool:
        async with office.wired.database.reading() as connection:
            held = (await connection.execute(select(STAFF.c.password_hash))).scalar_one()
        return held != weak and not CHEAP.stale(held)

    await soon(hashed_anew, within_s=3)
    assert (await log_in(office.stranger(), "lin")).status_code == 200


async def test_hashing_anew_is_no_change_that_refuses_the_log_in_it_comes_from(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    weak, new = Passwords(time_cost=2, memory_cost=512).hash(PASSWORD), CHEAP.hash(PASSWORD)

    async def at_once(_password: str) -> str:
        return new

    async def hashed_anew() -> bool:
        async with office.wired.database.reading() as connection:
            return (await connection.execute(select(STAFF.c.password_hash))).scalar_one() == new

    accounts = dataclasses.replace(office.wired.parts.accounts, hash_password=at_once)
    app = create_app(dataclasses.replace(office.wired.parts, accounts=accounts))
    for _ in range(5):
        async with office.wired.database.writing() as connection:
            await connection.execute(update(STAFF).where(STAFF.c.login == "lin").values(password_hash=weak))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}
        ) as client:
            assert (await log_in(client, "lin")).status_code == 200
        await soon(hashed_anew, within_s=3)


async def test_a_changed_password_ends_every_other_log_in(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    here, there = office.stranger(), office.stranger()
    for client in (here, there):
        await log_in(client, "lin")

    async def change(old: str, new: str) -> httpx.Response:
        return await here.post("/api/my/password", json={"old": old, "new": new})

    assert slug(await change("wrong", NEW)) == "password-wrong"
    weak = await change(PASSWORD, "lin-lin-lin1")
    assert (slug(weak), weak.json()["reason"]) == ("password-weak", "password-like-owner")
    assert (await change(PASSWORD, PASSWORD)).json()["reason"] == "password-same"
    assert (await change(PASSWORD, NEW)).status_code == 200
    assert (await here.get("/api/me")).status_code == 200
    assert (await there.get("/api/me")).status_code == 401
    assert (await log_in(office.stranger(), "lin")).status_code == 401
    assert (await log_in(office.stranger(), "lin", NEW)).status_code == 200


async def test_a_second_factor_is_taken_away_where_the_role_may_be_without(office: World) -> None:
    await an_account(office, "lin", Role.OFFICER)
    client = office.stranger()
    await log_in(client, "lin")
    secret, _ = await enrolled(office, client)
    body: dict[str, Any] = {"code": code(office, secret)}
    opened(office, forced=True)
    held = office.stranger()
    held.cookies.update(dict(client.cookies))
    assert slug(await held.post("/api/my/second-factor/remove", json=body)) == "second-factor-needed"
    assert (await client.post("/api/my/second-factor/remove", json=body)).status_code == 204
    assert not (await client.get("/api/my/account")).json()["secondFactor"]

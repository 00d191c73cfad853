"""Managing accounts through HTTP: who may what to whom, and that a closed account is out at once."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from exam_api.http import logins
from exam_api.people import Role
from tests.e2e.world import MINUTE, World, soon
from tests.integration.http.accounts import (
    PASSWORD,
    acts,
    an_account,
    browser,
    code,
    enrolled,
    log_in,
    opened,
    slug,
)
from tests.integration.http.test_streams import streamed

USCC = "91350100M000100Y43"


@pytest.fixture
async def house(world: World) -> World:
    """Two institutions, and an officer, an operator and both administrators."""
    opened(world)
    await world.sitting(people=0)
    for name, role, institution_id in (
        ("lin", Role.OFFICER, None),
        ("yunwei", Role.OPERATOR, None),
        ("he", Role.INSTITUTION_ADMIN, world.own),
        ("sun", Role.INSTITUTION_ADMIN, world.other),
    ):
        await an_account(world, name, role, institution_id)
    return world


async def created(client: httpx.AsyncClient, login_name: str, role: Role, **more: Any) -> dict[str, Any]:
    body = {"loginName": login_name, "name": f"{login_name} 老师", "role": role.value, **more}
    reply = await client.post("/api/staff", json=body)
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


async def listed(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    return {row["loginName"]: row for row in (await client.get("/api/staff")).json()["accounts"]}


async def test_a_new_account_chooses_its_own_password_before_anything_else(house: World) -> None:
    admin = await browser(house, "he")
    made = await created(admin, "Guo", Role.INVIGILATOR)
    assert (made["account"]["institution"], made["account"]["mustChange"]) == ("甲培训机构", True)
    guo = house.stranger()
    assert (await log_in(guo, "guo", made["password"])).json()["step"] == "password"
    assert slug(await guo.get("/api/sessions")) == "step-needed"
    reply = await guo.post("/api/my/password", json={"old": made["password"], "new": "three green horses"})
    assert (reply.status_code, reply.json()["step"]) == (200, "")
    assert (await guo.get("/api/sessions")).status_code == 200
    assert (await listed(admin))["guo"]["mustChange"] is False
    assert {"staff.created", "staff.password", "login.opened"} <= set(await acts(house))


async def test_an_institution_sees_and_touches_its_own_staff_only(house: World) -> None:
    admin, other = await browser(house, "he"), await browser(house, "sun")
    made = await created(admin, "guo", Role.INVIGILATOR)
    assert set(await listed(admin)) == {"he", "guo"}
    assert set(await listed(other)) == {"sun"}
    account_id = made["account"]["id"]
    for path in ("disable", "enable", "password", "second-factor/reset"):
        assert slug(await other.post(f"/api/staff/{account_id}/{path}")) == "no-such-account"
    assert slug(await other.get(f"/api/staff/{account_id}/logins")) == "no-such-account"
    for role in (Role.OFFICER, Role.OPERATOR, Role.AUDITOR):
        body = {"loginName": "x" * 4, "name": "某", "role": role.value}
        reply = await admin.post("/api/staff", json=body)
        assert slug(reply) == "account-not-sound", role


async def test_a_closed_account_is_out_at_once_on_every_device(house: World) -> None:
    officer, devices = await browser(house, "lin"), [await browser(house, "he") for _ in range(3)]
    he = (await listed(officer))["he"]["id"]
    assert (await officer.post(f"/api/staff/{he}/disable")).json()["disabledMs"] > 0
    assert [(await one.get("/api/me")).status_code for one in devices] == [401, 401, 401]
    assert (await log_in(house.stranger(), "he")).status_code == 401
    assert (await officer.post(f"/api/staff/{he}/disable")).status_code == 200, "asked again it stays so"
    assert (await officer.post(f"/api/staff/{he}/enable")).json()["disabledMs"] == 0
    assert (await log_in(house.stranger(), "he")).status_code == 200
    found = await acts(house)
    assert (found.count("staff.disabled"), found.count("staff.enabled")) == (1, 1)


async def test_a_closed_account_is_out_of_the_live_wall_too(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logins, "LOOK_S", 0.05)
    sitting = await house.sitting(people=1)
    he = await browser(house, "he")
    async with streamed(house, he, f"/api/sessions/{sitting.id}/watch") as wall:
        await soon(lambda: _is(wall.status == 200))
        house.clock.at += 90 * MINUTE
        account = UUID((await listed(await browser(house, "lin")))["he"]["id"])
        await soon(lambda: _seen_now(house, account))
        house.clock.at += 90 * MINUTE
        assert (await he.get("/api/me")).status_code == 200, "an open wall is a log-in in use"
        again = await browser(house, "lin")
        await again.post(f"/api/staff/{(await listed(again))['he']['id']}/disable")
        await soon(lambda: _is(wall.ended))


async def _seen_now(house: World, account: UUID) -> bool:
    """Whether the open wall has counted as a use of the log-in."""
    (login,) = await house.wired.parts.login.logins.of_subject(account)
    return login.seen_ms == house.clock.at


async def _is(fact: bool) -> bool:  # noqa: FBT001 - what `soon` asks
    return fact


async def test_nobody_changes_their_own_role_or_closes_or_resets_their_own_account(house: World) -> None:
    for name in ("he", "lin", "yunwei"):
        client = await browser(house, name)
        own = (await listed(client))[name]
        assert own["own"] is True
        body = {"role": Role.OPERATOR.value}
        assert slug(await client.post(f"/api/staff/{own['id']}/role", json=body)) == "own-account"
        for path in ("disable", "enable", "password", "second-factor/reset"):
            assert slug(await client.post(f"/api/staff/{own['id']}/{path}")) == "own-account"


async def test_another_role_ends_the_log_ins_that_had_the_old_one(house: World) -> None:
    admin = await browser(house, "he")
    made = await created(admin, "guo", Role.INVIGILATOR)
    guo = house.stranger()
    await log_in(guo, "guo", made["password"])
    path = f"/api/staff/{made['account']['id']}/role"
    changed = await admin.post(path, json={"role": "institution-admin"})
    assert changed.json()["role"] == "institution-admin"
    assert (await guo.get("/api/me")).status_code == 401
    for role, reason in (
        ("officer", "role-has-no-institution"),
        ("ce-platform", "machine-and-person"),
        ("employer-clerk", "role-has-no-institution"),
        ("king", "no-such-role"),
    ):
        refused = await admin.post(path, json={"role": role})
        assert (slug(refused), refused.json()["reason"]) == ("account-not-sound", reason)


async def test_an_operator_manages_every_account_and_sees_no_result(house: World) -> None:
    operator = await browser(house, "yunwei")
    assert set(await listed(operator)) == {"lin", "yunwei", "he", "sun"}
    sitting = await house.sitting(people=1)
    for path in ("/api/sessions", f"/api/sessions/{sitting.id}/results", "/api/pools"):
        assert (await operator.get(path)).status_code == 403
    body = {"loginName": "shenji", "name": "审计员", "role": "auditor"}
    assert (await operator.post("/api/staff", json=body)).status_code == 201


async def test_a_login_name_is_taken_once_whatever_its_case(house: World) -> None:
    officer = await browser(house, "lin")
    body = {"loginName": "YunWei", "name": "另一位", "role": "auditor"}
    assert slug(await officer.post("/api/staff", json=body)) == "login-name-taken"
    body["loginName"] = "不是登录名"
    assert slug(await officer.post("/api/staff", json=body)) == "not-valid"


async def test_an_employers_clerk_belongs_to_the_employer_of_the_credit_code(house: World) -> None:
    officer = await browser(house, "lin")
    given = {"employerUscc": USCC.lower(), "employerName": "青海示例建筑有限公司"}
    made = [await created(officer, name, Role.EMPLOYER_CLERK, **given) for name in ("qiye1", "qiye2")]
    assert {one["account"]["employer"] for one in made} == {"青海示例建筑有限公司"}
    for more, expected in (
        ({}, "account-not-sound"),
        ({"employerUscc": USCC, "employerName": " "}, "account-not-sound"),
        ({"employerUscc": USCC[:-1] + "1", "employerName": "某公司"}, "credit-code-wrong"),
        ({"institutionId": str(house.own), **given}, "account-not-sound"),
    ):
        body = {"loginName": "qiye3", "name": "某", "role": "employer-clerk", **more}
        assert slug(await officer.post("/api/staff", json=body)) == expected


async def test_an_institution_that_is_not_there_is_refused(house: World) -> None:
    officer = await browser(house, "lin")
    body = {"loginName": "wu", "name": "吴", "role": "institution-admin", "institutionId": str(uuid4())}
    body["loginName"] = "wulaoshi"
    refused = await officer.post("/api/staff", json=body)
    assert (slug(refused), refused.json()["reason"]) == ("account-not-sound", "no-such-institution")


async def test_whoever_lost_telephone_and_codes_is_let_in_again_by_another(house: World) -> None:
    officer, he = await browser(house, "lin"), await browser(house, "he")
    await enrolled(house, he)
    row = (await listed(officer))["he"]
    assert row["secondFactor"] is True
    assert (await log_in(house.stranger(), "he")).json()["step"] == "code"
    assert (await officer.post(f"/api/staff/{row['id']}/second-factor/reset")).json()["secondFactor"] is False
    assert (await he.get("/api/me")).status_code == 401
    assert (await log_in(house.stranger(), "he")).json()["step"] == ""
    assert "second-factor.removed" in await acts(house)


async def test_a_reset_password_ends_the_log_ins_and_must_be_changed(house: World) -> None:
    officer, he = await browser(house, "lin"), await browser(house, "he")
    secret, _ = await enrolled(house, he)
    row = (await listed(officer))["he"]
    given = (await officer.post(f"/api/staff/{row['id']}/password")).json()["password"]
    assert (await he.get("/api/me")).status_code == 401
    assert (await log_in(house.stranger(), "he", PASSWORD)).status_code == 401
    client = house.stranger()
    assert (await log_in(client, "he", given)).json()["step"] == "code", "the second factor stays"
    done = await client.post("/api/login/second", json={"code": code(house, secret)})
    assert done.json()["step"] == "password"
    done = await client.post("/api/my/password", json={"old": given, "new": "three green horses"})
    assert done.json()["step"] == ""


async def test_log_ins_are_listed_and_ended_one_by_one_or_all_but_this(house: World) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Edg/120"
    here = house.stranger()
    await log_in(here, "he", **{"user-agent": agent})
    others = [await browser(house, "he") for _ in range(3)]
    house.clock.at += 10 * MINUTE
    await here.get("/api/me")
    told = (await here.get("/api/my/logins")).json()
    [own] = [row for row in told["logins"] if row["here"]]
    assert (own["agent"], own["seenMs"], len(told["logins"])) == ("Windows · Edge", house.clock.at, 4)
    [first, *_] = [row["id"] for row in told["logins"] if not row["here"]]
    assert (await here.post("/api/my/logins/end", json={"id": first})).status_code == 204
    assert slug(await here.post("/api/my/logins/end", json={"id": first})) == "no-such-login"
    assert sorted([(await one.get("/api/me")).status_code for one in others]) == [200, 200, 401]
    assert (await here.post("/api/my/logins/end-others")).json() == {"ended": 2}
    assert (await here.get("/api/me")).status_code == 200
    assert [(await one.get("/api/me")).status_code for one in others] == [401, 401, 401]


async def test_who_manages_an_account_ends_its_log_ins(house: World) -> None:
    officer, he = await browser(house, "lin"), await browser(house, "he")
    row = (await listed(officer))["he"]
    path = f"/api/staff/{row['id']}/logins"
    [one] = (await officer.get(path)).json()["logins"]
    assert one["here"] is False
    assert (await officer.post(f"{path}/end", json={"id": one["id"]})).json() == {"ended": 1}
    assert (await he.get("/api/me")).status_code == 401
    assert slug(await officer.post(f"{path}/end", json={"id": one["id"]})) == "no-such-login"
    assert (await officer.post(f"{path}/end", json={})).json() == {"ended": 0}
    assert "login.ended" in await acts(house)


async def test_a_candidate_logs_out_everywhere_and_sees_only_their_own(house: World) -> None:
    sitting = await house.sitting(people=2)
    mine, other = [await house.device(person) for person in sitting.people]
    again = await house.device(sitting.people[0])
    assert len((await mine.http.get("/api/my/logins")).json()["logins"]) == 2
    theirs = (await other.http.get("/api/my/logins")).json()["logins"][0]["id"]
    assert slug(await mine.http.post("/api/my/logins/end", json={"id": theirs})) == "no-such-login"
    assert (await mine.http.post("/api/logout/everywhere")).status_code == 204
    statuses = [(await one.http.get("/api/me")).status_code for one in (mine, again, other)]
    assert statuses == [401, 401, 200]


async def test_a_machine_calls_with_its_key_and_only_where_machines_may(house: World) -> None:
    officer = await browser(house, "lin")
    made = await created(officer, "jxjy-platform", Role.CE_PLATFORM)
    assert made["password"] == ""
    account_id = made["account"]["id"]
    key = (await officer.post(f"/api/staff/{account_id}/keys")).json()
    assert key["text"].startswith("kwm_")
    assert key["text"].endswith(key["key"]["hint"])
    machine = house.stranger()
    bearer = {"authorization": f"Bearer {key['text']}"}
    me = await machine.get("/api/machine/me", headers=bearer)
    assert (me.status_code, me.json()["id"]) == (200, account_id)
    for path in ("/api/me", "/api/sessions", "/api/staff", "/api/my/logins"):
        assert (await machine.get(path, headers=bearer)).status_code == 401, path
    for wrong in ("", "Bearer ", "Bearer kwm_x", f"Basic {key['text']}", f"Bearer {key['text']}x"):
        reply = await machine.get("/api/machine/me", headers={"authorization": wrong})
        assert reply.status_code == 401, wrong
    assert (await officer.get("/api/machine/me")).status_code == 403
    for password in ("", "!", "nobody has this password"):
        reply = await log_in(house.stranger(), "jxjy-platform", password or " ")
        assert reply.status_code == 401


async def test_keys_overlap_for_a_day_and_end_at_once_when_revoked(house: World) -> None:
    officer = await browser(house, "lin")
    account_id = (await created(officer, "jxjy", Role.CE_PLATFORM))["account"]["id"]
    keys = [(await officer.post(f"/api/staff/{account_id}/keys")).json() for _ in range(2)]
    machine = house.stranger()

    async def status(number: int) -> int:
        headers = {"authorization": f"Bearer {keys[number]['text']}"}
        return (await machine.get("/api/machine/me", headers=headers)).status_code

    assert [await status(0), await status(1)] == [200, 200]
    house.clock.at += 24 * 60 * MINUTE
    officer = await browser(house, "lin")
    assert [await status(0), await status(1)] == [401, 200]
    [left] = (await officer.get(f"/api/staff/{account_id}/keys")).json()["keys"]
    path = f"/api/staff/{account_id}/keys/{left['id']}/revoke"
    assert (await officer.post(path)).status_code == 204
    assert await status(1) == 401
    assert slug(await officer.post(path)) == "no-such-key"
    assert slug(await officer.post(f"/api/staff/{account_id}/password")) == "not-a-machine"
    keys.append((await officer.post(f"/api/staff/{account_id}/keys")).json())
    assert await status(2) == 200
    await officer.post(f"/api/staff/{account_id}/disable")
    assert await status(2) == 401, "a closed machine calls no more"
    assert (await acts(house)).count("machine-key.made") == 3


async def test_a_machine_calls_so_often_in_a_minute(house: World) -> None:
    officer = await browser(house, "lin")
    account_id = (await created(officer, "jxjy", Role.CE_PLATFORM))["account"]["id"]
    key = (await officer.post(f"/api/staff/{account_id}/keys")).json()["text"]
    machine, headers = house.stranger(), {"authorization": f"Bearer {key}"}
    statuses = [(await machine.get("/api/machine/me", headers=headers)).status_code for _ in range(121)]
    assert statuses == [200] * 120 + [429]

"""The console's way from a bank to results, through HTTP."""

import hashlib
import io
import json
from base64 import b64encode
from typing import Any
from uuid import UUID, uuid4

import httpx
import openpyxl
import pytest
from PIL import Image
from sqlalchemy import text

from exam_api.people import Role
from tests.e2e.device import Device
from tests.e2e.world import HOUR, MINUTE, World
from tests.integration.http.people import Known, ask_code, give_code

KINDS = (("判断题", "judge"), ("单项选择题", "single"))


def bank(items: int = 30, *, wrong: bool = False) -> bytes:
    """A bank as institutions keep them; optionally with one row whose key is not among the options."""
    lines = ["题型,题干,选项A,选项B,选项C,选项D,正确答案,难易度,大纲编号"]
    for n in range(items):
        lines.append(
            f"单选题,第{n}题：作业前先检查什么？,甲{n},乙{n},丙{n},丁{n},{'ABCD'[n % 4]},3,1.{n % 3 + 1}"
        )
        lines.append(
            f"判断题,第{n}项：高处作业应系好安全带。,正确,错误,,,{'正确' if n % 2 else '错误'},2,2.1"
        )
    if wrong:
        lines.append("单选题,这一行的答案不在选项里。,甲,乙,,,D,3,1.1")
    return ("\r\n".join(lines) + "\r\n").encode("gb18030")


def roster(*rows: str) -> bytes:
    return ("\n".join(["姓名,身份证号,手机号", *rows]) + "\n").encode()


@pytest.fixture
async def admin(world: World) -> httpx.AsyncClient:
    await world.sitting(people=0)  # makes the institutions
    return await world.staff(Role.INSTITUTION_ADMIN)


async def stored_pool(client: httpx.AsyncClient, data: bytes) -> str:
    reply = await client.post(
        "/api/pools/import",
        content=data,
        params={"filename": "架子工.csv", "store": "true", "title": "架子工"},
    )
    assert reply.status_code == 200, reply.text
    return str(reply.json()["poolId"])


async def published_pool(world: World, client: httpx.AsyncClient) -> str:
    pool_id = await stored_pool(client, bank())
    await world.approve(UUID(pool_id))
    assert (await client.post(f"/api/pools/{pool_id}/publish")).json()["version"] == 1
    return pool_id


def blueprint_in(count: int = 5) -> dict[str, Any]:
    sections = [{"title": title, "kind": kind, "count": count, "pointsCenti": 1000} for title, kind in KINDS]
    return {"title": "小卷", "sections": sections}


async def test_a_bank_is_previewed_and_nothing_is_kept(admin: httpx.AsyncClient) -> None:
    before = (await admin.get("/api/pools")).json()
    told = (
        await admin.post("/api/pools/import", content=bank(wrong=True), params={"filename": "a.csv"})
    ).json()
    assert (told["rows"], told["accepted"], told["rejected"], told["added"]) == (61, 60, 1, 60)
    assert told["problems"][0]["code"] == "E_KEY_NOT_IN_OPTIONS"
    assert told["problems"][0]["row"] == 62
    assert (told["poolId"], told["version"], told["items"][0]["change"]) == (None, None, "added")
    assert (await admin.get("/api/pools")).json() == before


async def test_a_bank_with_a_wrong_row_is_kept_only_where_valid_rows_are_asked_for(
    admin: httpx.AsyncClient,
) -> None:
    params = {"filename": "a.csv", "store": "true"}
    refused = await admin.post("/api/pools/import", content=bank(wrong=True), params=params)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/rows-rejected")
    assert (refused.json()["rejected"], refused.json()["accepted"]) == (1, 60)
    kept = await admin.post(
        "/api/pools/import", content=bank(wrong=True), params=params | {"validRowsOnly": "true"}
    )
    assert kept.json()["version"] == 1


async def test_taking_the_same_bank_again_changes_nothing(admin: httpx.AsyncClient) -> None:
    pool_id = await stored_pool(admin, bank())
    again = await admin.post(
        "/api/pools/import", content=bank(), params={"filename": "a.csv", "store": "true", "poolId": pool_id}
    )
    assert (again.json()["unchanged"], again.json()["added"], again.json()["version"]) == (60, 0, 1)


@pytest.mark.parametrize(
    ("data", "slug"),
    [(b"\x00\x01\x02 no workbook", "not-a-workbook"), ("甲,乙\n1,2\n".encode(), "no-header")],
)
async def test_a_file_that_is_no_bank_is_a_problem(admin: httpx.AsyncClient, data: bytes, slug: str) -> None:
    reply = await admin.post("/api/pools/import", content=data, params={"filename": "a.xlsx"})
    assert (reply.status_code, reply.json()["type"]) == (400, f"/problems/{slug}")


async def test_another_institutions_pool_is_not_there(world: World, admin: httpx.AsyncClient) -> None:
    pool_id = await stored_pool(admin, bank(3))
    other = await world.staff(Role.INSTITUTION_ADMIN, own=False)
    assert pool_id not in {row["id"] for row in (await other.get("/api/pools")).json()["pools"]}
    assert (await other.post(f"/api/pools/{pool_id}/publish")).status_code == 404
    body = blueprint_in()
    assert (
        await other.post("/api/blueprints/check", params={"poolId": pool_id}, json=body)
    ).status_code == 404
    taken = await other.post(
        "/api/pools/import", content=bank(3), params={"filename": "a.csv", "poolId": pool_id}
    )
    assert taken.status_code == 404


async def test_a_blueprint_the_pool_cannot_fill_is_refused_naming_the_cell(
    world: World, admin: httpx.AsyncClient
) -> None:
    pool_id = await published_pool(world, admin)
    body = blueprint_in()
    body["sections"][1]["cells"] = [{"outline": "1.1", "count": 4}, {"outline": "9.9", "count": 1}]
    checked = (await admin.post("/api/blueprints/check", params={"poolId": pool_id}, json=body)).json()
    assert (checked["feasible"], checked["totalCenti"], checked["items"]) == (False, 10_000, 10)
    [missing] = checked["infeasible"]
    assert (missing["section"], missing["cell"], missing["wanted"], missing["available"]) == (1, 1, 1, 0)
    assert "9.9" in missing["message"]["zh"]
    refused = await admin.post("/api/blueprints", params={"poolId": pool_id}, json=body)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/blueprint-not-met")
    assert refused.json()["missing"][0]["available"] == 0


async def test_a_blueprint_with_an_unknown_policy_is_a_problem(
    world: World, admin: httpx.AsyncClient
) -> None:
    pool_id = await published_pool(world, admin)
    body = blueprint_in()
    body["sections"][0]["policy"] = "generous"
    reply = await admin.post("/api/blueprints/check", params={"poolId": pool_id}, json=body)
    assert (reply.status_code, reply.json()["type"]) == (400, "/problems/unknown-policy")


async def session_in(world: World, admin: httpx.AsyncClient) -> dict[str, Any]:
    pool_id = await published_pool(world, admin)
    made = await admin.post("/api/blueprints", params={"poolId": pool_id}, json=blueprint_in())
    return {
        "title": "架子工考试",
        "poolId": pool_id,
        "blueprintId": made.json()["id"],
        "profile": "qh-worker-phone",
        "opensMs": world.clock.at,
        "closesMs": world.clock.at + 2 * HOUR,
    }


async def test_from_a_bank_to_a_score_in_the_results_sheet(world: World, admin: httpx.AsyncClient) -> None:
    planned = await admin.post("/api/sessions", json=await session_in(world, admin))
    session = planned.json()
    assert (session["state"], session["passCenti"], session["fullCenti"]) == ("draft", 6000, 10_000)
    person = Known(uuid4(), "马文海", "11010519491231002X", "")
    taken = await admin.post(
        f"/api/sessions/{session['id']}/roster",
        content=roster(f"{person.name},{person.id_no},13900000001"),
        params={"filename": "名单.csv", "store": "true"},
    )
    assert (taken.json()["stored"], taken.json()["added"]) == (True, 1)
    opened = (await admin.post(f"/api/sessions/{session['id']}/open")).json()
    assert (opened["state"], opened["registrations"]) == ("open", 1)
    again = await admin.post(f"/api/sessions/{session['id']}/open")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/session-state-wrong")
    [listed] = (await admin.get(f"/api/sessions/{session['id']}/registrations")).json()["registrations"]
    assert (listed["idNo"], listed["phone"]) == ("110105********002X", "139****0001")

    phone = world.stranger()
    await give_code(phone, person, await ask_code(phone, person))
    [exam] = (await phone.get("/api/my/exams")).json()["exams"]
    device = Device(phone, now_ms=world.clock.at)
    assert (await device.start(exam["id"])).status_code == 200
    device.choose(0, 1)
    world.clock.at += 6 * MINUTE  # this profile lets nobody hand in during the first five minutes
    score = (await device.submit()).json()["result"]["scoreCenti"]

    sheet = await admin.get(f"/api/sessions/{session['id']}/results.xlsx")
    assert sheet.headers["content-disposition"].startswith("attachment")
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.content)).active.iter_rows(values_only=True))
    assert rows[0][:7] == ("准考证号", "姓名", "身份证号", "状态", "总分", "满分", "是否合格")
    assert rows[1][1:6] == ("马文海", "110105********002X", "已交卷", score / 100, 100)


async def test_tickets_log_their_holders_in(world: World, admin: httpx.AsyncClient) -> None:
    session = (await admin.post("/api/sessions", json=await session_in(world, admin))).json()
    rows = roster("马文海,11010519491231002X,13900000001")
    await admin.post(
        f"/api/sessions/{session['id']}/roster", content=rows, params={"filename": "a.csv", "store": "true"}
    )
    await admin.post(f"/api/sessions/{session['id']}/open")
    [ticket] = (await admin.get(f"/api/sessions/{session['id']}/tickets")).json()["tickets"]
    reply = await world.stranger().post(
        "/api/login/ticket", json={"ticket": ticket["qr"], "lastSix": "31002X"}
    )
    assert reply.json()["name"] == ticket["name"]


async def test_a_roster_with_a_wrong_row_is_not_stored_and_names_it(
    world: World, admin: httpx.AsyncClient
) -> None:
    session = (await admin.post("/api/sessions", json=await session_in(world, admin))).json()
    rows = roster("马文海,11010519491231002X,13900000001", "李建国,110105194912310021,13900000002")
    told = await admin.post(
        f"/api/sessions/{session['id']}/roster", content=rows, params={"filename": "a.csv", "store": "true"}
    )
    assert (told.json()["stored"], told.json()["added"], told.json()["accepted"]) == (False, 0, 1)
    assert [one["row"] for one in told.json()["problems"]] == [3]
    assert "110105194912310021" not in told.text
    listed = await admin.get(f"/api/sessions/{session['id']}/registrations")
    assert listed.json()["registrations"] == []


async def test_a_roster_without_headings_is_a_problem(world: World, admin: httpx.AsyncClient) -> None:
    session = (await admin.post("/api/sessions", json=await session_in(world, admin))).json()
    reply = await admin.post(
        f"/api/sessions/{session['id']}/roster", content=b"a,b\n1,2\n", params={"filename": "a.csv"}
    )
    assert (reply.status_code, reply.json()["type"]) == (400, "/problems/roster-unreadable")


@pytest.mark.parametrize(
    ("changed", "status", "reason"),
    [
        ({"closesMs": 1}, 409, "window-shorter-than-length"),
        ({"passCenti": 10_001}, 409, "pass-mark-above-full-marks"),
        ({"institutionId": str(uuid4())}, 409, "institution-not-yours"),
        ({"profile": "no-such"}, 404, None),
        ({"blueprintId": str(uuid4())}, 404, None),
        ({"poolId": str(uuid4())}, 404, None),
    ],
)
async def test_a_session_that_cannot_be_is_refused(
    world: World, admin: httpx.AsyncClient, changed: dict[str, Any], status: int, reason: str | None
) -> None:
    reply = await admin.post("/api/sessions", json=await session_in(world, admin) | changed)
    assert (reply.status_code, reply.json().get("reason")) == (status, reason)


async def test_an_officer_names_the_institution(world: World, admin: httpx.AsyncClient) -> None:
    body = await session_in(world, admin)
    officer = await world.staff(Role.OFFICER)
    assert (await officer.post("/api/sessions", json=body)).json()["reason"] == "institution-missing"
    listed = (await officer.get("/api/institutions")).json()["institutions"]
    chosen = next(row["id"] for row in listed if row["name"] == "乙培训机构")
    made = await officer.post("/api/sessions", json=body | {"institutionId": chosen})
    assert made.json()["institution"] == "乙培训机构"
    foreign = await world.staff(Role.INSTITUTION_ADMIN, own=False)
    assert [row["id"] for row in (await foreign.get("/api/sessions")).json()["sessions"]] == [
        made.json()["id"]
    ]


async def test_consent_and_reports_are_kept_for_ones_own_exam(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    own = f"/api/my/exams/{sitting.people[0].id}"
    consent = {"choice": "no-photos", "textVersion": "2026-11"}
    assert (await device.http.post(f"{own}/consent", json=consent)).status_code == 204
    assert (await device.http.get("/api/my/exams")).json()["exams"][0]["consent"] == "no-photos"
    await device.start(sitting.people[0].id)
    said = {"slot": 3, "text": "选项 B 与 C 相同"}
    assert (await device.http.post(f"{own}/items/report", json=said)).status_code == 204
    beyond = await device.http.post(f"{own}/items/report", json=said | {"slot": 999})
    assert beyond.status_code == 404


async def test_practice_is_marked_and_kept_nowhere(world: World) -> None:
    sitting = await world.sitting(people=1)
    client = (await world.device(sitting.people[0])).http
    paper = (await client.get("/api/practice")).json()["paper"]
    assert len(paper["items"]) == 5
    assert {item["kind"] for item in paper["items"]} == {"single", "multi", "judge"}
    marked = (await client.post("/api/practice/mark", json={"answers": [1]})).json()
    assert (len(marked["right"]), marked["fullCenti"]) == (5, 10_000)
    assert marked["scoreCenti"] == 2000 * sum(marked["right"])


async def test_anyone_can_check_a_receipt(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    receipt = (await device.submit()).json()["receipt"]
    told = (await world.stranger().post("/api/receipts/verify", json={"receipt": receipt})).json()
    assert (told["valid"], told["attempt"]) == (True, str(sitting.people[0].id))
    head, body, signature = receipt.split(".")
    for forged in (f"{head}.{body[:-4]}AAAA.{signature}", "nonsense"):
        told = (await world.stranger().post("/api/receipts/verify", json={"receipt": forged})).json()
        assert told["valid"] is False


async def test_every_privileged_act_leaves_an_audit_line_that_names_its_actor(
    world: World, admin: httpx.AsyncClient
) -> None:
    session = (await admin.post("/api/sessions", json=await session_in(world, admin))).json()
    rows = roster("马文海,11010519491231002X,13900000001")
    params = {"filename": "a.csv", "store": "true"}
    await admin.post(f"/api/sessions/{session['id']}/roster", content=rows, params=params)
    await admin.post(f"/api/sessions/{session['id']}/open")
    async with world.wired.database.reading() as connection:
        found = await connection.execute(text("select act, actor, body from audit order by no"))
        lines = [(act, body) for act, actor, body in found if actor.startswith("staff:")]
    acts = [act for act, _ in lines]
    assert len(acts) == 6, acts
    assert {"session.planned", "session.registered", "session.announced"} <= set(acts)
    assert "11010519491231002X" not in str(lines)


async def test_a_picture_is_served_by_the_hash_of_its_content_to_people_who_are_logged_in(
    admin: httpx.AsyncClient, world: World
) -> None:
    png = picture()
    sha256 = hashlib.sha256(png).hexdigest()
    pool = {
        "format": "kaowu-pool-1",
        "code": "pictures",
        "title": "图",
        "items": [
            {"id": "a", "kind": "judge", "stem": "如图所示，做法正确。", "key": "正确", "pictures": [sha256]}
        ],
        "pictures": [{"sha256": sha256, "mime": "image/png", "data": b64encode(png).decode()}],
    }
    kept = await admin.post(
        "/api/pools/import", content=json.dumps(pool), params={"filename": "a.json", "store": "true"}
    )
    assert kept.status_code == 200, kept.text
    reply = await admin.get(f"/api/media/{sha256}")
    assert (reply.content, reply.headers["content-type"]) == (png, "image/png")
    assert reply.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert "sandbox" in reply.headers["content-security-policy"]
    assert (await admin.get(f"/api/media/{'0' * 64}")).status_code == 404
    assert (await world.stranger().get(f"/api/media/{sha256}")).status_code == 401


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(out, "PNG")
    return out.getvalue()

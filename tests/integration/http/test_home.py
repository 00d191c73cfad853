"""The home screen's route for every role, and lists that leave as workbooks."""

import io

import openpyxl

from exam_api.people import Role
from tests.e2e.world import World

ROOM = {Role.INVIGILATOR, Role.INSTITUTION_ADMIN, Role.OFFICER}
PEOPLE = [role for role in Role if role not in {Role.CANDIDATE, Role.CE_PLATFORM}]


async def test_everybody_who_works_here_is_told_what_waits(world: World):
    sitting = await world.sitting(people=1)
    for role in PEOPLE:
        reply = await (await world.staff(role)).get("/api/home")
        assert reply.status_code == 200, reply.text
        told = reply.json()
        assert told["away"] == []
        running = [one["id"] for one in told["due"] if one["kind"] == "session-running"]
        assert running == ([str(sitting.id)] if role in ROOM else []), role


async def test_another_institution_is_not_told_of_our_sessions(world: World):
    await world.sitting(people=1)
    told = (await (await world.staff(Role.INSTITUTION_ADMIN, own=False)).get("/api/home")).json()
    assert [one for one in told["due"] if one["kind"].startswith("session")] == []


async def test_machines_and_strangers_have_no_home(world: World):
    assert (await (await world.staff(Role.CE_PLATFORM)).get("/api/home")).status_code == 403
    assert (await world.stranger().get("/api/home")).status_code == 401


async def test_a_list_leaves_as_a_workbook_with_figures_as_figures_and_no_formulas(world: World):
    body = {
        "title": "场次 [2026/11]: 全部",
        "heads": ["名称", "人数", "平均分"],
        "rows": [["=1+1", 12, 83.5], ["架子工", 0, 60.0]],
    }
    reply = await (await world.staff(Role.INVIGILATOR)).post("/api/sheets", json=body)
    assert reply.status_code == 200, reply.text
    sheet = openpyxl.load_workbook(io.BytesIO(reply.content)).active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["名称", "人数", "平均分"],
        ["'=1+1", 12, 83.5],
        ["架子工", 0, 60],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n"}


async def test_every_list_that_leaves_is_an_act_of_whoever_takes_it(world: World):
    body = {"title": "考场实况", "heads": ["准考证号"], "rows": [["T1"]]}
    for own in (True, False):
        for role in PEOPLE:
            told = (await world.audited()).count("read.sheet")
            reply = await (await world.staff(role, own=own)).post("/api/sheets", json=body)
            assert reply.status_code == 200, role
            assert (await world.audited()).count("read.sheet") == told + 1, role


async def test_candidates_machines_and_strangers_write_no_workbooks(world: World):
    (candidate,) = (await world.sitting(people=1)).people
    body = {"title": "考场实况", "heads": ["准考证号"], "rows": []}
    asked = (await world.device(candidate)).http, await world.staff(Role.CE_PLATFORM), world.stranger()
    assert [(await one.post("/api/sheets", json=body)).status_code for one in asked] == [403, 403, 401]
    assert "read.sheet" not in await world.audited()

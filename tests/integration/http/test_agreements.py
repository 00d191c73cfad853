"""Acts of two persons through HTTP, reading as an act, and the audit for those who read it."""

import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx
import openpyxl
import pytest
from sqlalchemy import text

from exam_api.people import Role
from exam_api.store.engine import Database
from tests.e2e.world import MINUTE, Sitting, World

REASON = {"reason": "替考，已核实"}


async def asked(client: httpx.AsyncClient, sitting: Sitting, act: str = "attempt.void") -> str:
    body = {"act": act, "sessionId": str(sitting.id), "attemptId": str(sitting.people[0].id), **REASON}
    reply = await client.post("/api/agreements", json=body)
    assert reply.status_code == 200, reply.text
    (row,) = reply.json()["agreements"]
    assert (row["mine"], row["waitsForMe"], row["label"]) == (True, False, sitting.people[0].ticket_no)
    return str(row["id"])


async def agreed(world: World, client: httpx.AsyncClient, sitting: Sitting, act: str = "attempt.void") -> str:
    agreement = await asked(client, sitting, act)
    second = await world.staff(Role.OFFICER)
    reply = await second.post(f"/api/agreements/{agreement}/agree")
    assert reply.status_code == 200, reply.text
    assert reply.json()["agreements"][0]["answer"] == "agreed"
    return agreement


def place(sitting: Sitting, act: str) -> str:
    return f"/api/sessions/{sitting.id}/attempts/{sitting.people[0].id}/{act}"


async def lines(world: World, *acts: str) -> Sequence[tuple[str, str, str]]:
    """Act, object, actor of the lines whose act begins so."""
    await world.wired.trail.flush()
    async with world.wired.database.reading() as connection:
        rows = await connection.execute(text("select act, object, actor, org from audit order by at_ms, no"))
        return [(row.act, row.object, row.actor) for row in rows if row.act.startswith(acts)]


async def test_a_void_takes_two_persons(world: World) -> None:
    sitting = await world.sitting(people=1)
    officer = await world.staff(Role.OFFICER)
    alone = await officer.post(place(sitting, "void"), json={"agreementId": str(uuid4()), **REASON})
    assert alone.json()["type"] == "/problems/no-such-agreement"
    agreement = await asked(officer, sitting)
    body = {"agreementId": agreement, **REASON}
    early = await officer.post(place(sitting, "void"), json=body)
    assert (early.status_code, early.json()["reason"]) == (409, "waiting")
    own = await officer.post(f"/api/agreements/{agreement}/agree")
    assert (own.status_code, own.json()["reason"]) == (403, "own")
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    (waiting,) = (await admin.get("/api/agreements")).json()["agreements"]
    assert (waiting["id"], waiting["waitsForMe"], waiting["reason"]) == (agreement, True, REASON["reason"])
    assert (await admin.post(f"/api/agreements/{agreement}/agree")).status_code == 200
    changed = await officer.post(place(sitting, "void"), json=body | {"reason": "另一个理由"})
    assert (changed.status_code, changed.json()["reason"]) == (409, "other-act")
    done = await officer.post(place(sitting, "void"), json=body)
    assert (done.status_code, done.json()["state"]) == (200, "void")
    again = await officer.post(place(sitting, "void"), json=body)
    assert again.status_code == 409
    told = await lines(world, "agreement.", "attempt.void")
    assert [act for act, _, _ in told] == [
        "agreement.asked",
        "agreement.agreed",
        "agreement.used",
        "attempt.void",
    ]
    assert {of for _, of, _ in told} == {f"attempt:{sitting.people[0].id}"}
    assert len({actor for _, _, actor in told}) == 2


async def test_the_other_institution_is_no_party(world: World) -> None:
    sitting = await world.sitting(people=1)
    agreement = await asked(await world.staff(Role.OFFICER), sitting)
    foreign = await world.staff(Role.INSTITUTION_ADMIN, own=False)
    assert (await foreign.get("/api/agreements")).json()["agreements"] == []
    for answer in ("agree", "decline", "withdraw"):
        reply = await foreign.post(f"/api/agreements/{agreement}/{answer}")
        assert (reply.status_code, reply.json()["type"]) == (404, "/problems/no-such-agreement")


async def test_an_agreement_is_over_after_a_quarter_of_an_hour(world: World) -> None:
    sitting = await world.sitting(people=1)
    officer = await world.staff(Role.OFFICER)
    agreement = await agreed(world, officer, sitting)
    world.clock.at += 15 * MINUTE
    reply = await officer.post(place(sitting, "void"), json={"agreementId": agreement, **REASON})
    assert (reply.status_code, reply.json()["reason"]) == (409, "over")
    live = await world.exam.live.find(sitting.people[0].id)
    assert live is not None
    assert live.state == "ready"


async def test_an_agreement_is_not_spent_on_what_cannot_be_done(world: World) -> None:
    sitting = await world.sitting(people=1)
    officer = await world.staff(Role.OFFICER)
    one, two = await agreed(world, officer, sitting), await agreed(world, officer, sitting)
    assert (
        await officer.post(place(sitting, "void"), json={"agreementId": one, **REASON})
    ).status_code == 200
    reply = await officer.post(place(sitting, "void"), json={"agreementId": two, **REASON})
    assert reply.json()["type"] == "/problems/act-does-not-fit"
    listed = (await officer.get("/api/agreements")).json()["agreements"]
    assert {row["id"]: row["usedMs"] > 0 for row in listed} == {one: True, two: False}


async def test_a_drawn_paper_is_shown_to_two_persons_once_and_without_keys(world: World) -> None:
    sitting = await world.sitting(people=1, opens_in_ms=20 * MINUTE)
    officer = await world.staff(Role.OFFICER)
    agreement = await agreed(world, officer, sitting, "paper.show")
    body = {"agreementId": agreement, **REASON}
    void = await officer.post(place(sitting, "void"), json=body)
    assert void.json()["reason"] == "other-act"
    shown = await officer.post(place(sitting, "paper"), json=body)
    assert shown.status_code == 200
    assert len(shown.json()["items"]) == 10
    assert not {"key", "rationale"} & {name for item in shown.json()["items"] for name in item}
    again = await officer.post(place(sitting, "paper"), json=body)
    assert (again.status_code, again.json()["reason"]) == (409, "used")
    (read, *_) = await lines(world, "read.paper")
    assert read[1] == f"attempt:{sitting.people[0].id}"


async def test_no_paper_is_shown_while_the_record_cannot_tell_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sitting = await world.sitting(people=1)
    officer = await world.staff(Role.OFFICER)
    await cut_off(world, monkeypatch)
    for path in (f"/api/sessions/{sitting.id}/results.xlsx", "/api/audit.xlsx"):
        reply = await officer.get(path)
        assert (reply.status_code, reply.json()["type"]) == (503, "/problems/record-away"), path
    live = await officer.get(f"/api/sessions/{sitting.id}/live")
    assert live.status_code == 200, "the room is run on"


async def cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record goes away, as a wrong address makes it."""
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    for name in ("_engine", "_reader", "_writer"):
        monkeypatch.setattr(world.wired.database, name, getattr(away, name))


async def test_reading_persons_data_leaves_a_line_and_a_refused_reading_none(world: World) -> None:
    sitting = await world.sitting(people=1)
    officer, foreign = await world.staff(Role.OFFICER), await world.staff(Role.INVIGILATOR, own=False)
    for path in ("registrations", "tickets", "results", "results.xlsx", "live"):
        assert (await officer.get(f"/api/sessions/{sitting.id}/{path}")).status_code == 200
    assert (await foreign.get(f"/api/sessions/{sitting.id}/results")).status_code == 404
    assert (await officer.get("/api/late", params={"session": str(sitting.id)})).status_code == 200
    told = await lines(world, "read.")
    assert sorted((act, of) for act, of, _ in told) == [
        ("read.late", "list:late"),
        ("read.live", f"session:{sitting.id}"),
        ("read.registrations", f"session:{sitting.id}"),
        ("read.results", f"session:{sitting.id}"),
        ("read.results-export", f"session:{sitting.id}"),
        ("read.tickets", f"session:{sitting.id}"),
    ]
    assert len({actor for _, _, actor in told}) == 1


async def test_a_search_for_a_person_is_not_written_down(world: World) -> None:
    auditor = await world.staff(Role.AUDITOR)
    for path in ("/api/audit", "/api/audit.xlsx"):
        reply = await auditor.get(path, params={"actor": "王小明", "object": "person:11010519491231002X"})
        assert reply.status_code == 200
    await world.wired.trail.flush()
    async with world.wired.database.reading() as connection:
        bodies = (await connection.execute(text("select body || object from audit"))).scalars().all()
    assert bodies
    assert not [one for one in bodies if "王小明" in one or "11010519491231002X" in one]


async def audit(client: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    reply = await client.get("/api/audit", params=params)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


async def test_the_audit_is_paged_filtered_and_named(world: World) -> None:
    sitting = await world.sitting(people=1)
    officer = await world.staff(Role.OFFICER)
    await officer.post(place(sitting, "message"), json={"text": "请注意"})
    auditor = await world.staff(Role.AUDITOR)
    whole = (await audit(auditor, limit=500))["lines"]
    paged, after = [], ""
    while True:
        page = await audit(auditor, limit=2, after=after)
        paged += page["lines"]
        after = page["next"]
        if not after:
            break
    assert paged == whole
    assert len(whole) >= 6
    of_school = (await audit(auditor, org=str(world.own)))["lines"]
    assert {row["institution"] for row in of_school} == {"甲培训机构"}
    (row,) = (await audit(auditor, act="attempt."))["lines"]
    assert (row["act"], row["objectName"]) == ("attempt.message", sitting.people[0].ticket_no)
    (row,) = (await audit(officer, act="attempt."))["lines"]
    assert sitting.people[0].name in row["objectName"], "an officer sees candidates by name"
    assert (await audit(auditor, object=f"attempt:{sitting.people[0].id}"))["lines"][0] == {
        **row,
        "objectName": sitting.people[0].ticket_no,
    }
    assert (await audit(auditor, first_day="2099-01-01"))["lines"] == []
    assert len((await audit(auditor, first_day=row["day"], last_day=row["day"], limit=500))["lines"]) >= 6


async def test_the_audit_comes_as_a_workbook(world: World) -> None:
    await world.sitting(people=1)
    reply = await (await world.staff(Role.AUDITOR)).get("/api/audit.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(reply.content)).active
    assert sheet is not None
    acts = [row[3] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert "session.planned" in acts
    assert "read.audit-export" in acts, "the line was there before the workbook"


async def test_the_walk_tells_which_chain_is_not_sound(world: World) -> None:
    await world.sitting(people=1)
    auditor = await world.staff(Role.AUDITOR)
    sound = (await auditor.post("/api/audit/walk", json={})).json()
    assert sound["sound"]
    assert sound["lines"] >= 5
    async with world.wired.database.writing() as connection:
        for guard in ("keep_audit_update", "keep_audit_delete"):
            await connection.execute(text(f"DROP TRIGGER {guard}"))
        await connection.execute(text("UPDATE audit SET act = 'nothing' WHERE act = 'session.announced'"))
    found = (await auditor.post("/api/audit/walk", json={})).json()
    assert not found["sound"]
    assert [(one["fault"], one["institution"]) for one in found["chains"] if one["fault"]] == [
        ("altered", "甲培训机构")
    ]
    department = (await auditor.post("/api/audit/walk", json={"org": str(UUID(int=0))})).json()
    assert department["sound"]


async def test_the_worker_seals_days_that_are_over(world: World) -> None:
    await world.sitting(people=1)
    world.clock.at += 24 * 60 * MINUTE
    await world.worker.seal_turn()
    found = (await (await world.staff(Role.AUDITOR)).get("/api/audit/seals")).json()
    assert len(found["keys"]) == 1
    assert {seal["org"] for seal in found["seals"]} >= {str(world.own), str(UUID(int=0))}

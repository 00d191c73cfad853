"""Persons over HTTP: every role × relation × field on real routes, imports, rights, refusals."""

import io
import json
import zipfile
from typing import Any
from uuid import UUID, uuid4

import httpx
import openpyxl
import xlsxwriter

from enrollment.identity import check_character
from exam_api.console_ports import Act
from exam_api.people import Login, Role
from exam_api.visible import Field, Relation, Show, show
from tests.e2e.world import HOUR, World

HEADS = ["姓名", "身份证号", "手机", "单位名称", "统一社会信用代码", "岗位"]
EMPLOYER, EMPLOYER_CODE = "某某建工", "91350100M000100Y43"
ELSEWHERE, ELSEWHERE_CODE = "别处建工", "11110000000021135M"

SEEN_WHOLE = (
    *(Field.NAME, Field.ID_NUMBER, Field.PHONE, Field.EMPLOYMENT, Field.GIVEN_BY, Field.REGISTRATION),
    *(Field.TICKET, Field.SCORE, Field.PASSED),
)
"""Fields that routes show to everybody whom the table lets see them; of the others routes show no more."""


def an_id_no(n: int) -> str:
    body = f"6330011975{n // 28 % 12 + 1:02d}{n % 28 + 1:02d}{n % 1000:03d}"
    return body + check_character(body)


def book(*rows: list[str]) -> bytes:
    out = io.BytesIO()
    file = xlsxwriter.Workbook(out)
    sheet = file.add_worksheet()
    for n, row in enumerate([HEADS, *rows]):
        for column, cell in enumerate(row):
            sheet.write_string(n, column, cell)
    file.close()
    return out.getvalue()


async def send(client: httpx.AsyncClient, *rows: list[str], store: bool = True) -> dict[str, Any]:
    query = {"filename": "people.xlsx", "store": str(store).lower()}
    reply = await client.post("/api/people/import", params=query, content=book(*rows))
    assert reply.status_code == 200, reply.text
    return reply.json()


def cells_of(content: bytes) -> list[str]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


async def enter(world: World, role: Role, **tenant: UUID | None) -> httpx.AsyncClient:
    login = Login(
        id=uuid4(),
        role=role,
        subject_id=tenant.get("subject_id") or uuid4(),
        institution_id=tenant.get("institution_id"),
        employer_id=tenant.get("employer_id"),
        name="某人",
        since_ms=world.clock.at,
        until_ms=world.clock.at + HOUR,
    )
    return await world.client(login)


class Walk:
    """One person in every relation there is, and a browser for each way of seeing them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.session_id = self.person_id = self.attempt_id = uuid4()
        self.own: dict[str, Any] = {}
        self.ticket = ""
        self.browsers: dict[tuple[Role, Relation], httpx.AsyncClient] = {}

    async def begin(self) -> "Walk":
        world = self.world
        sitting = await world.sitting(people=2, title="考场画布场次")
        person, stranger = sitting.people
        self.session_id, self.person_id, self.ticket = sitting.id, person.person_id, person.ticket_no
        device = await world.device(person)
        await device.start(person.id)
        device.choose(0)
        await device.sync_all()
        await device.submit()
        await world.drain()
        self.own = (await device.http.get("/api/my/data")).json()
        self.attempt_id = person.id
        review = {"reason": "请复核"}
        asked = await device.http.post(f"/api/my/exams/{person.id}/review", json=review)
        assert asked.status_code == 200
        await self._relations(person.person_id, stranger.person_id)
        return self

    async def _relations(self, person_id: UUID, stranger_id: UUID) -> None:
        world, enters = self.world, self.browsers
        lends, imports, nobody = uuid4(), uuid4(), uuid4()
        for n, one in enumerate((lends, imports, nobody)):
            act = Act(actor="system", at_ms=world.clock.at)
            await world.wired.accounts.keep_institution(one, name=f"机构{n}", act=act)
        own, id_no = self.own["name"], self.own["idNo"]
        admin = await enter(world, Role.INSTITUTION_ADMIN, institution_id=world.own)
        await send(admin, [own, id_no, self.own["phone"], EMPLOYER, EMPLOYER_CODE, "工人"])
        importer = await enter(world, Role.INSTITUTION_ADMIN, institution_id=imports)
        await send(importer, [own, id_no, "13955556666", ELSEWHERE, ELSEWHERE_CODE, "工人"])
        officer = await enter(world, Role.OFFICER)
        told = (await officer.get("/api/employers", params={"words": EMPLOYER_CODE})).json()["employers"]
        lent = {"institutions": [str(lends)]}
        assert (await officer.post(f"/api/sessions/{self.session_id}/lenders", json=lent)).status_code == 204
        pair = {
            "act": "paper.show",
            "sessionId": str(self.session_id),
            "attemptId": str(self.attempt_id),
            "reason": "核对试卷",
        }
        assert (await officer.post("/api/agreements", json=pair)).status_code == 200
        candidate = await enter(world, Role.CANDIDATE, subject_id=person_id)
        ask = {"field": "phone", "value": "13612345678", "reason": ""}
        assert (await candidate.post("/api/my/corrections", json=ask)).status_code == 204
        enters |= {
            (Role.CANDIDATE, Relation.OWN): candidate,
            (Role.CANDIDATE, Relation.NOBODY): await enter(world, Role.CANDIDATE, subject_id=stranger_id),
            (Role.INSTITUTION_ADMIN, Relation.REGISTERING): admin,
            (Role.INSTITUTION_ADMIN, Relation.IMPORTING): importer,
            (Role.OFFICER, Relation.DEPARTMENT): officer,
            (Role.AUDITOR, Relation.AUDITOR): await enter(world, Role.AUDITOR),
            (Role.OPERATOR, Relation.OPERATOR): await enter(world, Role.OPERATOR),
            (Role.CE_PLATFORM, Relation.NOBODY): await enter(world, Role.CE_PLATFORM),
        }
        clerk = {"employer_id": UUID(told[0]["id"])}
        enters[Role.EMPLOYER_CLERK, Relation.EMPLOYER] = await enter(world, Role.EMPLOYER_CLERK, **clerk)
        enters[Role.EMPLOYER_CLERK, Relation.NOBODY] = await enter(
            world, Role.EMPLOYER_CLERK, employer_id=uuid4()
        )
        for role, relation, tenant in (
            (Role.INSTITUTION_ADMIN, Relation.LENDING, lends),
            (Role.INSTITUTION_ADMIN, Relation.NOBODY, nobody),
            (Role.INVIGILATOR, Relation.REGISTERING, world.own),
            (Role.INVIGILATOR, Relation.LENDING, lends),
            (Role.INVIGILATOR, Relation.NOBODY, nobody),
            (Role.ITEM_AUTHOR, Relation.NOBODY, world.own),
            (Role.ITEM_REVIEWER, Relation.NOBODY, world.own),
        ):
            enters[role, relation] = await enter(world, role, institution_id=tenant)

    async def replies(self, browser: httpx.AsyncClient) -> dict[str, Any]:
        """Everything that the routes about persons say to a browser; what they refuse says nothing."""
        session = f"/api/sessions/{self.session_id}"
        paths = (
            *(f"/api/people?words={self.own['idNo']}", f"/api/people/{self.person_id}", "/api/employers"),
            *(f"{session}/registrations", f"{session}/tickets", f"{session}/live", f"{session}/results"),
            *("/api/late", "/api/corrections", "/api/erasures", "/api/my/data", "/api/my/consents"),
            *("/api/my/exams", "/api/reviews", "/api/agreements"),
            f"{session}/attempts/{self.attempt_id}/runs",
        )
        found = {path: await browser.get(path) for path in paths}
        number = f"/api/people/{self.person_id}/number"
        found[number] = await browser.post(number, json={"reason": "现场核对"})
        sheet = await browser.get(f"{session}/results.xlsx")
        cells = {"results.xlsx": cells_of(sheet.content)} if sheet.status_code == 200 else {}
        return cells | {
            path.split("?")[0].rsplit("/", 1)[1]: reply.json()
            for path, reply in found.items()
            if reply.status_code == 200
        }

    def seen(self, replies: dict[str, Any]) -> dict[Field, Show]:
        """How far each field is shown in these replies."""
        text = json.dumps(replies, ensure_ascii=False, separators=(",", ":"))
        own = self.own
        masked_phones = (f"{own['phone'][:3]}****{own['phone'][-4:]}", "139****6666")
        mine = replies.get("data", {})
        found = dict.fromkeys(Field, Show.NO)
        found[Field.NAME] = (
            Show.FULL
            if f'"{own["name"]}"' in text
            else Show.MASKED
            if f'"{own["name"][0]}**"' in text
            else Show.NO
        )
        mask = f"{own['idNo'][:6]}********{own['idNo'][-4:]}"
        if f'"{own["idNo"]}"' in text:
            found[Field.ID_NUMBER] = Show.FULL if mine else Show.OPENS
        elif mask in text:
            found[Field.ID_NUMBER] = Show.MASKED
        if f'"{own["phone"]}"' in text:
            found[Field.PHONE] = Show.FULL
        elif any(one in text for one in masked_phones):
            found[Field.PHONE] = Show.MASKED
        given = mine.get("given") or replies.get(str(self.person_id), {}).get("givenBy")
        full = {
            Field.EMPLOYMENT: EMPLOYER in text or ELSEWHERE in text,
            Field.GIVEN_BY: bool(given),
            Field.REGISTRATION: "考场画布场次" in text,
            Field.TICKET: f'"{self.ticket}"' in text,
            Field.LIVE: "live" in replies or "exams" in replies,
            Field.SCORE: '"scoreCenti":' in text.replace('"scoreCenti":null', ""),
            Field.PASSED: '"passed":' in text.replace('"passed":null', ""),
            Field.CONSENTS: "consents" in replies,
            Field.LOG_INS: bool(mine.get("logIns")),
            Field.REASONS: bool(mine.get("notices")),
            Field.REQUESTS: '"asked' in json.dumps(replies.get("corrections", {})) or bool(mine),
        }
        return found | {field: Show.FULL for field, is_shown in full.items() if is_shown}


async def test_no_route_shows_more_of_a_person_than_the_table_says_to_anybody(world: World) -> None:
    walk = await Walk(world).begin()
    order = list(Show)
    walked, wrong = 0, []
    for (role, relation), browser in walk.browsers.items():
        replies = await walk.replies(browser)
        if (role, relation) == (Role.CANDIDATE, Relation.NOBODY):  # their own, never the other's
            replies = {name: reply for name, reply in replies.items() if name not in {"consents", "exams"}}
            assert walk.own["idNo"] not in json.dumps(replies)
            assert walk.ticket not in json.dumps(replies)
            walked += len(Field)
            continue
        seen = walk.seen(replies)
        for field in Field:
            walked += 1
            allowed = show(field, role, relation)
            exact = field in SEEN_WHOLE
            if order.index(seen[field]) > order.index(allowed) or (exact and seen[field] is not allowed):
                wrong.append((str(role), str(relation), str(field), str(seen[field]), str(allowed)))
    assert wrong == []
    assert walked == 17 * len(Field) == 323


async def test_an_importing_institution_reads_its_own_words_and_not_the_others(world: World) -> None:
    walk = await Walk(world).begin()
    told = json.dumps(
        await walk.replies(walk.browsers[Role.INSTITUTION_ADMIN, Relation.IMPORTING]), ensure_ascii=False
    )
    assert ELSEWHERE in told
    assert "139****6666" in told
    assert EMPLOYER not in told
    assert walk.own["phone"][-4:] not in told


async def test_a_lender_sees_seats_and_state_and_may_steer_nothing(world: World) -> None:
    walk = await Walk(world).begin()
    lender = walk.browsers[Role.INVIGILATOR, Relation.LENDING]
    (listed,) = (await lender.get("/api/sessions")).json()["sessions"]
    assert (listed["id"], listed["lent"]) == (str(walk.session_id), True)
    own = walk.browsers[Role.INVIGILATOR, Relation.REGISTERING]
    assert [one["lent"] for one in (await own.get("/api/sessions")).json()["sessions"]] == [False]
    stranger = walk.browsers[Role.INVIGILATOR, Relation.NOBODY]
    assert (await stranger.get("/api/sessions")).json()["sessions"] == []
    live = (await lender.get(f"/api/sessions/{walk.session_id}/live")).json()
    assert {row["state"] for row in live["rows"]} == {"closed", "ready"}
    assert {row["scoreCenti"] for row in live["rows"]} == {None}
    attempt = live["rows"][0]["id"]
    paused = await lender.post(
        f"/api/sessions/{walk.session_id}/attempts/{attempt}/pause", json={"reason": "试试"}
    )
    assert paused.status_code == 404


async def test_one_wrong_row_keeps_the_whole_list_out(world: World) -> None:
    await world.sitting()
    admin = await world.staff("institution-admin")
    rows = [["王小一", an_id_no(1), "13800000001", "", "", ""], ["王小二", "123", "", "", "", ""]]
    told = await send(admin, *rows)
    assert (told["stored"], [one["row"] for one in told["problems"]]) == (False, [3])
    found = (await admin.get("/api/people", params={"words": an_id_no(1)})).json()
    assert found["people"] == []


async def test_a_wrong_credit_code_position_or_date_is_named_by_its_row(world: World) -> None:
    await world.sitting()
    admin = await world.staff("institution-admin")
    told = await send(
        admin,
        ["王小一", an_id_no(1), "", EMPLOYER, "91350100M000100Y44", "工人"],
        ["王小二", an_id_no(2), "", EMPLOYER, "", "工人"],
        ["王小三", an_id_no(3), "", EMPLOYER, EMPLOYER_CODE, "飞行员"],
    )
    assert [(one["row"], one["code"]) for one in told["problems"]] == [
        (2, "E_USCC"),
        (3, "E_USCC_EMPTY"),
        (4, "E_ROLE"),
    ]


async def test_what_others_told_refuses_a_row_and_only_the_person_learns_why(world: World) -> None:
    sitting = await world.sitting()
    candidate = (await world.device(sitting.people[0])).http
    own = (await candidate.get("/api/my/data")).json()
    other = await world.staff("institution-admin", own=False)
    told = await send(other, ["另一个名字", own["idNo"], "", "", "", ""])
    (problem,) = told["problems"]
    assert (problem["code"], problem["message"]["zh"]) == ("E_OTHER_FACTS", "另有情形，请本人查询")
    assert own["name"] not in json.dumps(told, ensure_ascii=False)
    (notice,) = (await candidate.get("/api/my/data")).json()["notices"]
    assert (notice["code"], notice["institution"]) == ("name-differs", "乙培训机构")


async def test_an_export_masks_numbers_and_a_person_takes_everything_of_theirs_away(world: World) -> None:
    walk = await Walk(world).begin()
    reply = await walk.browsers[Role.CANDIDATE, Relation.OWN].get("/api/my/data/file")
    with zipfile.ZipFile(io.BytesIO(reply.content)) as file:
        held = json.loads(file.read("my-data.json"))
        page = file.read("my-data.html").decode()
    assert held["person"]["idNumber"] == walk.own["idNo"]
    assert {"sittings", "attempts", "results", "consents", "item_reports", "log_ins"} <= held.keys()
    assert len(held["results"][0]["chosenOptions"]) == 10
    assert walk.own["idNo"] in page
    told = json.dumps(held, ensure_ascii=False)
    assert not [word for word in ("CANARY", '"key"', "marks", "hash", "token") if word in told]


async def test_a_person_asks_corrects_withdraws_and_is_told_why_deletion_waits(world: World) -> None:
    sitting = await world.sitting()
    candidate = (await world.device(sitting.people[0])).http
    officer = await world.staff("officer")
    wrong = {"field": "phone", "value": "12", "reason": ""}
    assert (await candidate.post("/api/my/corrections", json=wrong)).json()["type"] == "/problems/not-a-value"
    ask = wrong | {"value": "13612345678"}
    assert (await candidate.post("/api/my/corrections", json=ask)).status_code == 204
    assert (await candidate.post("/api/my/corrections", json=ask)).status_code == 409
    (open_one,) = (await officer.get("/api/corrections")).json()["corrections"]
    assert (open_one["new"], "13612345678" in json.dumps(open_one)) == ("136****5678", False)
    decided = await officer.post(f"/api/corrections/{open_one['id']}/decide", json={"grant": True})
    assert decided.json()["state"] == "granted"
    assert (await candidate.get("/api/my/data")).json()["phone"] == "13612345678"
    photos = next(
        one
        for one in (await candidate.get("/api/my/consents")).json()["consents"]
        if one["purpose"] == "photos"
    )
    for given in (True, False):
        body = {"given": given, "textVersion": photos["version"]}
        assert (await candidate.post("/api/my/consents/photos", json=body)).status_code == 204
        world.clock.at += 1
    (exam,) = (await candidate.get("/api/my/exams")).json()["exams"]
    assert exam["consent"] == "no-photos"
    outcome = (await candidate.post("/api/my/erasure", json={})).json()["outcome"]
    assert next(one["why"] for one in outcome if one["kind"] == "identity") == "exam-ahead"
    (erasure,) = (await officer.get("/api/erasures")).json()["erasures"]
    refused = await officer.post(f"/api/erasures/{erasure['id']}/decide", json={"grant": True})
    assert refused.json()["type"] == "/problems/erasure-held"


async def test_a_deleted_person_is_logged_in_nowhere(world: World) -> None:
    sitting = await world.sitting()
    candidate = (await world.device(sitting.people[0])).http
    officer = await world.staff("officer")
    await candidate.post("/api/my/erasure", json={})
    world.clock.at += 40 * 24 * HOUR
    candidate = (await world.device(sitting.people[0])).http
    officer = await world.staff("officer")
    (erasure,) = (await officer.get("/api/erasures")).json()["erasures"]
    done = await officer.post(f"/api/erasures/{erasure['id']}/decide", json={"grant": True})
    assert (done.json()["state"], done.json()["name"]) == ("done", "")
    assert (await candidate.get("/api/my/data")).status_code == 401

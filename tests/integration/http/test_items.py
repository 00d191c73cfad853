"""Items through HTTP: who may do what, what is told about them, and how they come to be published."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from exam_api.people import Role
from tests.e2e.world import World, small_blueprint

WORDED: dict[str, Any] = {
    "kind": "single",
    "stem": "高处作业前应先做什么？",
    "options": [{"text": "检查安全带"}, {"text": "饮酒取暖"}, {"text": "脱下安全帽"}, {"text": "不做什么"}],
    "key": 1,
    "rationale": "高处作业必须先检查防护用品。",
    "difficulty": 2,
    "outline": "1.2",
}


def bank(items: int) -> bytes:
    lines = ["题型,题干,选项A,选项B,选项C,选项D,正确答案,难易度,大纲编号"]
    lines += [
        f"单选题,第{n}题：作业前先检查什么？,甲{n},乙{n},丙{n},丁{n},{'ABCD'[n % 4]},3,1.{n % 3 + 1}"
        for n in range(items)
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


@pytest.fixture
async def author(world: World) -> httpx.AsyncClient:
    await world.sitting(people=0)  # makes the institutions
    return await world.staff(Role.ITEM_AUTHOR)


async def taken_in(client: httpx.AsyncClient, items: int = 3) -> str:
    reply = await client.post(
        "/api/pools/import", content=bank(items), params={"filename": "a.csv", "store": "true"}
    )
    assert reply.status_code == 200, reply.text
    return str(reply.json()["poolId"])


async def listed(client: httpx.AsyncClient, pool_id: str, **query: object) -> list[dict[str, Any]]:
    reply = await client.get(f"/api/pools/{pool_id}/items", params=query)  # type: ignore[arg-type]
    assert reply.status_code == 200, reply.text
    return list(reply.json()["items"])


async def stepped(
    client: httpx.AsyncClient, pool_id: str, step: str, items: list[str], reason: str = ""
) -> dict[str, Any]:
    body = {"step": step, "items": items, "reason": reason}
    reply = await client.post(f"/api/pools/{pool_id}/items/step", json=body)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


async def test_what_an_author_wrote_is_published_after_somebody_else_judged_it(
    world: World, author: httpx.AsyncClient
) -> None:
    pool_id = await taken_in(author)
    reviewer = await world.staff(Role.ITEM_REVIEWER)
    ids = [row["id"] for row in await listed(author, pool_id)]
    refused = await reviewer.post(f"/api/pools/{pool_id}/publish")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/nothing-approved")
    assert (refused.json()["drafts"], refused.json()["reviewed"]) == (3, 0)
    assert (await stepped(reviewer, pool_id, "review", ids))["done"] == ids
    assert (await stepped(reviewer, pool_id, "approve", ids[:2]))["done"] == ids[:2]
    published = (await reviewer.post(f"/api/pools/{pool_id}/publish")).json()
    assert (published["version"], published["leftOut"]) == (1, 1)
    version = await world.wired.parts.console.pools.published(UUID(pool_id))
    assert version is not None
    assert [item.id for item in version.items] == ids[:2]
    states = [row["state"] for row in await listed(author, pool_id)]
    assert states == ["approved", "approved", "reviewed"]


async def test_nobody_judges_what_they_wrote_and_the_rest_of_a_bulk_act_is_done(
    world: World, author: httpx.AsyncClient
) -> None:
    admin = await world.staff(Role.OFFICER)
    pool_id = await taken_in(author, 2)
    mine = (await admin.post(f"/api/pools/{pool_id}/item", json={"item": WORDED})).json()["id"]
    ids = [row["id"] for row in await listed(admin, pool_id)]
    told = await stepped(admin, pool_id, "review", ids)
    assert mine in ids
    assert (len(told["done"]), told["refused"]) == (2, [{"id": mine, "slug": "own-wording"}])
    assert (await stepped(admin, pool_id, "approve", [mine]))["refused"][0]["slug"] == "step-does-not-fit"


@pytest.mark.parametrize(
    ("role", "step", "slug"),
    [
        (Role.ITEM_AUTHOR, "review", "not-your-part"),
        (Role.ITEM_AUTHOR, "approve", "not-your-part"),
        (Role.ITEM_AUTHOR, "retire", "not-your-part"),
        (Role.ITEM_REVIEWER, "retire", "reason-missing"),
    ],
)
async def test_a_step_that_is_not_ones_part_is_refused(
    world: World, author: httpx.AsyncClient, role: Role, step: str, slug: str
) -> None:
    pool_id = await taken_in(author, 1)
    [row] = await listed(author, pool_id)
    client = await world.staff(role)
    assert (await stepped(client, pool_id, step, [row["id"]]))["refused"] == [{"id": row["id"], "slug": slug}]


async def test_a_reviewer_does_not_write_and_a_stranger_to_the_pool_does_not_find_it(
    world: World, author: httpx.AsyncClient
) -> None:
    pool_id = await taken_in(author, 1)
    reviewer = await world.staff(Role.ITEM_REVIEWER)
    written = await reviewer.post(f"/api/pools/{pool_id}/item", json={"item": WORDED})
    assert (written.status_code, written.json()["type"]) == (403, "/problems/not-allowed")
    [row] = await listed(author, pool_id)
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    for path in ("items", "item"):
        reply = await admin.get(f"/api/pools/{pool_id}/{path}", params={"id": row["id"]})
        assert (reply.status_code, reply.json()["type"]) == (404, "/problems/no-such-pool"), path
    body = {"step": "review", "items": [row["id"]]}
    assert (await admin.post(f"/api/pools/{pool_id}/items/step", json=body)).status_code == 404


async def test_whoever_may_draw_from_a_pool_reads_its_outline_and_changes_nothing(
    world: World, author: httpx.AsyncClient
) -> None:
    pool_id = await taken_in(author, 1)
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    assert (await admin.get(f"/api/pools/{pool_id}/outline")).status_code == 200
    written = await admin.post(f"/api/pools/{pool_id}/outline", json={"nodes": []})
    assert (written.status_code, written.json()["type"]) == (404, "/problems/no-such-pool")


@pytest.mark.parametrize("role", [Role.INVIGILATOR, Role.AUDITOR, Role.OPERATOR])
async def test_roles_that_do_not_work_on_items_see_no_key(
    world: World, author: httpx.AsyncClient, role: Role
) -> None:
    pool_id = await taken_in(author, 1)
    [row] = await listed(author, pool_id)
    client = await world.staff(role)
    for path in ("items", "item"):
        reply = await client.get(f"/api/pools/{pool_id}/{path}", params={"id": row["id"]})
        assert reply.status_code == 403


async def test_a_new_wording_is_a_draft_while_the_approved_one_goes_on_being_drawn(
    world: World, author: httpx.AsyncClient
) -> None:
    pool_id = await taken_in(author, 1)
    await world.approve(UUID(pool_id))
    [row] = await listed(author, pool_id)
    body = {"id": row["id"], "base": row["version"], "item": WORDED}
    sheet = (await author.post(f"/api/pools/{pool_id}/item", json=body)).json()
    assert (sheet["state"], len(sheet["wordings"]), sheet["drawn"]) == ("draft", 2, row["version"])
    again = await author.post(f"/api/pools/{pool_id}/item", json=body)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wording-moved")
    query = {"id": row["id"], "before": 1, "after": 2}
    change = (await author.get(f"/api/pools/{pool_id}/item/change", params=query)).json()
    assert "".join(span["text"] for span in change["stem"] if span["did"] != "gone") == WORDED["stem"]
    assert {one["field"] for one in change["fields"]} >= {"difficulty", "outline"}
    officer = await world.staff(Role.OFFICER)
    assert (await officer.post(f"/api/pools/{pool_id}/publish")).json()["version"] == 1
    version = await world.wired.parts.console.pools.published(UUID(pool_id))
    assert version is not None
    assert [item.stem for item in version.items] == ["第0题：作业前先检查什么？"]


async def test_an_unsound_wording_is_told_field_by_field_and_not_kept(author: httpx.AsyncClient) -> None:
    pool_id = await taken_in(author, 1)
    wrong = WORDED | {"stem": " ", "key": 3, "outline": "1.x", "difficulty": 0}
    told = (await author.post("/api/items/check", json=wrong)).json()["faults"]
    assert {one["field"] for one in told} == {"stem", "key", "outline", "difficulty"}
    kept = await author.post(f"/api/pools/{pool_id}/item", json={"item": wrong})
    assert (kept.status_code, kept.json()["type"]) == (409, "/problems/bad-pool")
    assert len(await listed(author, pool_id)) == 1


async def test_sending_back_says_why_to_the_author(world: World, author: httpx.AsyncClient) -> None:
    pool_id = await taken_in(author, 1)
    [row] = await listed(author, pool_id)
    reviewer = await world.staff(Role.ITEM_REVIEWER)
    await stepped(reviewer, pool_id, "review", [row["id"]])
    await stepped(reviewer, pool_id, "send-back", [row["id"]], "丁项太明显")
    sheet = (await author.get(f"/api/pools/{pool_id}/item", params={"id": row["id"]})).json()
    assert (sheet["state"], [one["text"] for one in sheet["comments"]]) == ("draft", ["丁项太明显"])
    waits = {one["poolId"]: one for one in (await author.get("/api/items/waiting")).json()["pools"]}
    assert (waits[pool_id]["ownDrafts"], waits[pool_id]["sentBack"]) == (1, 1)
    judged = {one["poolId"]: one for one in (await reviewer.get("/api/items/waiting")).json()["pools"]}
    assert (judged[pool_id]["toReview"], judged[pool_id]["ownDrafts"]) == (1, 0)


async def test_a_candidates_complaint_is_listed_without_the_candidate_and_closed_with_a_reason(
    world: World,
) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    said = {"slot": 3, "text": "选项 B 与 C 相同"}
    own = f"/api/my/exams/{sitting.people[0].id}/items/report"
    assert (await device.http.post(own, json=said)).status_code == 204
    author = await world.staff(Role.ITEM_AUTHOR)
    [complaint] = (await author.get("/api/complaints")).json()["complaints"]
    assert complaint["text"] == said["text"]
    assert str(sitting.people[0].id) not in str(complaint)
    assert sitting.people[0].name not in str(complaint)
    pool_id = complaint["poolId"]
    [line] = await listed(author, pool_id, reported="true")
    assert (line["id"], line["reports"]) == (complaint["itemId"], 1)
    foreign = await world.staff(Role.INSTITUTION_ADMIN)
    body = {"outcome": "unfounded", "reason": "两项不同"}
    assert (await foreign.get("/api/complaints")).json()["complaints"] == []
    path = f"/api/complaints/{complaint['id']}/answer"
    assert (await foreign.post(path, json=body)).status_code == 404
    assert (await author.post(path, json=body)).status_code == 204
    assert (await author.post(path, json=body)).status_code == 404
    assert (await author.get("/api/complaints")).json()["complaints"] == []
    closed = (await author.get("/api/complaints", params={"open": "false"})).json()["complaints"]
    assert [(one["outcome"], one["reason"]) for one in closed] == [("unfounded", "两项不同")]


async def test_an_outline_is_kept_whole_with_its_shares(author: httpx.AsyncClient) -> None:
    pool_id = await taken_in(author, 6)
    nodes = [
        {"code": "1", "title": "安全", "weight": 3},
        {"code": "2", "title": "技术", "weight": 1},
        {"code": "1.1", "title": "用电", "weight": 1},
        {"code": "1.2", "title": "登高", "weight": 2},
    ]
    kept = await author.post(f"/api/pools/{pool_id}/outline", json={"nodes": nodes})
    told = {one["code"]: (one["items"], one["sharePpm"], one["listed"]) for one in kept.json()["branches"]}
    assert told == {
        "1": (6, 750_000, True),
        "1.1": (2, 250_000, True),
        "1.2": (2, 500_000, True),
        "1.3": (2, 0, False),
        "2": (0, 250_000, True),
    }
    broken = await author.post(f"/api/pools/{pool_id}/outline", json={"nodes": nodes[2:]})
    assert (broken.status_code, broken.json()["type"]) == (409, "/problems/bad-outline")


async def test_drawn_items_are_found_by_how_often_they_were_drawn(world: World) -> None:
    await world.sitting(people=2, blueprint=small_blueprint())
    author = await world.staff(Role.ITEM_AUTHOR)
    [pool] = (await author.get("/api/pools")).json()["pools"]
    often = await listed(author, pool["id"], drawnFrom=1, limit=200)
    never = await listed(author, pool["id"], drawnTo=0, limit=200)
    assert (len(often) + len(never), sum(row["drawn"] for row in often)) == (28, 20)


async def test_every_act_leaves_an_audit_line(world: World, author: httpx.AsyncClient) -> None:
    pool_id = await taken_in(author, 1)
    [row] = await listed(author, pool_id)
    reviewer = await world.staff(Role.ITEM_REVIEWER)
    await stepped(reviewer, pool_id, "review", [row["id"]])
    await stepped(reviewer, pool_id, "approve", [row["id"]])
    await stepped(reviewer, pool_id, "retire", [row["id"]], "法规已修订")
    await stepped(reviewer, pool_id, "restore", [row["id"]], "法规又改回")
    body = {"id": row["id"], "text": "请看解析"}
    await author.post(f"/api/pools/{pool_id}/item/comment", json=body)
    change = {"id": row["id"], "base": row["version"], "item": WORDED}
    await author.post(f"/api/pools/{pool_id}/item", json=change)
    acts = await world.audited()
    assert acts[-6:] == [
        "item.reviewed",
        "item.approved",
        "item.retired",
        "item.restored",
        "item.commented",
        "item.worded",
    ]

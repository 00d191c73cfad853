"""Banks in and out through HTTP: columns by hand, near duplicates beside each other, whole pools as files."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from exam_api.people import Role
from tests.e2e.world import World
from tests.fixtures.pools.documents import document
from tests.fixtures.pools.workbooks import L9, csv_file, picture, xlsx

STEM = "脚手架连墙件必须随作业层的升高及时设置，其间距应当符合专项方案的要求"
ODD = [("某单位题库", "", "", ""), ("问", "一", "二", "对的"), ("戴什么？", "帽", "鞋", "A")]
MAPPING = {"A": "stem", "B": "option-a", "C": "option-b", "D": "key"}


def row(stem: str, *, kind: str = "单选题", key: str = "A") -> tuple[str, ...]:
    return (kind, stem, "随层", "完工后", "随意", "不设", key, "", "", "", "")


@pytest.fixture
async def admin(world: World) -> httpx.AsyncClient:
    await world.sitting(people=0)  # makes the institutions
    return await world.staff(Role.INSTITUTION_ADMIN)


async def taken(client: httpx.AsyncClient, data: bytes, filename: str, **params: str | int) -> httpx.Response:
    return await client.post("/api/pools/import", content=data, params={"filename": filename, **params})


async def stored(client: httpx.AsyncClient, data: bytes, filename: str, **params: str) -> str:
    reply = await taken(client, data, filename, store="true", **params)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["poolId"])


async def exported(client: httpx.AsyncClient, pool_id: str, kind: str) -> httpx.Response:
    return await client.get(f"/api/pools/{pool_id}/export", params={"format": kind})


async def acts(world: World) -> list[Any]:
    async with world.wired.database.reading() as connection:
        found = await connection.execute(text("select act, actor, object, body from audit order by at_ms"))
        return list(found)


async def test_an_unknown_header_is_refused_showing_the_columns_and_then_read_as_a_person_says(
    admin: httpx.AsyncClient,
) -> None:
    data = xlsx({"题": ODD})
    refused = await taken(admin, data, "a.xlsx")
    assert (refused.status_code, refused.json()["type"]) == (400, "/problems/no-header")
    (glance,) = refused.json()["glances"]
    assert (glance["sheet"], glance["columns"]) == ("题", ["A", "B", "C", "D"])
    assert glance["rows"][1] == {"number": 2, "cells": ["问", "一", "二", "对的"]}
    reply = await taken(admin, data, "a.xlsx", mapping=json.dumps(MAPPING), headerRow=2, sheet="题")
    assert (reply.json()["accepted"], reply.json()["rejected"]) == (1, 0)
    assert reply.json()["items"][0]["options"] == ["帽", "鞋"]
    kept = await taken(admin, data, "a.xlsx", mapping=json.dumps(MAPPING), headerRow=2, store="true")
    assert kept.json()["version"] == 1


@pytest.mark.parametrize(
    ("mapping", "slug"),
    [
        ('{"A": "stem"}', "bad-mapping"),
        ('{"A": "stem", "Z": "key"}', "bad-mapping"),
        ('{"A": 1}', "not-valid"),
        ("{", "not-json"),
        ("x" * 5_000, "not-valid"),
    ],
)
async def test_a_mapping_that_cannot_be_is_a_problem(
    admin: httpx.AsyncClient, mapping: str, slug: str
) -> None:
    reply = await taken(admin, xlsx({"题": ODD}), "a.xlsx", mapping=mapping)
    assert (reply.status_code, reply.json()["type"]) == (400, f"/problems/{slug}")


async def test_a_near_duplicate_is_shown_with_the_other_item(admin: httpx.AsyncClient) -> None:
    pool_id = await stored(admin, csv_file([L9, row(STEM)]), "a.csv")
    data = csv_file([L9, row("完全不同的一个问题是什么呢"), row(STEM + "吗"), row("?", kind="计算题")])
    told = (await taken(admin, data, "b.csv", poolId=pool_id)).json()
    near, wrong = told["problems"]
    assert (near["code"], near["row"], wrong["code"], wrong["row"]) == ("W_NEAR_DUP", 3, "E_TYPE", 4)
    assert (near["other"]["stem"], near["other"]["row"], near["other"]["percent"] >= 62) == (STEM, 0, True)
    assert {"column": "B", "text": STEM + "吗"} in near["cells"]
    assert [(one["sheet"], one["row"]) for one in told["items"]] == [("b", 2), ("b", 3)]
    assert wrong["other"] is None


async def test_word_blocks_and_json_are_taken_in(admin: httpx.AsyncClient) -> None:
    blocks = document("【试题类型】单选题", "【题目】哪个？A.甲 B.乙", "【答案】A")
    assert (await taken(admin, blocks, "a.docx")).json()["layout"] == "L3"
    beans = [{"quType": 1, "quContent": "一？", "quA": "甲", "quB": "乙", "quAnswer": "B"}]
    assert (await taken(admin, json.dumps(beans).encode(), "a.json")).json()["layout"] == "L7"


@pytest.mark.parametrize("kind", ["xlsx", "json"])
async def test_what_is_exported_and_imported_again_changes_nothing(
    world: World, admin: httpx.AsyncClient, kind: str
) -> None:
    data = xlsx(
        {
            "题库": [
                L9,
                row(STEM),
                row("应当怎样？", kind="多选题", key="AC"),
                row("可以。", kind="判断题", key="对"),
            ]
        },
        pictures=[("题库", "B2", picture())],
    )
    pool_id = await stored(admin, data, "a.xlsx", title="架子工/2026")
    reply = await exported(admin, pool_id, kind)
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    assert "filename*=UTF-8''%E6%9E%B6%E5%AD%90%E5%B7%A5" in reply.headers["content-disposition"]
    again = (await taken(admin, reply.content, f"again.{kind}", poolId=pool_id, store="true")).json()
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 3)
    assert (again["version"], again["pictures"]) == (1, 1)
    assert b"salt" not in reply.content
    (line,) = [one for one in await acts(world) if one.act == "pool.exported"]
    assert (line.object, json.loads(line.body)) == (
        f"pool:{pool_id}",
        {"format": kind, "items": 3, "number": 1},
    )
    assert line.actor.startswith("staff:")


async def test_a_pool_is_exported_to_its_own_tenant_only(world: World, admin: httpx.AsyncClient) -> None:
    pool_id = await stored(admin, csv_file([L9, row(STEM)]), "a.csv")
    other = await world.staff(Role.INSTITUTION_ADMIN, own=False)
    assert (await exported(other, pool_id, "xlsx")).status_code == 404
    assert (await exported(admin, str(uuid4()), "xlsx")).status_code == 404
    invigilator = await world.staff(Role.INVIGILATOR)
    assert (await exported(invigilator, pool_id, "xlsx")).status_code == 403
    assert (await exported(admin, pool_id, "pdf")).status_code == 400
    assert [one for one in await acts(world) if one.act == "pool.exported"] == []


async def test_what_a_workbook_cannot_hold_is_told_and_json_holds_it(admin: httpx.AsyncClient) -> None:
    long = {"kind": "judge", "stem": "甲", "key": "正确", "rationale": "\ufffe"}
    file = {"format": "kaowu-pool-1", "code": "p", "title": "p", "items": [long]}
    pool_id = await stored(admin, json.dumps(file).encode(), "a.json")
    refused = await exported(admin, pool_id, "xlsx")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/cannot-export")
    assert (await exported(admin, pool_id, "json")).json()["items"][0]["rationale"] == "\ufffe"

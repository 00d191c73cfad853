"""W1, W12: marks planted in every key and rationale come out of no route that a candidate can reach."""

import gzip
from pathlib import Path
from typing import Any

import httpx
import msgspec

from exam_api.app import create_litestar
from exam_api.demo.load import load_demo  # the demo's pools are what bundles could leak
from exam_api.http.openapi import declared
from exam_api.people import Role
from question_pools.exchange.pool_json import read_json
from tests.e2e.canary import leaks, marks_in, schema_leaks
from tests.e2e.device import Device
from tests.e2e.world import CANARY, Sitting, World, small_pool

DEMO = Path(load_demo.__code__.co_filename).parent / "pools"


async def _marks(world: World, sitting: Sitting, code: str) -> list[bytes]:
    """The rationales as planted, and every key beside its item version as JSON would write it."""
    keys = await world.keys(sitting.id)
    pairs = [f'"{version}":{key}'.encode() for version, key in keys.items()]
    return [CANARY.split("{}")[0].encode(), code.encode(), *pairs]


async def _crawl(world: World, device: Device, sitting: Sitting) -> list[tuple[str, bytes]]:
    """Every reply that this candidate can get: all GET routes, and the posts of an exam."""
    person = sitting.people[0]
    replies: list[tuple[str, bytes]] = []

    def take(path: str, reply: httpx.Response) -> None:
        replies.append((path, reply.content))

    take("/api/attempt/start", await device.start(person.id))
    device.choose(0, 1)
    take("/api/attempt/sync", await device.sync(wantSide=True))
    practice = {"answers": [1, 1, 1, 1, 1]}
    take("/api/practice/mark", await device.http.post("/api/practice/mark", json=practice))
    report = {"slot": 0, "text": "题干看不清"}
    url = f"/api/my/exams/{person.id}/items/report"
    take(url, await device.http.post(url, json=report))
    for path, method, access in declared(create_litestar(world.wired.parts)):
        if method != "GET" or access is None or path.endswith(("/down", "/watch")):
            continue
        filled = (
            path.replace("{attempt_id}", str(person.id))
            .replace("{session_id}", str(sitting.id))
            .replace("{registration_id}", str(person.id))
        )
        if "{" in filled:
            filled = filled[: filled.index("{")] + "0" * 64
        take(path, await device.http.get(filled))
    take("/api/attempt/submit", await device.submit())
    take("/api/my/exams", await device.http.get("/api/my/exams"))
    take("result", await device.http.get(f"/api/my/exams/{person.id}/result"))
    return replies


async def test_no_mark_comes_out_of_any_route_during_and_after_an_exam(world: World) -> None:
    pool = small_pool("canarypool")
    sitting = await world.sitting(people=1, pool=pool)
    device = await world.device(sitting.people[0])
    marks = await _marks(world, sitting, "canarypool-")
    replies = await _crawl(world, device, sitting)
    assert len(replies) > 15
    assert [found for path, body in replies for found in leaks(path, body, marks)] == []


async def test_no_schema_that_a_candidate_can_get_has_a_field_for_a_key(world: World) -> None:
    client = world.stranger()
    document: dict[str, Any] = (await client.get("/openapi.json")).json()
    roles = frozenset({str(Role.CANDIDATE), "attempt", "anyone"})
    assert schema_leaks(document, roles) == []
    assert len(document["paths"]) > 30


async def test_the_canary_notices_a_planted_leaky_route(world: World) -> None:
    pool = small_pool("leaky")
    sitting = await world.sitting(people=1, pool=pool)
    marks = await _marks(world, sitting, "leaky-")
    held = await world.keys(sitting.id)
    edit_view = msgspec.json.encode({"items": [msgspec.to_builtins(item) for item in pool.items]})
    book = msgspec.json.encode(dict(held))
    for leak in (edit_view, gzip.compress(edit_view), book, b'{"a":[{"correctArray":["A"]}]}'):
        assert leaks("/api/exam/edit", leak, marks)


async def test_the_canary_notices_a_planted_leaky_struct(world: World) -> None:
    document: dict[str, Any] = (await world.stranger().get("/openapi.json")).json()
    answers = document["components"]["schemas"]
    name = next(name for name in answers if name.endswith("PaperItem"))
    answers[name]["properties"]["correct"] = {"type": "integer"}
    roles = frozenset({str(Role.CANDIDATE), "attempt", "anyone"})
    assert any("/api/attempt/start" in found for found in schema_leaks(document, roles))


def test_no_rationale_of_the_demo_is_in_the_pages_and_a_planted_one_is_noticed() -> None:
    marks = [
        item.rationale.encode()
        for path in DEMO.glob("*.json")
        for item in read_json(path.read_bytes())[0].items
        if item.rationale
    ]
    assert len(marks) > 100
    dist = Path(__file__).parents[2] / "web" / "dist"
    assert dist.is_dir(), "the pages are not built: run `make web`"
    files = [(str(path.relative_to(dist)), path.read_bytes()) for path in dist.rglob("*") if path.is_file()]
    assert marks_in(files, marks) == []
    planted = f'const a="{marks[0].decode()}"'.encode()
    escaped = planted.decode().encode("ascii", "backslashreplace")
    assert (
        len(marks_in([("a.js", planted), ("b.js", escaped), ("c.js.gz", gzip.compress(planted))], marks)) == 3
    )

"""Blueprints through HTTP: what a check tells, who may look at papers, what a second paper avoids."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from sqlalchemy import select

from exam_api.cli.show_paper import shown_items
from exam_api.console_ports import Act, NewRegistration, PlanAsk
from exam_api.people import Role
from exam_api.store.audit import AUDIT
from exam_api.usecases.arm_session import arm_one, arm_session
from question_pools.blueprint import Blueprint, Cell, Section
from question_pools.draw import Paper, drawn_again
from question_pools.errors import OverlapNotMet
from question_pools.items import Item, ItemId, Kind, Option, Pool
from tests.e2e.world import HOUR, World

DAY = 24 * HOUR


def a_pool(items: int = 30) -> Pool:
    made = (
        Item(
            id=ItemId(f"q{n}"),
            kind=Kind.SINGLE,
            stem=f"第 {n} 题：作业前先检查什么？",
            options=tuple(Option(f"{letter}{n}") for letter in "甲乙丙丁"),
            key=1 << n % 4,
            difficulty=1 + n % 5,
            outline=f"1.{n % 3 + 1}",
        )
        for n in range(items)
    )
    return Pool(f"p-{uuid4().hex[:8]}", "架子工", tuple(made))


def a_blueprint(**bounds: Any) -> Blueprint:
    section = Section(
        "单选题", Kind.SINGLE, 10, 1_000, "all_or_nothing", cells=(Cell(count=4, outline="1.1"),)
    )
    return Blueprint("b", "小卷", (section,), **bounds)


def asked(*cells: dict[str, Any], count: int = 10, **bounds: Any) -> dict[str, Any]:
    section = {"title": "单选题", "kind": "single", "count": count, "pointsCenti": 1000, "cells": list(cells)}
    return {"title": "小卷", "sections": [section], **bounds}


async def kept_pool(world: World, pool: Pool | None = None) -> UUID:
    await world.sitting(people=0)  # makes the institutions
    act = Act(actor="system", at_ms=world.clock.at)
    pools = world.wired.parts.console.pools
    stored = await pools.store(pool or a_pool(), (), pool_id=None, institution_id=None, act=act)
    await world.approve(stored.pool_id)
    await pools.publish(stored.pool_id, act=act)
    return stored.pool_id


async def checked(client: httpx.AsyncClient, pool_id: UUID, made: dict[str, Any]) -> Any:
    reply = await client.post("/api/blueprints/check", json=made, params={"poolId": str(pool_id)})
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_a_check_tells_every_row_and_what_papers_will_be_like(world: World) -> None:
    pool_id = await kept_pool(world)
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    told = await checked(admin, pool_id, asked({"outline": "1.1", "count": 4}))
    assert [(row["cell"], row["wanted"], row["there"]) for row in told["cells"]] == [
        (0, 4, 10),
        (None, 6, 30),
    ]
    assert sum(told["outlook"]["levelsCenti"]) == pytest.approx(1000, abs=3)
    assert told["outlook"]["exact"] is True
    assert told["repeat"] == {"most": 2, "least": None}


async def test_a_repair_that_is_taken_makes_the_row_whole(world: World) -> None:
    pool_id = await kept_pool(world)
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    cell = {"outline": "1.1", "difficulty": 5, "count": 4}
    (short,) = (await checked(admin, pool_id, asked(cell)))["infeasible"]
    assert (short["cell"], short["wanted"], short["available"]) == (0, 4, 2)
    wider, *_ = short["repairs"]
    assert (wider["what"], wider["difficulty"], wider["hardest"]) == ("difficulty", 4, 5)
    again = await checked(admin, pool_id, asked(cell | {"difficulty": 4, "hardest": 5}))
    assert again["feasible"] is True


async def test_a_pool_too_small_for_a_cap_is_told_as_such(world: World) -> None:
    pool_id = await kept_pool(world)
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    made = asked({"outline": "1.1", "count": 4}, sharePercent=35)
    (short,) = (await checked(admin, pool_id, made))["infeasible"]
    assert (short["available"], short["sharePercent"]) == (3, 35)
    assert "35%" in short["message"]["zh"]
    assert short["repairs"][0] | {"there": 0} == short["repairs"][0] | {
        "what": "share",
        "sharePercent": 40,
        "there": 0,
    }
    kept = await admin.post("/api/blueprints", json=made, params={"poolId": str(pool_id)})
    assert kept.status_code == 409


async def test_bounds_are_kept_with_a_blueprint(world: World) -> None:
    pool_id = await kept_pool(world)
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    made = asked(sharePercent=60, overlapPercent=30, restPapers=50, restDays=30)
    row = (await admin.post("/api/blueprints", json=made, params={"poolId": str(pool_id)})).json()
    listed = (await admin.get("/api/blueprints")).json()["blueprints"]
    assert next(one for one in listed if one["id"] == row["id"]) == row
    assert [row[name] for name in ("sharePercent", "overlapPercent", "restPapers", "restDays")] == [
        60,
        30,
        50,
        30,
    ]


async def test_only_authors_of_the_owner_and_officers_look_at_papers(world: World) -> None:
    pool_id = await kept_pool(world)  # the department's, as are authors without an institution
    roles = [role for role in Role if role is not Role.CANDIDATE]
    clients = {role: await world.staff(role) for role in roles}
    where = {"poolId": str(pool_id)}
    told = {
        role: (await client.post("/api/blueprints/preview", json=asked(), params=where)).status_code
        for role, client in clients.items()
    }
    may = {Role.OFFICER, Role.ITEM_AUTHOR, Role.ITEM_REVIEWER}
    assert told == {role: 200 if role in may else 403 for role in roles}


async def _keys_read(world: World, pool_id: UUID) -> int:
    found = select(AUDIT).where(AUDIT.c.object == f"pool:{pool_id}", AUDIT.c.act == "keys.read")
    async with world.wired.database.reading() as connection:
        return len((await connection.execute(found)).all())


async def test_a_preview_shows_three_papers_and_keys_only_with_a_line_in_the_audit(world: World) -> None:
    pool_id = await kept_pool(world)
    officer = await world.staff(Role.OFFICER)
    where = {"poolId": str(pool_id)}
    told = (await officer.post("/api/blueprints/preview", json=asked(), params=where)).json()
    again = (await officer.post("/api/blueprints/preview", json=asked(), params=where)).json()
    other = (await officer.post("/api/blueprints/preview", json=asked(), params=where | {"round": 1})).json()
    assert told == again != other
    assert [len(paper["items"]) for paper in told["papers"]] == [10, 10, 10]
    assert told["papers"][0]["common"][0] == 10
    assert {item["key"] for paper in told["papers"] for item in paper["items"]} == {""}
    assert await _keys_read(world, pool_id) == 0
    open_keys = await officer.post("/api/blueprints/preview", json=asked(), params=where | {"keys": "true"})
    item = open_keys.json()["papers"][0]["items"][0]
    n = int(item["itemId"][1:])
    assert item["options"]["ABCD".index(item["key"])] == f"{'甲乙丙丁'[n % 4]}{n}"
    assert await _keys_read(world, pool_id) == 1
    assert (await officer.get("/api/sessions")).json()["sessions"][0]["title"] == "架子工理论考试"


async def test_a_blueprint_that_cannot_be_filled_shows_no_papers(world: World) -> None:
    pool_id = await kept_pool(world)
    officer = await world.staff(Role.OFFICER)
    reply = await officer.post(
        "/api/blueprints/preview", json=asked(count=31), params={"poolId": str(pool_id)}
    )
    assert (reply.status_code, reply.json()["type"]) == (409, "/problems/blueprint-not-met")


class Twice:
    """The same people in one session after another, in one pool."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pool_id = UUID(int=0)
        self._people: list[NewRegistration] = []

    async def sitting(self, pool: Pool, blueprint: Blueprint, *, day: int, announce: bool = True) -> UUID:
        """Plan and announce; the first call makes pool and people."""
        world, console = self.world, self.world.wired.parts.console
        act = Act(actor="system", at_ms=world.clock.at)
        if not self._people:
            self.pool_id = await kept_pool(world, pool)
            self._people = [world.person() for _ in range(2)]
        version = await console.pools.published(self.pool_id)
        assert version is not None
        kept = await console.blueprints.keep_blueprint(blueprint, institution_id=None, act=act)
        facts = world.facts_of(day * DAY, version.digest, blueprint, {})
        await console.sittings.plan(PlanAsk(facts=facts, pool_id=self.pool_id, blueprint_id=kept.id), act=act)
        people = [msgspec.structs.replace(one, id=uuid4()) for one in self._people]
        await console.sittings.register(facts.id, people, act=act)
        if announce:
            await console.sittings.announce(facts.id, act=act)
        return facts.id

    async def papers(self, session_id: UUID) -> list[Paper]:
        """By ticket."""
        papers = await self.world.exam.plans.papers(session_id)
        return [papers[one.id] for one in await self.world.exam.plans.registrations(session_id)]


def seen(paper: Paper) -> set[str]:
    return {slot.version for slot in paper.slots}


async def test_a_second_paper_keeps_away_from_the_first_and_can_be_drawn_again(world: World) -> None:
    twice = Twice(world)
    first = await twice.sitting(a_pool(), a_blueprint(), day=1)
    second = await twice.sitting(a_pool(), a_blueprint(), day=2)
    await arm_session(first, world.exam)
    await arm_session(second, world.exam)
    planned = await world.exam.plans.load(second)
    assert planned is not None
    for old, new in zip(await twice.papers(first), await twice.papers(second), strict=True):
        assert len(seen(old) & seen(new)) <= 2
        assert (old.avoided, len(new.avoided)) == ((), 10)
        assert drawn_again(planned.pool, planned.blueprint, new) == new
        assert len(shown_items(planned, new, keys=True)) == 10


async def test_items_on_too_many_papers_rest_in_the_next_session(world: World) -> None:
    twice = Twice(world)
    made = a_blueprint(rest_papers=0, overlap_percent=100)
    first = await twice.sitting(a_pool(60), made, day=1)
    second = await twice.sitting(a_pool(60), made, day=2)
    await arm_session(first, world.exam)
    await arm_session(second, world.exam)
    drawn = {version for paper in await twice.papers(first) for version in seen(paper)}
    for paper in await twice.papers(second):
        assert not drawn & seen(paper)
        assert len(paper.rested) == len(drawn)
    officer = await world.staff(Role.OFFICER)
    worn = (await officer.get(f"/api/pools/{twice.pool_id}/exposure", params={"days": 90})).json()["items"]
    assert sum(one["drawn"] for one in worn) == 40
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    assert (await admin.get(f"/api/pools/{twice.pool_id}/exposure")).status_code == 404


async def test_where_no_paper_keeps_the_bound_the_others_are_armed_and_those_are_counted(
    world: World,
) -> None:
    twice = Twice(world)
    pool, made = a_pool(13), a_blueprint(overlap_percent=0)
    made = msgspec.structs.replace(made, sections=(msgspec.structs.replace(made.sections[0], cells=()),))
    first = await twice.sitting(pool, made, day=1)
    second = await twice.sitting(pool, made, day=2)
    await arm_session(first, world.exam)
    act = Act(actor="system", at_ms=world.clock.at)
    fresh = world.person()
    await world.wired.parts.console.sittings.register(second, [fresh], act=act)
    with pytest.raises(OverlapNotMet) as refused:
        await arm_session(second, world.exam)
    assert (refused.value.people, refused.value.least, refused.value.most) == (2, 7, 0)
    people = await world.exam.plans.registrations(second)
    assert set(await world.exam.plans.papers(second)) == {people[2].id}
    assert (await arm_one(people[2].id, world.exam)).armed.attempt_id == people[2].id
    with pytest.raises(OverlapNotMet):
        await arm_one(people[0].id, world.exam)


async def test_a_session_is_not_opened_for_people_who_would_get_no_paper(world: World) -> None:
    twice = Twice(world)
    first = await twice.sitting(a_pool(13), a_blueprint(overlap_percent=60), day=1)
    second = await twice.sitting(a_pool(13), a_blueprint(overlap_percent=60), day=2, announce=False)
    await arm_session(first, world.exam)
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    reply = await admin.post(f"/api/sessions/{second}/open")
    assert (reply.status_code, reply.json()["type"]) == (409, "/problems/overlap-not-met")
    assert (reply.json()["people"], reply.json()["most"], reply.json()["least"] > 6) == (2, 6, True)

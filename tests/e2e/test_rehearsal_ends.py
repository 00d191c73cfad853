"""Rehearsals that are refused, break, are broken off or lose their right: nothing of them stays."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from exam_api.console_ports import Act
from exam_api.live import keys
from exam_api.record import SessionFacts
from exam_api.rehearsal.plan import Plan, RehearsalRefused, Room
from exam_api.rehearsal.verdict import Seen
from exam_api.rehearsal_ports import Came, Crowd, Shadow, ShadowPerson
from exam_api.serving.crowd import CrowdFailed
from exam_api.store.backup.tables import digests
from exam_api.store.rehearsals import RehearsalStore
from exam_api.usecases.rehearse import (
    RehearseAsk,
    RehearseParts,
    clean,
    rehearse,
    shadow_facts,
    shadow_people,
)
from exam_api.wiring import Wired
from exam_api.wiring.rehearsal import rehearse_parts
from tests.e2e.world import HOUR, World
from tests.unit.proctoring.pictures import a_jpeg

NAMED = {"audit", "audit_head"}
"""Tables in which the beginning and the end of a rehearsal stay."""

ROOMY = Room(disk=None, memory=None)


def _silent(_zh: str, _en: str) -> None:
    pass


def _pictures(folder: Path) -> list[Path]:
    """Files and folders in which pictures lie."""
    return list(folder.glob("snapshots/*/*"))


def _parts(world: World) -> RehearseParts:
    segments = world.wired.parts.snapshots.segments
    return rehearse_parts(world.wired.ground, world.exam, segments, settle_s=0.05)


async def test_a_session_that_opens_soon_refuses_a_rehearsal(world: World) -> None:
    later = await world.sitting(opens_in_ms=24 * HOUR, arm=False)
    await world.sitting(opens_in_ms=HOUR, arm=False)
    parts = _parts(world)
    ask = RehearseAsk(session_id=later.id, candidates=20, steady_s=1.0)
    with pytest.raises(RehearsalRefused, match="at work or lets people in in"):
        await rehearse(ask, parts, Nobody(), room=ROOMY, tell=_silent)
    assert await parts.record.left() == []


async def test_a_rehearsal_that_breaks_leaves_nothing_and_one_that_died_is_taken_out_by_the_worker(
    world: World, tmp_path: Path
) -> None:
    sitting = await world.sitting(opens_in_ms=24 * HOUR, arm=False)
    parts = _parts(world)
    ask = RehearseAsk(session_id=sitting.id, candidates=3, steady_s=1.0)
    before = await _digests(world.wired)
    arming = asyncio.create_task(_arms(world))
    with pytest.raises(CrowdFailed):
        await rehearse(ask, parts, Nobody(), room=ROOMY, tell=_silent)
    arming.cancel()
    assert await _digests(world.wired) == before

    facts = (await parts.record.planned(sitting.id) or pytest.fail("it is planned")).facts
    plan = Plan(planned=3, candidates=3, arrive_s=1.0, steady_s=1.0)
    own = shadow_facts(facts, uuid4(), plan, world.clock.at)
    act = Act(actor="operator:rehearse", at_ms=world.clock.at)
    shadow = await parts.record.begin(sitting.id, own, shadow_people(3, uuid4), act=act)
    assert shadow is not None
    await world.worker.arm_turn()
    world.clock.at = own.opens_ms
    person, *_ = await world.exam.plans.registrations(shadow.session_id)
    device = await world.device(person)
    choice = {"choice": "photos", "textVersion": "2026-11"}
    await device.http.post(f"/api/my/exams/{person.id}/consent", json=choice)
    await device.start(person.id)
    device.choose(0, 1)
    await device.sync()
    sent = await device.http.post(
        "/api/attempt/snapshot", content=a_jpeg(), headers={"content-type": "image/jpeg"}
    )
    assert (sent.status_code, len(_pictures(tmp_path))) == (200, 1)
    (removed,) = await clean(parts, _silent)
    assert (removed.rows["paper"], _pictures(tmp_path)) == (3, [])
    assert await _digests(world.wired) == before
    assert await world.exam.live.find(person.id) is None
    await world.drain()
    assert await _digests(world.wired) == before


async def test_a_rehearsal_that_has_lost_its_right_ends_and_says_so(world: World) -> None:
    sitting = await world.sitting(opens_in_ms=24 * HOUR, arm=False)
    parts = _parts(world)
    ask = RehearseAsk(session_id=sitting.id, candidates=1, steady_s=1.0)
    before = await _digests(world.wired)
    arming = asyncio.create_task(_arms(world))
    with pytest.raises(RehearsalRefused, match="the right to rehearse was lost"):
        await rehearse(ask, parts, Robbed(world.wired), room=ROOMY, tell=_silent)
    arming.cancel()
    assert await _digests(world.wired) == before
    assert await parts.live.is_held(), "another's right is left alone"
    await world.wired.lane.command("DEL", keys.rehearsal())


async def test_who_is_broken_off_while_the_shadows_are_written_down_leaves_nothing(world: World) -> None:
    sitting = await world.sitting(opens_in_ms=24 * HOUR, arm=False)
    ground = world.wired.ground
    hasty = HastyStore(ground.database, ground.sealer, ground.login_keys.blind)
    parts = replace(_parts(world), record=hasty)
    before = await _digests(world.wired)
    with pytest.raises(asyncio.CancelledError):
        await rehearse(
            RehearseAsk(session_id=sitting.id, candidates=1, steady_s=1.0),
            parts, Nobody(), room=ROOMY, tell=_silent,
        )  # fmt: skip
    assert await _digests(world.wired) == before


class HastyStore(RehearsalStore):
    """Ctrl-C comes when everything is written, and before anybody is told."""

    async def begin(
        self, of: UUID, facts: SessionFacts, people: Sequence[ShadowPerson], *, act: Act
    ) -> Shadow | None:
        assert await super().begin(of, facts, people, act=act)
        raise asyncio.CancelledError


class Nobody(Crowd):
    """A crowd that does not come."""

    async def run(self, plan: Plan, shadow: Shadow, people: Sequence[ShadowPerson]) -> Came:
        assert plan.candidates == len(people)
        raise CrowdFailed(f"nobody came to {shadow.session_id}")

    async def seen(self, plan: Plan, *, lost: int, lag_s: float) -> Seen:
        raise AssertionError(plan, lost, lag_s)


class Robbed(Nobody):
    """While it is there somebody else takes the right to rehearse."""

    def __init__(self, wired: Wired) -> None:
        self._wired = wired

    async def run(self, plan: Plan, shadow: Shadow, people: Sequence[ShadowPerson]) -> Came:
        await self._wired.lane.command("SET", keys.rehearsal(), uuid4().bytes)
        await asyncio.sleep(plan.length_ms)
        raise AssertionError(shadow, people)


async def _arms(world: World) -> None:
    while True:
        await world.worker.arm_turn()
        await asyncio.sleep(0.05)


async def _digests(wired: Wired) -> Mapping[str, str]:
    async with wired.database.reading() as connection:
        found = await digests(connection)
    return {name: digest for name, digest in found.items() if name not in NAMED}

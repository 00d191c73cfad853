"""Sessions of a story's own, beside the demo's, on the demo's questions: any length, any hour."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import msgspec

from enrollment.identity import check_character
from exam_api.console_ports import Act, NewRegistration, PlanAsk, SessionLine
from exam_api.people import Reach
from exam_api.record import SessionFacts, SessionState
from exam_api.settings import from_environ
from exam_api.usecases.arm_session import arm_session
from exam_api.wiring import Wired, open_parts
from question_pools.blueprint import digest
from tests.browser.office import Seat
from tests.servers import Service

ROOM_CODE = "271828"

DAY_MS = 86_400_000


async def own_session(
    service: Service, title: str, *, channel: str, people: Sequence[str], opens_in_ms: int = 0, **facts: Any
) -> list[Seat]:
    """Write a session down, register people, open and arm it; `facts` replace the demo session's."""
    async with open_parts(from_environ(service.environ)) as wired:
        sittings = wired.parts.console.sittings
        like = next(line for line in await sittings.sessions(None) if _is_demo(line, channel))
        now_ms = wired.exam.clock.now_ms()
        act = Act(actor="system", at_ms=now_ms)
        planned = _planned(like.facts, title, now_ms + opens_in_ms, facts)
        await sittings.plan(await _ask(wired, planned), act=act)
        new = [_person(name, title, place) for place, name in enumerate(people)]
        await sittings.register(planned.id, new, act=act)
        await sittings.announce(planned.id, act=act)
        await arm_session(planned.id, wired.exam)
        listed = {one.id: one for one in await sittings.listed(planned.id)}
        return [
            Seat(
                str(planned.id), str(one.id), one.name, one.id_no, listed[one.id].ticket_no, planned.room_code
            )
            for one in new
        ]


async def planned_drafts(service: Service, titles: Sequence[str]) -> list[str]:
    """Sessions of tomorrow with one person each, not opened yet; their ids."""
    async with open_parts(from_environ(service.environ)) as wired:
        sittings = wired.parts.console.sittings
        like = next(line for line in await sittings.sessions(None) if _is_demo(line, "phone"))
        now_ms = wired.exam.clock.now_ms()
        act = Act(actor="system", at_ms=now_ms)
        drafts = [_planned(like.facts, title, now_ms + DAY_MS, {}) for title in titles]
        for place, facts in enumerate(drafts):
            await sittings.plan(await _ask(wired, facts), act=act)
            await sittings.register(facts.id, [_person("马草拟", facts.title, place)], act=act)
        return [str(facts.id) for facts in drafts]


def _is_demo(line: SessionLine, channel: str) -> bool:
    return line.facts.channel == channel and "（示例）" in line.facts.title


def _planned(like: SessionFacts, title: str, opens_ms: int, facts: dict[str, Any]) -> SessionFacts:
    length_ms = facts.get("length_ms", like.length_ms)
    return msgspec.structs.replace(
        like,
        **{
            "id": uuid4(),
            "title": title,
            "opens_ms": opens_ms,
            "entry_ms": opens_ms - 60_000,
            "latest_entry_ms": opens_ms + length_ms,
            "closes_ms": opens_ms + 2 * length_ms,
            "state": SessionState.DRAFT,
            "room_code": ROOM_CODE if like.room_code else "",
        }
        | facts,
    )


async def _ask(wired: Wired, facts: SessionFacts) -> PlanAsk:
    """The plan, with the pool and the blueprint that the facts are about."""
    console = wired.parts.console
    pools = {one.code: one.id for one in await console.pools.pools(Reach(everywhere=True))}
    kept = await console.blueprints.blueprints(Reach(everywhere=True))
    blueprints = {digest(one.blueprint): one.id for one in kept}
    code = "safety-c" if facts.room_code else "worker-scaffolder"
    return PlanAsk(facts=facts, pool_id=pools[code], blueprint_id=blueprints[facts.blueprint_digest])


def _person(name: str, title: str, place: int) -> NewRegistration:
    phone = f"1380000{place:04d}"
    return NewRegistration(
        id=uuid4(), person_id=uuid4(), name=name, id_no=identity(title, place), phone=phone
    )


def identity(title: str, place: int) -> str:
    """A number that checks and belongs to nobody, another one for every session and place."""
    body = f"639900{1950 + sum(title.encode()) % 40}{1 + place // 9:02d}1{place % 9}{501 + place:03d}"
    return body + check_character(body)

"""People with everything they need to log in, and staff accounts with passwords."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import httpx

from enrollment.identity import check_character
from exam_api.console_ports import Act, NewRegistration, NewStaff
from exam_api.passwords import Passwords
from exam_api.people import Role
from exam_api.usecases.arm_session import arm_session
from tests.e2e.world import World

PASSWORD = "a long enough password"


@dataclass(frozen=True)
class Known:
    """A candidate as they know themselves."""

    registration_id: UUID
    name: str
    id_no: str
    ticket_no: str


async def registered(world: World, count: int, *, arm: bool = True, **facts: Any) -> tuple[UUID, list[Known]]:
    """A session with so many people."""
    sitting = await world.sitting(people=0, arm=False, **facts)
    new = [_new(number) for number in range(count)]
    act = Act(actor="system", at_ms=world.clock.at)
    await world.wired.parts.console.sittings.register(sitting.id, new, act=act)
    listed = {one.id: one for one in await world.wired.parts.console.sittings.listed(sitting.id)}
    if arm:
        await arm_session(sitting.id, world.exam)
    return sitting.id, [Known(one.id, one.name, one.id_no, listed[one.id].ticket_no) for one in new]


async def ask_code(client: httpx.AsyncClient, person: Known) -> str:
    reply = await client.post("/api/login/code", json={"name": person.name, "idNo": person.id_no})
    assert reply.status_code == 200, reply.text
    return str(reply.json()["demoCode"])


async def give_code(client: httpx.AsyncClient, person: Known, code: str) -> httpx.Response:
    body = {"name": person.name, "idNo": person.id_no, "code": code}
    return await client.post("/api/login/candidate", json=body)


async def staff_account(world: World, login_name: str, role: Role, institution_id: UUID | None) -> None:
    account = NewStaff(
        login_name=login_name,
        name="何主任",
        role=role,
        institution_id=institution_id,
        password_hash=password_hash(),
    )
    await world.wired.accounts.keep_staff(account, act=Act(actor="system", at_ms=world.clock.at))


@cache
def password_hash() -> str:
    return Passwords().hash(PASSWORD)


def other_than(code: str) -> str:
    """A wrong code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def _new(number: int) -> NewRegistration:
    body = f"639900{1960 + number // 28}0{number % 9 + 1}{number % 28 + 1:02d}{number % 1000:03d}"
    return NewRegistration(
        id=uuid4(),
        person_id=uuid4(),
        name=f"考生{chr(0x4E00 + number)}",
        id_no=body + check_character(body),
        phone=f"139{number:08d}",
    )

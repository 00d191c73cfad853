"""Accounts in tests: passwords under cheap parameters, second factors, and the audit's acts."""

import dataclasses
from uuid import UUID

import httpx
from sqlalchemy import text

from exam_api.accounts.second_factor import code_at, step_of
from exam_api.app import create_app
from exam_api.console_ports import Act, NewStaff
from exam_api.passwords import Passwords
from exam_api.people import Role
from tests.e2e.world import MINUTE, World

PASSWORD = "a long enough password"
CHEAP = Passwords(time_cost=1, memory_cost=1024)
"""A hundredth of the work: what is tested is who gets in, not how long a guess takes."""


def opened(world: World, *, forced: bool = False) -> World:
    """The installation with cheap passwords; forced: held to second factors as outside a demo."""
    login = dataclasses.replace(world.wired.parts.login, password_fits=CHEAP.fits)
    accounts = dataclasses.replace(
        world.wired.parts.accounts,
        login=login,
        hash_password=CHEAP.hashed,
        stale_hash=CHEAP.stale,
        forced=forced,
    )
    parts = dataclasses.replace(world.wired.parts, login=login, accounts=accounts)
    world.wired = dataclasses.replace(world.wired, parts=parts)
    world.app = create_app(parts)
    return world


async def an_account(world: World, login_name: str, role: Role, institution_id: UUID | None = None) -> None:
    account = NewStaff(
        login_name=login_name,
        name=f"{login_name} 老师",
        role=role,
        institution_id=institution_id,
        password_hash=CHEAP.hash(PASSWORD),
    )
    await world.wired.accounts.keep_staff(account, act=Act(actor="system", at_ms=world.clock.at))


async def log_in(
    client: httpx.AsyncClient, name: str, password: str = PASSWORD, **headers: str
) -> httpx.Response:
    body = {"loginName": name, "password": password}
    return await client.post("/api/login/staff", json=body, headers=headers)


async def browser(world: World, name: str, password: str = PASSWORD) -> httpx.AsyncClient:
    """A browser in which this account is logged in."""
    client = world.stranger()
    reply = await log_in(client, name, password)
    assert reply.status_code == 200, reply.text
    return client


async def enrolled(
    world: World, client: httpx.AsyncClient, password: str = PASSWORD
) -> tuple[str, list[str]]:
    """A second factor for who is logged in: its secret and recovery codes."""
    begun = await client.post("/api/my/second-factor/begin", json={"password": password})
    assert begun.status_code == 200, begun.text
    secret = str(begun.json()["secret"])
    done = await client.post("/api/my/second-factor/confirm", json={"code": code(world, secret)})
    assert done.status_code == 200, done.text
    world.clock.at += MINUTE  # the code of this step is used up
    return secret, done.json()["codes"]


def code(world: World, secret: str, *, steps: int = 0) -> str:
    return code_at(secret, step_of(world.clock.at) + steps)


async def acts(world: World) -> list[str]:
    """The audit's acts, oldest first."""
    async with world.wired.database.reading() as connection:
        return list((await connection.execute(text("select act from audit order by at_ms"))).scalars())


def slug(reply: httpx.Response) -> str:
    return str(reply.json()["type"]).removeprefix("/problems/")

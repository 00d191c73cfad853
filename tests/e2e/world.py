"""A world for stories: the whole application in this process, on real servers, with a clock to move."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
from sqlalchemy import text

from enrollment.identity import check_character
from exam_api.app import create_app
from exam_api.attempt.model import SHARDS, LiveAttempt
from exam_api.console_ports import Act, NewRegistration, PlanAsk
from exam_api.errors import AwayError
from exam_api.http.cookies import shown
from exam_api.jobs.worker import Worker
from exam_api.live.redis_lane import RedisLane
from exam_api.people import Login, Role
from exam_api.ports import Clock
from exam_api.record import Registration, SessionFacts, SessionState
from exam_api.settings import Settings
from exam_api.usecases.arm_session import arm_session, seed_of
from exam_api.wiring import Wired, wire
from question_pools.blueprint import Blueprint, Section, digest, total_centi
from question_pools.draw import DrawIndex, Paper
from question_pools.items import Item, ItemId, Kind, Option, Pool, judge_options
from tests.e2e.device import ORIGIN, Device

MINUTE = 60_000
HOUR = 60 * MINUTE
NOON = 1_800_000_000_000

LANE_S = 10.0
"""How long a story waits for a Redis that is there: its cores are shared. That it is gone is told at once."""

CANARY = "CANARY-{}-解析不可外泄"
"""Planted in every rationale: whoever finds it in a candidate's reply has found a leak."""


class HandClock(Clock):
    """Server time as the story says."""

    def __init__(self) -> None:
        self.at = NOON

    def now_ms(self) -> int:
        return self.at


@dataclass(frozen=True)
class Sitting:
    """A session with its registrations."""

    id: UUID
    people: tuple[Registration, ...]


class World:
    """One installation: application, worker, clock, and short ways to people in it."""

    def __init__(self, wired: Wired, clock: HandClock) -> None:
        self.wired = wired
        self.exam = wired.exam
        self.clock = clock
        self.app: Any = create_app(wired.parts)
        self.worker = Worker(wired.exam, wired.log, wired.parts.audit.seals)
        self.own, self.other = uuid4(), uuid4()
        self._clients: list[httpx.AsyncClient] = []
        self._serial = 0

    # --- time and jobs --------------------------------------------------------------------------------------

    async def drain(self) -> None:
        """Move the whole log into the record."""
        while await self.worker.drain_turn():
            pass

    async def expire(self) -> None:
        """Close what is due and finish it; the drain runs beside that, as it does in the worker."""
        while await self.worker.expire_turn():
            pass
        with contextlib.suppress(AwayError):
            await self.drain()
        await self.worker.finish_turn()

    async def reconcile(self) -> None:
        await self.worker.reconcile_turn()

    # --- people ---------------------------------------------------------------------------------------------

    async def device(self, person: Registration) -> Device:
        """A device on which that candidate is logged in."""
        login = Login(
            id=uuid4(),
            role=Role.CANDIDATE,
            subject_id=person.person_id,
            institution_id=None,
            name=person.name,
            since_ms=self.clock.at,
            until_ms=self.clock.at + 7 * 24 * HOUR,
        )
        return Device(await self.client(login), now_ms=self.clock.at)

    async def staff(self, role: str, *, own: bool = True) -> httpx.AsyncClient:
        """A browser of staff: of the own institution, the other one, or (officers) the department."""
        of_house = Role(role) in {Role.INSTITUTION_ADMIN, Role.INVIGILATOR}
        login = Login(
            id=uuid4(),
            role=Role(role),
            subject_id=uuid4(),
            institution_id=(self.own if own else self.other) if of_house else None,
            name="工作人员",
            since_ms=self.clock.at,
            until_ms=self.clock.at + 12 * HOUR,
        )
        return await self.client(login)

    def stranger(self) -> httpx.AsyncClient:
        """A browser that is not logged in."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=ORIGIN, headers={"Origin": ORIGIN}
        )
        self._clients.append(client)
        return client

    async def client(self, login: Login) -> httpx.AsyncClient:
        """A browser in which somebody is logged in."""
        token = secrets.token_bytes(32)
        parts = self.wired.parts
        await self.exam.logins.open(
            login, token_hash=parts.login.keys.token_hash(token), life_ms=login.until_ms - login.since_ms
        )
        client = self.stranger()
        client.cookies.set(parts.cookies.login.decode(), shown(token))
        return client

    # --- sittings -------------------------------------------------------------------------------------------

    async def sitting(
        self,
        *,
        people: int = 1,
        opens_in_ms: int = 0,
        pool: Pool | None = None,
        blueprint: Blueprint | None = None,
        arm: bool = True,
        **facts: Any,
    ) -> Sitting:
        """A session that is open (or will be), with its candidates registered and its papers armed."""
        console = self.wired.parts.console
        act = Act(actor="system", at_ms=self.clock.at)
        for institution_id, name in ((self.own, "甲培训机构"), (self.other, "乙培训机构")):
            await self.wired.accounts.keep_institution(institution_id, name=name, act=act)
        pool = pool or small_pool(f"p{uuid4().hex[:8]}")
        blueprint = blueprint or small_blueprint()
        stored = await console.pools.store(pool, (), pool_id=None, institution_id=None, act=act)
        await self.approve(stored.pool_id)
        published = await console.pools.publish(stored.pool_id, act=act)
        assert published is not None
        kept = await console.blueprints.keep_blueprint(blueprint, institution_id=None, act=act)
        planned = self.facts_of(opens_in_ms, published.digest, blueprint, facts)
        await console.sittings.plan(
            PlanAsk(facts=planned, pool_id=stored.pool_id, blueprint_id=kept.id), act=act
        )
        await console.sittings.register(planned.id, [self.person() for _ in range(people)], act=act)
        await console.sittings.announce(planned.id, act=act)
        if arm:
            await arm_session(planned.id, self.exam)
        return Sitting(planned.id, tuple(await self.exam.plans.registrations(planned.id)))

    async def started(self, **facts: Any) -> tuple[Sitting, Device]:
        """A sitting of one candidate, who has started."""
        sitting = await self.sitting(people=1, **facts)
        device = await self.device(sitting.people[0])
        assert (await device.start(sitting.people[0].id)).status_code == 200
        return sitting, device

    async def live_of(self, sitting: Sitting) -> LiveAttempt:
        """The live state of the first candidate's attempt."""
        live = await self.exam.live.find(sitting.people[0].id)
        assert live is not None
        return live

    async def approve(self, pool_id: UUID) -> None:
        """Have all that waits in a pool approved by somebody who wrote none of it."""
        second = Act(actor="system:second-pair-of-eyes", at_ms=self.clock.at)
        await self.wired.parts.console.pools.vouch(pool_id, act=second)

    def facts_of(
        self, opens_in_ms: int, pool_digest: str, blueprint: Blueprint, changed: Mapping[str, Any]
    ) -> SessionFacts:
        opens_ms = self.clock.at + opens_in_ms
        facts = SessionFacts(
            id=uuid4(),
            institution_id=self.own,
            institution="甲培训机构",
            title="架子工理论考试",
            channel="phone",
            profile="qh-worker-phone",
            profile_confirmed=False,
            pool_digest=pool_digest,
            blueprint_digest=digest(blueprint),
            opens_ms=opens_ms,
            entry_ms=opens_ms - 30 * MINUTE,
            latest_entry_ms=opens_ms + 15 * MINUTE,
            closes_ms=opens_ms + 2 * HOUR,
            length_ms=45 * MINUTE,
            earliest_hand_in_ms=0,
            navigation="free",
            takeover="staff",
            late_hold=True,
            pass_centi=6_000,
            full_centi=total_centi(blueprint),
            state=SessionState.DRAFT,
        )
        return msgspec.structs.replace(facts, **changed)

    def person(self) -> NewRegistration:
        self._serial += 1
        n = self._serial
        body = f"639900{1950 + n // 28 % 50}0{n // 1400 + 1}{n % 28 + 1:02d}{n % 1000:03d}"
        return NewRegistration(
            id=uuid4(),
            person_id=uuid4(),
            name=f"考生{n}",
            id_no=body + check_character(body),
            phone=f"138{n:08d}",
        )

    # --- what only a story may know -------------------------------------------------------------------------

    async def keys(self, session_id: UUID) -> Mapping[str, int]:
        """The keys by item version."""
        return (await self.exam.shelf.marking(session_id)).book.keys

    async def draw_again(self, session_id: UUID, attempt_id: UUID) -> Paper:
        planned = await self.exam.plans.load(session_id)
        assert planned is not None
        seed = seed_of(attempt_id, session_id, self.exam.draw_key)
        return DrawIndex(planned.pool, planned.blueprint).draw(seed)

    async def audited(self) -> list[str]:
        """Acts of staff in the audit, oldest first."""
        async with self.wired.database.reading() as connection:
            told = text("select act from audit where actor like 'staff:%' order by at_ms, org, no")
            return [act for (act,) in await connection.execute(told)]

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def open_world(
    database_url: str, redis_url: str, folder: Path, *, wait_ready: bool = True
) -> AsyncIterator[World]:
    """An installation on these servers; its shards are reconciled, so it serves."""
    clock = HandClock()
    settings = Settings(
        data_dir=folder,
        database_url=database_url,
        redis_url=redis_url,
        secret="story-secret-story-secret-story-secret",
        demo=True,
        public_origins=(ORIGIN,),
        entry_places=1024,  # no story of a hundred stands in line because its machine is slow
    )
    wired = wire(settings, clock=clock)
    if isinstance(wired.lane, RedisLane):
        wired.lane._deadline_s = LANE_S
    await wired.lane.open()
    await wired.parts.watch.open()  # but no beat: a story that moves its clock would look like a gap
    world = World(wired, clock)
    if wait_ready:
        await ready(world)
    try:
        yield world
    finally:
        await world.close()
        await wired.ground.later.finish()
        await wired.parts.watch.close()
        await wired.lane.close()
        await wired.database.close()


async def ready(world: World) -> None:
    """Reconcile until every shard serves."""
    for _ in range(100):
        with contextlib.suppress(AwayError):  # the lane may still be connecting
            await world.reconcile()
            if not await world.exam.live.unready():
                return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not all of {SHARDS} shards were reconciled")


def small_pool(code: str, *, items: int = 14) -> Pool:
    """Single-choice and true/false items with a canary in every rationale."""
    singles = [
        Item(
            ItemId(f"{code}-s{n}"),
            Kind.SINGLE,
            f"第 {n} 题：作业前应先做什么？",
            tuple(Option(f"做法 {n}-{k}") for k in range(4)),
            1 << n % 4,
            rationale=CANARY.format(f"{code}-s{n}"),
        )
        for n in range(items)
    ]
    judges = [
        Item(
            ItemId(f"{code}-j{n}"),
            Kind.JUDGE,
            f"第 {n} 题：可以这样做。",
            judge_options(),
            1 + n % 2,
            rationale=CANARY.format(f"{code}-j{n}"),
        )
        for n in range(items)
    ]
    return Pool(code, "架子工小题库", (*singles, *judges), ())


def small_blueprint() -> Blueprint:
    """Ten items of ten points."""
    return Blueprint(
        f"b{uuid4().hex[:8]}",
        "小卷",
        (
            Section("判断题", Kind.JUDGE, 5, 1_000, "all_or_nothing", shuffle_options=False),
            Section("单选题", Kind.SINGLE, 5, 1_000, "all_or_nothing"),
        ),
    )


async def soon(probe: Callable[[], Awaitable[bool]], *, within_s: float = 1.0) -> None:
    """Wait until it is so; a second is what the wall promises."""
    for _ in range(int(within_s / 0.02)):
        if await probe():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not so within {within_s} s")

"""One run: sessions are laid, drivers started and watched, and what they bring home is compared."""

import asyncio
import contextlib
import os
import secrets
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from exam_api.attempt.receipt import public_bytes
from exam_api.capacity import Sizes
from exam_api.errors import LiveAway
from exam_api.live.keys import OF_SHARD
from exam_api.live.log import GROUP
from exam_api.live.together import together
from exam_api.people import Login, Role
from exam_api.record import SessionFacts
from exam_api.settings import from_environ
from exam_api.wiring import Wired, open_parts
from loadtest.book import Kept, Sample, read_homes, read_samples
from loadtest.curves import Point, Summary, summed_up
from loadtest.gateway import open_gateway
from loadtest.habits import registered
from loadtest.limits import Facts, Limits, Verdict, judge
from loadtest.plan import Person, Plan, Staff
from loadtest.report import Handshakes
from loadtest.shapes import Shape
from loadtest.waiting import start_bytes_most
from question_pools.blueprint import Blueprint
from scoring.profiles import Profile
from tools.bench.ground import HOUR_MS, Ground
from tools.bench.load import LOOPBACK
from tools.bench.processes import DidNotStart
from tools.bench.servers import python_words
from tools.load.counted import Counted, count
from tools.load.front import measure_handshakes
from tools.load.sampler import Lag, Sampler
from tools.load.servers import Served
from tools.load.sizes import database_bytes, log_size, pictures_held, redis_bytes, sizes_of

PLAN: Final = "plan.json"

MODULES: Final = {"asyncio": "loadtest.driver", "locust": "loadtest.locusts"}
"""The programs that can drive, by the name they bear in the report."""

SESSION_MOST: Final = 5_000
"""Candidates of one session; a session has 9,999 tickets at most."""

HEAD_START_S: Final = 5.0
"""The drivers are started so long before the beginning: they read the plan meanwhile."""

LAY_S: Final = 10.0
LAY_EACH_S: Final = 0.006
"""What laying and arming the sessions may take, and each registration of them: the opening is told before.
Who knows from a run before how long it takes here says so."""

PATIENCE_S: Final = 180.0
"""So long after the last hand-in was due somebody may still be let in or wait for a reply."""

DRAIN_S: Final = 120.0
"""How long the record may take to have everything."""


class Driven(msgspec.Struct, frozen=True, kw_only=True):
    """What one run gave, raw."""

    driver: str
    samples: Mapping[str, Sequence[Sample]]
    summaries: Mapping[str, Summary]
    kept: Sequence[Kept]
    counted: Counted
    sizes: Sizes
    lag_end_s: float
    points: Sequence[Point]
    spent_us: Mapping[str, float]
    pokes: int
    refusals: Sequence[str]
    load_before: float
    waited: bool
    handshakes: Handshakes | None

    lay_each_s: float
    """What laying and arming took, for each registration."""

    @property
    def facts(self) -> Facts:
        """What is judged."""
        return Facts(
            came=sum(one.came for one in self.kept),
            started=self.counted.started,
            handed_in=self.counted.handed_in,
            last_start_s=max((one.started_s for one in self.kept), default=0.0),
            lost=self.counted.lost,
            lag_end_s=self.lag_end_s,
            summaries=self.summaries,
            start_bytes_most=start_bytes_most(self.kept),
            waited=self.waited,
        )

    def judged(self, limits: Limits) -> Sequence[Verdict]:
        """Every limit."""
        return judge(self.facts, limits)


class Seats(Ground):
    """A session whose candidates may log in now and start at an instant that is told."""

    def __init__(self, wired: Wired, opens_ms: int) -> None:
        super().__init__(wired)
        self._opens_ms = opens_ms

    def _facts(
        self, institution_id: UUID, pool_digest: str, blueprint: Blueprint, profile: Profile, now_ms: int
    ) -> SessionFacts:
        facts = super()._facts(institution_id, pool_digest, blueprint, profile, now_ms)
        return msgspec.structs.replace(
            facts,
            opens_ms=self._opens_ms,
            latest_entry_ms=self._opens_ms + HOUR_MS,
            closes_ms=self._opens_ms + 4 * HOUR_MS,
        )


AWAY_MS: Final = 2_000.0
"""What is told of a question that was not answered."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What every step of a run needs."""

    wired: Wired
    served: Served
    shape: Shape
    driver: str
    seed: int
    out: Path
    engine: AsyncEngine
    lay_each_s: float

    async def lay(self) -> tuple[Sequence[Ground], Sequence[Person], int]:
        """Sessions with everybody who is registered, and the instant at which they open."""
        left = registered(self.shape.candidates)
        opens_ms = self.wired.exam.clock.now_ms() + round(1000 * (LAY_S + left * self.lay_each_s))
        opens_ms += round(1000 * (HEAD_START_S + self.shape.opens_s))
        grounds, people = list[Ground](), list[Person]()
        while left > 0:
            ground = Seats(self.wired, opens_ms)
            lines = await ground.lay(min(left, SESSION_MOST), first=len(people))
            people += [Person(attempt_id, one.name, one.id_no, one.phone) for attempt_id, one in lines]
            grounds.append(ground)
            left -= len(lines)
        return grounds, people, opens_ms

    async def plan(self, grounds: Sequence[Ground], people: Sequence[Person], opens_ms: int) -> Plan:
        """The plan, written for the drivers. Raises DidNotStart when the opening is too near."""
        in_s = (opens_ms - self.wired.exam.clock.now_ms()) / 1000 - self.shape.opens_s
        if in_s < HEAD_START_S:
            raise DidNotStart("the sessions", self.out / "api.log")
        looked_at = [grounds[number % len(grounds)] for number in range(self.shape.watchers)]
        staff = [Staff(ground.session_id, await _officer(self.wired)) for ground in looked_at]
        plan = Plan(
            host=LOOPBACK,
            port=self.served.called_at,
            gateway_port=self.served.gateway_port,
            shape=self.shape,
            people=tuple(people),
            staff=tuple(staff),
            seed=self.seed,
            begins_mono_s=time.monotonic() + in_s,
            begins_ms=opens_ms - round(self.shape.opens_s * 1000),
            stop_s=self.shape.ends_s + PATIENCE_S,
            origin=self.served.front.origin if self.served.front else "",
            authority=str(self.served.front.authority) if self.served.front else "",
        )
        (self.out / PLAN).write_bytes(msgspec.json.encode(plan))
        return plan

    def start_drivers(self) -> Mapping[str, int]:
        """Start them; they find the rest in the plan."""
        of, pids = self.shape.drivers, dict[str, int]()
        for part in range(of):
            name = f"driver-{part + 1}"
            given = (str(self.out / PLAN), str(part), str(of), str(self.out))
            words = python_words(MODULES[self.driver], *given)
            pids[name] = self.served.processes.start(name, words, core=None)
        return pids

    async def lag(self) -> Lag:
        """Entries of the logs that the record was not given or has not acknowledged; and two pings."""
        try:
            return await self._lag()
        except (LiveAway, SQLAlchemyError, OSError):
            return Lag(0, AWAY_MS, AWAY_MS)

    async def _lag(self) -> Lag:
        behind, lane = 0, self.wired.lane
        for groups in await together(lane.command("XINFO", "GROUPS", shard.log) for shard in OF_SHARD):
            for group in groups:
                facts = dict(zip(group[::2], group[1::2], strict=True))
                if facts[b"name"] == GROUP.encode():
                    behind += int(facts[b"pending"]) + int(facts[b"lag"] or 0)
        began = time.monotonic()
        await lane.command("PING")
        answered = time.monotonic()
        await self.asked_database()
        return Lag(behind, (answered - began) * 1000, (time.monotonic() - answered) * 1000)

    async def asked_database(self) -> None:
        """Ask it for nothing."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def bytes_held(self) -> tuple[int, int]:
        """Bytes in Redis and in the database."""
        return await redis_bytes(self.wired), await database_bytes(self.served.environ)

    async def counted(self, grounds: Sequence[Ground], kept: Sequence[Kept]) -> Counted:
        """What was acknowledged, looked up."""
        held = {key: one for ground in grounds for key, one in (await ground.held()).items()}
        keys = {self.wired.exam.key_id: public_bytes(self.wired.exam.signing_key)}
        counted = count(kept, held, keys, seed=self.seed)
        counted.pictures_lost = max(0, counted.pictures_told - await pictures_held(self.served.environ))
        return counted


async def drive(  # noqa: PLR0913 - one run, once
    served: Served,
    shape: Shape,
    *,
    driver: str,
    seed: int,
    out: Path,
    lay_each_s: float = LAY_EACH_S,
) -> Driven:
    """Let everybody come and go. Raises DidNotStart."""
    load_before = os.getloadavg()[0]
    async with AsyncExitStack() as ends:
        wired = await ends.enter_async_context(open_parts(from_environ(served.environ)))
        await ends.enter_async_context(open_gateway(LOOPBACK, served.gateway_port))
        engine = create_async_engine(served.environ["KAOWU_DATABASE_URL"])
        ends.push_async_callback(engine.dispose)
        stage = Stage(wired, served, shape, driver, seed, out, engine, lay_each_s)
        began_s = time.monotonic()
        grounds, people, opens_ms = await stage.lay()
        laid_s = time.monotonic() - began_s
        before = await stage.bytes_held()
        handshakes = await asyncio.to_thread(_handshakes, served)
        plan = await stage.plan(grounds, people, opens_ms)
        drivers = stage.start_drivers()
        sampler = Sampler({**served.pids, **drivers}, begins_mono_s=plan.begins_mono_s)
        watching = asyncio.create_task(sampler.watch(stage.lag))
        await _until_home(out, len(drivers), plan)
        lag_end_s = await _drained(grounds[0])
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        homes, samples = read_homes(out), read_samples(out)
        kept = [one for home in homes for one in home.kept]
        summaries = {name: summed_up(name, found) for name, found in samples.items()}
        sizes = sizes_of(before, await stage.bytes_held(), summaries, kept, await log_size(wired))
        return Driven(
            driver=homes[0].driver if homes else "none",
            samples=samples,
            summaries=summaries,
            sizes=sizes,
            kept=kept,
            counted=await stage.counted(grounds, kept),
            lag_end_s=round(lag_end_s, 2),
            points=sampler.points,
            spent_us=sampler.spent_us,
            pokes=sum(home.pokes for home in homes),
            refusals=[one for home in homes for one in home.refusals][:20],
            load_before=load_before,
            lay_each_s=laid_s / len(people),
            waited=shape.opens_s > 0,
            handshakes=handshakes,
        )


def _handshakes(served: Served) -> Handshakes | None:
    """Measured before anybody comes."""
    return measure_handshakes(served.front, served.pids["nginx"]) if served.front else None


async def _officer(wired: Wired) -> str:
    """The cookie of somebody who may look at every session and has logged in before."""
    token, now_ms = secrets.token_bytes(32), wired.exam.clock.now_ms()
    login = Login(
        id=uuid4(),
        role=Role.OFFICER,
        subject_id=uuid4(),
        institution_id=None,
        name="监考",
        since_ms=now_ms,
        until_ms=now_ms + 12 * HOUR_MS,
    )
    parts = wired.parts
    hashed = parts.login.keys.token_hash(token)
    await parts.login.logins.open(login, token_hash=hashed, life_ms=login.until_ms - now_ms)
    text = urlsafe_b64encode(token).decode().rstrip("=")
    return f"{parts.cookies.login.decode()}={text}"


async def _until_home(out: Path, drivers: int, plan: Plan) -> None:
    """Until every driver has written its book; each ends by itself."""
    end = plan.begins_mono_s + plan.stop_s + PATIENCE_S
    while len(list(out.glob("kept-*.json"))) < drivers:  # noqa: ASYNC240 - a folder of ours
        if time.monotonic() > end:
            sys.stderr.write("a driver did not come home\n")
            return
        await asyncio.sleep(0.2)


async def _drained(ground: Ground) -> float:
    """Seconds until the record has everything."""
    began = time.monotonic()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            await ground.drained()
    return time.monotonic() - began

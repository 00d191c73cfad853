"""A rehearsal on a running deployment: nobody sees the shadows while they sit, nothing of them stays."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import text

from exam_api.jobs.worker import Worker
from exam_api.people import Reach
from exam_api.rehearsal.plan import Room
from exam_api.rehearsal.verdict import Part
from exam_api.serving.crowd import LocalCrowd, Where
from exam_api.serving.uses import Sampler
from exam_api.settings import Settings, from_environ
from exam_api.store.backup.tables import digests
from exam_api.usecases.rehearse import (
    RehearseAsk,
    Rehearsed,
    RehearseParts,
    clean,
    rehearse,
)
from exam_api.wiring import Wired, open_parts
from exam_api.wiring.rehearsal import rehearse_parts
from tests.e2e.real_server import serving
from tests.e2e.world import HOUR, HandClock, Sitting, World
from tests.servers import ROOT, RedisServer, clean_environ

SECRET = "story-secret-story-secret-story-secret"
NAMED = {"audit", "audit_head"}
"""Tables in which the beginning and the end of a rehearsal stay."""

ROOMY = Room(disk=None, memory=None)
SHADOWS = 20
SETTLE_S = 2.0
"""A worker's turn on SQLite; PostgreSQL's slowest statement takes longer (`usecases.rehearse.SETTLE_S`)."""
CHANGES_BY_ITSELF = (b":shard", b":log", b":rehearsal")
"""Ends of keys that live on whether anybody rehearses or not."""


@dataclass(frozen=True)
class Deployment:
    """A running API, a worker in this process, and a session for tomorrow."""

    environ: Mapping[str, str]
    settings: Settings
    wired: Wired
    world: World
    redis: RedisServer
    folder: Path

    @property
    def parts(self) -> RehearseParts:
        segments = self.wired.parts.snapshots.segments
        return rehearse_parts(self.wired.ground, self.wired.exam, segments, settle_s=SETTLE_S)

    async def rows(self) -> Mapping[str, str]:
        """SHA-256 of every table but those that are named."""
        return await _digests(self.wired)

    def keys(self) -> Mapping[bytes, bytes]:
        """Everything in Redis but what changes by itself."""
        with self.redis.client() as client:
            names = [one for one in client.scan_iter(count=1000) if not one.endswith(CHANGES_BY_ITSELF)]
            return {one: client.dump(one) or b"" for one in names}

    def log_length(self) -> int:
        with self.redis.client() as client:
            return sum(client.xlen(f"kw1:{{s{shard:02d}}}:log") for shard in range(64))

    async def audited(self) -> Sequence[tuple[str, dict[str, Any]]]:
        async with self.wired.database.reading() as connection:
            asked = "select act, body from audit where act like 'rehearsal%' order by at_ms"
            return [(act, msgspec.json.decode(body)) for act, body in await connection.exec_driver_sql(asked)]

    async def rehearsed(self, session_id: UUID, *, candidates: int = SHADOWS) -> Rehearsed:
        sampler = Sampler(self.settings, self.wired.lane, self.parts.measures, self.wired.database)
        folder = self.folder / "crowd"
        crowd = LocalCrowd(self.wired, self.parts.live, Where(settings=self.settings, folder=folder), sampler)
        ask = RehearseAsk(
            session_id=session_id,
            candidates=candidates,
            steady_s=1.0,
            arrive_s=1.5,
            wave_s=0.5,
            photo_share=1.0,
        )
        return await rehearse(ask, self.parts, crowd, room=ROOMY, tell=_silent)

    def command(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "exam_api.cli", "rehearse", *words],
            cwd=ROOT,
            env=dict(self.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def _silent(_zh: str, _en: str) -> None:
    pass


@pytest_asyncio.fixture
async def deployment(own_redis: RedisServer, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Deployment]:
    with serving(sqlite_url, own_redis.url, tmp_path, SECRET) as server:
        environ = clean_environ(
            KAOWU_DATA_DIR=str(tmp_path),
            KAOWU_DATABASE_URL=sqlite_url,
            KAOWU_REDIS_URL=own_redis.url,
            KAOWU_SECRET=SECRET,
            KAOWU_DEMO="true",
            KAOWU_PORT=str(server.port),
        )
        settings = from_environ(environ)
        async with open_parts(settings) as wired, _working(wired):
            clock = HandClock()
            clock.at = time.time_ns() // 1_000_000
            world = World(wired, clock)
            yield Deployment(environ, settings, wired, world, own_redis, tmp_path)
            await world.close()


@asynccontextmanager
async def _working(wired: Wired) -> AsyncIterator[None]:
    worker = Worker(wired.exam, wired.log, wired.parts.audit.seals)
    running = asyncio.create_task(worker.run())
    while await wired.exam.live.unready():  # noqa: ASYNC110 - the worker asks for no event
        await asyncio.sleep(0.05)
    yield
    worker.stop()
    await running


async def _tomorrow(deployment: Deployment, *, people: int = 3, in_ms: int = 24 * HOUR) -> Sitting:
    return await deployment.world.sitting(people=people, opens_in_ms=in_ms, arm=False)


async def _shown(deployment: Deployment, officer: httpx.AsyncClient, shadow_id: UUID) -> list[str]:
    """Where the department sees anything of the shadow session or its people."""
    found: list[str] = []
    shadow_house = (await deployment.parts.record.left())[0].institution_id
    for path in (
        "/api/sessions",
        "/api/institutions",
        "/api/people?query=影子",
        "/api/late",
        "/api/statistics",
        "/api/reviews",
        "/api/home",
    ):
        reply = await officer.get(path)
        if str(shadow_house) in reply.text or "影子" in reply.text or "彩排" in reply.text:
            found.append(path)
    for path in ("", "/live", "/results", "/registrations", "/tickets", "/credits", "/statistics"):
        reply = await officer.get(f"/api/sessions/{shadow_id}{path}")
        if reply.status_code != 404:
            found.append(f"{path} {reply.status_code}")
    return found


async def test_shadows_are_seen_nowhere_while_they_sit_and_gone_afterwards(deployment: Deployment) -> None:
    sitting = await _tomorrow(deployment)
    pool_id = await _pool_of(deployment, sitting.id)
    officer = await deployment.world.staff("officer")
    rows, keys, entries = await deployment.rows(), deployment.keys(), deployment.log_length()
    running = asyncio.create_task(deployment.rehearsed(sitting.id))
    shadow_id = await _begun(deployment, running)
    assert await _codes_for_strangers(deployment) == []
    assert await _shown(deployment, officer, shadow_id) == []
    assert not await deployment.wired.exam.exposures.of_pool(pool_id, since_ms=0)
    assert await deployment.wired.exam.exposures.drawn_since(sitting.id, since_ms=0) == {}
    assert not await deployment.wired.parts.rescoring.exam.rulings.all_owned(Reach(everywhere=True))
    done = await running

    assert (done.seen.started, done.seen.handed_in) == (SHADOWS, SHADOWS), done.seen.refusals
    assert done.seen.ops > 0
    assert [one for one in done.seen.limits if one.name in {"errors", "lost"} and not one.held] == []
    assert {Part.API, Part.REDIS, Part.MEMORY} <= {use.part for use in done.seen.uses}
    assert done.verdict.en.split(":")[0] == done.verdict.decision
    took_part = {"session", "registration", "person", "paper", "consent", "op", "score_run"}
    assert took_part <= done.removed.rows.keys()

    assert await deployment.rows() == rows
    assert deployment.keys() == keys
    assert deployment.log_length() == entries
    begun, removed = await deployment.audited()
    assert begun == ("rehearsal.begun", {"of": str(sitting.id), "candidates": SHADOWS})
    assert removed[0] == "rehearsal.removed"
    assert removed[1]["outcome"] == done.verdict.decision
    assert removed[1]["started"] == SHADOWS


@pytest.mark.long
async def test_what_a_killed_rehearsal_left_goes_with_the_next_and_ctrl_c_leaves_nothing(
    deployment: Deployment,
) -> None:
    sitting = await _tomorrow(deployment)
    rows, keys, entries = await deployment.rows(), deployment.keys(), deployment.log_length()
    words = (str(sitting.id), "--candidates", "20", "--arrive", "2", "--hand-in", "60")
    running = deployment.command(*words)
    await _some_ops(deployment)
    running.kill()
    running.communicate()
    assert await deployment.rows() != rows
    assert await clean(deployment.parts, _silent) == ()  # its right has not run out: it may only be slow
    assert (deployment.folder / "rehearsal").exists()

    again = deployment.command(*words)
    await _some_ops(deployment, but=(await deployment.parts.record.left())[0].session_id)
    for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):  # the first one counts
        again.send_signal(number)
        await asyncio.sleep(0.3)
    _, told = await asyncio.to_thread(again.communicate)
    assert again.returncode == 130, told
    assert "清除上次彩排的残留" in told
    assert not (deployment.folder / "rehearsal").exists()
    assert told.count("please wait") == 3
    assert await deployment.rows() == rows
    assert deployment.keys() == keys
    assert deployment.log_length() == entries
    assert [
        body.get("outcome") for act, body in await deployment.audited() if act == "rehearsal.removed"
    ] == [
        "died",
        "broken-off",
    ]

    (deployment.folder / "rehearsal").mkdir()  # as one leaves it whose rows the worker took out
    cleaning = deployment.command("--clean")
    _, told = await asyncio.to_thread(cleaning.communicate)
    assert cleaning.returncode == 0, told
    assert not (deployment.folder / "rehearsal").exists()


async def _digests(wired: Wired) -> Mapping[str, str]:
    async with wired.database.reading() as connection:
        found = await digests(connection)
    return {name: digest for name, digest in found.items() if name not in NAMED}


async def _begun(deployment: Deployment, running: "asyncio.Task[Rehearsed]") -> UUID:
    """Wait until somebody has answered."""
    while not running.done():
        for shadow in await deployment.parts.record.left():
            if (await deployment.parts.record.on_record(shadow.session_id)).ops:
                return shadow.session_id
        await asyncio.sleep(0.05)
    raise AssertionError(running.result())


async def _some_ops(deployment: Deployment, *, but: UUID | None = None) -> None:
    async with asyncio.timeout(120):  # the right of one that died runs out, its rows go, new ones come
        while True:
            for shadow in await deployment.parts.record.left():
                held = await deployment.parts.record.on_record(shadow.session_id)
                if held.started and shadow.session_id != but:
                    return
            await asyncio.sleep(0.05)


async def _codes_for_strangers(deployment: Deployment) -> list[str]:
    """What the shadows' phones tell somebody who reaches their port."""
    plan = msgspec.json.decode((deployment.folder / "crowd" / "plan.json").read_bytes())
    told: list[str] = []
    once = plan["people"][0]["phone"]  # its own shadow has asked already
    for path in ("/code/0", "/code/1", f"/code/{once}", "/", "/" + "x" * 100_000):
        reader, writer = await asyncio.open_connection(plan["host"], plan["gateway_port"])
        with contextlib.suppress(ConnectionError):
            writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
            await writer.drain()
            told.append((await reader.read(100)).decode())
        writer.close()
    return [one for one in told if one]


async def _pool_of(deployment: Deployment, session_id: UUID) -> UUID:
    asked = text(
        "select v.pool_id from session s join pool_version v on v.id = s.pool_version_id where s.id = :id"
    )
    async with deployment.wired.database.reading() as connection:
        return UUID(str((await connection.execute(asked, {"id": session_id.hex})).scalar_one()))

"""One chaos run on servers of its own: bounded in time, told line by line, everything ended at the end."""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec

from exam_api.serving.redis_program import find_redis
from exam_api.settings import from_environ
from exam_api.wiring import open_parts
from tools.chaos.crowd import Plan
from tools.chaos.ground import lay
from tools.chaos.proof import Proof, prove, read
from tools.chaos.servers import DidNotStart, Servers
from tools.chaos.story import Story
from tools.refuse import refuse

PROVES: Final = 100
"""A cut that removed fewer acknowledged ops proved nothing."""

LIMIT_S: Final = 660.0
"""The whole run, servers included, stays below twelve minutes."""

ROWS: Final = (
    "network of a phone, back before the deadline",
    "network of a phone, back after the deadline",
    "phone",
    "one API process",
    "Redis process, restarted from its append-only file",
    "a Redis Cluster master",
    "database for 10 min",
    "analysis workers",
    "disk full",
)
"""DESIGN.md §6, row by row."""

FULL: Final = Plan(
    candidates=300,
    steps=(
        "late",
        "phones_without_network",
        "api_dies",
        "worker_dies",
        "redis_dies",
        "database_away",
        "disk_full",
        "power_loss",
        "failover",
    ),
    cuts_s=(0.8, 1.5, 2.0),
    away_s=30.0,
    disk_full_s=20.0,
    short_people=8,
    short_ms=25_000,
    starters=20,
    shows=ROWS,
)
"""`make chaos`."""

SHORT: Final = Plan(
    candidates=32,
    steps=("api_dies", "power_loss", "failover"),
    apis_die=1,
    cuts_s=(1.5,),
    calm_s=1.5,
    away_s=5.0,
    disk_full_s=5.0,
    short_people=0,
    short_ms=25_000,
    starters=4,
    shows=("phone", "one API process", "a Redis Cluster master"),
)
"""The cut of it that a test runs."""


def sized(plan: Plan, candidates: int, *, worker_dead: bool = True) -> Plan:
    """The same plan for so many candidates."""
    return msgspec.structs.replace(plan, candidates=candidates, worker_dead=worker_dead)


def run_chaos(plan: Plan) -> bool:
    """Run it and tell; whether nothing was lost and every cut proved something."""
    program = find_redis()
    if program is None:
        refuse("没有找到 Redis：请安装 redis-server。", "There is no Redis: install redis-server.")
    # Under the system's own temporary folder: a socket's path may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="kw-chaos-"))
    folder.chmod(0o755)  # PostgreSQL may run as another user
    servers = Servers(folder, program)
    try:
        return asyncio.run(_run(servers, plan))
    except DidNotStart as failed:
        refuse("没有启动，原因见下。", str(failed))
    except TimeoutError:
        print(f"FAILED: not done within {LIMIT_S:.0f} s")
        return False
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _run(servers: Servers, plan: Plan) -> bool:
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {line}", flush=True)

    async with asyncio.timeout(LIMIT_S):
        await servers.start()
        say(", ".join(f"{name} {version}" for name, version in servers.versions.items()))
        async with open_parts(from_environ(servers.environ)) as wired:
            laid = await lay(
                wired, people=plan.candidates, short_people=plan.short_people, short_ms=plan.short_ms
            )
            story = Story(servers, wired, laid, plan, say=say)
            await story.run()
            recorded = await read(wired)
            proof = prove(recorded, story.takens, laid, wired)
    return _tell(story, proof, took_s=time.monotonic() - began)


def _tell(story: Story, proof: Proof, *, took_s: float) -> bool:
    """What was cut, every row of the failure table, what was lost; the last line tells it all."""
    tally, told = story.tally, story.told
    print(
        f"calls {tally.calls}: requests lost {tally.lost_requests}, replies lost {tally.lost_replies}, "
        f"unheard {tally.unheard}; the server was set back {sum(one.back for one in story.phones)} times"
    )
    for row in ROWS:
        word = "shown    " if row in told.shown else "not shown"
        print(f"  {word}  {row}: {told.shown.get(row, 'not part of this run')}")
    for what, removed in told.removed:
        came = "not all came back" if proof.faults.get("acknowledged op lost") else "all came back"
        verdict = f"fewer than {PROVES}: PROVED NOTHING" if removed < PROVES else came
        print(f"  {what}: removed {removed} acknowledged ops; {verdict}")
    faults = [
        *told.broken,
        *proof.lines(),
        *(f"{what} proved nothing" for what, removed in told.removed if removed < PROVES),
        *(f"not shown: {row}" for row in story.plan.shows if row not in told.shown),
    ]
    for line in faults:
        print(f"  FAULT {line}")
    cuts = " + ".join(str(removed) for _, removed in told.removed)
    verdict = f"{len(faults)} faults" if faults else "nothing acknowledged was lost"
    print(
        f"{'FAILED' if faults else 'PASSED'}: {len(story.takens)} candidates ({story.sealed_starts} began "
        f"from a sealed paper), {len(story.plan.steps)} kinds of mishap in {took_s:.0f} s; {proof.ops} ops "
        f"made, {proof.acknowledged} acknowledged ({proof.beside} of them beside), cuts removed {cuts} of "
        f"these and {told.lost_starts} starts; {proof.results} results equal the second marking, "
        f"{proof.receipts} receipts genuine, {proof.altered} altered ops noticed; {verdict}"
    )
    return not faults

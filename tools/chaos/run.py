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
)
"""`make chaos`."""

SHORT: Final = Plan(
    candidates=30,
    steps=("api_dies", "power_loss", "failover"),
    cuts_s=(1.5,),
    calm_s=2.0,
    away_s=5.0,
    disk_full_s=5.0,
    short_people=0,
    short_ms=25_000,
)
"""The cut of it that a test runs."""

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
    return _tell(story, proof)


def _tell(story: Story, proof: Proof) -> bool:
    """The last lines: what was cut, every row of the failure table, what was lost."""
    tally, told = story.tally, story.told
    print(
        f"calls {tally.calls}: requests lost {tally.lost_requests}, replies lost {tally.lost_replies}, "
        f"unheard {tally.unheard}; the server was set back {sum(one.back for one in story.phones)} times"
    )
    for row in ROWS:
        word = "shown    " if row in told.shown else "not shown"
        print(f"  {word}  {row}: {told.shown.get(row) or _why_not(row)}")
    nothing = [what for what, removed in told.removed if removed < PROVES]
    for what, removed in told.removed:
        came = "not all came back" if proof.faults.get("acknowledged op lost") else "all came back"
        verdict = f"fewer than {PROVES}: PROVED NOTHING" if removed < PROVES else came
        print(f"  {what}: removed {removed} acknowledged ops; {verdict}")
    print(
        f"ops made {proof.ops}, acknowledged {proof.acknowledged} (of these beside: {proof.beside}), "
        f"sync receipts checked {proof.receipts}, altered ops noticed {proof.altered}"
    )
    for line in (*told.broken, *proof.lines()):
        print(f"  FAULT {line}")
    passed = not nothing and not told.broken and not proof.lines()
    print("nothing acknowledged was lost" if passed else "FAILED")
    return passed


def _why_not(row: str) -> str:
    if row == "analysis workers":
        return "pictures are not analysed yet"
    return "not part of this run"

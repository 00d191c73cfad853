"""`make bench`: measure, print the table, write build/bench.json."""

import asyncio
import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Final

import msgspec
import uvloop

from exam_api.serving.redis_program import find_redis
from exam_api.settings import from_environ
from exam_api.wiring import open_parts
from tools.bench.gateway import open_gateway
from tools.bench.ground import Ground
from tools.bench.load import CONNECTIONS
from tools.bench.measure import Bench, Measured
from tools.bench.processes import ROOT, DidNotStart, choose_cores, pinned_to
from tools.bench.rows import BenchOut, exam_cpu_ms, shown
from tools.bench.servers import Servers, running_servers
from tools.bench.show import show
from tools.refuse import refuse

ROUNDS: Final = 3
"""Groups of candidates that go through the exam one after the other."""

CANDIDATES: Final = 512
"""Candidates of a round: 8 on each connection."""

NO_ROUND_AFTER_S: Final = 45.0
"""On a slow machine no further round is begun after this time."""

LIMIT_S: Final = 90.0
"""The benchmark ends after this time, whatever it has."""

OUT: Final = ROOT / "build" / "bench.json"

PACKAGES: Final = ("granian", "litestar", "msgspec", "redis", "hiredis", "uvloop", "sqlalchemy", "asyncpg")


async def measure(servers: Servers, began: float) -> Measured:
    """Warm up, then as many rounds as there is time for. Raises TimeoutError when not even one was."""
    total, rounds = Measured(), 0
    async with AsyncExitStack() as ends:
        wired = await ends.enter_async_context(open_parts(from_environ(servers.environ)))
        gateway = await ends.enter_async_context(open_gateway(servers.sms_port))
        ground = Ground(wired)
        try:
            async with asyncio.timeout(LIMIT_S - (time.monotonic() - began)):
                people = await ground.lay(CONNECTIONS + ROUNDS * CANDIDATES)
                bench = Bench(servers, ground, gateway, wired.exam)
                await bench.round(people[:CONNECTIONS])
                await bench.learn_idle()
                while rounds < ROUNDS and time.monotonic() - began < NO_ROUND_AFTER_S:
                    first = CONNECTIONS + rounds * CANDIDATES
                    total.add(await bench.round(people[first : first + CANDIDATES]))
                    rounds += 1
        except TimeoutError:
            if not total.rows:
                raise
    return total


def written(measured: Measured, versions: Mapping[str, str], load: float) -> BenchOut:
    """What goes into the file."""
    noop_us = sum(measured.noop_us) / len(measured.noop_us)
    endpoints = {name: shown(row, noop_us=noop_us) for name, row in measured.rows.items()}
    return BenchOut(
        noop_us=round(noop_us, 1),
        noop_us_slices=[round(one, 1) for one in measured.noop_us],
        endpoints=endpoints,
        exam_cpu_ms=exam_cpu_ms(endpoints),
        load_average=round(load, 2),
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
            **{name: told for name, told in versions.items() if told},
            "kernel": platform.release(),
        },
    )


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Take a termination as Ctrl-C: the event loop knows how to end on that one."""
    os.kill(os.getpid(), signal.SIGINT)


def main() -> None:
    """Run it; status 1 when a row is void."""
    if sys.platform != "linux":
        refuse(
            "基准测试读取 /proc 中的 CPU 时间，只能在 Linux 上运行。",
            "The benchmark reads CPU times from /proc: it runs on Linux only.",
        )
    program = find_redis()
    if program is None:
        refuse("没有找到 Redis：请安装 redis-server。", "There is no Redis: install redis-server.")
    signal.signal(signal.SIGTERM, _interrupt)
    began, load, cores = time.monotonic(), os.getloadavg()[0], choose_cores()
    # A short path: a socket's may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="kw-bench-"))
    folder.chmod(0o755)
    try:
        with running_servers(folder, program, cores) as servers, pinned_to(cores.rest):
            measured = uvloop.run(measure(servers, began))
    except DidNotStart as failed:
        refuse("服务没有启动，原因见下。", str(failed))
    except TimeoutError:
        refuse(
            f"{LIMIT_S:.0f} 秒内没有测完一轮：机器太忙，请稍后再试。",
            f"Not one round was done in {LIMIT_S:.0f} s: the machine is too busy, try again later.",
        )
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    out = written(measured, servers.versions, load)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(msgspec.json.format(msgspec.json.encode(out), indent=2) + b"\n")
    show(out, seconds=time.monotonic() - began)
    sys.exit(any(row.void for row in out.endpoints.values()))


if __name__ == "__main__":
    main()

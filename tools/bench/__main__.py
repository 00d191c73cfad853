"""`make bench`: measure, print the table, write build/bench.json."""

import asyncio
import os
import platform
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from importlib.metadata import version
from typing import Final

import msgspec

from exam_api.settings import from_environ
from exam_api.wiring import open_parts
from tools.bench.gateway import open_gateway
from tools.bench.ground import Ground
from tools.bench.load import CONNECTIONS
from tools.bench.measure import Bench, Measured
from tools.bench.processes import ROOT
from tools.bench.rows import ENDPOINTS, BenchOut, exam_cpu_ms, shown
from tools.bench.run import LIMIT_S, run_on_servers
from tools.bench.servers import Servers
from tools.bench.show import show

ROUNDS: Final = 3
"""Groups of candidates that go through the exam one after the other."""

CANDIDATES: Final = 256
"""Candidates of a round: 4 on each connection."""

NO_ROUND_AFTER_S: Final = 40.0
"""On a slow machine no further round is begun so long after the servers were ready."""

PREPARED: Final = 64
"""Candidates of a round who start with a sealed paper."""

OUT: Final = ROOT / "build" / "bench.json"

PACKAGES: Final = ("granian", "litestar", "msgspec", "redis", "hiredis", "uvloop", "sqlalchemy", "asyncpg")


async def measure(servers: Servers) -> Measured:
    """Warm up, then as many rounds as there is time for. Raises TimeoutError when not even one was."""
    total, rounds, began = Measured(), 0, time.monotonic()
    async with AsyncExitStack() as ends:
        wired = await ends.enter_async_context(open_parts(from_environ(servers.environ)))
        gateway = await ends.enter_async_context(open_gateway(servers.sms_port))
        ground = Ground(wired)
        try:
            async with asyncio.timeout(LIMIT_S):
                first, *people = await ground.lay(
                    1 + CONNECTIONS + ROUNDS * CANDIDATES + (1 + ROUNDS) * PREPARED
                )
                bench = Bench(servers, ground, gateway, wired.exam)
                await bench.started([first])  # alone: it looks the session's source up
                prepared = [people[at : at + PREPARED] for at in range(0, (1 + ROUNDS) * PREPARED, PREPARED)]
                people = people[(1 + ROUNDS) * PREPARED :]
                await bench.round(people[:CONNECTIONS], prepared.pop())
                await bench.learn_idle()
                while rounds < ROUNDS and time.monotonic() - began < NO_ROUND_AFTER_S:
                    at = CONNECTIONS + rounds * CANDIDATES
                    total.add(await bench.round(people[at : at + CANDIDATES], prepared.pop()))
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
        not_measured=[name for name in ENDPOINTS if name not in endpoints],
        exam_cpu_ms=exam_cpu_ms(endpoints),
        load_average=round(load, 2),
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
            **{name: told for name, told in versions.items() if told},
            "kernel": platform.release(),
        },
    )


def main() -> None:
    """Run it; status 1 when a row is void."""
    began, load = time.monotonic(), os.getloadavg()[0]
    versions, measured = run_on_servers(measure)
    out = written(measured, versions, load)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(msgspec.json.format(msgspec.json.encode(out), indent=2) + b"\n")
    show(out, seconds=time.monotonic() - began)
    sys.exit(any(row.void for row in out.endpoints.values()))


if __name__ == "__main__":
    main()

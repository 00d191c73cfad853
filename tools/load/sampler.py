"""Looking at processes while they work: CPU and memory of each, and how far the record is behind."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from loadtest.curves import Point
from tools.bench.cpu import Reading, descendants, read_cpu, spent_us

EVERY_S: Final = 1.0

MEMORY_EVERY: Final = 5
"""Looks at the processors for one at memory: the kernel walks every page for it."""


class Lag(NamedTuple):
    """How far behind things are."""

    entries: int
    redis_ms: float
    database_ms: float


class Sampler:
    """Points of one run, by process."""

    def __init__(self, pids: Mapping[str, int], *, begins_mono_s: float) -> None:
        self._pids = pids
        self._begins_mono_s = begins_mono_s
        self.points: list[Point] = []
        self.spent_us: dict[str, float] = dict.fromkeys(pids, 0.0)

    async def watch(self, lag: Callable[[], Awaitable[Lag]]) -> None:
        """Until cancelled."""
        before: dict[str, Reading] = {name: read_cpu(pid) for name, pid in self._pids.items()}
        last_s = time.monotonic()
        memory: dict[str, float] = {}
        while True:
            await asyncio.sleep(EVERY_S)
            now_s = time.monotonic()
            cpu: dict[str, float] = {}
            for name, pid in self._pids.items():
                reading = read_cpu(pid)
                used = spent_us(before[name], reading)
                self.spent_us[name] += used
                cpu[name] = used / 1e6 / (now_s - last_s)
                before[name] = reading
            if len(self.points) % MEMORY_EVERY == 0:
                memory = {name: memory_mb(pid) for name, pid in self._pids.items()}
            at_s, last_s = now_s - self._begins_mono_s, now_s
            behind = await lag()
            self.points.append(
                Point(
                    at_s=at_s,
                    cores=cpu,
                    memory_mb=memory,
                    lag=behind.entries,
                    redis_ms=behind.redis_ms,
                    database_ms=behind.database_ms,
                )
            )


def memory_mb(pid: int) -> float:
    """Proportional share of memory of a process and those below it; pages shared by two count once."""
    return sum(_pss_kb(process) for process in descendants(pid)) / 1024


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)

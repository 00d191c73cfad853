"""What the processes of a benchmark used on a CPU for a piece of work, less what they use anyway."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from tools.bench.cpu import Reading, read_cpu, spent_us
from tools.bench.rows import Spent
from tools.bench.servers import Servers

IDLE_S: Final = 1.0
"""How long it is watched what the processes use when nobody asks anything."""


class Meter:
    """Reads what the processes use."""

    def __init__(self, servers: Servers) -> None:
        self._pids = {
            "server": servers.api,
            "redis": servers.redis,
            "database": servers.database,
            "worker": servers.worker,
        }
        self._idle: Mapping[str, float] = {}
        """µs in a second."""

    async def learn_idle(self) -> None:
        """Watch for a moment: a beat, polls and timers are no request's cost, however long the drain is."""
        before, began = self._read(), time.perf_counter()
        await asyncio.sleep(IDLE_S)
        seconds = time.perf_counter() - began
        self._idle = {name: used / seconds for name, used in self._used(before, self._read()).items()}

    async def spent(self, work: Callable[[], Awaitable[None]], after: Callable[[], Awaitable[None]]) -> Spent:
        """What `work` and what follows on it cost, less what is used anyway."""
        before, began = self._read(), time.perf_counter()
        await work()
        await after()
        seconds = time.perf_counter() - began
        used = self._used(before, self._read())
        net = {name: max(0.0, us - seconds * self._idle.get(name, 0.0)) for name, us in used.items()}
        return Spent(
            server=net["server"],
            redis=net["redis"],
            database=net.get("database"),
            worker=net["worker"],
        )

    def _read(self) -> dict[str, Reading]:
        return {name: read_cpu(pid) for name, pid in self._pids.items() if pid is not None}

    @staticmethod
    def _used(before: Mapping[str, Reading], after: Mapping[str, Reading]) -> dict[str, float]:
        return {name: spent_us(before[name], reading) for name, reading in after.items()}

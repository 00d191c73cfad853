"""How busy the processes of this deployment on this machine are, from /proc; Redis tells it itself."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import text

from exam_api.live.lane import Lane
from exam_api.ports import Measures
from exam_api.rehearsal.verdict import Part, Use
from exam_api.settings import Settings, SettingsRefused, from_environ
from exam_api.store.engine import Database

EVERY_S: Final = 1.0

SMOOTH: Final = 2
"""Looks whose mean counts: one second alone may be a hiccup."""

TICK: Final = os.sysconf("SC_CLK_TCK")

PROGRAMS: Final[Mapping[Part, str]] = {Part.API: "exam_api.serving.api", Part.WORKER: "exam_api.worker"}
"""Module on the command line by which a process of the service is known."""

_PROC: Final = Path("/proc")


class Look(dict[str, float]):
    """CPU seconds so far by part, and what else was read at one instant."""


class Sampler:
    """Looks every second until it is ended; then says how busy everything was at its busiest."""

    def __init__(self, settings: Settings, lane: Lane, measures: Measures, database: Database) -> None:
        self._settings = settings
        self._lane = lane
        self._measures = measures
        self._database = database
        self._roots: dict[str, list[int]] = {}
        self._rates: dict[str, list[float]] = {}
        self._memory_mb: list[float] = []
        self._own_mb: list[float] = []
        self.lag_most_s = 0.0

    async def find(self) -> None:
        """Find the processes; what runs elsewhere is not seen."""
        found = await asyncio.to_thread(_of_deployment, self._settings)
        self._roots = {part.value: pids for part, pids in found.items()}
        if not self._database.is_sqlite:
            self._roots[Part.DATABASE] = await self._postmaster()

    async def watch(self, drivers: Sequence[int]) -> None:
        """Until cancelled."""
        self._roots[Part.DRIVER] = list(drivers)
        before, last_s = await self._look(), time.monotonic()
        while True:
            await asyncio.sleep(EVERY_S)
            now, now_s = await self._look(), time.monotonic()
            for name, used in now.items():
                rate = max(0.0, used - before.get(name, used)) / (now_s - last_s)
                self._rates.setdefault(name, []).append(rate)
            before, last_s = now, now_s
            self._memory_mb.append(available_mb())
            self._own_mb.append(sum(_resident_mb(pid) for pid in drivers))
            self.lag_most_s = max(self.lag_most_s, await self._lag_s())

    def uses(self) -> Sequence[Use]:
        """Every part that was seen, at its busiest."""
        cores = float(os.cpu_count() or 1)
        workers = float(max(1, len(self._roots.get(Part.WORKER, []))))
        of = {
            Part.API: min(cores, float(self._settings.api_workers)),
            Part.REDIS: 1.0,
            Part.WORKER: workers,
            Part.DATABASE: cores,
        }
        found = [
            Use(part=part, used=busiest(self._rates[part]), of=most)
            for part, most in of.items()
            if self._rates.get(part)
        ]
        if self._memory_mb:
            most = max(self._memory_mb[0] + self._own_mb[0], 1.0)
            free = min(a + b for a, b in zip(self._memory_mb, self._own_mb, strict=True))
            found.append(Use(part=Part.MEMORY, used=max(0.0, most - free), of=most, unit="MB"))
        return found

    @property
    def machine(self) -> float:
        """Share of this machine in use."""
        return min(1.0, busiest(self._rates.get("machine", ())) / float(os.cpu_count() or 1))

    @property
    def driver(self) -> float:
        """Share of this machine that the shadows took."""
        return busiest(self._rates.get(Part.DRIVER, ())) / float(os.cpu_count() or 1)

    async def _look(self) -> Mapping[str, float]:
        looked = await asyncio.to_thread(_cpu_of, self._roots)
        looked[Part.REDIS] = await self._redis_s()
        return looked

    async def _redis_s(self) -> float:
        told = await info(self._lane, "cpu")
        return float(told.get("used_cpu_user", 0)) + float(told.get("used_cpu_sys", 0))

    async def _lag_s(self) -> float:
        oldest = [one.oldest_ms for one in await self._measures.shards() if one.oldest_ms]
        return max(0.0, time.time() - min(oldest) / 1000) if oldest else 0.0  # noqa: TID251 - Redis' clock is the wall's

    async def _postmaster(self) -> list[int]:
        """PostgreSQL's first process, where it runs on this machine: the parent of our own connection's."""
        async with self._database.reading() as connection:
            pid = int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())
        fields = _stat(pid)
        return [int(fields[1])] if fields and "postgres" in _command(int(fields[1])) else []


async def info(lane: Lane, section: str) -> Mapping[str, str]:
    """What Redis says of itself."""
    told = bytes(await lane.command("INFO", section)).decode()
    pairs = (line.split(":", 1) for line in told.splitlines() if ":" in line)
    return {name: value.strip() for name, value in pairs}


def busiest(rates: Sequence[float]) -> float:
    """The highest mean of `SMOOTH` looks in a row."""
    if not rates:
        return 0.0
    size = min(SMOOTH, len(rates))
    return max(sum(rates[at : at + size]) / size for at in range(len(rates) - size + 1))


def available_mb() -> float:
    """Memory that programs could still have."""
    for line in (_PROC / "meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _of_deployment(settings: Settings) -> Mapping[Part, list[int]]:
    """Processes whose program and settings are this deployment's."""
    found: dict[Part, list[int]] = {part: [] for part in PROGRAMS}
    for pid in _pids():
        words = _command(pid).split("\0")
        for part, module in PROGRAMS.items():
            if module in words and "tied.py" not in words[0] and _is_ours(pid, settings):
                found[part].append(pid)
    # A launcher and the program it became, or a parent and its child, count once.
    return {part: [pid for pid in pids if not _below(pid, pids)] for part, pids in found.items()}


def _is_ours(pid: int, settings: Settings) -> bool:
    try:
        raw = (_PROC / str(pid) / "environ").read_bytes().decode(errors="replace")
        own = from_environ(dict(pair.split("=", 1) for pair in raw.split("\0") if "=" in pair))
    except (OSError, SettingsRefused):
        return False
    return (own.database_url, own.redis_url) == (settings.database_url, settings.redis_url)


def _below(pid: int, others: Sequence[int]) -> bool:
    fields = _stat(pid)
    return bool(fields) and int(fields[1]) in others


def _cpu_of(roots: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """CPU seconds so far of each part with everything below it, and of the whole machine."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for pid in _pids():
        fields = _stat(pid)
        if fields:
            children.setdefault(int(fields[1]), []).append(pid)
            used[pid] = (int(fields[11]) + int(fields[12])) / TICK
    found = {
        name: sum(used.get(pid, 0.0) for pid in _tree(pids, children)) for name, pids in roots.items() if pids
    }
    return found | {"machine": _machine_s()}


def _tree(pids: Sequence[int], children: Mapping[int, Sequence[int]]) -> Sequence[int]:
    found = list(pids)
    for one in found:
        found += children.get(one, ())
    return found


def _machine_s() -> float:
    fields = [int(one) for one in (_PROC / "stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICK  # less idle and waiting for a disk


def _resident_mb(pid: int) -> float:
    try:
        pages = int((_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _pids() -> Sequence[int]:
    return [int(one.name) for one in _PROC.iterdir() if one.name.isdigit()]


def _command(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def _stat(pid: int) -> Sequence[str]:
    """Fields of /proc/<pid>/stat after the name: state, parent, and so on."""
    try:
        told = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    return told[told.rindex(")") + 2 :].split()

"""Where the CPU of a sync goes: `python -m tools.bench.layers` takes the floors off one after the other.

The same sync (one new op with its chain) is made over HTTP, then in this process through the whole
application, without the floor outside, and so on down to a bare question to Redis; what two neighbours differ
by is the floor between them. Floors take turns, so a busy machine is as unkind to one as to the other.
"""

import asyncio
import gc
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from exam_api.live.watch import Watch
from exam_api.log import start_logging
from exam_api.settings import from_environ
from exam_api.wiring import open_parts
from tools.bench.candidate import Candidate
from tools.bench.cpu import read_cpu, spent_us
from tools.bench.floors import LANE, LIVE, Floor, Floors, Once
from tools.bench.gateway import open_gateway
from tools.bench.ground import Ground, ops_held
from tools.bench.load import CONNECTIONS
from tools.bench.measure import Bench
from tools.bench.processes import choose_cores, pinned_to
from tools.bench.run import LIMIT_S, run_on_servers
from tools.bench.servers import Servers

CANDIDATES: Final = 256

TURNS: Final = 4
"""How often every floor has its turn."""

SYNCS: Final = 3
"""Syncs of each candidate in one turn of one floor."""

GRANIAN: Final = "Granian (HTTP, sockets)"

WATCH: Final = "watch (every log entry read back)"
"""Stands beside the others: the API process follows the log for walls and pokes, whoever looks."""

NOOP: Final = "no-op"


async def measure(servers: Servers) -> dict[str, float]:
    """µs of one call by floor, each with all that lies under it; and of the no-op."""
    used: dict[str, float] = {}
    async with AsyncExitStack() as ends:
        await ends.enter_async_context(asyncio.timeout(LIMIT_S))
        settings = from_environ(servers.environ)
        start_logging(msgspec.structs.replace(settings, log_level="warning"))
        wired = await ends.enter_async_context(open_parts(settings))
        gateway = await ends.enter_async_context(open_gateway(servers.sms_port))
        ground = Ground(wired)
        bench = Bench(servers, ground, gateway, wired.exam)
        first, *people = await ground.lay(1 + CANDIDATES)
        await bench.started([first])  # alone: it looks the session's source up
        candidates = await bench.started(people)
        floors, watch = Floors(wired).all(), Watch(settings.redis_url, epoch="floors")
        bases = iter(range(100))
        await _over_http(servers, bench, candidates, [next(bases)])  # layouts are looked up once: not here
        await _inside(next(iter(floors.values())), candidates, [next(bases)])
        for _ in range(TURNS):
            used[NOOP] = used.get(NOOP, 0.0) + await bench.noop()
            turn = [next(bases) for _ in range(SYNCS)]
            used[GRANIAN] = used.get(GRANIAN, 0.0) + await _over_http(servers, bench, candidates, turn)
            for name, floor in floors.items():
                own = [] if name == LANE else [next(bases) for _ in range(SYNCS)]
                used[name] = used.get(name, 0.0) + await _inside(floor, candidates, own or turn)
            turn = [next(bases) for _ in range(SYNCS)]
            await watch.open()
            used[WATCH] = used.get(WATCH, 0.0) + await _inside(floors[LIVE], candidates, turn)
            await watch.close()
        await _check_all_held(ground, candidates, next(bases))
    used[WATCH] -= used[LIVE]
    return {name: us / TURNS for name, us in used.items()}


async def _check_all_held(ground: Ground, candidates: Sequence[Candidate], ops: int) -> None:
    """Whatever floor took them, all ops are on record: else a refusal was measured, not a sync."""
    await ground.drained()
    held = await ground.held()
    lacking = [one.attempt_id for one in candidates if ops_held(held.get(one.attempt_id), ops) != ops]
    if lacking:
        raise LookupError(lacking)


async def _over_http(
    servers: Servers, bench: Bench, candidates: Sequence[Candidate], bases: Sequence[int]
) -> float:
    """µs that the API process used for each call."""
    before = read_cpu(servers.api)
    answers = await bench.drive(candidates, lambda one: [one.sync(base) for base in bases])
    if answers.refused:
        raise ValueError(answers.refused[0])
    return spent_us(before, read_cpu(servers.api)) / answers.count


async def _inside(floor: Floor, candidates: Sequence[Candidate], bases: Sequence[int]) -> float:
    """µs that this process used for each call, with as many under way at once as over HTTP."""
    lanes = [
        [floor(one, base) for base in bases for one in candidates[number::CONNECTIONS]]
        for number in range(CONNECTIONS)
    ]
    gc.collect()
    gc.disable()
    try:
        with pinned_to(choose_cores().server):  # the API rests meanwhile
            before = time.process_time()
            await asyncio.gather(*(_one_after_the_other(lane) for lane in lanes))
            spent_s = time.process_time() - before
    finally:
        gc.enable()
    return spent_s * 1e6 / sum(map(len, lanes))


async def _one_after_the_other(calls: Sequence[Once]) -> None:
    for call in calls:
        await call()


def table_of(used: Mapping[str, float]) -> Table:
    """One line for each floor: what it costs alone, and that as a share of the whole and of a no-op."""
    names = [name for name in used if name not in {NOOP, WATCH}]
    whole, noop_us, watch = used[GRANIAN], used[NOOP], used[WATCH]
    table = Table(title="CPU of one sync, by floor", title_justify="left", title_style="bold")
    table.add_column("floor")
    for head in ("µs with all below", "µs alone", "share of the sync", "no-ops"):
        table.add_column(head, justify="right")
    for name, below in zip(names, [*names[1:], None], strict=True):
        own = used[name] - (used[below] if below else 0.0) - (watch if name == GRANIAN else 0.0)
        table.add_row(name, f"{used[name]:.1f}", f"{own:.1f}", f"{own / whole:.0%}", f"{own / noop_us:.2f}")
        if name == GRANIAN:
            table.add_row(WATCH, "", f"{watch:.1f}", f"{watch / whole:.0%}", f"{watch / noop_us:.2f}")
    table.add_row("the whole sync", f"{whole:.1f}", "", "100%", f"{whole / noop_us:.2f}")
    table.add_row("no-op", f"{noop_us:.1f}", "", "", "1")
    return table


def main() -> None:
    """Measure and print."""
    _, used = run_on_servers(measure)
    Console(highlight=False, width=100).print(table_of(used))


if __name__ == "__main__":
    main()

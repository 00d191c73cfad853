"""`make load`: start the service, lay a session, let people come, count, judge, write build/load/."""

import argparse
import asyncio
import os
import platform
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from exam_api.serving.redis_program import RedisProgram, find_redis
from loadtest.limits import read_limits
from loadtest.report import Run, write_report
from loadtest.shapes import TIERS, Shape
from loadtest.waiting import waiting_of
from tools.bench.processes import ROOT, DidNotStart
from tools.load.drive import LAY_EACH_S, Driven, drive
from tools.load.phases import phases_of
from tools.load.pngs import write_pngs
from tools.load.search import Found, quick, search
from tools.load.servers import keep_logs, running_servers
from tools.load.sole import RunsAlready, alone_in
from tools.load.told import last_line, show
from tools.refuse import refuse

OUT: Final = ROOT / "build" / "load"

LAY_ROOM: Final = 1.7
"""So many times longer than in the run before laying may take in the next one of a search."""


class Asked(argparse.Namespace):
    """What make hands over."""

    tier: str
    driver: str
    candidates: int
    steady: float
    seed: int
    tls: bool
    search: bool
    out: Path


def asked() -> Asked:
    """Read the command line."""
    words = argparse.ArgumentParser(prog="tools.load", description=__doc__)
    words.add_argument("--tier", choices=sorted(TIERS), default="S")
    words.add_argument("--driver", choices=("asyncio", "locust"), default="asyncio")
    words.add_argument("--candidates", type=int, default=0, help="another number of people in the same shape")
    words.add_argument("--steady", type=float, default=0, help="seconds of answering, instead of the tier's")
    words.add_argument("--seed", type=int, default=20_000)
    words.add_argument("--tls", action="store_true", help="through nginx of deploy/, in TLS")
    words.add_argument("--search", action="store_true", help="find the largest number that keeps the limits")
    words.add_argument("--out", type=Path, default=OUT, help="folder of the reports")
    return words.parse_args(namespace=Asked())


def main() -> None:
    """Run it; status 1 when a limit was broken, or when no number was found."""
    given = asked()
    if sys.platform != "linux":
        refuse("压测只能在 Linux 上运行。", "The load test reads /proc: it runs on Linux only.")
    program = find_redis()
    if program is None:
        refuse("没有找到 Redis：请安装 redis-server。", "There is no Redis: install redis-server.")
    shape = TIERS[given.tier]
    if given.candidates > 0:
        shape = msgspec.structs.replace(shape, candidates=given.candidates)
    if given.search:
        shape = quick(shape)
    if given.steady > 0:
        shape = msgspec.structs.replace(shape, steady_s=given.steady)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _raise_files()
    out = given.out.absolute() / "-".join([shape.tier, given.driver, *(["tls"] if given.tls else [])])
    try:
        with alone_in(out):
            held = _searched(shape, given, program, out) if given.search else _ran(shape, given, program, out)
    except RunsAlready as other:
        refuse(
            f"另一次压测正在使用 {other.folder}（进程 {other.by}），请等它结束。",
            f"{other}: wait for its end.",
        )
    except DidNotStart as failed:
        refuse("没有启动，原因见下。", str(failed))
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0 if held else 1)


def _ran(shape: Shape, given: Asked, program: RedisProgram, out: Path) -> bool:
    return _once(shape, given, program, out)[0].held


def _once(
    shape: Shape, given: Asked, program: RedisProgram, out: Path, *, lay_each_s: float = 0.0
) -> tuple[Run, float]:
    """One run with its report; and how long laying took for each. Raises DidNotStart.

    `lay_each_s`: how long it may take; 0 where nobody has measured it yet.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    # Under the system's own temporary folder: a socket's path may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="kw-load-"))
    folder.chmod(0o755)  # PostgreSQL may run as another user
    try:
        with running_servers(folder, program, api_workers=shape.api_workers, tls=given.tls) as served:
            began = time.monotonic()
            driven = uvloop.run(
                drive(
                    served,
                    shape,
                    driver=given.driver,
                    seed=given.seed,
                    out=out,
                    lay_each_s=lay_each_s or _lay_each_s(),
                )
            )
            run = _told(driven, shape, seconds=time.monotonic() - began, versions=dict(served.versions))
    finally:
        keep_logs(folder, out)
        shutil.rmtree(folder, ignore_errors=True)
    (out / "sizes.json").write_bytes(msgspec.json.encode(driven.sizes))
    page = write_report(run, driven.samples, out)
    write_pngs(out)
    show(run)
    near = page.relative_to(ROOT) if page.is_relative_to(ROOT) else page
    print(last_line(run, near), flush=True)
    return run, driven.lay_each_s


def _searched(shape: Shape, given: Asked, program: RedisProgram, out: Path) -> bool:
    """The largest number that keeps the limits, in the same shape."""
    lay_each_s = 0.0

    def tried(candidates: int) -> Run:
        nonlocal lay_each_s
        fewer = msgspec.structs.replace(shape, candidates=candidates)
        own = out.with_name(f"{out.name}-{candidates}")
        run, took_s = _once(fewer, given, program, own, lay_each_s=lay_each_s)
        lay_each_s = took_s * LAY_ROOM
        return run

    found: Found = search(tried, most=shape.candidates, limits=read_limits(shape.tier), now_s=time.monotonic)
    (out.with_name(f"{out.name}-search.json")).write_bytes(
        msgspec.json.format(msgspec.json.encode(found.runs), indent=1) + b"\n"
    )
    for line in found.lines():
        print(line, flush=True)
    return found.largest is not None


def _lay_each_s() -> float:
    """More where other work fills the machine: the opening is fixed before the sessions are laid."""
    return LAY_EACH_S * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _raise_files() -> None:
    """As many open files as this user may have: every candidate is a connection."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _told(driven: Driven, shape: Shape, *, seconds: float, versions: dict[str, str]) -> Run:
    came = max(1, sum(one.came for one in driven.kept))
    machine = {
        "CPU": f"{os.cpu_count()}",
        "load before": f"{driven.load_before:.2f}",
        "python": platform.python_version(),
        "kernel": platform.release(),
        **{name: told for name, told in versions.items() if told},
    }
    return Run(
        shape=shape,
        driver=driven.driver,
        seconds=round(seconds, 1),
        verdicts=driven.judged(read_limits(shape.tier)),
        summaries=driven.summaries,
        counted=msgspec.structs.asdict(driven.counted),
        cpu_ms_each={name: us / 1000 / came for name, us in driven.spent_us.items()},
        memory_mb={
            name: max((point.memory_mb.get(name, 0.0) for point in driven.points), default=0.0)
            for name in driven.spent_us
        },
        pokes=driven.pokes,
        refusals=driven.refusals,
        machine=machine,
        points=driven.points,
        phases=phases_of(shape, driven.points),
        handshakes=driven.handshakes,
        waiting=waiting_of(driven.kept),
        last_start_s=round(driven.facts.last_start_s, 1),
        served=driven.facts.served,
    )


if __name__ == "__main__":
    try:
        main()
    except asyncio.CancelledError:
        sys.exit(130)

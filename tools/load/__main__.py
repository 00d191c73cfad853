"""`make load`: start the service, lay a session, let people come, count, judge, write build/load/."""

import argparse
import asyncio
import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from exam_api.serving.redis_program import find_redis
from loadtest.limits import read_limits
from loadtest.report import Run, write_report
from loadtest.shapes import TIERS, Shape
from tools.bench.processes import ROOT, DidNotStart
from tools.load.drive import Driven, drive
from tools.load.servers import keep_logs, running_servers
from tools.refuse import refuse

OUT: Final = ROOT / "build" / "load"

LOG_SHOWN: Final = 1_500
"""Characters of a log that are shown when something went wrong."""


def asked() -> argparse.Namespace:
    """What make hands over."""
    words = argparse.ArgumentParser(prog="tools.load", description=__doc__)
    words.add_argument("--tier", choices=sorted(TIERS), default="S")
    words.add_argument("--driver", choices=("asyncio", "locust"), default="asyncio")
    words.add_argument("--candidates", type=int, default=0, help="another number of people in the same shape")
    words.add_argument("--seed", type=int, default=20_000)
    return words.parse_args()


def main() -> None:
    """Run it; status 1 when a limit was broken."""
    given = asked()
    if sys.platform != "linux":
        refuse("压测只能在 Linux 上运行。", "The load test reads /proc: it runs on Linux only.")
    program = find_redis()
    if program is None:
        refuse("没有找到 Redis：请安装 redis-server。", "There is no Redis: install redis-server.")
    shape = TIERS[given.tier]
    if given.candidates > 0:
        shape = msgspec.structs.replace(shape, candidates=given.candidates)
    out = OUT / f"{shape.tier}-{given.driver}"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Under the system's own temporary folder: a socket's path may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="kw-load-"))
    folder.chmod(0o755)  # PostgreSQL may run as another user
    try:
        with running_servers(folder, program, api_workers=shape.api_workers) as served:
            began = time.monotonic()
            driven = uvloop.run(drive(served, shape, driver=given.driver, seed=given.seed, out=out))
            run = _told(driven, shape, seconds=time.monotonic() - began, versions=dict(served.versions))
    except DidNotStart as failed:
        refuse("没有启动，原因见下。", str(failed))
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        keep_logs(folder, out)
        shutil.rmtree(folder, ignore_errors=True)
    (out / "sizes.json").write_bytes(msgspec.json.encode(driven.sizes))
    page = write_report(run, driven.samples, out)
    _show(run, page)
    sys.exit(0 if run.held else 1)


def _told(driven: Driven, shape: Shape, *, seconds: float, versions: dict[str, str]) -> Run:
    started = max(1, driven.counted.started)
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
        cpu_ms_each={name: us / 1000 / started for name, us in driven.spent_us.items()},
        memory_mb={
            name: max((point.memory_mb.get(name, 0.0) for point in driven.points), default=0.0)
            for name in driven.spent_us
        },
        pokes=driven.pokes,
        refusals=driven.refusals,
        machine=machine,
        points=driven.points,
    )


def _show(run: Run, page: Path) -> None:
    for one in run.summaries.values():
        print(
            f"{one.name:7} {one.count:8,} calls {one.errors:5} errors  peak {one.peak_rps:5}/s  "
            f"p50 {one.p50_ms:7.1f}  p99 {one.p99_ms:8.1f} ms"
        )
    print("CPU ms per candidate: " + ", ".join(f"{name} {ms:.1f}" for name, ms in run.cpu_ms_each.items()))
    for verdict in run.verdicts:
        mark = "kept  " if verdict.held else "BROKEN"
        print(f"{mark} {verdict.zh} {verdict.en}: {verdict.measured} ({verdict.limit})")
    last = "全部达标 every limit kept" if run.held else "未达标 limits broken"
    print(f"{run.shape.tier} {run.shape.candidates:,} {run.driver}: {last} → {page.relative_to(ROOT)}")


if __name__ == "__main__":
    try:
        main()
    except asyncio.CancelledError:
        sys.exit(130)

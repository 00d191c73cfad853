"""Running a measurement on servers of its own: bounded in time, ended in order, nothing left behind."""

import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Final, TypeVar

import uvloop

from exam_api.serving.redis_program import find_redis
from tools.bench.load import NotUnderstood
from tools.bench.processes import DidNotStart, choose_cores, pinned_to
from tools.bench.servers import Servers, running_servers
from tools.refuse import refuse

LIMIT_S: Final = 75.0
"""A measurement ends so long after its servers were ready, whatever it has."""

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

LOG_SHOWN: Final = 1_500
"""Characters of the service's log that are shown when it went wrong."""

INTERRUPTED: Final = 130
"""Status of a program that Ctrl-C ended."""

T = TypeVar("T")


def run_on_servers(measure: Callable[[Servers], Coroutine[Any, Any, T]]) -> tuple[Mapping[str, str], T]:
    """What `measure` gives, and the servers' versions. Ends the program with a sentence where it cannot."""
    if sys.platform != "linux":
        refuse(
            "基准测试读取 /proc 中的 CPU 时间，只能在 Linux 上运行。",
            "The benchmark reads CPU times from /proc: it runs on Linux only.",
        )
    program = find_redis()
    if program is None:
        refuse("没有找到 Redis：请安装 redis-server。", "There is no Redis: install redis-server.")
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    cores = choose_cores()
    # Under the system's own temporary folder: a socket's path may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="kw-bench-"))
    folder.chmod(0o755)  # PostgreSQL may run as another user
    try:
        with running_servers(folder, program, cores) as servers, pinned_to(cores.rest):
            return servers.versions, uvloop.run(_until_told(measure(servers)))
    except DidNotStart as failed:
        refuse("没有启动，原因见下。", str(failed))
    except (ConnectionError, NotUnderstood) as broken:
        refuse(
            f"测量中断，服务最后的日志：\n{_end_of(folder / 'api.log')}",
            f"The measurement broke off ({broken}); above is the end of the service's log.",
        )
    except TimeoutError:
        refuse(
            f"{LIMIT_S:.0f} 秒内没有测完一轮：机器太忙，请稍后再试。",
            f"Not one round was done in {LIMIT_S:.0f} s: the machine is too busy, try again later.",
        )
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(INTERRUPTED)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-LOG_SHOWN:] if log.exists() else ""


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Leave through every `finally`, so that everything that was started is ended."""
    raise KeyboardInterrupt


async def _until_told(measure: Coroutine[Any, Any, T]) -> T:
    """Measure; a signal cancels it. An event loop wants to be asked for signals itself."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None:
        for number in SIGNALS:
            loop.add_signal_handler(number, task.cancel)
    try:
        return await measure
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, _interrupt)

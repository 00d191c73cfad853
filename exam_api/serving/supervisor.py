"""`kaowu serve`: starting the processes of a role in order, keeping them alive, ending them in reverse."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, nullcontext
from enum import StrEnum, unique
from typing import Final

import structlog

from exam_api.serving import embedded_redis, listening
from exam_api.serving.child import Child
from exam_api.serving.errors import ServingRefused
from exam_api.serving.ground import check_folder, check_port, sole_owner
from exam_api.settings import Settings

READY_FILE: Final = "service.ready"
"""In the data folder while the service answers (`<role>.ready` for one role); holds the supervisor's id."""

STOP_S: Final = 15.0
"""How long API and worker may take to finish what they hold."""

ASK_EVERY_S: Final = 0.05
"""Pause between two questions whether the API answers yet."""

log = structlog.get_logger()


@unique
class Role(StrEnum):
    """What one `serve` runs; a large installation runs the roles on machines of their own."""

    ALL = "all"
    API = "api"
    WORKER = "worker"
    WATCH = "watch"


MODULES: Final[Mapping[Role, Sequence[str]]] = {
    Role.ALL: ("exam_api.serving.api", "exam_api.worker"),
    Role.API: ("exam_api.serving.api",),
    Role.WORKER: ("exam_api.worker",),
    Role.WATCH: ("exam_api.serving.api",),
}
"""The programs of each role, in the order of their start.

`watch` is an API for event streams alone: the proxy sends them there, so that open streams never hold back
answers.
"""


class PreparationFailed(ServingRefused):
    """A step before the start (schema, demo data) failed."""

    def __init__(self, *, step: str) -> None:
        super().__init__(
            f"`kaowu {step}` 失败：原因见上文。\n`kaowu {step}` failed: what it wrote above says why."
        )
        self.step = step


class _Supervisor:
    def __init__(self, settings: Settings, environ: Mapping[str, str], role: Role) -> None:
        self.settings = settings
        self.environ = environ
        self.role = role
        self.ready = False
        self.children: list[Child] = []
        self.stop_asked = asyncio.Event()
        self.ready_file = settings.data_dir / (READY_FILE if role is Role.ALL else f"{role.value}.ready")

    async def run(self, *, prepare: Sequence[str], prepared: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop_asked.set)
        async with AsyncExitStack() as ends:
            if self.role is Role.ALL and self.settings.redis_is_embedded:
                redis = await embedded_redis.start_redis(self.settings, self.environ)
                ends.push_async_callback(redis.stop, within_s=embedded_redis.STOP_S)
                self.children.append(redis)
            for step in prepare:
                await self._run_step(step)
            if prepare and not self.stop_asked.is_set():
                prepared()
            for module in MODULES[self.role]:
                if not self.stop_asked.is_set():
                    child = Child(module.rpartition(".")[2], [sys.executable, "-m", module], self.environ)
                    await child.start()
                    self.children.append(child)
            ends.push_async_callback(self._stop_programs)
            await self._keep_all()

    async def _keep_all(self) -> None:
        stop = asyncio.create_task(self.stop_asked.wait())
        announce = asyncio.create_task(self._announce())
        keepers = [asyncio.create_task(child.keep(is_ready=lambda: self.ready)) for child in self.children]
        try:
            done, _ = await asyncio.wait([stop, *keepers], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stop}:
                task.result()  # a child that gave up ends the service with its sentence
        finally:
            for task in (stop, announce, *keepers):
                task.cancel()
            await asyncio.gather(stop, announce, *keepers, return_exceptions=True)
            self.ready_file.unlink(missing_ok=True)

    async def _announce(self) -> None:
        """Say once that the service answers, and that it is this one."""
        api = next((child for child in self.children if child.name == "api"), None)
        while api and not await self._api_answers(api):  # noqa: ASYNC110 - the other side is a process
            await asyncio.sleep(ASK_EVERY_S)
        self.ready = True
        self.ready_file.write_text(f"{os.getpid()}\n", encoding="ascii")
        log.info("service.ready", role=self.role.value, host=self.settings.host, port=self.settings.port)

    async def _api_answers(self, api: Child) -> bool:
        return (
            api.pid is not None
            and await listening.answers(self.settings)
            and listening.is_ours(self.settings.port, api.pid)
        )

    async def _stop_programs(self) -> None:
        programs = [child for child in self.children if child.name != "redis"]
        await asyncio.gather(*(child.stop(within_s=STOP_S) for child in programs))
        log.info("service.stopped", role=self.role.value)

    async def _run_step(self, step: str) -> None:
        if self.stop_asked.is_set():
            return
        command = [sys.executable, "-m", "exam_api.cli", *step.split()]
        process = await asyncio.create_subprocess_exec(
            *command, env=dict(self.environ), stdin=subprocess.DEVNULL
        )
        if await process.wait() != 0 and not self.stop_asked.is_set():
            raise PreparationFailed(step=step)


def supervise(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    role: Role,
    prepare: Sequence[str],
    prepared: Callable[[], None],
) -> None:
    """Run a role until SIGINT or SIGTERM.

    Args:
        prepare: commands of the CLI to run before the service answers.
        prepared: called once they have succeeded.

    Raises:
        ServingRefused: it cannot start, or a process gave up before the service was ready.
    """
    check_folder(settings.data_dir)
    if role is not Role.WORKER:
        check_port(settings.host, settings.port)
    held = sole_owner(settings.data_dir) if role is Role.ALL else nullcontext()
    with held:
        asyncio.run(_Supervisor(settings, environ, role).run(prepare=prepare, prepared=prepared))

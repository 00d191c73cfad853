"""One process of the service: started in a group of its own, restarted after a crash, ended in order."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from exam_api.serving import tied
from exam_api.serving.errors import ChildGaveUp

FIRST_PAUSE_S: Final = 0.5
"""Wait before the first restart; doubled each time up to `LONGEST_PAUSE_S`."""

LONGEST_PAUSE_S: Final = 15.0
"""Longest wait between two restarts: a database that is away for minutes must not be hammered."""

STEADY_S: Final = 30.0
"""A process that lived this long has started well: the pause begins anew."""

TRIES_BEFORE_READY: Final = 3
"""Ends before the service was ready once: more means it will not start, so a person must look."""

log = structlog.get_logger()


class Child:
    """Keeps one command running until `stop`."""

    def __init__(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self.name = name
        self._command = [sys.executable, "-I", str(Path(tied.__file__)), str(os.getpid()), *command]
        self._environ = environ
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The running process, which is also its group's number."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start it once; raises nothing when the program itself fails."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command, env=dict(self._environ), stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        log.info("child.started", name=self.name, pid=self._process.pid)

    async def keep(self, *, is_ready: Callable[[], bool]) -> None:
        """Restart it whenever it ends, until `stop`.

        Raises:
            ChildGaveUp: it ended `TRIES_BEFORE_READY` times while the service was not yet ready.
        """
        pause_s, ended = FIRST_PAUSE_S, 0
        while True:
            if self._process is None:
                await self.start()
            process = self._process
            assert process is not None  # noqa: S101 - just started
            began = time.monotonic()
            status = await process.wait()
            self._kill_group(process.pid)
            if self._stopping:
                return
            self._process = None
            ended += 1
            log.error("child.ended", name=self.name, status=status, again_in_s=pause_s)
            if not is_ready() and ended >= TRIES_BEFORE_READY:
                raise ChildGaveUp(name=self.name, status=status)
            if time.monotonic() - began > STEADY_S:
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            if self._stopping:
                return
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def stop(self, *, within_s: float) -> None:
        """Ask it to end (SIGTERM), then end its whole group (SIGKILL)."""
        self._stopping = True
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), within_s)
            except TimeoutError:
                log.warning("child.killed", name=self.name, pid=process.pid)
        self._kill_group(process.pid)
        await process.wait()

    @staticmethod
    def _kill_group(pid: int) -> None:
        """End what the process left behind: an API worker that outlives its parent would keep the port."""
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            return

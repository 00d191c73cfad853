"""What a process does after a reply, and finishes before it ends."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog

FINISH_S: Final = 10.0
"""How long a process that ends waits for what it promised: a gateway's patience and a little."""

_log = structlog.get_logger("wiring")


class Later:
    """Does things after the reply; what goes wrong is logged, no caller waits for it."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    def do(self, what: Coroutine[Any, Any, None]) -> None:
        """Begin now, go on beside everything else."""
        task = asyncio.get_running_loop().create_task(what)
        self._under_way.add(task)
        task.add_done_callback(self._done)

    async def finish(self, patience_s: float = FINISH_S) -> None:
        """Wait for what is under way; what takes longer than `patience_s` is given up."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=patience_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if task.cancelled():
            _log.error("later.given_up")
        elif (wrong := task.exception()) is not None:
            _log.error("later.failed", why=type(wrong).__name__)

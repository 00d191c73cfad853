"""Writing down what was read, a moment after: one transaction for all readings of a second."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from exam_api.errors import RecordAway

EVERY_S: Final = 1.0
"""Seconds between two writings: what a process that dies loses at most."""

_log = structlog.get_logger("trail")


async def keep_trail(flush: Callable[[], Awaitable[int]]) -> None:
    """Go on for ever; while the record is away the lines wait."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await flush()
        except RecordAway as away:
            _log.warning("trail.waits", why=str(away))
        except Exception:  # noqa: BLE001 - the next turn comes all the same
            _log.exception("trail.failed")

"""The beat: every second an API process says that calls are served; a gap is given back as time."""

import asyncio
from typing import Final

import structlog

from exam_api.errors import AwayError
from exam_api.ports import Clock, Live

BEAT_EVERY_S: Final = 1.0
"""Seconds between two beats; a gap of more than 3 s is credited (`live.beat`)."""

_log = structlog.stdlib.get_logger("kaowu.beat")


async def keep_beating(live: Live, clock: Clock) -> None:
    """Beat until cancelled. A beat that fails is no beat: its time counts as a gap."""
    while True:
        try:
            credited = await live.beat(clock.now_ms())
            if credited:
                _log.warning("time.credited", attempts=credited)
        except AwayError as away:
            _log.warning("beat.missed", why=str(away))
        await asyncio.sleep(BEAT_EVERY_S)

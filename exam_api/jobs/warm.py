"""Keeping armed sessions in this process's memory, so that the first start costs what the next one does."""

import asyncio
from collections.abc import Callable
from typing import Final
from uuid import UUID

import structlog

from exam_api.attempt.errors import AttemptNotFound
from exam_api.errors import AwayError
from exam_api.ports import Armory
from exam_api.usecases.shelf import PaperSource, Shelf

LOOK_EVERY_S: Final = 2.0
"""Seconds between two looks at what is armed; sessions are armed 30 minutes before their entry."""

_log = structlog.stdlib.get_logger("kaowu.warm")


async def keep_warm(armory: Armory, shelf: Shelf, prepare: Callable[[PaperSource], None]) -> None:
    """Load what is armed, until cancelled; what cannot be had now is had at the first start or next look.

    Args:
        prepare: told of each session's source: who shows papers makes ready what they are joined from.
    """
    warm: set[UUID] = set()
    while True:
        try:
            armed = set(await armory.armed_sessions())
            for session_id in armed - warm:
                prepare(await shelf.source(session_id))
                await shelf.marking(session_id)
                warm.add(session_id)
                _log.info("session.warm", session=str(session_id))
            warm &= armed
        except (AwayError, AttemptNotFound) as away:
            _log.debug("warm.waits", why=str(away))
        await asyncio.sleep(LOOK_EVERY_S)

"""Taking out what rehearsals left that died: the worker looks for them, whoever started them is gone."""

import asyncio
from typing import Final

import structlog

from exam_api.errors import AwayError
from exam_api.usecases.rehearse import RehearseParts, clean

EVERY_S: Final = 30.0
"""Seconds between two looks: one small query."""

_log = structlog.stdlib.get_logger("kaowu.worker")


async def keep_clean(parts: RehearseParts) -> None:
    """Look until cancelled."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            for one in await clean(parts, _say_nothing):
                _log.info("rehearsal.removed", rows=one.total, keys=one.keys)
        except AwayError as away:
            _log.warning("job.waits", job="leftovers", why=str(away))
        except Exception:  # noqa: BLE001 - the next look comes all the same
            _log.exception("job.failed", job="leftovers")


def _say_nothing(_zh: str, _en: str) -> None:
    """Nobody watches a worker's steps."""

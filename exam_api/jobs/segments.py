"""Taking segments of camera pictures off the disk once every picture in them is shredded."""

import asyncio
from typing import Final

import structlog

from exam_api.errors import AwayError
from exam_api.usecases.forget_segments import forget_segments
from exam_api.usecases.snapshot_parts import SnapshotParts

EVERY_S: Final = 3600.0
"""Seconds between two looks: keys are deleted once a day."""

_log = structlog.stdlib.get_logger("kaowu.segments")


async def keep_segments(parts: SnapshotParts, *, every_s: float = EVERY_S) -> None:
    """Look until cancelled."""
    while True:
        try:
            if forgotten := await forget_segments(parts):
                _log.info("segments.unlinked", segments=len(forgotten))
        except AwayError as away:
            _log.warning("job.waits", job="segments", why=str(away))
        except Exception:  # noqa: BLE001 - the next turn comes all the same
            _log.exception("job.failed", job="segments")
        await asyncio.sleep(every_s)

"""Files of camera pictures that nobody can read any more are taken off the disk."""

from collections.abc import Sequence
from typing import Final

from exam_api.retention import SCHEDULE
from exam_api.usecases.snapshot_parts import SnapshotParts

_KIND: Final = "snapshot"


async def forget_segments(parts: SnapshotParts) -> Sequence[str]:
    """Unlink the segments of this machine in which every picture is shredded; their names.

    Only those that nobody has written to for as long as pictures are kept: by then the record has every row
    of them, and their session is over. One that it knows nothing of stays: it may be the wrong record.
    Raises RecordAway.
    """
    clock = next(one for one in SCHEDULE.clocks if one.kind == _KIND)
    resting = await parts.segments.resting(since_ms=clock.before_ms(parts.clock.now_ms()))
    found = await parts.record.shredded(resting) if resting else set[str]()
    shredded = [name for name in resting if name in found]
    await parts.segments.unlink(shredded)
    return shredded

"""What the live state tells for metrics: how much waits for the record, how many are at work."""

from collections.abc import Sequence
from typing import Final

from exam_api.live import scripts
from exam_api.live.keys import OF_SHARD
from exam_api.live.lane import Lane
from exam_api.live.log import GROUP
from exam_api.live.together import together
from exam_api.ports import Measures, ShardMeasure

COUNTED_MOST: Final = 1_000
"""Waiting entries of a shard that are counted one by one on nodes before Redis 7."""

_MEASURE: Final = scripts.ALL["measure"]


class RedisMeasures(Measures):
    """`Measures` on Redis."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def shards(self) -> Sequence[ShardMeasure]:
        """As the port says."""
        told: Sequence[tuple[int, bytes, int, int]] = await together(
            self._lane.run(_MEASURE, (own.log, own.deadlines, own.undurable), (GROUP, COUNTED_MOST))
            for own in OF_SHARD
        )
        return [
            ShardMeasure(
                waiting=waiting,
                oldest_ms=int(oldest.partition(b"-")[0] or b"0"),
                running=running,
                undurable=undurable,
            )
            for waiting, oldest, running, undurable in told
        ]

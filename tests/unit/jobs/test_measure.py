"""The look at the whole exam goes on whatever one look meets."""

import asyncio
import contextlib
import math
from collections.abc import Sequence

import pytest
from prometheus_client import REGISTRY

from exam_api.attempt.model import SHARDS
from exam_api.jobs.measure import keep_measured
from exam_api.ports import Clock, Measures, ShardMeasure


class _Clock(Clock):
    def now_ms(self) -> int:
        return 1


class _Stumbling(Measures):
    """Gives something else than figures at the first look."""

    def __init__(self) -> None:
        self.looks = 0
        self.seen = asyncio.Event()

    async def shards(self) -> Sequence[ShardMeasure]:
        self.looks += 1
        if self.looks == 1:
            raise ValueError("not a number")
        self.seen.set()
        return [ShardMeasure(waiting=1, oldest_ms=1, running=0, undurable=0)] * SHARDS


async def test_a_look_that_fails_is_told_and_the_next_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exam_api.jobs.measure.EVERY_S", 0.001)
    measures = _Stumbling()
    looking = asyncio.create_task(keep_measured(measures, _Clock()))
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(measures.seen.wait(), 30)
    looking.cancel()
    await asyncio.wait([looking])
    assert measures.looks > 1
    assert not math.isnan(REGISTRY.get_sample_value("kaowu_drain_waiting_all") or math.nan)

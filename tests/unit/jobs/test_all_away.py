"""What the worker says of its shards when no node of the live state answers."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import REGISTRY

from exam_api.attempt.model import SHARDS
from exam_api.errors import LiveAway
from exam_api.jobs.worker import Worker


class _Nobody:
    """A live state of which no node answers; after that, one that serves no shard yet."""

    def __init__(self) -> None:
        self.away = True

    async def unready(self) -> Sequence[int]:
        if self.away:
            raise LiveAway
        return range(SHARDS)


async def test_every_shard_is_said_to_be_away_when_no_node_answers() -> None:
    live = _Nobody()
    worker = Worker(cast("Any", SimpleNamespace(live=live)), cast("Any", None), cast("Any", None))
    with pytest.raises(LiveAway):
        await worker.expire_turn()
    assert REGISTRY.get_sample_value("kaowu_shards_away") == SHARDS
    live.away = False
    await worker.expire_turn()
    assert REGISTRY.get_sample_value("kaowu_shards_away") == 0

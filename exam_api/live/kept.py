"""What is kept with a closed attempt in Redis: its result, its receipt, and whether the database has it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from exam_api.attempt.errors import AttemptNotFound
from exam_api.attempt.model import shard_of
from exam_api.live import keys, replies, scripts
from exam_api.live.lane import Lane
from exam_api.live.together import together

SETTLED_WITHIN_MS: Final = 5_000
"""How long a result that somebody waits for is left to that call; a commit is waited for 3 s."""

_KEEP_RESULT: Final = scripts.ALL["keep_result"]
_RAISE_RESULT: Final = scripts.ALL["raise_result"]
_KEEP_SETTLED: Final = scripts.ALL["keep_settled"]


class KeptResults:
    """The part of `Live` that is about results."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def keep_result(self, attempt_id: UUID, result: bytes) -> bytes:
        """As the port says; only a closed attempt takes a result.

        Raises:
            AttemptNotFound: when there is no such closed attempt.
        """
        own, shard = keys.of_attempt(attempt_id), keys.OF_SHARD[shard_of(attempt_id)]
        kept = await self._lane.run(
            _KEEP_RESULT, (own.attempt, shard.log, shard.shard), (self._lane.run_id_of(shard.shard), result)
        )
        if not kept:
            raise AttemptNotFound(attempt_id)
        return kept

    async def raise_results(self, results: Sequence[tuple[UUID, int, bytes]]) -> None:
        await together(
            self._lane.run(_RAISE_RESULT, (keys.of_attempt(attempt_id).attempt,), (result, run))
            for attempt_id, run, result in results
        )

    async def keep_settled(
        self, attempt_id: UUID, *, result: bytes, receipt: str, durable: bool
    ) -> tuple[bytes, str]:
        """As the port says; the attempt dies sooner once its result is durable."""
        own, shard = keys.of_attempt(attempt_id), keys.OF_SHARD[shard_of(attempt_id)]
        kept: Sequence[bytes] | None = await self._lane.run(
            _KEEP_SETTLED,
            (
                own.attempt,
                own.answers,
                own.paper,
                own.late,
                own.side,
                own.commands,
                own.facts,
                shard.undurable,
                shard.log,
                shard.shard,
            ),
            (self._lane.run_id_of(shard.shard), keys.KEPT_WHEN_DURABLE_MS, int(durable), receipt, result),
        )
        if kept is None:
            return b"", ""
        return kept[0] or result, kept[1].decode() or receipt

    async def undurable(self, shard: int, *, limit: int, now_ms: int | None = None) -> Sequence[UUID]:
        """As the port says: the index holds the instant from which each is the worker's."""
        until = "+inf" if now_ms is None else now_ms
        name = keys.OF_SHARD[shard].undurable
        return replies.ids(await self._lane.command("ZRANGEBYSCORE", name, "-inf", until, "LIMIT", 0, limit))

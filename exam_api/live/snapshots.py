"""Pictures of running attempts in Redis: may one be kept now, and the log entry of one that was."""

from typing import Any, Final
from uuid import UUID

import msgspec

from exam_api.attempt.model import shard_of
from exam_api.live import keys, scripts
from exam_api.live.lane import Lane, number, word
from exam_api.snapshot_ports import Gate, Kept, Passed, SnapshotGate

_BEGIN: Final = scripts.ALL["snapshot_begin"]
_KEEP: Final = scripts.ALL["snapshot_keep"]
_TAKE: Final = scripts.ALL["snapshot_take"]
_TAKE_WORDS: Final = 1 + 3 + 6
"""How many keys, the keys, the arguments."""
_CONSENT: Final = scripts.ALL["snapshot_consent"]
_GO: Final = Gate(passed=Passed.GO)
_encode: Final = msgspec.json.Encoder().encode
_PASSED: Final = {passed.value.encode(): passed for passed in Passed}


class RedisSnapshots(SnapshotGate):
    """`SnapshotGate` on Redis. Fails closed."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def begin(self, attempt_id: UUID, *, fence: int, now_ms: int, gap_ms: int, digest: bytes) -> Gate:
        """As the port says."""
        own, shard = keys.of_attempt(attempt_id), keys.OF_SHARD[shard_of(attempt_id)]
        run_id = self._lane.run_id_of(shard.shard)
        reply: list[Any] = await self._lane.run(
            _BEGIN, (own.attempt, shard.shard), (run_id, fence, now_ms, gap_ms, digest)
        )
        return _gate(reply)

    async def keep(self, kept: Kept) -> None:
        """As the port says."""
        own, shard = keys.of_attempt(kept.attempt_id), keys.OF_SHARD[shard_of(kept.attempt_id)]
        said = (kept.place.digest, kept.at_ms, kept.fence, _encode(kept))
        await self._lane.run(_KEEP, (own.attempt, shard.log), said)

    async def take(self, kept: Kept, *, gap_ms: int) -> Gate:
        """As the port says."""
        key, said = keys.of_picture(kept.attempt_id)
        said = b"".join(
            (
                said,
                word(self._lane.run_id_of(key)),
                number(kept.fence),
                word(kept.at_ms),
                word(gap_ms),
                word(kept.place.digest),
                word(_encode(kept)),
            )
        )
        reply: list[Any] = await self._lane.run_said(_TAKE, key, _TAKE_WORDS, said)
        return _gate(reply) if len(reply) > 1 else _GO

    async def consented(self, attempt_id: UUID, *, given: bool) -> None:
        """As the port says; an attempt that is not armed asks the record at its first picture."""
        await self._lane.run(_CONSENT, (keys.of_attempt(attempt_id).attempt,), (int(given),))


def _gate(reply: list[Any]) -> Gate:
    return Gate(
        passed=_PASSED[reply[0]],
        wait_ms=reply[1],
        fence=reply[2],
        closed_ms=reply[3],
        session_id=UUID(bytes=reply[4]) if reply[4] else None,
    )

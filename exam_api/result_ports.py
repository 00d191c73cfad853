"""What a hand-in needs to make its result durable: the results on record, and the log's newest part."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from exam_api.attempt.place import HeldOps, Place
from exam_api.record import Result


class LogTail(Protocol):
    """The newest part of the op log, for a hand-in that is quicker than the drain. Fails closed."""

    async def ops_from(self, attempt_id: UUID, place: Place) -> Sequence[HeldOps]:
        """The attempt's ops that count, from that place on or a little before it, oldest first.

        Empty where the newest part does not reach back so far.
        """
        ...


class Results(Protocol):
    """Durable results. Both answer after the batch is committed; raise `RecordAway` without database."""

    async def put_whole(self, result: Result, ops: Sequence[HeldOps] = ()) -> Place | None:
        """Put a result with the last ops it was scored from. Idempotent by (attempt, run).

        None when it is on record with all its ops; else how far the record has come without `ops`: too little
        for them to follow on, so nothing was written.
        """
        ...

    async def put(self, result: Result) -> None:
        """Put it whatever the record has of its ops: the last resort, and what a log or a backup brings."""
        ...

    async def of_attempt(self, attempt_id: UUID) -> Sequence[Result]: ...

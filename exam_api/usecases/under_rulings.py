"""An attempt that was scored beside a ruling, or after it, gets its run under the rulings in force."""

import contextlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from exam_api.errors import LiveAway
from exam_api.record import Result
from exam_api.ruling_ports import RulingState
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.remark import Standing, changed_but_impossible, packed_runs, standing


async def standing_of(session_id: UUID, parts: ExamParts) -> Standing:
    """What is in force for a session now. Raises RecordAway."""
    return standing(await parts.rulings.of_session(session_id))


async def under_rulings(result: Result, parts: ExamParts) -> Result:
    """The run that counts of an attempt that is on record; made here where the rulings ask for another.

    Raises AttemptNotFound, RecordAway.
    """
    kept = await parts.rulings.of_session(result.session_id)
    if all(one.state is not RulingState.AGREED for one in kept):
        return result
    marking = await parts.shelf.marking(result.session_id)
    newest = result
    async for batch in parts.rulings.papers(result.session_id, only=(result.attempt_id,)):
        newest = batch[0].result if batch else newest
        fresh = changed_but_impossible(batch, marking, standing(kept), at_ms=parts.clock.now_ms())
        if fresh and await parts.rulings.add_runs([packed_runs(fresh)]):
            newest = fresh[0]
    await tell_live([newest], parts)
    return newest


async def tell_live(results: Sequence[Result], parts: ExamParts) -> None:
    """Let the wall show these runs; with the live state away it shows them once it was reconciled."""
    with contextlib.suppress(LiveAway):
        await parts.live.raise_results(
            [(one.attempt_id, one.run, msgspec.msgpack.encode(one)) for one in results if one.run > 1]
        )

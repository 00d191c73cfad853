"""Looking at all attempts of a session at once: a question to each shard, not one for each attempt."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from exam_api.attempt.glance import Glance
from exam_api.attempt.model import SHARDS, LiveAttempt
from exam_api.errors import LiveAway
from exam_api.live import keys, replies, scripts
from exam_api.live.lane import Lane
from exam_api.live.together import of_nodes_there, together

ATTEMPTS_AT_ONCE: Final = 100
"""Attempts of one question: a script of 100 holds Redis up for about as long as ten hand-ins."""

_LOOKS: Final = scripts.ALL["looks"]
_GLANCES: Final = scripts.ALL["glances"]


async def look_at_session(session_id: UUID, lane: Lane) -> Sequence[LiveAttempt]:
    """All attempts of a session, without papers."""
    found: list[LiveAttempt] = []
    chunks = await _members(session_id, lane)
    for reply in await together(
        lane.run(_LOOKS, tuple(key for raw in raws for key in keys.of_member(shard, raw)), ())
        for shard, raws in chunks
    ):
        read = (replies.live_attempt(one) for one in reply)
        found += [one for one in read if one is not None]
        await asyncio.sleep(0)  # thousands of attempts: calls that came meanwhile have their turn
    return found


async def look_at_those_there(session_id: UUID, lane: Lane) -> tuple[Sequence[LiveAttempt], bool]:
    """The attempts whose node answers, and whether those are all. Raises LiveAway when no node does."""
    held = await of_nodes_there(
        partial(lane.command, "SMEMBERS", keys.session_index(session_id, shard)) for shard in range(SHARDS)
    )
    chunks = _chunks([() if isinstance(raws, LiveAway) else raws for raws in held])
    told = await of_nodes_there(
        partial(lane.run, _LOOKS, tuple(key for raw in raws for key in keys.of_member(shard, raw)), ())
        for shard, raws in chunks
    )
    found: list[LiveAttempt] = []
    for reply in told:
        if not isinstance(reply, LiveAway):
            read = (replies.live_attempt(one) for one in reply)
            found += [one for one in read if one is not None]
            await asyncio.sleep(0)  # as above
    return found, not any(isinstance(one, LiveAway) for one in (*held, *told))


async def glance_at_session(session_id: UUID, lane: Lane) -> Mapping[UUID, Glance]:
    """How all attempts of a session stand, briefly."""
    found: dict[UUID, Glance] = {}
    chunks = await _members(session_id, lane)
    told = await together(
        lane.run(_GLANCES, tuple(keys.of_member(shard, raw)[0] for raw in raws), ()) for shard, raws in chunks
    )
    for (_, raws), reply in zip(chunks, told, strict=True):
        for raw, mark, seen in zip(raws, reply[::2], reply[1::2], strict=True):
            if mark:
                found[UUID(bytes=raw)] = Glance(mark, int(seen))
        await asyncio.sleep(0)  # as above
    return found


async def _members(session_id: UUID, lane: Lane) -> Sequence[tuple[int, Sequence[bytes]]]:
    """Ids of the session's attempts by shard, few enough together for one question."""
    return _chunks(
        await together(
            lane.command("SMEMBERS", keys.session_index(session_id, shard)) for shard in range(SHARDS)
        )
    )


def _chunks(held: Iterable[Iterable[bytes]]) -> Sequence[tuple[int, Sequence[bytes]]]:
    """The ids of each shard, few enough together for one question."""
    return [
        (shard, some)
        for shard, raws in enumerate(map(sorted, held))
        for first in range(0, len(raws), ATTEMPTS_AT_ONCE)
        if (some := raws[first : first + ATTEMPTS_AT_ONCE])
    ]

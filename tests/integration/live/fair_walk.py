"""What fair time needs of the live state, asked of one node and of a cluster alike."""

from uuid import UUID, uuid4

import msgspec

from exam_api.attempt.fairness import Ended, Gap
from exam_api.attempt.model import shard_of
from exam_api.live.attempts import RedisLive
from exam_api.live.gaps import RedisGaps
from exam_api.live.lane import Lane
from tests.integration.live.conftest import running
from tests.integration.live.page import MINUTE, NOW

END = NOW + 60 * MINUTE


def a_gap(attempt_id: UUID, *, from_ms: int = NOW + MINUTE, **given: object) -> Gap:
    return msgspec.structs.replace(Gap(attempt_id=attempt_id, from_ms=from_ms), **given)


async def gaps_are_kept(lane: Lane) -> None:
    """Kept by beginning; what a page said is never overwritten by its silence; requests stand once."""
    gaps, session_id, first, second = RedisGaps(lane), uuid4(), uuid4(), uuid4()
    said = a_gap(first, ended=Ended.BLOCKED, to_ms=NOW + 5 * MINUTE, claimed_ms=4 * MINUTE)
    silent = a_gap(second)
    await gaps.keep(session_id, [said, silent])
    await gaps.keep(session_id, [a_gap(first), a_gap(second, from_ms=NOW + 9 * MINUTE)])
    held = await gaps.of_session(session_id)
    assert sorted(held, key=lambda gap: (gap.attempt_id, gap.from_ms)) == sorted(
        [said, silent, a_gap(second, from_ms=NOW + 9 * MINUTE)], key=lambda gap: (gap.attempt_id, gap.from_ms)
    )
    assert await gaps.find(session_id, first, said.from_ms) == said
    assert await gaps.find(session_id, first, NOW) is None
    assert await gaps.of_session(uuid4()) == []

    assert await gaps.asked(session_id) == {}
    for at_ms in (NOW + 6 * MINUTE, NOW + 7 * MINUTE):
        await gaps.ask(session_id, first, said.from_ms, now_ms=at_ms)
    assert await gaps.asked(session_id) == {(first, said.from_ms): NOW + 6 * MINUTE}
    assert len(await gaps.of_session(session_id)) == 3


async def expiry_waits(lane: Lane, live: RedisLive, attempt_id: UUID) -> None:
    """Held, an attempt is not due at its end but at the instant it is held until; let go, at its end."""
    gaps, shard = RedisGaps(lane), shard_of(attempt_id)
    await running(live, attempt_id)

    async def due(at_ms: int) -> bool:
        return attempt_id in await live.due(shard, before_ms=at_ms, limit=1_000)

    assert not await due(END - 1)
    assert await due(END + 1)
    await gaps.hold(attempt_id, until_ms=END + 15 * MINUTE)
    await gaps.hold(attempt_id, until_ms=END + 15 * MINUTE)
    assert not await due(END + 14 * MINUTE)
    assert await due(END + 15 * MINUTE + 1)
    await gaps.hold(attempt_id, until_ms=0)
    assert await due(END + 1)
    await gaps.hold(uuid4(), until_ms=END)  # one that does not run: nothing is held

"""A glance at a whole session tells what looking at each attempt would."""

from uuid import UUID, uuid4

from exam_api.attempt.glance import glance_of
from exam_api.attempt.model import CloseKind
from exam_api.live.whole import ATTEMPTS_AT_ONCE
from tests.integration.live.conftest import running
from tests.integration.live.page import MINUTE, NOW, SESSION, Page, armed


async def test_a_glance_tells_of_each_attempt_what_looking_at_it_would(live) -> None:
    ready, starting, answering, closing, scored = (uuid4() for _ in range(5))
    await live.arm([armed(ready), armed(uuid4(), session_id=uuid4())])
    for each in (starting, answering, closing, scored):
        await running(live, each)
    await live.sync(Page(answering).answer(0, 1).ask(now_ms=NOW + 1_000))
    for each in (closing, scored):
        await live.close(each, kind=CloseKind.MANUAL, now_ms=NOW + MINUTE, fence=1)
    await live.keep_result(scored, b"result")
    await live.ask_takeover(await live.find(starting), event="takeover-asked", now_ms=NOW + 2_000)
    mine = (ready, starting, answering, closing, scored)
    glances = await live.glances(SESSION)
    assert glances == {each: glance_of(await live.find(each)) for each in mine}
    assert len({glance.mark for glance in glances.values()}) == len(mine)
    assert glances[answering].last_seen_ms == NOW + 1_000


async def test_a_sign_of_life_alone_leaves_the_mark(live, attempt_id) -> None:
    await running(live, attempt_id)
    before = (await live.glances(SESSION))[attempt_id]
    await live.sync(Page(attempt_id).ask(now_ms=NOW + 9_000))
    after = (await live.glances(SESSION))[attempt_id]
    assert (after.mark, after.last_seen_ms) == (before.mark, NOW + 9_000)


async def test_a_shard_with_more_attempts_than_one_question_takes_is_seen_whole(live) -> None:
    mine = {UUID(int=(5 << 120) + number) for number in range(ATTEMPTS_AT_ONCE + 7)}
    await live.arm([armed(each) for each in mine])
    assert set(await live.glances(SESSION)) == mine
    assert {one.armed.attempt_id for one in await live.of_session(SESSION)} == mine

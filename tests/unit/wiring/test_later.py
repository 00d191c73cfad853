"""What was promised after a reply is done before the process ends, and holds it up no longer than said."""

import asyncio

from exam_api.wiring.later import Later


async def test_what_is_under_way_is_done_when_the_process_ends() -> None:
    later, done = Later(), list[str]()

    async def send() -> None:
        await asyncio.sleep(0.05)
        done.append("sent")

    later.do(send())
    await later.finish()
    assert done == ["sent"]


async def test_what_takes_too_long_is_given_up_and_lets_go_of_what_it_held() -> None:
    later, let_go = Later(), asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            let_go.set()

    later.do(hang())
    await later.finish(patience_s=0.01)
    assert let_go.is_set()


async def test_what_goes_wrong_stops_nobody() -> None:
    later = Later()

    async def fail() -> None:
        raise ZeroDivisionError

    later.do(fail())
    await later.finish()
    await later.finish()

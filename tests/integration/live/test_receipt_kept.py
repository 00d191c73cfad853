"""The first hand-in receipt stays with its attempt, whoever signs another."""

import asyncio

import pytest

from exam_api.attempt.model import CloseKind, State, shard_of
from exam_api.attempt.place import Said
from exam_api.live.kept import SETTLED_WITHIN_MS
from tests.integration.live.conftest import running
from tests.integration.live.page import MINUTE, NOW, Page


async def keep(live, attempt_id, receipt: str, *, result: bytes = b"", durable: bool = False):
    return await live.keep_settled(attempt_id, result=result, receipt=receipt, durable=durable)


async def test_the_first_receipt_stays_and_alone_makes_nothing_durable(live, attempt_id) -> None:
    await running(live, attempt_id)
    assert await keep(live, attempt_id, "KW1.too.early") == (b"", "")
    await live.close(attempt_id, kind=CloseKind.MANUAL, now_ms=NOW + MINUTE, fence=1)
    kept = [await keep(live, attempt_id, text) for text in ("KW1.a.b", "KW2.a.b.c")]
    held = await live.find(attempt_id)
    assert kept == [(b"", "KW1.a.b")] * 2
    assert (held.receipt, held.durable) == ("KW1.a.b", False)
    assert await live.undurable(shard_of(attempt_id), limit=5) == (attempt_id,)


async def test_of_results_settled_side_by_side_the_first_is_kept_and_told_to_all(
    live, attempt_id, entries
) -> None:
    await running(live, attempt_id)
    await live.close(attempt_id, kind=CloseKind.MANUAL, now_ms=NOW + MINUTE, fence=1)
    got = await asyncio.gather(
        *(
            keep(live, attempt_id, f"KW1.a.{n}", result=b"result %d" % n, durable=n % 2 == 1)
            for n in range(20)
        )
    )
    held = await live.find(attempt_id)
    assert set(got) == {(b"result 0", "KW1.a.0")}
    assert (held.result, held.receipt, held.durable) == (b"result 0", "KW1.a.0", True)
    assert [e.data for e in await entries(attempt_id) if e.kind == "result"] == [b"result 0"]


async def test_what_a_hand_in_is_settling_is_left_to_it_for_a_while(live, attempt_id) -> None:
    shard, at = shard_of(attempt_id), NOW + MINUTE
    await running(live, attempt_id)
    said = Said(0, b"")
    await live.close_as_said(attempt_id, now_ms=at, fence=1, said=said)
    waiting = [
        await live.undurable(shard, limit=5, now_ms=now_ms) for now_ms in (at, at + SETTLED_WITHIN_MS, None)
    ]
    await keep(live, attempt_id, "KW1.a.b", result=b"r")  # the database was away
    assert waiting == [(), (attempt_id,), (attempt_id,)]
    assert await live.undurable(shard, limit=5, now_ms=at) == (attempt_id,)


@pytest.mark.parametrize(
    ("seq", "head", "closes"),
    [(2, "own", True), (1, "own", False), (3, "own", False), (2, "other", False)],
)
async def test_a_hand_in_closes_at_once_just_where_all_that_the_page_said_is_held(
    live, attempt_id, seq, head, closes
) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(2)
    took = await live.sync(page.ask())
    said = Said(seq, took.head if head == "own" else b"x" * 32)
    got = await live.close_as_said(attempt_id, now_ms=NOW + MINUTE, fence=1, said=said)
    assert (got.state is State.CLOSED) is closes


async def test_a_hand_in_in_one_call_is_never_too_early(live, attempt_id) -> None:
    await running(live, attempt_id, earliest_hand_in_ms=2 * MINUTE)
    states = [
        (await live.close_as_said(attempt_id, now_ms=NOW + at, fence=1, said=Said(0, b""))).state
        for at in (2 * MINUTE - 1, 2 * MINUTE)
    ]
    assert states == [State.RUNNING, State.CLOSED]

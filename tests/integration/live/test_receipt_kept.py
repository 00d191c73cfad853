"""The first hand-in receipt stays with its attempt, whoever signs another."""

from exam_api.attempt.model import CloseKind, shard_of
from tests.integration.live.conftest import running
from tests.integration.live.page import MINUTE, NOW


async def test_the_first_receipt_stays_and_alone_makes_nothing_durable(live, attempt_id) -> None:
    await running(live, attempt_id)
    assert await live.keep_receipt(attempt_id, "KW1.too.early", durable=False) == ""
    await live.close(attempt_id, kind=CloseKind.MANUAL, now_ms=NOW + MINUTE, fence=1)
    kept = [await live.keep_receipt(attempt_id, text, durable=False) for text in ("KW1.a.b", "KW2.a.b.c")]
    held = await live.find(attempt_id)
    assert kept == ["KW1.a.b"] * 2
    assert (held.receipt, held.durable) == ("KW1.a.b", False)
    assert await live.undurable(shard_of(attempt_id), limit=5) == (attempt_id,)

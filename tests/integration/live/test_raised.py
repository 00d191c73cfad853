"""A later score run takes the place of the kept one; an older one or a forgotten attempt changes nothing."""

from exam_api.attempt.model import CloseKind
from tests.integration.live.conftest import running
from tests.integration.live.page import MINUTE, NOW


async def handed_in(live, attempt_id) -> None:
    await running(live, attempt_id)
    await live.close(attempt_id, kind=CloseKind.MANUAL, now_ms=NOW + MINUTE, fence=1)
    await live.keep_result(attempt_id, b"first")


async def test_the_latest_run_stands_whatever_the_order_in_which_runs_come(live, attempt_id) -> None:
    await handed_in(live, attempt_id)
    await live.raise_results([(attempt_id, 3, b"third")])
    await live.raise_results([(attempt_id, 2, b"second")])
    assert (await live.find(attempt_id)).result == b"third"
    assert await live.keep_result(attempt_id, b"again") == b"third"


async def test_the_first_run_is_not_raised_by_itself(live, attempt_id) -> None:
    await handed_in(live, attempt_id)
    await live.raise_results([(attempt_id, 1, b"other")])
    assert (await live.find(attempt_id)).result == b"first"


async def test_an_attempt_that_runs_or_is_forgotten_takes_no_run(live, attempt_id) -> None:
    await live.raise_results([(attempt_id, 2, b"second")])
    assert await live.find(attempt_id) is None
    await running(live, attempt_id)
    await live.raise_results([(attempt_id, 2, b"second")])
    assert (await live.find(attempt_id)).result == b""

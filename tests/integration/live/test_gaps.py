"""Gaps of running sessions on one node; tests/integration/live/test_cluster.py asks a cluster the same."""

from uuid import UUID

from exam_api.live.attempts import RedisLive
from exam_api.live.redis_lane import RedisLane
from tests.integration.live.fair_walk import expiry_waits, gaps_are_kept


async def test_gaps_and_requests_are_kept_by_session(lane: RedisLane) -> None:
    await gaps_are_kept(lane)


async def test_expiry_waits_for_an_attempt_that_is_held(
    lane: RedisLane, live: RedisLive, attempt_id: UUID
) -> None:
    await expiry_waits(lane, live, attempt_id)

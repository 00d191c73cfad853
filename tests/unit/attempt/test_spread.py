"""Starts are spread by how many start, and nobody's time is cut by it."""

from hypothesis import given
from hypothesis import strategies as st

from exam_api.attempt.deadline import own_end_ms
from exam_api.attempt.spread import LEAST_MS, STARTS_A_SECOND, spread_ms

MINUTE = 60_000


def _spread(people: int, *, closes_ms: int = 120 * MINUTE) -> int:
    return spread_ms(people, opens_ms=0, closes_ms=closes_ms, working_ms=45 * MINUTE)


def test_a_class_starts_as_it_always_did_and_a_province_within_half_a_minute():
    assert _spread(0) == _spread(60) == LEAST_MS
    assert 21_000 < _spread(5_000) < 22_000
    assert 5_000 * 1000 / _spread(5_000) <= STARTS_A_SECOND


@given(
    people=st.integers(0, 9_999),
    closes_ms=st.integers(45 * MINUTE + LEAST_MS, 300 * MINUTE),
    share=st.floats(0, 1, exclude_max=True),
)
def test_nobody_loses_time_by_starting_later_than_others(people: int, closes_ms: int, share: float):
    started_ms = int(share * _spread(people, closes_ms=closes_ms))
    end_ms = own_end_ms(started_ms=started_ms, working_ms=45 * MINUTE, closes_ms=closes_ms)
    assert end_ms - started_ms == 45 * MINUTE


def test_where_the_close_leaves_no_room_everybody_starts_at_once():
    assert _spread(5_000, closes_ms=45 * MINUTE) == LEAST_MS

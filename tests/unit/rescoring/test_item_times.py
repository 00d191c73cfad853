"""How long a candidate stayed on each item, from what the device's clock says between answers."""

from hypothesis import given
from hypothesis import strategies as st

from exam_api.ruling_ports import Timed
from exam_api.usecases.item_times import LONGEST_MS, took


def ops(*told: tuple[int, int], fence: int = 1) -> list[Timed]:
    return [Timed(fence, slot, client_ms) for slot, client_ms in told]


def test_the_time_between_two_answers_belongs_to_the_later_one() -> None:
    assert took(ops((0, 1_000), (1, 13_000), (2, 20_000)), 3) == (None, 12_000, 7_000)


def test_returns_are_added_up() -> None:
    assert took(ops((0, 0), (1, 5_000), (2, 9_000), (1, 12_000)), 3) == (None, 8_000, 4_000)


def test_nothing_is_told_of_a_slot_without_an_answer() -> None:
    assert took(ops((0, 0), (2, 5_000)), 4) == (None, None, 5_000, None)
    assert took((), 2) == (None, None)


def test_a_clock_set_back_or_a_long_absence_leaves_that_slot_untold() -> None:
    absent = LONGEST_MS + 1
    assert took(ops((0, 9_000), (1, 4_000), (2, 6_000), (3, 6_000 + absent)), 4) == (None, None, 2_000, None)


def test_another_device_s_clock_is_not_compared_with_the_first() -> None:
    both = [*ops((0, 0), (1, 5_000)), *ops((2, 900_000), (3, 904_000), fence=2)]
    assert took(both, 4) == (None, 5_000, None, 4_000)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 10**7)), max_size=40))
def test_no_time_is_negative_and_ops_beyond_the_paper_tell_nothing(told: list[tuple[int, int]]) -> None:
    found = took(ops(*told), 5)
    assert len(found) == 5
    assert all(ms is None or ms >= 0 for ms in found)

"""Time rules as drawn lines, and the laws of deadlines."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_api.attempt.chain import pack_all, replay
from exam_api.attempt.deadline import (
    GRACE_MS,
    Allowance,
    Navigation,
    Refusal,
    Shifts,
    Window,
    answering,
    counts,
    deadline_ms,
    entry,
    furthest_slot,
    hand_in,
    is_over,
    own_end_ms,
    remaining_ms,
    working_ms,
)
from exam_api.attempt.model import Op
from tests.unit.attempt.drawn_line import draw

MINUTE = 60_000
DAY = 86_400_000
NINE = 20_000 * DAY + 9 * 60 * MINUTE
"""Nine o'clock of some day."""

WINDOW = Window(opens_ms=NINE, latest_entry_ms=NINE + 30 * MINUTE, closes_ms=NINE + 120 * MINUTE)
TOO_LATE = Refusal("too-late-to-enter", NINE + 30 * MINUTE)


def test_one_enters_from_the_opening_to_the_latest_entry_both_included() -> None:
    draw(
        lambda now: entry(WINDOW, now_ms=now),
        [0, Refusal("not-yet-open", NINE), NINE, None, NINE + 30 * MINUTE + 1, TOO_LATE, NINE + 2 * DAY],
    )


def test_nobody_enters_at_the_close_even_where_the_latest_entry_lies_behind_it() -> None:
    odd = Window(opens_ms=NINE, latest_entry_ms=NINE + 90 * MINUTE, closes_ms=NINE + 60 * MINUTE)
    draw(
        lambda now: entry(odd, now_ms=now),
        [
            NINE,
            None,
            NINE + 60 * MINUTE,
            Refusal("too-late-to-enter", NINE + 60 * MINUTE),
            NINE + 90 * MINUTE,
        ],
    )


def test_handing_in_opens_after_the_earliest_instant() -> None:
    draw(
        lambda now: hand_in(started_ms=NINE, earliest_after_ms=30 * MINUTE, now_ms=now),
        [NINE, Refusal("too-early", NINE + 30 * MINUTE), NINE + 30 * MINUTE, None, NINE + DAY],
    )


def test_an_op_counts_until_the_grace_is_over() -> None:
    draw(lambda at: counts(deadline_ms=NINE, arrived_ms=at), [0, True, NINE + GRACE_MS, False, NINE + DAY])


def test_the_server_hands_in_only_after_the_last_op_that_counts() -> None:
    draw(lambda now: is_over(deadline_ms=NINE, now_ms=now), [0, False, NINE + GRACE_MS + 1, True, NINE + DAY])


def test_the_clock_runs_down_to_nothing_and_stays_there() -> None:
    assert [remaining_ms(deadline_ms=NINE, paused_since_ms=0, now_ms=NINE + d) for d in (-2, -1, 0, 1)] == [
        2,
        1,
        0,
        0,
    ]


def test_a_pause_holds_the_clock() -> None:
    left = {remaining_ms(deadline_ms=NINE, paused_since_ms=NINE - 7, now_ms=NINE + d) for d in (-7, 0, DAY)}
    assert left == {7}


def test_allowances_add_up_and_end_on_a_whole_ms() -> None:
    granted = [Allowance(extra=Fraction(1, 3)), Allowance(extra=Fraction(1, 4), breaks_ms=10 * MINUTE)]
    assert working_ms(100, granted) == 158 + 10 * MINUTE


def test_without_allowances_the_length_stands() -> None:
    assert working_ms(90 * MINUTE, []) == 90 * MINUTE


def test_the_hard_close_cuts_the_own_end() -> None:
    ends = [
        own_end_ms(started_ms=NINE + late * MINUTE, working_ms=90 * MINUTE, closes_ms=WINDOW.closes_ms)
        for late in (0, 30, 31)
    ]
    assert ends == [NINE + 90 * MINUTE, NINE + 120 * MINUTE, NINE + 120 * MINUTE]


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_every_shift_moves_the_deadline_by_exactly_itself(extended, paused, credited) -> None:
    shifts = Shifts(extended_ms=extended, paused_ms=paused, credited_ms=credited)
    assert deadline_ms(NINE, shifts) - NINE == extended + paused + credited


@given(
    st.lists(st.builds(Allowance, extra=st.fractions(0, 2), breaks_ms=st.integers(0, 10**6)), max_size=4),
    st.integers(0, 10**8),
)
def test_an_allowance_never_shortens(granted, length) -> None:
    assert working_ms(length, granted) >= length + sum(each.breaks_ms for each in granted)


@pytest.mark.parametrize("navigation", Navigation)
@pytest.mark.parametrize("slot", [-1, 5, 99])
def test_a_slot_outside_the_paper_is_refused(navigation, slot) -> None:
    assert answering(navigation, slot=slot, slots=5, furthest=2) == Refusal("no-such-slot")


def test_free_navigation_answers_any_slot() -> None:
    assert [answering(Navigation.FREE, slot=s, slots=5, furthest=2) for s in range(5)] == [None] * 5


def test_forward_navigation_leaves_earlier_slots_as_they_are() -> None:
    behind = Refusal("slot-left-behind")
    given_ = [answering(Navigation.FORWARD, slot=s, slots=5, furthest=2) for s in range(5)]
    assert given_ == [behind, behind, None, None, None]


@given(st.dictionaries(st.integers(0, 30), st.integers(1, (1 << 26) - 1), max_size=8))
def test_the_furthest_slot_is_the_last_that_bears_an_answer(picked) -> None:
    ops = [Op(n, 1, slot, bytes(16), mask, 0) for n, (slot, mask) in enumerate(picked.items(), 1)]
    answers = replay(pack_all(ops, 1), slots=31)
    assert furthest_slot(answers) == max(picked, default=-1)

"""Fair time as a rule: what a room lost is given, what could have been answered in is not."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_api.attempt.fairness import (
    CAP_MS,
    Cause,
    Ended,
    Gap,
    Say,
    Seat,
    Span,
    Verdict,
    entered,
    gained_ms,
    hold_until_ms,
    is_silent,
    judge,
    lost_ms,
)

MINUTE = 60_000
CUT = 100 * MINUTE


def who(n: int) -> UUID:
    return UUID(int=n + 1)


def room(count: int, name: str | None = "101") -> list[Seat]:
    return [Seat(attempt_id=who(n), room=name, started_ms=MINUTE) for n in range(count)]


def dead(n: int, *, minutes: float = 4, claimed: bool = True, cut: int = CUT) -> Gap:
    """A page that was heard up to 10 s before the cut and came back; its own word is up to 1 s too long."""
    back = cut + int(minutes * MINUTE)
    return Gap(
        attempt_id=who(n),
        from_ms=cut - n * 331 % 10_000,
        to_ms=back,
        ended=Ended.BLOCKED,
        claimed_ms=back - cut + n * 37 % 1_000 if claimed else -1,
    )


def said(gaps: Sequence[Gap], seats: Sequence[Seat]) -> dict[UUID, tuple[Say, int]]:
    return {one.attempt_id: (one.say, one.ms) for one in judge(gaps, seats, covered={})}


def test_a_power_cut_of_thirty_seats_gives_them_its_length_within_a_second() -> None:
    verdicts = judge([dead(n) for n in range(30)], room(32), covered={})
    assert {one.say for one in verdicts} == {Say.RULE}
    assert all(abs(one.ms - 4 * MINUTE) <= 1_000 for one in verdicts)
    assert len(verdicts) == 30


def test_the_last_contact_of_the_room_tells_when_the_power_went_where_no_page_can() -> None:
    verdicts = judge([dead(n, claimed=False) for n in range(30)], room(32), covered={})
    assert all(abs(one.ms - 4 * MINUTE) <= 1_000 for one in verdicts)


def test_a_network_cut_with_answering_pages_gives_nothing() -> None:
    gaps = [msgspec.structs.replace(dead(n), ended=Ended.ANSWERING) for n in range(30)]
    assert set(said(gaps, room(32)).values()) == {(Say.NOTHING, 0)}


def test_ops_inside_the_gap_prove_that_the_page_answered() -> None:
    back = CUT + 4 * MINUTE
    gaps = [msgspec.structs.replace(dead(n), last_op_ms=back - 5_000) for n in range(30)]
    assert set(said(gaps, room(32)).values()) == {(Say.NOTHING, 0)}


def test_one_seat_asks() -> None:
    assert said([dead(0)], room(32)) == {who(0): (Say.ASK, 0)}


def test_three_in_different_rooms_get_nothing_by_rule() -> None:
    seats = [Seat(attempt_id=who(n), room=f"10{n}", started_ms=MINUTE) for n in range(3)]
    assert set(said([dead(n) for n in range(3)], seats).values()) == {(Say.ASK, 0)}


def test_four_of_four_are_too_few_and_five_of_eight_enough() -> None:
    few = said([dead(n) for n in range(4)], room(4))
    many = said([dead(n) for n in range(5)], room(8))
    assert {say for say, _ in few.values()} == {Say.ASK}
    assert {say for say, _ in many.values()} == {Say.RULE}


def test_phones_outside_rooms_ask_however_many_they_are() -> None:
    assert {say for say, _ in said([dead(n) for n in range(30)], room(30, None)).values()} == {Say.ASK}


def test_gaps_that_did_not_begin_together_are_no_window() -> None:
    gaps = [dead(n, cut=CUT + n * MINUTE) for n in range(6)]
    assert {say for say, _ in said(gaps, room(6)).values()} == {Say.ASK}


def test_while_the_room_may_be_dead_those_who_came_back_wait() -> None:
    gaps = [dead(0), *(Gap(attempt_id=who(n), from_ms=CUT - n) for n in range(1, 30))]
    assert {say for say, _ in said(gaps, room(32)).values()} == {Say.WAIT}


def test_seats_that_handed_in_before_are_not_counted() -> None:
    seats = [
        msgspec.structs.replace(seat, closed_ms=CUT - MINUTE if n > 9 else 0)
        for n, seat in enumerate(room(32))
    ]
    assert {say for say, _ in said([dead(n) for n in range(6)], seats).values()} == {Say.RULE}


def test_what_the_service_or_a_pause_gives_back_is_not_given_twice() -> None:
    back = CUT + 4 * MINUTE
    gap = dead(0)
    covered = (Span(CUT, CUT + MINUTE), Span(CUT + MINUTE // 2, CUT + 2 * MINUTE), Span(back, back + MINUTE))
    assert lost_ms(gap, since_ms=CUT, covered=covered) == 2 * MINUTE


def test_a_blocked_start_costs_only_what_the_close_cut_off() -> None:
    gap = Gap(
        attempt_id=who(0),
        from_ms=CUT,
        to_ms=CUT + 4 * MINUTE,
        ended=Ended.BLOCKED,
        cause=Cause.START_BLOCKED,
        claimed_ms=4 * MINUTE,
        most_ms=MINUTE,
    )
    assert lost_ms(gap) == MINUTE


def test_more_than_the_cap_is_not_given_by_rule() -> None:
    verdicts = judge([dead(n, minutes=40) for n in range(6)], room(6), covered={})
    assert {one.ms for one in verdicts} == {CAP_MS}
    assert all(one.lost_ms > CAP_MS for one in verdicts)


def test_a_debit_is_kept_back_from_the_next_credit() -> None:
    first = [dead(n, claimed=False) for n in range(6)]
    gaps = enter(first, judge(first, room(6), covered={}))
    gaps[0] = msgspec.structs.replace(gaps[0], last_op_ms=gaps[0].to_ms - MINUTE)
    (debit,) = judge(gaps, room(6), covered={})
    assert (debit.say, debit.ms // 1_000) == (Say.DEBIT, -180)
    gaps = enter(gaps, [debit])
    assert judge(gaps, room(6), covered={}) == ()
    again = [dead(n, cut=CUT + 20 * MINUTE) for n in range(6)]
    after = judge([*gaps, *again], room(6), covered={})
    owing = next(one for one in after if one.attempt_id == who(0))
    assert (owing.ms + owing.settled_ms, owing.settled_ms) == (owing.lost_ms, -debit.ms)


def test_expiry_waits_no_longer_than_what_is_left_of_the_cap() -> None:
    assert hold_until_ms(CUT, 0) == CUT + CAP_MS
    assert hold_until_ms(CUT, CAP_MS - 1) == CUT + 1
    assert hold_until_ms(CUT, CAP_MS + MINUTE) == CUT


def test_a_page_that_was_not_heard_at_its_deadline_may_be_dead() -> None:
    heard = CUT - 3_000
    now = CUT + 2_001
    assert is_silent(last_seen_ms=heard, deadline_ms=CUT, now_ms=now)
    assert not is_silent(last_seen_ms=heard, deadline_ms=CUT, now_ms=now - 1)
    assert is_silent(last_seen_ms=heard, deadline_ms=CUT + MINUTE, now_ms=heard + 11_001)


def enter(gaps: Sequence[Gap], verdicts: Sequence[Verdict]) -> list[Gap]:
    found = {(one.attempt_id, one.from_ms): one for one in verdicts}
    return [
        entered(gap, found[gap.attempt_id, gap.from_ms]) if (gap.attempt_id, gap.from_ms) in found else gap
        for gap in gaps
    ]


@st.composite
def reports(draw: st.DrawFn) -> list[Gap]:
    """Gaps of up to eight seats, several a seat, in any order."""
    gaps: dict[tuple[UUID, int], Gap] = {}
    for _ in range(draw(st.integers(1, 24))):
        begins = draw(st.sampled_from([CUT, CUT + 20 * MINUTE, CUT + 50 * MINUTE])) + draw(
            st.integers(0, 15_000)
        )
        length = draw(st.integers(0, 30 * MINUTE))
        ended = draw(st.sampled_from([*[Ended.BLOCKED] * 4, Ended.OPEN, Ended.ANSWERING]))
        gap = Gap(
            attempt_id=who(draw(st.integers(0, 7))),
            from_ms=begins,
            to_ms=0 if ended is Ended.OPEN else begins + length,
            ended=ended,
            claimed_ms=draw(st.sampled_from([-1, 0, length // 2, length, 10 * length])),
            last_op_ms=draw(st.sampled_from([0, begins + length // 3])),
        )
        gaps[gap.attempt_id, gap.from_ms] = gap
    return draw(st.permutations(list(gaps.values())))


@settings(max_examples=30, deadline=None)
@given(reports(), st.randoms(use_true_random=False))
def test_reports_in_any_order_give_the_same(gaps: list[Gap], chance) -> None:
    shuffled = list(gaps)
    chance.shuffle(shuffled)
    assert judge(gaps, room(8), covered={}) == judge(shuffled, room(8), covered={})


@settings(max_examples=30, deadline=None)
@given(reports())
def test_nobody_is_given_more_than_the_cap_or_than_was_lost(gaps: list[Gap]) -> None:
    after = enter(gaps, judge(gaps, room(8), covered={}))
    for seat in room(8):
        assert gained_ms(gap.given_ms for gap in after if gap.attempt_id == seat.attempt_id) <= CAP_MS
    assert all(gap.given_ms <= max(0, gap.to_ms - gap.from_ms) for gap in after)


@settings(max_examples=30, deadline=None)
@given(reports())
def test_entering_a_verdict_and_judging_again_gives_nothing_more(gaps: list[Gap]) -> None:
    after = enter(gaps, judge(gaps, room(8), covered={}))
    assert not [one for one in judge(after, room(8), covered={}) if one.say is Say.RULE]


@given(st.lists(st.integers(-CAP_MS, CAP_MS), max_size=30))
def test_no_entry_takes_time_away(ledger: list[int]) -> None:
    gains = [gained_ms(ledger[:n]) for n in range(len(ledger) + 1)]
    assert gains == sorted(gains)

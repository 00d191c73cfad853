"""The line at the door: in order, bounded, honest, and nobody is kept out for good."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_api.http.admission import (
    AGAIN_MOST_S,
    LAG_MOST_S,
    LINE_LEAST,
    PASSED_BY_S,
    PLACES_LEAST,
    STOOD_MOST_S,
    Admission,
    Call,
    State,
    Way,
)

NO_LAG = 0.0


def admission(places: int = 2) -> Admission:
    return Admission(places=places, chance=lambda: 0.0)


def full(places: int = 2) -> tuple[Admission, list[Call]]:
    line = admission(places)
    return line, [line.come(Way.LOGIN, now_s=0.0)[0] for _ in range(places)]


def states(calls: Sequence[Call]) -> list[State]:
    return [call.state for call in calls]


def test_who_finds_a_free_place_is_let_in_at_once():
    line, inside = full()
    assert states(inside) == [State.IN, State.IN]
    assert line.standing == 0


def test_who_finds_none_stands_until_one_is_free():
    line, inside = full()
    late, _ = line.come(Way.LOGIN, now_s=0.1)
    assert late.state is State.LINE
    assert line.leave(inside[0], now_s=0.2) == [late]
    assert late.state is State.IN


def test_who_is_inside_passes_who_wants_in_but_not_for_ever():
    line, inside = full(2)
    code, _ = line.come(Way.CODE, now_s=1.0)
    log_in, _ = line.come(Way.LOGIN, now_s=1.1)
    paper, _ = line.come(Way.PAPER, now_s=1.2)
    start, _ = line.come(Way.START, now_s=1.3)
    late_start, _ = line.come(Way.START, now_s=1.0 + PASSED_BY_S[Way.CODE] + 0.1)
    served = []
    for one in (*inside, start, paper, log_in):
        served += line.leave(one, now_s=17.0)
    assert served == [start, paper, log_in, code, late_start]


def test_the_line_is_bounded_and_the_last_is_told_when_to_come_again():
    line, _ = full()
    standing = [line.come(Way.LOGIN, now_s=0.0)[0] for _ in range(2_000)]
    away = [call for call in standing if call.state is State.AWAY]
    assert line.standing == len(standing) - len(away)
    assert LINE_LEAST <= line.standing < 400
    assert [one.ahead for one in away[:3]] == [line.standing, line.standing + 1, line.standing + 2]
    assert all(1.0 <= one.again_s <= AGAIN_MOST_S for one in away)
    assert away[-1].wait_s > away[0].wait_s


def test_who_waited_longer_takes_the_place_of_the_last_in_line():
    line, _ = full()
    while (last := line.come(Way.LOGIN, now_s=100.0)[0]).state is State.LINE:
        pass
    back, changed = line.come(Way.LOGIN, now_s=100.0, waited_s=30.0)
    assert back.state is State.LINE
    assert [one.state for one in changed] == [State.AWAY]
    assert changed[0].ahead > 0
    assert last.state is State.AWAY


def test_who_is_back_is_no_longer_counted_before_others():
    line, _ = full()
    while (away := line.come(Way.LOGIN, now_s=0.0)[0]).state is State.LINE:
        pass
    after, _ = line.come(Way.LOGIN, now_s=5.0)
    assert after.ahead == line.standing + 1
    line.come(Way.LOGIN, now_s=5.0, waited_s=5.0)
    again, _ = line.come(Way.LOGIN, now_s=5.0)
    assert (away.state, again.ahead) == (State.AWAY, line.standing + 2)


def test_who_does_not_come_back_is_forgotten():
    line, _ = full()
    for _ in range(500):
        line.come(Way.LOGIN, now_s=0.0)
    line.look(now_s=60.0, lag_s=NO_LAG)  # those who stood are told too
    line.look(now_s=100.0, lag_s=NO_LAG)
    while (away := line.come(Way.LOGIN, now_s=100.0)[0]).state is State.LINE:
        pass
    assert away.ahead == line.standing


def test_nobody_stands_longer_than_a_page_would_wait():
    line, _ = full()
    early, _ = line.come(Way.LOGIN, now_s=0.0)
    late, _ = line.come(Way.LOGIN, now_s=STOOD_MOST_S - 1)
    assert line.look(now_s=STOOD_MOST_S + 0.1, lag_s=NO_LAG) == [early]
    assert (early.state, late.state) == (State.AWAY, State.LINE)


def test_a_caller_who_has_gone_is_not_worked_on():
    line, inside = full()
    gone, _ = line.come(Way.LOGIN, now_s=0.0)
    stays, _ = line.come(Way.LOGIN, now_s=0.0)
    line.leave(gone, now_s=0.1)
    assert line.leave(inside[0], now_s=0.2) == [stays]
    assert gone.state is State.GONE


def test_fewer_are_let_in_at_once_while_the_loop_is_late_and_more_again_afterwards():
    line = admission(16)
    for _ in range(5):
        line.look(now_s=0.0, lag_s=LAG_MOST_S * 2)
    assert line.places == PLACES_LEAST
    for _ in range(7):
        line.look(now_s=0.0, lag_s=NO_LAG)
    assert line.places == 16


def test_the_estimate_follows_how_long_things_take():
    line, inside = full()
    now_s, working = 0.0, list(inside)
    while line.come(Way.LOGIN, now_s=now_s)[0].state is State.LINE:
        pass
    for _ in range(200):
        now_s += 0.05
        working += line.leave(working.pop(0), now_s=now_s)
        line.come(Way.LOGIN, now_s=now_s)
    away = line.come(Way.LOGIN, now_s=now_s)[0]
    assert away.wait_s / (away.ahead + 1) == pytest.approx(0.05, rel=0.1)


def test_everybody_of_a_flood_gets_in_and_those_of_one_way_in_about_the_order_they_came():
    """Ten times as many as can be let in at once, all honest: they come again when they were told to."""
    chance = random.Random(4)
    line = Admission(places=4, chance=chance.random)
    people = 3_000
    due = [(number / people, number) for number in range(people)]
    since, served = [at for at, _ in due], list[int]()
    numbers: dict[Call, int] = {}
    inside: list[Call] = []
    now_s, step_s = 0.0, 0.004
    while len(served) < people:
        now_s += step_s
        for call in [*inside[:4]]:  # four are done each 4 ms
            inside.remove(call)
            served.append(numbers[call])
            inside += line.leave(call, now_s=now_s)
        inside += line.look(now_s=now_s, lag_s=NO_LAG)
        assert now_s < 60
        waiting, due = [one for one in due if one[0] > now_s], [one for one in due if one[0] <= now_s]
        for _, number in due:
            waited_s = now_s - since[number] if since[number] + 1 <= now_s else 0.0
            call, changed = line.come(Way.LOGIN, now_s=now_s, waited_s=waited_s)
            numbers[call] = number
            for one in changed:
                if one.state is State.AWAY:
                    waiting.append((now_s + one.again_s, numbers[one]))
                else:
                    inside.append(one)
        due = waiting
    assert sorted(served) == list(range(people))
    first, last = served[: people // 2], served[people // 2 :]
    assert sum(first) / len(first) < sum(last) / len(last)


@settings(max_examples=60, deadline=None)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(["come", "back", "leave", "gone", "look"]), st.sampled_from(list(Way))),
        max_size=120,
    )
)
def test_whatever_happens_no_more_are_let_in_than_there_are_places(acts: list[tuple[str, Way]]) -> None:
    line, now_s = admission(3), 0.0
    held: list[Call] = []
    for act, way in acts:
        now_s += 0.3
        inside = [call for call in held if call.state is State.IN]
        standing = [call for call in held if call.state is State.LINE]
        if act in {"come", "back"}:
            held.append(line.come(way, now_s=now_s, waited_s=4.0 * (act == "back"))[0])
        elif act == "leave" and inside:
            line.leave(inside[0], now_s=now_s)
        elif act == "gone" and standing:
            line.leave(standing[-1], now_s=now_s)
        elif act == "look":
            line.look(now_s=now_s, lag_s=NO_LAG)
        counted = [call.state for call in held]
        assert counted.count(State.IN) == line.working <= 3
        assert counted.count(State.LINE) == line.standing
        assert not (line.standing and line.working < line.places)

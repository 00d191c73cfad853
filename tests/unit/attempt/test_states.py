"""The table of moves, tested whole."""

import itertools

import pytest

from exam_api.attempt.errors import MoveNotAllowed
from exam_api.attempt.model import FactKind, State
from exam_api.attempt.states import MOVE_OF, MOVES, Move, after, fits

EXPECTED = {
    State.READY: {"start": "running", "void": "void"},
    State.RUNNING: {
        "take-over": "running",
        "pause": "paused",
        "extend": "running",
        "credit": "running",
        "hand-in": "closed",
        "time-out": "closed",
        "terminate": "closed",
        "void": "void",
    },
    State.PAUSED: {
        "take-over": "paused",
        "resume": "running",
        "extend": "paused",
        "hand-in": "closed",
        "terminate": "closed",
        "void": "void",
    },
    State.CLOSED: {"decide-late": "closed"},
    State.VOID: {},
}


@pytest.mark.parametrize(("state", "move"), list(itertools.product(State, Move)))
def test_every_pair_is_a_row_or_a_refusal(state, move) -> None:
    expected = EXPECTED[state].get(move.value)
    if expected is None:
        with pytest.raises(MoveNotAllowed) as refused:
            after(state, move)
        assert (refused.value.state, refused.value.move) == (state, move)
    else:
        assert after(state, move) == expected


def test_the_table_has_no_row_that_is_not_expected() -> None:
    assert len(MOVES) == sum(len(row) for row in EXPECTED.values())


@pytest.mark.parametrize(("state", "kind"), list(itertools.product(State, FactKind)))
def test_a_fact_fits_where_its_move_has_a_row(state, kind) -> None:
    if kind is FactKind.MESSAGE:
        assert fits(state, kind)
    else:
        assert fits(state, kind) == (MOVE_OF[kind].value in EXPECTED[state])


def test_nothing_leads_out_of_void() -> None:
    assert not [row for row in MOVES if row[0] is State.VOID]


def test_a_closed_attempt_never_runs_again() -> None:
    assert {MOVES[row] for row in MOVES if row[0] is State.CLOSED} == {State.CLOSED}

"""The table of moves, tested whole."""

import itertools
from uuid import UUID

import pytest

from exam_api.attempt.errors import MoveNotAllowed
from exam_api.attempt.model import Fact, FactKind, State
from exam_api.attempt.states import MOVE_OF, MOVES, Move, after, fits, made

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
    if kind in {FactKind.MESSAGE, FactKind.TAKEOVER_CODE}:
        assert fits(state, kind)
    else:
        assert fits(state, kind) == (MOVE_OF[kind].value in EXPECTED[state])


def test_nothing_leads_out_of_void() -> None:
    assert not [row for row in MOVES if row[0] is State.VOID]


def test_a_closed_attempt_never_runs_again() -> None:
    assert {MOVES[row] for row in MOVES if row[0] is State.CLOSED} == {State.CLOSED}


@pytest.mark.parametrize(
    ("pressed", "made_at"),
    [
        ("extend@5 extend@10", [10]),
        ("terminate@5 pause@20", [20]),
        ("pause@20 pause@21 resume@30 pause@40", [20, 30, 40]),
        ("void@5 extend@20", [5]),
        ("extend@60 extend@61 message@70 late-accepted@80", [60, 70, 80]),
        ("terminate@30 extend@40", [30]),
    ],
)
def test_only_what_fitted_when_it_came_was_made(pressed, made_at) -> None:
    ledger = [
        Fact(id=UUID(int=no), attempt_id=UUID(int=0), kind=FactKind(kind), at_ms=int(at), actor="system")
        for no, (kind, at) in enumerate(each.split("@") for each in pressed.split())
    ]
    assert [fact.at_ms for fact in made(ledger, started_ms=10, closed_ms=60)] == made_at


def test_of_an_attempt_that_never_started_only_what_fits_the_ready_was_made() -> None:
    pause = Fact(id=UUID(int=1), attempt_id=UUID(int=0), kind=FactKind.PAUSE, at_ms=5, actor="system")
    assert made([pause], started_ms=0, closed_ms=0) == []

"""Which state follows which: the one table of moves of an attempt."""

from collections.abc import Mapping, Sequence
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final

from exam_api.attempt.errors import MoveNotAllowed
from exam_api.attempt.model import Fact, FactKind, State


@unique
class Move(StrEnum):
    """What may be done to an attempt."""

    START = "start"
    TAKE_OVER = "take-over"
    """A new fence: a second device, a second browser, lost storage."""
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    CREDIT = "credit"
    """Time given back; only a running clock can have lost any."""
    HAND_IN = "hand-in"
    TIME_OUT = "time-out"
    """Only for RUNNING: the clock of a paused attempt stands still."""
    TERMINATE = "terminate"
    VOID = "void"
    DECIDE_LATE = "decide-late"
    """An officer accepts or declines what came late."""


MOVES: Final[Mapping[tuple[State, Move], State]] = MappingProxyType(
    {
        (State.READY, Move.START): State.RUNNING,
        (State.READY, Move.VOID): State.VOID,
        (State.RUNNING, Move.TAKE_OVER): State.RUNNING,
        (State.RUNNING, Move.PAUSE): State.PAUSED,
        (State.RUNNING, Move.EXTEND): State.RUNNING,
        (State.RUNNING, Move.CREDIT): State.RUNNING,
        (State.RUNNING, Move.HAND_IN): State.CLOSED,
        (State.RUNNING, Move.TIME_OUT): State.CLOSED,
        (State.RUNNING, Move.TERMINATE): State.CLOSED,
        (State.RUNNING, Move.VOID): State.VOID,
        (State.PAUSED, Move.TAKE_OVER): State.PAUSED,
        (State.PAUSED, Move.RESUME): State.RUNNING,
        (State.PAUSED, Move.EXTEND): State.PAUSED,
        (State.PAUSED, Move.HAND_IN): State.CLOSED,
        (State.PAUSED, Move.TERMINATE): State.CLOSED,
        (State.PAUSED, Move.VOID): State.VOID,
        (State.CLOSED, Move.DECIDE_LATE): State.CLOSED,
    }
)
"""Every pair that is not here is refused. Messages and syncs are no moves: they fit every state."""

MOVE_OF: Final[Mapping[FactKind, Move]] = MappingProxyType(
    {
        FactKind.EXTEND: Move.EXTEND,
        FactKind.PAUSE: Move.PAUSE,
        FactKind.RESUME: Move.RESUME,
        FactKind.TERMINATE: Move.TERMINATE,
        FactKind.VOID: Move.VOID,
        FactKind.TAKEOVER: Move.TAKE_OVER,
        FactKind.LATE_ACCEPTED: Move.DECIDE_LATE,
        FactKind.LATE_DECLINED: Move.DECIDE_LATE,
        FactKind.CREDIT: Move.CREDIT,
    }
)
"""The move that a ledger entry makes. A MESSAGE and a TAKEOVER_CODE make none."""


def after(state: State, move: Move) -> State:
    """The state that follows.

    Raises:
        MoveNotAllowed: where the table has no row.
    """
    found = MOVES.get((state, move))
    if found is None:
        raise MoveNotAllowed(state=state, move=move)
    return found


def fits(state: State, fact: FactKind) -> bool:
    """Whether a ledger entry can be applied in this state."""
    move = MOVE_OF.get(fact)
    return move is None or (state, move) in MOVES


def made(ledger: Sequence[Fact], *, started_ms: int, closed_ms: int) -> Sequence[Fact]:
    """The entries of a ledger, oldest first, that fitted when they were made.

    A pause that was pressed twice, or an act on an attempt before its start, stands in the ledger and did
    nothing then; applied later, in another state, it would. `started_ms`, `closed_ms`: 0 where unknown.
    """
    state = State.READY
    fitted: list[Fact] = []
    for fact in ledger:
        if state is State.READY and 0 < started_ms <= fact.at_ms:
            state = State.RUNNING
        if state in {State.RUNNING, State.PAUSED} and 0 < closed_ms < fact.at_ms:
            state = State.CLOSED
        if fits(state, fact.kind):
            fitted.append(fact)
            move = MOVE_OF.get(fact.kind)
            state = state if move is None else after(state, move)
    return fitted

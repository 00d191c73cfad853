"""Which sessions wait for somebody today. Pure."""

from collections.abc import Sequence
from typing import Final

from exam_api.console_ports import SessionLine
from exam_api.record import SessionState
from exam_api.usecases.home import Due, DueKind

SOON_MS: Final = 24 * 3_600_000
"""An opened session is told of from this long before its start."""

AHEAD_MS: Final = 7 * 24 * 3_600_000
"""A draft is told of from this long before its start: rosters take days."""

EACH_UP_TO: Final = 4
"""So many sessions of a kind are named; more are counted."""


def due_sessions(lines: Sequence[SessionLine], now_ms: int, *, plans: bool) -> list[Due]:
    """What runs, what comes next and, for those who plan, drafts that are not ready though time is short."""
    found = [(kind, line) for line in lines if (kind := kind_of(line, now_ms)) is not None]
    out: list[Due] = []
    for kind in (
        DueKind.SESSION_RUNNING,
        DueKind.SESSION_SOON,
        DueKind.SESSION_NO_ROSTER,
        DueKind.SESSION_UNOPENED,
    ):
        if kind in {DueKind.SESSION_NO_ROSTER, DueKind.SESSION_UNOPENED} and not plans:
            continue
        mine = sorted((line for one, line in found if one is kind), key=lambda line: line.facts.opens_ms)
        out += [_one(kind, line) for line in mine] if len(mine) <= EACH_UP_TO else [_all(kind, mine)]
    return out


def kind_of(line: SessionLine, now_ms: int) -> DueKind | None:
    """Why a session is told of, if at all."""
    facts = line.facts
    if now_ms >= facts.closes_ms:
        return None
    if facts.state is SessionState.OPEN:
        if now_ms >= facts.opens_ms:
            return DueKind.SESSION_RUNNING
        return DueKind.SESSION_SOON if facts.opens_ms - now_ms <= SOON_MS else None
    if facts.state is SessionState.DRAFT and facts.opens_ms - now_ms <= AHEAD_MS:
        return DueKind.SESSION_UNOPENED if line.registrations else DueKind.SESSION_NO_ROSTER
    return None


def _one(kind: DueKind, line: SessionLine) -> Due:
    facts = line.facts
    return Due(kind=kind, n=1, id=str(facts.id), title=facts.title, at_ms=facts.opens_ms)


def _all(kind: DueKind, lines: Sequence[SessionLine]) -> Due:
    return Due(kind=kind, n=len(lines), at_ms=lines[0].facts.opens_ms)

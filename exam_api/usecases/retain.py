"""Erasing what is kept for long enough, kind by kind; a dry run only counts."""

from collections.abc import Sequence

import msgspec

from exam_api.console_ports import Act
from exam_api.persons_ports import Retention
from exam_api.retention import Clock, Schedule


class KindDue(msgspec.Struct, frozen=True, kw_only=True):
    """One clock, and how many rows it ran out for."""

    clock: Clock
    rows: int


async def retain(schedule: Schedule, store: Retention, *, act: Act, apply: bool) -> Sequence[KindDue]:
    """Count what is due, or erase it."""
    found: list[KindDue] = []
    for clock in schedule.clocks:
        before_ms = clock.before_ms(act.at_ms)
        if apply:
            rows = await store.carry_out(clock.kind, before_ms=before_ms, act=act)
        else:
            rows = await store.due(clock.kind, before_ms=before_ms)
        found.append(KindDue(clock=clock, rows=rows))
    return found

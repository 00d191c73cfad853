"""How long a candidate stayed on each item, from the times that the device wrote into its ops."""

from collections.abc import Sequence
from typing import Final

from exam_api.ruling_ports import Timed

LONGEST_MS: Final = 30 * 60_000
"""A longer gap between two answers is no time spent on an item: the phone lay somewhere."""


def took(ops: Sequence[Timed], slots: int) -> tuple[int | None, ...]:
    """By slot the time before its answers, summed over returns; None where it cannot be told.

    The time between two answers of one device belongs to the later one. Server times would not do: a phone
    sends what it gathered without network all at once. The device's clock may be wrong, but differences on
    one device are right; where they are not (the clock was set, the first answer of a device), nothing is
    told of that slot.
    Source: docs/marking.md §7.1.
    """
    spent: list[int] = [0] * slots
    known = [False] * slots
    broken = [False] * slots
    before: Timed | None = None
    for op in ops:
        if op.slot < slots:
            since_ms = op.client_ms - before.client_ms if before and before.fence == op.fence else -1
            if 0 <= since_ms <= LONGEST_MS:
                spent[op.slot] += since_ms
                known[op.slot] = True
            else:
                broken[op.slot] = True
        before = op
    return tuple(
        ms if is_known and not is_broken else None
        for ms, is_known, is_broken in zip(spent, known, broken, strict=True)
    )

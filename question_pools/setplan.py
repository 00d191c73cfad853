"""Choosing whole item sets whose numbers of items add up exactly to what the cells want."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Final

from question_pools.errors import BadBlueprint

MAX_STEPS: Final = 2_000_000
"""Table entries of one group of overlapping cells; three cells of 12 over 100 sets need 220,000."""


class SetPlan:
    """Counts, for each group of cells that share sets, the ways to fill all of them at once.

    The table is exact (whole sets, none twice, cells that overlap); drawing from it is uniform over the ways.
    """

    def __init__(self, sets: Sequence[tuple[int, int]], wants: Mapping[int, int]) -> None:
        """Take (number of items, mask of cells it can serve) of each set, and the count each cell wants."""
        self._groups = [_Group(cells, sets, wants) for cells in _connected(sets, wants)]

    def short(self) -> dict[int, int]:
        """Cells that cannot be filled, with what they get when earlier cells are served first."""
        return {cell: got for group in self._groups for cell, got in group.short().items()}

    def choose(self, below: Callable[[int], int]) -> dict[int, list[int]]:
        """One way, uniformly: cell → indices of the sets it gets."""
        return {cell: got for group in self._groups for cell, got in group.choose(below).items()}


def _connected(sets: Sequence[tuple[int, int]], wants: Mapping[int, int]) -> list[list[int]]:
    """Cells that share a set, directly or through others, together."""
    groups: list[int] = []
    for mask in [1 << cell for cell in wants] + [mask for _, mask in sets if mask]:
        joined = mask
        for group in [group for group in groups if group & mask]:
            groups.remove(group)
            joined |= group
        groups.append(joined)
    return sorted([cell for cell in wants if group >> cell & 1] for group in groups)


class _Group:
    """The table of one group: for each set, totals still reachable from it on → in how many ways."""

    def __init__(
        self, cells: Sequence[int], sets: Sequence[tuple[int, int]], wants: Mapping[int, int]
    ) -> None:
        self._cells = cells
        self._wants = tuple(wants[cell] for cell in cells)
        self._sets = [
            (index, size, [at for at, cell in enumerate(cells) if mask >> cell & 1])
            for index, (size, mask) in enumerate(sets)
        ]
        self._sets = [one for one in self._sets if one[2]]
        steps = len(self._sets) * prod(want + 1 for want in self._wants)
        if steps > MAX_STEPS:
            raise BadBlueprint(
                [f"{len(cells)} overlapping cells of item sets are too many to plan ({steps} steps)"]
            )
        self._ways = self._count()

    def _count(self) -> list[dict[tuple[int, ...], int]]:
        ways: list[dict[tuple[int, ...], int]] = [{(0,) * len(self._cells): 1}]
        for _, size, serves in reversed(self._sets):
            now = dict(ways[-1])
            for total, number in ways[-1].items():
                for at in serves:
                    if total[at] + size <= self._wants[at]:
                        more = _plus(total, at, size)
                        now[more] = now.get(more, 0) + number
            ways.append(now)
        ways.reverse()
        return ways

    def short(self) -> dict[int, int]:
        if self._wants in self._ways[0]:
            return {}
        best = max(self._ways[0])
        held = zip(self._cells, best, self._wants, strict=True)
        return {cell: got for cell, got, want in held if got < want}

    def choose(self, below: Callable[[int], int]) -> dict[int, list[int]]:
        got: dict[int, list[int]] = {cell: [] for cell in self._cells}
        left = self._wants
        rank = below(self._ways[0][left])
        for step, (index, size, serves) in enumerate(self._sets):
            after = self._ways[step + 1]
            passed = after.get(left, 0)
            if rank < passed:
                continue
            rank -= passed
            cells = iter(serves)
            at = next(cells)
            while rank >= (number := after.get(_plus(left, at, -size), 0)):
                rank -= number
                at = next(cells)
            got[self._cells[at]].append(index)
            left = _plus(left, at, -size)
        return got


def _plus(total: tuple[int, ...], at: int, size: int) -> tuple[int, ...]:
    return (*total[:at], total[at] + size, *total[at + 1 :])

"""Choosing whole item sets whose numbers of items add up exactly to what the cells want."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
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
        self._serving = {
            cell: [index for index, (_, mask) in enumerate(sets) if mask >> cell & 1] for cell in wants
        }

    def short(self) -> dict[int, int]:
        """Cells that cannot be filled, with what they get when earlier cells are served first."""
        return {cell: got for group in self._groups for cell, got in group.short().items()}

    def serving(self) -> dict[int, list[int]]:
        """Indices of the sets that each cell can take."""
        return self._serving

    def shares(self) -> dict[int, Fraction]:
        """The chance of each set to be chosen; sets that never are may be absent."""
        return {index: share for group in self._groups for index, share in group.shares().items()}

    def moments(self, values: Sequence[int]) -> tuple[Fraction, Fraction]:
        """Mean and variance, over all ways, of the sum of the chosen sets' values."""
        found = [group.moments(values) for group in self._groups]
        return sum((mean for mean, _ in found), Fraction()), sum((var for _, var in found), Fraction())

    def cheapest(self, costs: Sequence[int]) -> list[int] | None:
        """The sets of a way that costs least; None where there is no way at all."""
        found = [group.cheapest(costs) for group in self._groups]
        chosen = [index for one in found if one is not None for index in one]
        return None if None in found else chosen

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

    def shares(self) -> dict[int, Fraction]:
        all_ways = self._ways[0].get(self._wants, 0)
        if not all_ways:
            return {}
        shares: dict[int, Fraction] = {}
        reached = {self._wants: 1}
        for step, (index, size, serves) in enumerate(self._sets):
            after, taken = self._ways[step + 1], 0
            passed: dict[tuple[int, ...], int] = {}
            for left, number in reached.items():
                for more in [left, *(_plus(left, at, -size) for at in serves)]:
                    if more in after:
                        passed[more] = passed.get(more, 0) + number
                        taken += number * after[more] if more != left else 0
            shares[index] = Fraction(taken, all_ways)
            reached = passed
        return shares

    def moments(self, values: Sequence[int]) -> tuple[Fraction, Fraction]:
        start = (0,) * len(self._cells)
        sums: dict[tuple[int, ...], tuple[int, int, int]] = {start: (1, 0, 0)}
        for index, size, serves in reversed(self._sets):
            value, now = values[index], dict(sums)
            for total, (ways, first, second) in sums.items():
                add = (ways, first + value * ways, second + 2 * value * first + value * value * ways)
                for at in serves:
                    if total[at] + size <= self._wants[at]:
                        more = _plus(total, at, size)
                        held = now.get(more, (0, 0, 0))
                        now[more] = (held[0] + add[0], held[1] + add[1], held[2] + add[2])
            sums = now
        ways, first, second = sums.get(self._wants, (1, 0, 0))
        mean = Fraction(first, ways)
        return mean, Fraction(second, ways) - mean * mean

    def cheapest(self, costs: Sequence[int]) -> list[int] | None:
        start = (0,) * len(self._cells)
        best: dict[tuple[int, ...], tuple[int, tuple[int, ...]]] = {start: (0, ())}
        for index, size, serves in self._sets:
            now = dict(best)
            for total, (cost, chosen) in best.items():
                for at in serves:
                    if total[at] + size <= self._wants[at]:
                        more = _plus(total, at, size)
                        if more not in now or cost + costs[index] < now[more][0]:
                            now[more] = (cost + costs[index], (*chosen, index))
            best = now
        found = best.get(self._wants)
        return None if found is None else list(found[1])

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

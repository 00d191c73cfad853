"""The most even shares that the items of a pool can have in papers, and drawing whole numbers that keep them.

A share is the chance of an item to stand on a paper. Cells that cross leave a choice of where to take from;
it is made so that the highest share is as low as it can be, then the next, and so on (the cells fall into
blocks; within a block all items have the same share). What the flow then says in fractions is rounded at
random with the fractions as expectations (dependent rounding on a bipartite graph).
"""

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from question_pools.chance import Chance
from question_pools.flow import Flow


class Block(msgspec.Struct, frozen=True):
    """Cells that take from the same groups, and how much of each: all items of the groups have one share."""

    cells: tuple[int, ...]
    groups: tuple[int, ...]
    """By the mask of the demands they serve."""
    asked: int
    """Items that the cells want together."""
    there: int
    """Items of the groups."""
    flow: dict[tuple[int, int], int]
    """(group, cell) → how many items, in 1/`there`."""

    @property
    def share(self) -> Fraction:
        """Of every item of the block."""
        return Fraction(self.asked, self.there)

    def rounded(self, chance: Chance) -> dict[tuple[int, int], int]:
        """Whole numbers with the flow as expectation; every cell gets exactly its count."""
        unit = self.there
        whole = {way: amount // unit for way, amount in self.flow.items()}
        loose = {way: amount % unit for way, amount in self.flow.items() if amount % unit}
        while loose:
            _settle(_walk(loose), loose, whole, unit, chance)
        return whole


def even(supply: Mapping[int, int], wants: Mapping[int, int]) -> list[Block]:
    """Blocks from the highest share to the lowest. The groups must be able to fill the wants."""
    left, open_wants = dict(supply), dict(wants)
    blocks: list[Block] = []
    while open_wants:
        block = _tightest(left, open_wants)
        blocks.append(block)
        left = {mask: size for mask, size in left.items() if mask not in block.groups}
        open_wants = {d: count for d, count in open_wants.items() if d not in block.cells}
    return blocks


def _tightest(supply: Mapping[int, int], wants: Mapping[int, int]) -> Block:
    """The cells that press hardest on their groups (Newton's method on the ratio, exact)."""
    cells = tuple(wants)
    while True:
        groups = tuple(sorted(mask for mask in supply if any(mask >> d & 1 for d in cells)))
        asked, there = sum(wants[d] for d in cells), sum(supply[mask] for mask in groups)
        flow = Flow(
            {mask: size * asked for mask, size in supply.items()},
            {d: count * there for d, count in wants.items()},
        )
        worse = flow.starved()
        if not worse:
            ways = {way: amount for way, amount in flow.sent().items() if way[1] in cells}
            return Block(cells, groups, asked, there, ways)
        cells = tuple(d for d in wants if d in worse)


def _walk(loose: Mapping[tuple[int, int], int]) -> list[tuple[int, int]]:
    """A path between two groups' ends, or a cycle, along ways that are not whole yet.

    A cell's ways add up to a whole number, so a walk can end at groups only; both kinds of walk have an even
    number of ways.
    """
    at_group: dict[int, list[tuple[int, int]]] = {}
    at_cell: dict[int, list[tuple[int, int]]] = {}
    for way in sorted(loose):
        at_group.setdefault(way[0], []).append(way)
        at_cell.setdefault(way[1], []).append(way)
    group = next((mask for mask, ways in at_group.items() if len(ways) == 1), next(iter(at_group)))
    path: list[tuple[int, int]] = []
    left_group, left_cell = {group: 0}, dict[int, int]()
    before: tuple[int, int] | None = None
    while True:
        out = next((way for way in at_group[group] if way != before), None)
        if out is None:
            return path
        path.append(out)
        if out[1] in left_cell:
            return path[left_cell[out[1]] :]
        left_cell[out[1]] = len(path)
        before = next(way for way in at_cell[out[1]] if way != out)
        path.append(before)
        group = before[0]
        if group in left_group:
            return path[left_group[group] :]
        left_group[group] = len(path)


def _settle(
    path: list[tuple[int, int]],
    loose: dict[tuple[int, int], int],
    whole: dict[tuple[int, int], int],
    unit: int,
    chance: Chance,
) -> None:
    """Shift along the path, by chance one way or the other, until a way is whole; expectations stay."""
    evens, odds = path[::2], path[1::2]
    up = min(*(unit - loose[way] for way in evens), *(loose[way] for way in odds))
    down = min(*(loose[way] for way in evens), *(unit - loose[way] for way in odds))
    shift = up if chance.below(up + down) < down else -down
    for ways, by in ((evens, shift), (odds, -shift)):
        for way in ways:
            value = loose.pop(way) + by
            if value in {0, unit}:
                whole[way] += value // unit
            else:
                loose[way] = value

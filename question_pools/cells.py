"""Drawing single items from a pool so that every cell gets exactly its count."""

from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Final

from question_pools.blueprint import Blueprint, atoms, demands
from question_pools.chance import Chance
from question_pools.even import Block, even
from question_pools.flow import Flow
from question_pools.items import Item

NOTHING: Final[frozenset[int]] = frozenset()
"""What a draw leaves out when nobody asks for it."""

Drawn = list[tuple[int, list[int]]]
"""Demand and the indices of its items, in the order in which they were drawn."""


class Cells:
    """Every item of a cell alike, overlapping cells included."""

    def __init__(self, items: Sequence[Item], blueprint: Blueprint, rested: Collection[int] = ()) -> None:
        wanted = demands(blueprint)
        self.atoms = atoms(items, wanted, rested)
        self.counts = {d: one.cell.count for d, one in enumerate(wanted) if one.kind is not None}
        self.served = {d: [mask for mask in self.atoms if mask >> d & 1] for d in self.counts}
        self._held = {d: sorted(i for mask in self.served[d] for i in self.atoms[mask]) for d in self.counts}
        self.order = sorted(self.counts, key=lambda d: (len(self._held[d]), d))
        self._shared = {d: any(mask != 1 << d for mask in self.served[d]) for d in self.counts}
        self.nested = all(self._disjoint_or_nested(a, b) for a in self.order for b in self.order if a < b)

    def _disjoint_or_nested(self, a: int, b: int) -> bool:
        first, second = set(self.served[a]), set(self.served[b])
        return not first & second or first <= second or second <= first

    def draw(self, chance: Chance, avoided: frozenset[int] = NOTHING) -> Drawn:
        """The items of each cell, none of them avoided: what is left must still fill the cells."""
        return self._draw_nested(chance, avoided) if self.nested else self._draw_guarded(chance, avoided)

    def _draw_nested(self, chance: Chance, avoided: frozenset[int]) -> Drawn:
        """Cells that lie apart or within each other: inner ones first, and nothing can run out."""
        used = set(avoided)
        drawn: Drawn = []
        for d in self.order:
            count = self.counts[d]
            if self._shared[d] or avoided:
                held = [index for index in self._held[d] if index not in used]
            else:
                held = self._held[d].copy()
            chance.pick_first(held, count)
            got = held[:count]
            if self._shared[d]:
                used.update(got)
            drawn.append((d, got))
        return drawn

    def _draw_guarded(self, chance: Chance, avoided: frozenset[int]) -> Drawn:
        """Cells that cross: before an item is taken, a flow tells whether the rest can still be filled."""
        left = {mask: [one for one in held if one not in avoided] for mask, held in self.atoms.items()}
        wants = dict(self.counts)
        drawn: Drawn = []
        for d in self.order:
            got: list[int] = []
            for _ in range(self.counts[d]):
                wants[d] -= 1
                got.append(self._take(d, left, wants, chance))
            drawn.append((d, got))
        return drawn

    def _take(self, d: int, left: dict[int, list[int]], wants: dict[int, int], chance: Chance) -> int:
        allowed = [mask for mask in self.served[d] if left[mask]]
        while True:
            at = chance.below(sum(len(left[mask]) for mask in allowed))
            ends = accumulate(len(left[mask]) for mask in allowed)
            mask, end = next((mask, end) for mask, end in zip(allowed, ends, strict=True) if at < end)
            held = left[mask]
            at -= end
            held[at], held[-1] = held[-1], held[at]
            item = held.pop()
            if self._can_finish(left, wants):
                return item
            held.append(item)
            allowed.remove(mask)

    def _can_finish(self, left: dict[int, list[int]], wants: dict[int, int]) -> bool:
        open_wants = {d: count for d, count in wants.items() if count}
        total = sum(open_wants.values())
        # Where each open cell alone could serve all that is still wanted, no order of taking can fail.
        if all(sum(len(left[mask]) for mask in self.served[d]) >= total for d in open_wants):
            return True
        return Flow({mask: len(held) for mask, held in left.items()}, open_wants).complete()


class EvenCells:
    """The shares of the items as even as the cells allow: for blueprints that bound an item's share."""

    def __init__(self, items: Sequence[Item], blueprint: Blueprint, rested: Collection[int] = ()) -> None:
        wanted = demands(blueprint)
        self.atoms = atoms(items, wanted, rested)
        self.counts = {d: one.cell.count for d, one in enumerate(wanted) if one.kind is not None}
        self.blocks = even({mask: len(held) for mask, held in self.atoms.items()}, self.counts)

    def draw(self, chance: Chance, avoided: frozenset[int] = NOTHING) -> Drawn:
        """The items of each cell, none of them avoided: what is left must still fill the cells."""
        if not avoided:
            return [got for block in self.blocks for got in _of_block(block, self.atoms, chance)]
        left = {mask: [one for one in held if one not in avoided] for mask, held in self.atoms.items()}
        blocks = even({mask: len(held) for mask, held in left.items() if held}, self.counts)
        return [got for block in blocks for got in _of_block(block, left, chance)]


def _of_block(block: Block, groups: dict[int, list[int]], chance: Chance) -> Drawn:
    if len(block.cells) == 1:
        held = sorted(one for mask in block.groups for one in groups[mask])
        chance.pick_first(held, block.asked)
        return [(block.cells[0], held[: block.asked])]
    got: dict[int, list[int]] = {d: [] for d in block.cells}
    taken = block.rounded(chance)
    for mask in block.groups:
        held = groups[mask].copy()
        shares = [(d, taken.get((mask, d), 0)) for d in block.cells]
        chance.pick_first(held, sum(count for _, count in shares))
        for d, count in shares:
            got[d] += held[:count]
            del held[:count]
    return list(got.items())

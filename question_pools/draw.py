"""Drawing a paper from a pool version: repeatable from (pool version, blueprint, seed) for ever."""

import hashlib
from collections.abc import Sequence
from itertools import accumulate
from struct import Struct
from typing import Final

import msgspec

from question_pools.blueprint import Blueprint, atoms, check, demands, digest, set_plan
from question_pools.chance import Chance, orders
from question_pools.errors import BlueprintNotMet
from question_pools.flow import Flow
from question_pools.items import Item, Kind, PoolVersion, version_of

_SIZES: Final = Struct(">HBH")
"""How a slot's section, number of options and length of set id enter the digest."""


class Slot(msgspec.Struct, frozen=True, gc=False):
    """One place of a paper: an item version and the order its options are shown in."""

    version: str
    order: tuple[int, ...]
    """The canonical option index shown at each position."""
    section: int
    set_id: str | None = None


class Paper(msgspec.Struct, frozen=True):
    """What one candidate gets: the slots are what was seen, the rest shows that the draw was fair."""

    pool_digest: str
    blueprint_digest: str
    seed: str
    slots: tuple[Slot, ...]


class DrawIndex:
    """All that a draw needs of one pool version and one blueprint, worked out once."""

    def __init__(self, version: PoolVersion, blueprint: Blueprint) -> None:
        """Raise BlueprintNotMet, naming the cells, where the pool cannot fill the blueprint."""
        missing = check(blueprint, version)
        if missing:
            raise BlueprintNotMet(missing)
        self.pool_digest = version.digest
        self.blueprint_digest = digest(blueprint)
        self._sections = blueprint.sections
        self._demands = demands(blueprint)
        self._set_ids = [item.set_id for item in version.items]
        self._versions = [version_of(item) for item in version.items]
        self._orders = [orders(len(item.options), _movable(item)) for item in version.items]
        place = {item.id: index for index, item in enumerate(version.items)}
        self._sets = [[place[child] for child in one.items] for one in version.sets]
        self._plan = set_plan(version, self._demands)
        self._cells = Cells(version.items, blueprint)

    def draw(self, seed: bytes) -> Paper:
        """The paper of this seed."""
        held = f"kaowu draw 1\n{self.pool_digest}\n{self.blueprint_digest}\n".encode()
        chance = Chance(held + seed)
        drawn: list[list[int]] = [[] for _ in self._sections]
        for demand, got in self._cells.draw(chance):
            drawn[self._demands[demand].section] += got
        for demand, sets in sorted(self._plan.choose(chance.below).items()):
            drawn[self._demands[demand].section] += sets
        slots: list[Slot] = []
        for number, section in enumerate(self._sections):
            chosen = drawn[number]
            chosen.sort()
            if section.shuffle_items:
                chance.shuffle(chosen)
            if section.kind is None:
                chosen = [child for one in chosen for child in self._sets[one]]
            slots += self._slots(chosen, number, chance, shuffle=section.shuffle_options)
        return Paper(self.pool_digest, self.blueprint_digest, seed.hex(), tuple(slots))

    def _slots(self, chosen: Sequence[int], section: int, chance: Chance, *, shuffle: bool) -> list[Slot]:
        versions, held, sets = self._versions, self._orders, self._set_ids
        if not shuffle:
            return [Slot(versions[one], held[one].plain, section, sets[one]) for one in chosen]
        return [Slot(versions[one], held[one].pick(chance), section, sets[one]) for one in chosen]


def _movable(item: Item) -> tuple[int, ...]:
    """The places whose options may change among themselves; none for true/false."""
    if item.kind is Kind.JUDGE:
        return ()
    free = tuple(at for at, option in enumerate(item.options) if not option.pinned)
    return free if len(free) > 1 else ()


class Cells:
    """Drawing single items so that every cell gets exactly its count, overlapping cells included."""

    def __init__(self, items: Sequence[Item], blueprint: Blueprint) -> None:
        wanted = demands(blueprint)
        self._atoms = atoms(items, wanted)
        self._counts = {d: one.cell.count for d, one in enumerate(wanted) if one.kind is not None}
        self._served = {d: [mask for mask in self._atoms if mask >> d & 1] for d in self._counts}
        self._held = {
            d: sorted(i for mask in self._served[d] for i in self._atoms[mask]) for d in self._counts
        }
        self._order = sorted(self._counts, key=lambda d: (len(self._held[d]), d))
        self._shared = {d: any(mask != 1 << d for mask in self._served[d]) for d in self._counts}
        self._nested = all(self._disjoint_or_nested(a, b) for a in self._order for b in self._order if a < b)

    def _disjoint_or_nested(self, a: int, b: int) -> bool:
        first, second = set(self._served[a]), set(self._served[b])
        return not first & second or first <= second or second <= first

    def draw(self, chance: Chance) -> list[tuple[int, list[int]]]:
        """The items of each cell."""
        return self._draw_nested(chance) if self._nested else self._draw_guarded(chance)

    def _draw_nested(self, chance: Chance) -> list[tuple[int, list[int]]]:
        """Cells that lie apart or within each other: inner ones first, and nothing can run out."""
        used: set[int] = set()
        drawn: list[tuple[int, list[int]]] = []
        for d in self._order:
            count = self._counts[d]
            if self._shared[d]:
                held = [index for index in self._held[d] if index not in used]
            else:
                held = self._held[d].copy()
            chance.pick_first(held, count)
            got = held[:count]
            if self._shared[d]:
                used.update(got)
            drawn.append((d, got))
        return drawn

    def _draw_guarded(self, chance: Chance) -> list[tuple[int, list[int]]]:
        """Cells that cross: before an item is taken, a flow tells whether the rest can still be filled."""
        left = {mask: held.copy() for mask, held in self._atoms.items()}
        wants = dict(self._counts)
        drawn: list[tuple[int, list[int]]] = []
        for d in self._order:
            got: list[int] = []
            for _ in range(self._counts[d]):
                wants[d] -= 1
                got.append(self._take(d, left, wants, chance))
            drawn.append((d, got))
        return drawn

    def _take(self, d: int, left: dict[int, list[int]], wants: dict[int, int], chance: Chance) -> int:
        allowed = [mask for mask in self._served[d] if left[mask]]
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
        if all(sum(len(left[mask]) for mask in self._served[d]) >= total for d in open_wants):
            return True
        return Flow({mask: len(held) for mask, held in left.items()}, open_wants).complete()


def draw(version: PoolVersion, blueprint: Blueprint, seed: bytes) -> Paper:
    """The paper of (pool version, blueprint, seed). Who draws many keeps a DrawIndex."""
    return DrawIndex(version, blueprint).draw(seed)


def paper_digest(paper: Paper) -> bytes:
    """SHA-256 over the slots: item versions, option orders, sections and sets, in the order shown."""
    parts = [b"kaowu paper 1\n"]
    for slot in paper.slots:
        name = (slot.set_id or "").encode()
        sizes = _SIZES.pack(slot.section, len(slot.order), len(name))
        parts += (bytes.fromhex(slot.version), sizes, bytes(slot.order), name)
    return hashlib.sha256(b"".join(parts)).digest()

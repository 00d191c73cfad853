"""Drawing a paper from a pool version: repeatable from (pool version, blueprint, seed) for ever."""

import hashlib
from collections.abc import Sequence
from itertools import accumulate

import msgspec

from question_pools.blueprint import Blueprint, atoms, check, demands, digest, set_plan
from question_pools.chance import Chance
from question_pools.errors import BlueprintNotMet
from question_pools.flow import Flow
from question_pools.items import Item, Kind, PoolVersion, version_of


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
        self._items = version.items
        self._versions = [version_of(item) for item in version.items]
        self._shuffled = [_movable(item) for item in version.items]
        self._plain = [tuple(range(len(item.options))) for item in version.items]
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
        items, versions, plain, shuffled = self._items, self._versions, self._plain, self._shuffled
        slots: list[Slot] = []
        for index in chosen:
            order = plain[index]
            free = shuffled[index]
            if shuffle and free:
                moved = chance.order(len(free))
                if len(free) == len(order):
                    order = moved
                else:
                    placed = list(order)
                    for at, source in zip(free, moved, strict=True):
                        placed[at] = free[source]
                    order = tuple(placed)
            slots.append(Slot(versions[index], order, section, items[index].set_id))
        return slots


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
    held = hashlib.sha256(b"kaowu paper 1\n")
    for slot in paper.slots:
        order = bytes(slot.order)
        name = (slot.set_id or "").encode()
        held.update(bytes.fromhex(slot.version))
        held.update(slot.section.to_bytes(2, "big") + len(order).to_bytes(1, "big") + order)
        held.update(len(name).to_bytes(2, "big") + name)
    return held.digest()

"""Drawing a paper from a pool version: repeatable from (pool version, blueprint, seed) for ever."""

import hashlib
from collections.abc import Sequence
from struct import Struct
from typing import Final

import msgspec

from question_pools.avoid import Avoidance, budget_of
from question_pools.blueprint import Blueprint, check, demands, digest, set_plan
from question_pools.cells import Cells, EvenCells
from question_pools.chance import Chance, orders
from question_pools.errors import BlueprintNotMet
from question_pools.items import Item, Kind, PoolVersion, version_of
from question_pools.rest import without
from question_pools.setplan import SetPlan

_SIZES: Final = Struct(">HBH")
"""How a slot's section, number of options and length of set id enter the digest."""


class Slot(msgspec.Struct, frozen=True, gc=False):
    """One place of a paper: an item version and the order its options are shown in."""

    version: str
    order: tuple[int, ...]
    """The canonical option index shown at each position."""
    section: int
    set_id: str | None = None


class Paper(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one candidate gets: the slots are what was seen, the rest shows that the draw was fair."""

    pool_digest: str
    blueprint_digest: str
    seed: str
    slots: tuple[Slot, ...]
    avoided: tuple[int, ...] = ()
    """Items of the person's paper before, as indices into the pool version: what the draw was given."""
    rested: tuple[int, ...] = ()
    """Items that rested in this draw, as indices into the pool version."""


class DrawIndex:
    """All that a draw needs of one pool version and one blueprint, worked out once."""

    def __init__(self, version: PoolVersion, blueprint: Blueprint, rested: tuple[int, ...] = ()) -> None:
        """Raise BlueprintNotMet, naming the cells, where the pool (less what rests) cannot fill them."""
        missing = check(blueprint, without(version, rested) if rested else version)
        if missing:
            raise BlueprintNotMet(missing)
        self.pool_digest = version.digest
        self.blueprint_digest = digest(blueprint)
        self._rested = rested
        self._most = budget_of(blueprint)
        self._sections = blueprint.sections
        self._demands = demands(blueprint)
        self._set_ids = [item.set_id for item in version.items]
        self.versions = [version_of(item) for item in version.items]
        self._orders = [orders(len(item.options), _movable(item)) for item in version.items]
        place = {item.id: index for index, item in enumerate(version.items)}
        self._sets = [[place[child] for child in one.items] for one in version.sets]
        away = frozenset(rested)
        rested_sets = [at for at, children in enumerate(self._sets) if not away.isdisjoint(children)]
        self._plan = set_plan(version, self._demands, rested_sets)
        cells = Cells if blueprint.share_percent is None else EvenCells
        self._cells = cells(version.items, blueprint, away)
        self._avoidance = Avoidance(version, self._demands, self._cells.atoms, rested_sets)

    def draw(self, seed: bytes, avoided: tuple[int, ...] = ()) -> Paper:
        """The paper of this seed, with at most the blueprint's overlap with `avoided` (indices, ascending).

        Raises OverlapNotMet where no paper of this pool keeps that bound.
        """
        held = f"kaowu draw 1\n{self.pool_digest}\n{self.blueprint_digest}\n".encode()
        chance = Chance(held + seed)
        away, plan = self._away(held + seed, avoided)
        drawn: list[list[int]] = [[] for _ in self._sections]
        for demand, got in self._cells.draw(chance, away):
            drawn[self._demands[demand].section] += got
        for demand, sets in sorted(plan.choose(chance.below).items()):
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
        return Paper(self.pool_digest, self.blueprint_digest, seed.hex(), tuple(slots), avoided, self._rested)

    def _away(self, seed: bytes, avoided: tuple[int, ...]) -> tuple[frozenset[int], SetPlan]:
        """What stays away from this paper, chosen by a stream of its own: the draw's stays as it is."""
        if len(avoided) <= self._most:
            return frozenset(), self._plan
        away, plan = self._avoidance.away(avoided, self._most, Chance(b"kaowu avoid 1\n" + seed))
        return away, plan or self._plan

    def _slots(self, chosen: Sequence[int], section: int, chance: Chance, *, shuffle: bool) -> list[Slot]:
        versions, held, sets = self.versions, self._orders, self._set_ids
        if not shuffle:
            return [Slot(versions[one], held[one].plain, section, sets[one]) for one in chosen]
        return [Slot(versions[one], held[one].pick(chance), section, sets[one]) for one in chosen]


def _movable(item: Item) -> tuple[int, ...]:
    """The places whose options may change among themselves; none for true/false."""
    if item.kind is Kind.JUDGE:
        return ()
    free = tuple(at for at, option in enumerate(item.options) if not option.pinned)
    return free if len(free) > 1 else ()


def draw(version: PoolVersion, blueprint: Blueprint, seed: bytes) -> Paper:
    """The paper of (pool version, blueprint, seed). Who draws many keeps a DrawIndex."""
    return DrawIndex(version, blueprint).draw(seed)


def drawn_again(version: PoolVersion, blueprint: Blueprint, paper: Paper) -> Paper:
    """The paper that the stored seed, with what the draw was given, yields: equal where the draw was fair."""
    return DrawIndex(version, blueprint, paper.rested).draw(bytes.fromhex(paper.seed), paper.avoided)


def paper_digest(paper: Paper) -> bytes:
    """SHA-256 over the slots: item versions, option orders, sections and sets, in the order shown."""
    parts = [b"kaowu paper 1\n"]
    for slot in paper.slots:
        name = (slot.set_id or "").encode()
        sizes = _SIZES.pack(slot.section, len(slot.order), len(name))
        parts += (bytes.fromhex(slot.version), sizes, bytes(slot.order), name)
    return hashlib.sha256(b"".join(parts)).digest()

"""What a paper must be made of: sections and cells, their digest, and whether a pool can meet them."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from question_pools.errors import BadBlueprint
from question_pools.flow import Flow
from question_pools.items import HARDEST, Item, Kind, Pool, PoolVersion, canonical, is_outline, is_under
from question_pools.setplan import SetPlan

MAX_COUNT: Final = 500
"""Items of one section; the longest paper known has 200."""


class Cell(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`count` items with an outline code under `outline` ("" = any) and this difficulty (None = any).

    In a section of item sets `count` counts child items, and a set belongs to the cell when all its items do.
    """

    count: int
    outline: str = ""
    difficulty: int | None = None


class Section(msgspec.Struct, frozen=True, omit_defaults=True):
    """One stretch of a paper: `count` items of one kind, each worth `points_centi`.

    `kind` None is a section of item sets: it draws whole sets, `count` is the number of child items (what the
    candidate answers and what points are given for), and the sets drawn have exactly that many together.
    `cells` say how the count is spread; what they leave open is drawn from anywhere.
    """

    title: str
    kind: Kind | None
    count: int
    points_centi: int
    policy: str
    """Name of a marking policy, such as "all_or_nothing" or "partial_per_option:50"."""
    shuffle_items: bool = True
    shuffle_options: bool = True
    part: str = ""
    """Name of the exam part the section belongs to."""
    cells: tuple[Cell, ...] = ()


class Blueprint(msgspec.Struct, frozen=True):
    """A kind of paper. Points come from here only, never from an item's difficulty."""

    id: str
    title: str
    sections: tuple[Section, ...]


class Infeasible(msgspec.Struct, frozen=True):
    """A cell that the pool cannot fill: `available` is what is left for it when the others are filled."""

    section: int
    """Index of the section."""
    title: str
    cell: Cell
    wanted: int
    available: int


class Demand(msgspec.Struct, frozen=True):
    """One cell with its place: what `check` and the draw work on. The rest of a section is a cell too."""

    section: int
    kind: Kind | None
    cell: Cell

    def takes(self, item: Item) -> bool:
        """Whether the item lies in the cell; its kind is looked at too, except for item sets."""
        cell = self.cell
        return (
            (self.kind is None or item.kind is self.kind)
            and (cell.difficulty is None or item.difficulty == cell.difficulty)
            and is_under(item.outline, cell.outline)
        )


def digest(blueprint: Blueprint) -> str:
    """SHA-256 (hex) over the canonical blueprint."""
    return hashlib.sha256(canonical(blueprint)).hexdigest()


def total_centi(blueprint: Blueprint) -> int:
    """Full marks of every paper drawn from this blueprint."""
    return sum(section.count * section.points_centi for section in blueprint.sections)


def faults(blueprint: Blueprint) -> list[str]:
    """What is wrong with a blueprint whatever the pool; empty when it is sound."""
    found = [] if blueprint.sections else ["the blueprint has no sections"]
    for number, section in enumerate(blueprint.sections, 1):
        where = f"section {number} ({section.title})"
        if not 1 <= section.count <= MAX_COUNT:
            found.append(f"{where}: count {section.count} is not 1 to {MAX_COUNT}")
        if section.points_centi <= 0:
            found.append(f"{where}: an item must be worth something")
        if sum(cell.count for cell in section.cells) > section.count:
            found.append(f"{where}: the cells ask for more than the section's {section.count}")
        found += [f"{where}: {fault}" for cell in section.cells for fault in _cell_faults(cell)]
    return found


def _cell_faults(cell: Cell) -> list[str]:
    found: list[str] = []
    if cell.count < 1:
        found.append(f"a cell asks for {cell.count} items")
    if cell.outline and not is_outline(cell.outline):
        found.append(f"outline {cell.outline!r} is not a code like 1.12.1.1")
    if cell.difficulty is not None and not 1 <= cell.difficulty <= HARDEST:
        found.append(f"difficulty {cell.difficulty} is not 1 to {HARDEST}")
    return found


def demands(blueprint: Blueprint) -> list[Demand]:
    """All cells in order, the open rest of each section last; BadBlueprint if the blueprint is not sound."""
    found = faults(blueprint)
    if found:
        raise BadBlueprint(found)
    wanted: list[Demand] = []
    for number, section in enumerate(blueprint.sections):
        wanted += [Demand(number, section.kind, cell) for cell in section.cells]
        rest = section.count - sum(cell.count for cell in section.cells)
        if rest:
            wanted.append(Demand(number, section.kind, Cell(count=rest)))
    return wanted


def atoms(items: Sequence[Item], wanted: Sequence[Demand]) -> dict[int, list[int]]:
    """Items outside sets by the demands they can serve: bit mask of demands → indices into `items`.

    Items with the same mask are equal to every cell, so all reasoning is about these few groups.
    """
    masks: dict[tuple[Kind, str, int], int] = {}
    found: defaultdict[int, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        if item.set_id is not None:
            continue
        trait = (item.kind, item.outline, item.difficulty)
        served = masks.get(trait)
        if served is None:
            served = sum(1 << d for d, one in enumerate(wanted) if one.kind is not None and one.takes(item))
            masks[trait] = served
        if served:
            found[served].append(index)
    return dict(found)


def set_plan(pool: Pool | PoolVersion, wanted: Sequence[Demand]) -> SetPlan:
    """The plan of the item-set cells: a set serves a cell when all its items lie in it."""
    items = {item.id: item for item in pool.items}
    cells = [(d, one) for d, one in enumerate(wanted) if one.kind is None]
    sets = [
        (
            len(one.items),
            sum(1 << d for d, cell in cells if all(cell.takes(items[child]) for child in one.items)),
        )
        for one in pool.sets
    ]
    return SetPlan(sets, {d: one.cell.count for d, one in cells})


def check(blueprint: Blueprint, pool: Pool | PoolVersion) -> list[Infeasible]:
    """The cells this pool cannot fill; empty when a paper can be drawn.

    Cells may overlap: the answer comes from a maximum flow (items) and an exact count (item sets), so a
    blueprint is refused only when there is truly no paper. BadBlueprint when it contradicts itself.
    """
    wanted = demands(blueprint)
    singles = [d for d, one in enumerate(wanted) if one.kind is not None]
    supply = {served: len(held) for served, held in atoms(pool.items, wanted).items()}
    flow = Flow(supply, {d: wanted[d].cell.count for d in singles})
    short = {d: flow.filled(d) for d in singles if flow.filled(d) < wanted[d].cell.count}
    short.update(set_plan(pool, wanted).short())
    return [_infeasible(blueprint, wanted[d], available) for d, available in sorted(short.items())]


def _infeasible(blueprint: Blueprint, one: Demand, available: int) -> Infeasible:
    title = blueprint.sections[one.section].title
    return Infeasible(
        section=one.section, title=title, cell=one.cell, wanted=one.cell.count, available=available
    )

"""What a paper must be made of: sections and cells, their digest, and whether a pool can meet them."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec

from question_pools.errors import BadBlueprint
from question_pools.flow import Flow
from question_pools.items import HARDEST, Item, Kind, Pool, PoolVersion, canonical, is_outline, is_under
from question_pools.setplan import SetPlan

MAX_COUNT: Final = 500
"""Items of one section; the longest paper known has 200."""

WHOLE: Final = 100
"""Percent of a paper, or of the papers of a session."""

REST_DAYS_MAX: Final = 3_650
"""Days that exposure is looked back on: ten years."""


class Cell(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`count` items with an outline code under `outline` ("" = any) and this difficulty (None = any).

    With `hardest` the difficulty may be anything from `difficulty` up to it.

    In a section of item sets `count` counts child items, and a set belongs to the cell when all its items do.
    """

    count: int
    outline: str = ""
    difficulty: int | None = None
    hardest: int | None = None

    def takes(self, item: Item) -> bool:
        """Whether an item lies in the cell, its kind not looked at."""
        if self.difficulty is not None and not self.difficulty <= item.difficulty <= (
            self.hardest or self.difficulty
        ):
            return False
        return is_under(item.outline, self.outline)


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


class Blueprint(msgspec.Struct, frozen=True, omit_defaults=True):
    """A kind of paper. Points come from here only, never from an item's difficulty.

    New fields only ever come with defaults (None and small numbers): a digest is over what is set.
    """

    id: str
    title: str
    sections: tuple[Section, ...]
    overlap_percent: int = 20
    """The most of a paper that its person may know from the paper before, drawn from the same pool."""
    share_percent: int | None = None
    """The most of a session's papers that an item may be expected on; None: not bounded, and items are drawn
    alike within each cell."""
    rest_papers: int | None = None
    """An item drawn for more papers than this in the last `rest_days` rests where others can be had."""
    rest_days: int = 90


class Infeasible(msgspec.Struct, frozen=True):
    """A cell that the pool cannot fill: `available` is what is left for it when the others are filled."""

    section: int
    """Index of the section."""
    title: str
    cell: Cell
    wanted: int
    available: int
    at: int | None = None
    """Index of the cell in its section; None: what the section's cells leave open."""
    share_percent: int | None = None
    """Set where there are items enough, but not for this bound on an item's share."""


class Demand(msgspec.Struct, frozen=True):
    """One cell with its place: what `check` and the draw work on. The rest of a section is a cell too."""

    section: int
    kind: Kind | None
    cell: Cell
    at: int | None = None
    """Index of the cell in its section; None: the open rest."""

    def takes(self, item: Item) -> bool:
        """Whether the item lies in the cell; its kind is looked at too, except for item sets."""
        return (self.kind is None or item.kind is self.kind) and self.cell.takes(item)


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
    return found + _bound_faults(blueprint)


def _bound_faults(blueprint: Blueprint) -> list[str]:
    found: list[str] = []
    if not 0 <= blueprint.overlap_percent <= WHOLE:
        found.append(f"an overlap of {blueprint.overlap_percent} % is not 0 to {WHOLE}")
    if blueprint.share_percent is not None and not 1 <= blueprint.share_percent <= WHOLE:
        found.append(f"a share of {blueprint.share_percent} % is not 1 to {WHOLE}")
    if blueprint.rest_papers is not None and blueprint.rest_papers < 0:
        found.append(f"items cannot rest after {blueprint.rest_papers} papers")
    if not 1 <= blueprint.rest_days <= REST_DAYS_MAX:
        found.append(f"{blueprint.rest_days} days of rest are not 1 to {REST_DAYS_MAX}")
    return found


def _cell_faults(cell: Cell) -> list[str]:
    found: list[str] = []
    if cell.count < 1:
        found.append(f"a cell asks for {cell.count} items")
    if cell.outline and not is_outline(cell.outline):
        found.append(f"outline {cell.outline!r} is not a code like 1.12.1.1")
    if cell.difficulty is not None and not 1 <= cell.difficulty <= HARDEST:
        found.append(f"difficulty {cell.difficulty} is not 1 to {HARDEST}")
    if cell.hardest is not None and not (cell.difficulty or HARDEST + 1) <= cell.hardest <= HARDEST:
        found.append(f"difficulty {cell.difficulty} to {cell.hardest} is no range")
    return found


def demands(blueprint: Blueprint) -> list[Demand]:
    """All cells in order, the open rest of each section last; BadBlueprint if the blueprint is not sound."""
    found = faults(blueprint)
    if found:
        raise BadBlueprint(found)
    wanted: list[Demand] = []
    for number, section in enumerate(blueprint.sections):
        wanted += [Demand(number, section.kind, cell, at) for at, cell in enumerate(section.cells)]
        rest = section.count - sum(cell.count for cell in section.cells)
        if rest:
            wanted.append(Demand(number, section.kind, Cell(count=rest)))
    return wanted


def atoms(
    items: Sequence[Item], wanted: Sequence[Demand], rested: Collection[int] = ()
) -> dict[int, list[int]]:
    """Items outside sets by the demands they can serve: bit mask of demands → indices into `items`.

    Items with the same mask are equal to every cell, so all reasoning is about these few groups. Rested items
    (indices too) are left out.
    """
    masks: dict[tuple[Kind, str, int], int] = {}
    found: defaultdict[int, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        if item.set_id is not None or index in rested:
            continue
        trait = (item.kind, item.outline, item.difficulty)
        served = masks.get(trait)
        if served is None:
            served = sum(1 << d for d, one in enumerate(wanted) if one.kind is not None and one.takes(item))
            masks[trait] = served
        if served:
            found[served].append(index)
    return dict(found)


def set_plan(pool: Pool | PoolVersion, wanted: Sequence[Demand], left_out: Collection[int] = ()) -> SetPlan:
    """The plan of the item-set cells: a set serves a cell when all its items lie in it.

    Sets left out (indices) keep their place and serve nothing.
    """
    items = {item.id: item for item in pool.items}
    cells = [(d, one) for d, one in enumerate(wanted) if one.kind is None]
    sets = [
        (
            len(one.items),
            sum(1 << d for d, cell in cells if all(cell.takes(items[child]) for child in one.items))
            if number not in left_out
            else 0,
        )
        for number, one in enumerate(pool.sets)
    ]
    return SetPlan(sets, {d: one.cell.count for d, one in cells})


def check(blueprint: Blueprint, pool: Pool | PoolVersion) -> list[Infeasible]:
    """The cells this pool cannot fill; empty when a paper can be drawn.

    Cells may overlap: the answer comes from a maximum flow (items) and an exact count (item sets), so a
    blueprint is refused only when there is truly no paper. BadBlueprint when it contradicts itself.
    """
    wanted = demands(blueprint)
    supply = {served: len(held) for served, held in atoms(pool.items, wanted).items()}
    counts = {d: one.cell.count for d, one in enumerate(wanted) if one.kind is not None}
    plan = set_plan(pool, wanted)
    short, percent = _short(supply, counts) | plan.short(), None
    if not short and blueprint.share_percent is not None:
        percent = blueprint.share_percent
        short = _short(supply, counts, percent) | _sets_over(plan, wanted, percent)
    return [_infeasible(blueprint, wanted[d], left, percent) for d, left in sorted(short.items())]


def _short(supply: Mapping[int, int], counts: Mapping[int, int], percent: int = WHOLE) -> dict[int, int]:
    """Cells of single items that get less than they want, with what they get.

    Under a bound each item may be given out in hundredths, up to its share: that flow is exact.
    """
    flow = Flow(
        {served: size * percent for served, size in supply.items()},
        {d: count * WHOLE for d, count in counts.items()},
    )
    got = {d: flow.filled(d) // WHOLE for d in counts}
    return {d: got[d] for d, count in counts.items() if flow.filled(d) < count * WHOLE}


def _sets_over(plan: SetPlan, wanted: Sequence[Demand], percent: int) -> dict[int, int]:
    """Cells of item sets whose draw gives a set more than the share: sets are not steered, so they lack."""
    shares = plan.shares()
    over: dict[int, int] = {}
    for d, sets in plan.serving().items():
        highest = max((shares.get(one, 0) for one in sets), default=0)
        if highest * WHOLE > percent:
            over[d] = int(wanted[d].cell.count * percent / (highest * WHOLE))
    return over


def _infeasible(blueprint: Blueprint, one: Demand, available: int, percent: int | None) -> Infeasible:
    return Infeasible(
        section=one.section,
        title=blueprint.sections[one.section].title,
        cell=one.cell,
        wanted=one.cell.count,
        available=available,
        at=one.at,
        share_percent=percent,
    )

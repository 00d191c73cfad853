"""What one click could change about a cell that a pool cannot fill; each repair is tried first."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from question_pools.blueprint import WHOLE, Blueprint, Cell, Infeasible, Section, check
from question_pools.items import HARDEST, PoolVersion

OFFERED: Final = 3
"""Repairs of one cell: more would be a second form to fill in."""


class Change(StrEnum):
    """What a repair changes. The words are the console's."""

    DIFFICULTY = "difficulty"
    """Wider, one level at a time, at last any."""
    OUTLINE = "outline"
    """The parent of the outline code, at last any."""
    MOVE = "move"
    """Fewer here, the rest in another cell of the section."""
    FEWER = "fewer"
    """Fewer here; what is left over may come from anywhere in the section (or the section is shorter)."""
    SHARE = "share"
    """A higher bound on the items' share."""


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a blueprint, as the values that are to stand afterwards."""

    what: Change
    section: int
    at: int | None
    """Index of the cell; None: the section's open rest, of which only `section_count` can change."""
    count: int
    outline: str = ""
    difficulty: int | None = None
    hardest: int | None = None
    section_count: int
    other: int | None = None
    """Another cell of the section, that gets `other_count`."""
    other_count: int = 0
    share_percent: int | None = None
    there: int = 0
    """Items of the pool that the changed cell could take."""


def applied(blueprint: Blueprint, repair: Repair) -> Blueprint:
    """The blueprint after the repair."""
    section = blueprint.sections[repair.section]
    cells = list(section.cells)
    if repair.at is not None:
        cells[repair.at] = _cell(repair)
    if repair.other is not None:
        cells[repair.other] = replace(cells[repair.other], count=repair.other_count)
    held = [one for one in cells if one.count]
    changed = replace(section, cells=tuple(held), count=repair.section_count)
    sections = (*blueprint.sections[: repair.section], changed, *blueprint.sections[repair.section + 1 :])
    return replace(blueprint, sections=sections, share_percent=repair.share_percent)


def repairs(blueprint: Blueprint, version: PoolVersion, found: Infeasible) -> list[Repair]:
    """Up to three changes, least loss first; each fills this cell and leaves none worse off."""
    lacking = {(one.section, one.at): one.wanted - one.available for one in check(blueprint, version)}
    offered: dict[Change, Repair] = {}
    for repair in _candidates(blueprint, version, found):
        if repair.what in offered or not _sound(blueprint, repair):
            continue
        after = check(applied(blueprint, repair), version)
        if _cures(lacking, after, found, gone=repair.count == 0):
            offered[repair.what] = replace(repair, there=_there(blueprint, version, repair))
        if len(offered) == OFFERED:
            break
    return list(offered.values())


def _cures(
    lacking: dict[tuple[int, int | None], int], after: list[Infeasible], found: Infeasible, *, gone: bool
) -> bool:
    left = {(one.section, one.at): one.wanted - one.available for one in after}
    if gone:  # the cells behind it have moved up: then the whole section must be filled
        return not any(one.section == found.section for one in after)
    cured = (found.section, found.at) not in left
    return cured and all(lacks <= lacking.get(place, 0) for place, lacks in left.items())


def _sound(blueprint: Blueprint, repair: Repair) -> bool:
    """Whether what stands afterwards is a section at all."""
    section = applied(blueprint, repair).sections[repair.section]
    return section.count >= 1 and sum(cell.count for cell in section.cells) <= section.count


def _there(blueprint: Blueprint, version: PoolVersion, repair: Repair) -> int:
    at = repair.at if repair.other is None else repair.other
    section = applied(blueprint, repair).sections[repair.section]
    cell = _cell(repair) if repair.other is None else blueprint.sections[repair.section].cells[repair.other]
    if at is None:
        cell = Cell(count=1)
    return matching(version, section, cell)


def matching(version: PoolVersion, section: Section, cell: Cell) -> int:
    """Items of the pool that a cell could take if it were alone; of item sets those of whole sets."""
    if section.kind is None:
        items = {item.id: item for item in version.items}
        return sum(
            len(one.items) for one in version.sets if all(cell.takes(items[child]) for child in one.items)
        )
    return sum(
        item.kind is section.kind and item.set_id is None and cell.takes(item) for item in version.items
    )


def _cell(repair: Repair) -> Cell:
    return Cell(
        count=repair.count, outline=repair.outline, difficulty=repair.difficulty, hardest=repair.hardest
    )


def _candidates(blueprint: Blueprint, version: PoolVersion, found: Infeasible) -> Iterator[Repair]:
    section, cell = blueprint.sections[found.section], found.cell
    base = Repair(
        what=Change.FEWER,
        section=found.section,
        at=found.at,
        count=cell.count,
        outline=cell.outline,
        difficulty=cell.difficulty,
        hardest=cell.hardest,
        section_count=section.count,
        share_percent=blueprint.share_percent,
    )
    if found.share_percent is not None:
        yield from _looser(blueprint, version, base, found)
    if found.at is not None:
        yield from _wider(base)
        yield from _moved(base, section, found)
        yield replace(base, count=found.available)
    yield replace(base, count=found.available, section_count=section.count - found.wanted + found.available)


def _looser(blueprint: Blueprint, version: PoolVersion, base: Repair, found: Infeasible) -> Iterator[Repair]:
    """The lowest share under which every cell is filled: the bound is the whole paper's."""
    low, high = found.share_percent or 1, WHOLE
    while low < high:
        middle = (low + high) // 2
        if check(replace(blueprint, share_percent=middle), version):
            low = middle + 1
        else:
            high = middle
    yield replace(base, what=Change.SHARE, share_percent=low)


def _wider(base: Repair) -> Iterator[Repair]:
    """Difficulty by one level down, then up, until it is any; then the parents of the outline code."""
    if base.difficulty is not None:
        low, high = base.difficulty, base.hardest or base.difficulty
        while (low, high) != (1, HARDEST):
            if low > 1:
                low -= 1
                yield replace(base, what=Change.DIFFICULTY, difficulty=low, hardest=high)
            if high < HARDEST:
                high += 1
                yield replace(base, what=Change.DIFFICULTY, difficulty=low, hardest=high)
    outline = base.outline
    while outline:
        outline = outline.rpartition(".")[0]
        yield replace(base, what=Change.OUTLINE, outline=outline)


def _moved(base: Repair, section: Section, found: Infeasible) -> Iterator[Repair]:
    missing = found.wanted - found.available
    for other, cell in enumerate(section.cells):
        if other != found.at:
            yield replace(
                base,
                what=Change.MOVE,
                count=found.available,
                other=other,
                other_count=cell.count + missing,
            )

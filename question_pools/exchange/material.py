"""The sheet of shared materials: what item sets are asked about, one row each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from question_pools.exchange.guard import unguarded
from question_pools.exchange.header import HEADER_ROWS
from question_pools.exchange.pictures import Anchored
from question_pools.exchange.sheets import Sheet
from question_pools.exchange.wording import cleaned
from question_pools.items import Item, ItemId, ItemSet

SHEET: Final = "共用材料"
ID_TITLE: Final = "共用材料编号"
STEM_TITLE: Final = "共用材料"
PICTURE_TITLE: Final = "图片"
ORDER_TITLE: Final = "题目顺序"
"""Ids of the items, one on each line; only needed where the order is not that of the file."""


class Material(msgspec.Struct, frozen=True):
    """One row of the sheet."""

    id: str
    stem: str
    pictures: tuple[str, ...]
    order: tuple[str, ...]


def material_sheet(sheets: Iterable[Sheet]) -> tuple[Sheet, int] | None:
    """The sheet with the titles of materials, and the index of their row; None where there is none."""
    for sheet in sheets:
        for number, cells in enumerate(sheet.rows[:HEADER_ROWS]):
            if {ID_TITLE, STEM_TITLE} <= {cell.strip() for cell in cells}:
                return sheet, number
    return None


def read_materials(sheet: Sheet, header: int, anchored: Sequence[Anchored]) -> dict[str, Material]:
    """The materials by id, in order; of two rows with the same id the first counts."""
    titles = [cell.strip() for cell in sheet.rows[header]]
    found: dict[str, Material] = {}
    for index in range(header + 1, len(sheet.rows)):
        said = dict(zip(titles, [_text(cell) for cell in sheet.rows[index]], strict=False))
        if not said[ID_TITLE]:
            continue
        number = sheet.first_row + index
        shown = tuple(one.picture.sha256 for one in anchored if one.row == number and one.picture)
        order = tuple(line for line in said.get(ORDER_TITLE, "").split("\n") if line)
        found.setdefault(said[ID_TITLE], Material(said[ID_TITLE], said[STEM_TITLE], shown, order))
    return found


def _text(cell: str) -> str:
    literal = unguarded(cell, always=True)
    return cleaned(cell) if literal is None else literal


def sets_of(materials: Mapping[str, Material], items: Iterable[Item]) -> tuple[ItemSet, ...]:
    """The sets that have items, these in the order the sheet gives, or else in that of the file."""
    children: dict[str, list[ItemId]] = {held: [] for held in materials}
    for item in items:
        if item.set_id is not None:
            children[item.set_id].append(item.id)
    return tuple(
        ItemSet(one.id, one.stem, one.pictures, tuple(_ordered(children[one.id], one.order)))
        for one in materials.values()
        if children[one.id]
    )


def _ordered(held: Sequence[ItemId], order: Sequence[str]) -> list[ItemId]:
    place = {name: at for at, name in enumerate(order)}
    return sorted(held, key=lambda one: place.get(one, len(place)))

"""Mapping by hand: a person says what the columns hold of a sheet whose header nobody knows."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

import msgspec

from question_pools.exchange.header import HEADER_ROWS, Header, header_of
from question_pools.exchange.sheets import Sheet
from question_pools.exchange.vocabulary import Role

SOURCE: Final = "source"
"""The field of columns that say where an item comes from; several columns may have it."""

_OPTION: Final = re.compile(r"option-([a-z])")

FIELDS: Final = (
    *(role.value for role in Role),
    SOURCE,
    *(f"option-{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
)
"""What a column may hold."""


class ByHand(msgspec.Struct, frozen=True):
    """What a person says of a file's columns."""

    mapping: Mapping[str, str]
    """Column (its letter, or its title) → field; other columns are left out."""
    header_row: int | None = None
    """Number of the row with the titles where letters are named; None when there is none."""
    sheet: str | None = None
    """None: every sheet that has the columns."""


def mapping_faults(mapping: Mapping[str, str]) -> list[str]:
    """What is wrong with a mapping whatever the sheet; empty when it is sound."""
    counts = Counter(mapping.values())
    faults = [f"{field!r} is no field" for field in counts if field not in FIELDS]
    faults += [
        f"{n} columns are said to hold {field}" for field, n in counts.items() if n > 1 and field != SOURCE
    ]
    faults += [f"no column is said to hold {role}" for role in (Role.STEM, Role.KEY) if role not in counts]
    return faults


def mapped_header(sheet: Sheet, mapping: Mapping[str, str], header_row: int | None) -> Header | None:
    """The header that a sound mapping makes of a sheet; None when the sheet lacks a column.

    Columns are named by their titles, which must stand together in one of the first ten rows, or else by
    letters; then `header_row` is the row of the titles as a person counts, and None means there is none.
    """
    for number, cells in enumerate(sheet.rows[:HEADER_ROWS]):
        titles = [cell.strip() for cell in cells]
        if all(column.strip() in titles for column in mapping):
            places = {titles.index(column.strip()): field for column, field in mapping.items()}
            return _header(sheet, number, places)
    width = max((len(cells) for cells in sheet.rows), default=0)
    lettered = {sheet.column_at(column.strip().upper()): field for column, field in mapping.items()}
    places = {at: field for at, field in lettered.items() if at is not None and at < width}
    if len(places) < len(mapping):
        return None
    return _header(sheet, -1 if header_row is None else header_row - sheet.first_row, places)


def _header(sheet: Sheet, number: int, places: Mapping[int, str]) -> Header:
    roles = {Role(field): at for at, field in places.items() if field in set(Role)}
    options = {
        ord(held[1]) - ord("a"): at for at, field in places.items() if (held := _OPTION.fullmatch(field))
    }
    sources = [at for at, field in places.items() if field == SOURCE]
    titles = [cell.strip() for cell in sheet.rows[number]] if 0 <= number < len(sheet.rows) else []
    titles += [sheet.column_name(at) for at in range(len(titles), max(places) + 1)]
    return header_of(max(number, -1), roles, options, sources, titles)

"""A list as a workbook that no sheet program runs: one page, heads in bold, text as text."""

import io
from collections.abc import Sequence
from typing import Final

import msgspec
import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a sheet program take text for a formula."""

NAME_MAX: Final = 31
"""Signs of a page's name that sheet programs allow."""

NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
"""Signs a page's name may not bear."""

WIDTH: Final = 16
"""Of a column, in signs: a ticket number and most names fit."""

Cell = str | int | float | None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the page. Floats are points: two places."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    kept: int = 1
    """Columns that stay in view when scrolling sideways."""


def workbook(given: Sheet) -> bytes:
    """The list as .xlsx; cells beyond the heads are left out."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    name = given.title.translate(NOT_IN_NAMES).strip()[:NAME_MAX] or "Sheet1"
    sheet = book.add_worksheet(name)  # pyright: ignore[reportUnknownMemberType]
    heading = book.add_format({"bold": True})  # pyright: ignore[reportUnknownMemberType]
    points = book.add_format({"num_format": "0.00"})  # pyright: ignore[reportUnknownMemberType]
    for column, text in enumerate(given.heads):
        sheet.write_string(0, column, harmless(text), heading)
    for row, cells in enumerate(given.rows, 1):
        for column, cell in enumerate(cells[: len(given.heads)]):
            if isinstance(cell, str):
                sheet.write_string(row, column, harmless(cell))
            elif cell is not None:
                sheet.write_number(row, column, cell, points if isinstance(cell, float) else None)
    sheet.freeze_panes(1, given.kept)
    sheet.set_column(0, max(0, len(given.heads) - 1), WIDTH)
    book.close()
    return out.getvalue()


def harmless(text: str) -> str:
    """Text that no sheet program runs."""
    return "'" + text if text.startswith(DANGEROUS) else text

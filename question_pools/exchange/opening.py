"""Opening a file that holds items: its sheets with their headers, and the pictures that belong to them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from question_pools.errors import BadMapping, Glance, GlanceRow, NoHeader, NotAWorkbook
from question_pools.exchange.header import HEADER_ROWS, Header, Layout, find_header
from question_pools.exchange.mapping import ByHand, mapped_header, mapping_faults
from question_pools.exchange.package import OoxmlPackage
from question_pools.exchange.pictures import Anchored, anchored_pictures, cell_pictures
from question_pools.exchange.sheets import Sheet, read_workbook
from question_pools.exchange.word import is_word, read_word
from question_pools.items import Picture

GLANCED_ROWS: Final = 6
"""Rows shown of a sheet whose header nobody knows."""

GLANCED_COLUMNS: Final = 30
GLANCED_CELL: Final = 60
GLANCED_SHEETS: Final = 10


class Opened(msgspec.Struct, frozen=True):
    """The sheets of a file of any kind."""

    sheets: list[Sheet]
    package: OoxmlPackage | None = None
    named: Mapping[str, Picture] = {}
    """Pictures of a Word document."""
    blocks: str = ""
    """Name of the sheet that was made of a Word document's blocks."""

    def pictures(
        self, sheets: Iterable[Sheet], filename: str
    ) -> tuple[Mapping[str, list[Anchored]], Mapping[str, Picture]]:
        """Pictures anchored in each sheet, and those that cells name."""
        if self.package is None:
            return {sheet.name: [] for sheet in sheets}, self.named
        try:
            anchored = {sheet.name: anchored_pictures(self.package, sheet.name) for sheet in sheets}
            return anchored, cell_pictures(self.package)
        except (SyntaxError, ValueError) as wrong:  # what XML parsers raise
            raise NotAWorkbook(filename, f"damaged drawing: {wrong}") from wrong


def opened(data: bytes, filename: str, beans: list[Sheet] | None) -> Opened:
    """The file, told by its content; `beans` are its sheets when it is JSON."""
    if beans is not None:
        return Opened(beans)
    if is_word(data):
        document = read_word(data, filename)
        sheets = [one for one in (document.sheet, *document.tables) if one.rows] or [document.sheet]
        return Opened(sheets, named=document.pictures, blocks=document.sheet.name)
    workbook = read_workbook(data, filename)
    return Opened(workbook.sheets, workbook.package)


def headers(source: Opened, filename: str, by_hand: ByHand | None) -> list[tuple[Sheet, Header]]:
    """The sheets that hold items, with their headers; NoHeader or BadMapping when there are none."""
    if by_hand is not None:
        return _mapped(source, filename, by_hand)
    found = [(sheet, header) for sheet in source.sheets if (header := find_header(sheet.rows)) is not None]
    if not found:
        names = [sheet.name for sheet in source.sheets]
        glances = list(_glances(source.sheets))
        raise NoHeader(filename, sheets=names, looked_at_rows=HEADER_ROWS, glances=glances)
    return [
        (sheet, msgspec.structs.replace(header, layout=Layout.WORD))
        if sheet.name == source.blocks
        else (sheet, header)
        for sheet, header in found
    ]


def _glances(sheets: Iterable[Sheet]) -> Iterator[Glance]:
    """The first rows of each sheet that says anything, cut to what fits a screen."""
    for sheet in [one for one in sheets if any(any(cells) for cells in one.rows)][:GLANCED_SHEETS]:
        held = [(sheet.first_row + at, cells) for at, cells in enumerate(sheet.rows) if any(cells)]
        rows = [
            GlanceRow(number, tuple(cell.strip()[:GLANCED_CELL] for cell in cells[:GLANCED_COLUMNS]))
            for number, cells in held[:GLANCED_ROWS]
        ]
        width = max(len(row.cells) for row in rows)
        yield Glance(sheet.name, tuple(sheet.column_name(at) for at in range(width)), tuple(rows))


def _mapped(source: Opened, filename: str, by_hand: ByHand) -> list[tuple[Sheet, Header]]:
    faults = mapping_faults(by_hand.mapping)
    if faults:
        raise BadMapping(filename, faults)
    sheets = [one for one in source.sheets if by_hand.sheet in (None, one.name)]
    made = [(one, mapped_header(one, by_hand.mapping, by_hand.header_row)) for one in sheets]
    found = [(sheet, header) for sheet, header in made if header is not None]
    if not found:
        raise BadMapping(filename, [f"no sheet has the columns {', '.join(by_hand.mapping)}"])
    return found

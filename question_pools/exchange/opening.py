"""Opening a file that holds items: its sheets with their headers, and the pictures that belong to them."""

from collections.abc import Iterable, Mapping

import msgspec

from question_pools.errors import BadMapping, NoHeader, NotAWorkbook
from question_pools.exchange.header import HEADER_ROWS, Header, Layout, find_header
from question_pools.exchange.mapping import mapped_header, mapping_faults
from question_pools.exchange.package import OoxmlPackage
from question_pools.exchange.pictures import Anchored, anchored_pictures, cell_pictures
from question_pools.exchange.sheets import Sheet, read_workbook
from question_pools.exchange.word import is_word, read_word
from question_pools.items import Picture


class Opened(msgspec.Struct, frozen=True):
    """The sheets of a file of any kind."""

    sheets: list[Sheet]
    package: OoxmlPackage | None = None
    named: Mapping[str, Picture] = {}
    """Pictures of a Word document."""
    is_word: bool = False

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
        return Opened([document.sheet], named=document.pictures, is_word=True)
    workbook = read_workbook(data, filename)
    return Opened(workbook.sheets, workbook.package)


def headers(
    source: Opened, filename: str, mapping: Mapping[str, str] | None, header_row: int | None
) -> list[tuple[Sheet, Header]]:
    """The sheets that hold items, with their headers; NoHeader or BadMapping when there are none."""
    if mapping is not None:
        return _mapped(source, filename, mapping, header_row)
    found = [(sheet, header) for sheet in source.sheets if (header := find_header(sheet.rows)) is not None]
    if not found:
        names = [sheet.name for sheet in source.sheets]
        raise NoHeader(filename, sheets=names, looked_at_rows=HEADER_ROWS)
    if source.is_word:
        return [(sheet, msgspec.structs.replace(header, layout=Layout.WORD)) for sheet, header in found]
    return found


def _mapped(
    source: Opened, filename: str, mapping: Mapping[str, str], header_row: int | None
) -> list[tuple[Sheet, Header]]:
    faults = mapping_faults(mapping)
    if faults:
        raise BadMapping(filename, faults)
    made = [(sheet, mapped_header(sheet, mapping, header_row)) for sheet in source.sheets]
    found = [(sheet, header) for sheet, header in made if header is not None]
    if not found:
        raise BadMapping(filename, [f"no sheet has the columns {', '.join(mapping)}"])
    return found

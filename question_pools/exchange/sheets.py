"""Reading the cells of .xlsx, .xls and .csv files as text, after checking that the file is harmless."""

import csv
import datetime as dt
import io
import re
from typing import Final

import msgspec
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from question_pools.errors import Encrypted, NotAWorkbook, OldWordFile, TooLarge
from question_pools.exchange.package import OoxmlPackage, column_index, column_letters

MAX_FILE_BYTES: Final = 30 * 1024 * 1024
"""Largest file taken in: a bank of 20,000 items with 500 pictures of 40 kB."""

MAX_ROWS: Final = 50_000
"""Most rows of one sheet; ten times the largest bank known."""

MAX_CELLS: Final = 2_000_000
"""Most cells of the area a sheet spans, empty ones included."""

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
_WORD_STREAM: Final = "WordDocument\0".encode("utf-16-le")
_SHEET_STREAMS: Final = tuple(name.encode("utf-16-le") for name in ("Workbook\0", "Book\0"))
"""Names of streams in the directory of an OLE file: what program it belongs to."""

_FILEPASS: Final = re.compile(
    rb"\x09\x08\x10\x00\x00\x06\x05\x00.{12}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL
)
"""How an .xls stream with a password begins: its first record, write protection perhaps, FILEPASS."""

_NOT_QUESTIONS: Final = re.compile("说明|示例|样例|例子|instructions?|example", re.IGNORECASE)
"""Names of sheets that explain a template and hold no items of the bank."""


class Sheet(msgspec.Struct, frozen=True):
    """The cells of one sheet as text."""

    name: str
    rows: list[list[str]]
    first_row: int
    """Number a person sees beside `rows[0]`."""
    first_column: int
    """0 when `rows[…][0]` is column A."""
    fields: tuple[str, ...] = ()
    """Names of the columns where they have no letters: the fields of JSON objects and of Word blocks."""

    def column_name(self, column: int) -> str:
        """What a person calls the column at this index of the rows."""
        return self.fields[column] if self.fields else column_letters(column + self.first_column)

    def column_at(self, name: str) -> int | None:
        """The index of the column a person calls so; None where there is none."""
        if self.fields:
            return self.fields.index(name) if name in self.fields else None
        number = column_index(name)
        return None if number is None or number < self.first_column else number - self.first_column


class Workbook(msgspec.Struct, frozen=True):
    """The visible sheets of a file; `package` is there for .xlsx, which may hold pictures."""

    sheets: list[Sheet]
    package: OoxmlPackage | None = None


def read_workbook(data: bytes, filename: str) -> Workbook:
    """The sheets of a file, told by its content and not by its name.

    Formulas count with the value the program stored, macros are never looked at. Raises TooLarge, ZipBomb,
    Encrypted, OldWordFile or NotAWorkbook.
    """
    check_size(data, filename)
    if data.startswith(b"PK\x03\x04"):
        package = OoxmlPackage.opened(data, filename)
        package.check_extent(max_rows=MAX_ROWS, max_cells=MAX_CELLS)
        return Workbook(_calamine_sheets(data, filename), package)
    if data.startswith(_OLE):
        if _ENCRYPTED_PACKAGE in data or _FILEPASS.search(data):
            raise Encrypted(filename)
        if _WORD_STREAM in data and not any(stream in data for stream in _SHEET_STREAMS):
            raise OldWordFile(filename)
        return Workbook(_calamine_sheets(data, filename))
    return Workbook([_csv_sheet(data, filename)])


def check_size(data: bytes, filename: str) -> None:
    """TooLarge before anything looks into a file that is over the limit."""
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(filename, what="bytes", size=len(data), limit=MAX_FILE_BYTES)


def _calamine_sheets(data: bytes, filename: str) -> list[Sheet]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return [
                _sheet(book.get_sheet_by_name(meta.name), filename)
                for meta in book.sheets_metadata
                if meta.visible == SheetVisibleEnum.Visible
                and meta.typ == SheetTypeEnum.WorkSheet
                and not _NOT_QUESTIONS.search(meta.name)
            ]
    except (CalamineError, OSError, ValueError) as wrong:
        raise NotAWorkbook(filename, str(wrong)) from wrong


def _sheet(sheet: CalamineSheet, filename: str) -> Sheet:
    check_extent(filename, rows=sheet.height, cells=sheet.height * sheet.width)
    row, column = sheet.start or (0, 0)
    rows = [[cell_text(value) for value in cells] for cells in sheet.to_python(skip_empty_area=True)]
    return Sheet(sheet.name, rows, first_row=row + 1, first_column=column)


def check_extent(filename: str, *, rows: int, cells: int) -> None:
    """TooLarge where a sheet has too many rows, or spans too many cells."""
    if rows > MAX_ROWS:
        raise TooLarge(filename, what="rows", size=rows, limit=MAX_ROWS)
    if cells > MAX_CELLS:
        raise TooLarge(filename, what="cells", size=cells, limit=MAX_CELLS)


def cell_text(
    value: float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta,  # noqa: FBT001 - a cell's value
) -> str:
    """A cell as a person reads it: 3.0 is "3", TRUE is "TRUE", dates are ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _csv_sheet(data: bytes, filename: str) -> Sheet:
    text = _decoded(data, filename)
    if "\x00" in text:
        raise NotAWorkbook(filename, "it holds binary data")
    first_line = text.lstrip("\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    rows: list[list[str]] = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            cells += len(row)
            check_extent(filename, rows=len(rows), cells=cells)
    except csv.Error as wrong:
        raise NotAWorkbook(filename, str(wrong)) from wrong
    name = filename.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return Sheet(name, rows, first_row=1, first_column=0)


def _decoded(data: bytes, filename: str) -> str:
    """UTF-8 or UTF-16 by their mark, else UTF-8, else GB 18030 (of which GBK is a part)."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotAWorkbook(filename, "neither a workbook nor text in UTF-8, UTF-16 or GBK")

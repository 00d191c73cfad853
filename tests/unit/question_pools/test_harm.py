"""Files that mean harm or are no workbooks: refused by name, fast, and without reading their cells."""

import io
import struct
import time
import zipfile

import pytest

from question_pools.errors import Encrypted, NotAWorkbook, TooLarge, UnreadableFile, ZipBomb
from question_pools.exchange import package
from question_pools.exchange.bank import read_bank
from question_pools.exchange.package import OoxmlPackage, column_letters, column_number
from question_pools.exchange.sheets import cell_text, read_workbook
from tests.fixtures.pools.workbooks import L9, L9_ROWS, csv_file, repacked, xls, xlsx

GOOD = xlsx({"S": [L9, *L9_ROWS]})
SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def with_sheet(cells: str) -> bytes:
    return repacked(GOOD, **{SHEET: f"<worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>".encode()})


def patched(data: bytes, at: int, held: bytes) -> bytes:
    return data[:at] + held + data[at + len(held) :]


def central(data: bytes, name: str) -> int:
    """Where the directory entry of a part begins."""
    at = -1
    while True:
        at = data.index(b"PK\x01\x02", at + 1)
        if data[at + 46 :].startswith(name.encode()):
            return at


def test_two_hundred_megabytes_are_refused_at_once():
    data = bytes(200 * 1024 * 1024)
    before = time.process_time()
    with pytest.raises(TooLarge) as refused:
        read_bank(data, "big.xlsx")
    assert time.process_time() - before < 0.05
    assert (refused.value.what, refused.value.size) == ("bytes", 200 * 1024 * 1024)


def test_a_part_that_unpacks_a_thousandfold_is_a_bomb():
    with pytest.raises(ZipBomb) as refused:
        read_bank(repacked(GOOD, **{"xl/media/zeros.bin": bytes(8 * 1024 * 1024)}), "bomb.xlsx")
    assert refused.value.part == "xl/media/zeros.bin"


def test_a_huge_xml_part_is_a_bomb_by_its_size(monkeypatch):
    monkeypatch.setattr(package, "MAX_XML", 1_000)
    with pytest.raises(ZipBomb) as refused:
        read_bank(GOOD, "bomb.xlsx")
    assert refused.value.limit == 1_000


def test_many_parts_that_are_too_much_together_are_a_bomb(monkeypatch):
    monkeypatch.setattr(package, "MAX_UNPACKED", 3_000)
    with pytest.raises(ZipBomb):
        read_bank(GOOD, "bomb.xlsx")


def test_too_many_parts_are_refused(monkeypatch):
    monkeypatch.setattr(package, "MAX_PARTS", 3)
    with pytest.raises(TooLarge) as refused:
        read_bank(GOOD, "x.xlsx")
    assert refused.value.what == "parts"


def test_a_directory_that_lies_about_the_size_is_found_out():
    data = repacked(GOOD, **{SHEET: b"<a>" + bytes(3 * 1024 * 1024)})
    lying = patched(data, central(data, SHEET) + 24, struct.pack("<I", 1_000))
    with pytest.raises(ZipBomb) as refused:
        read_bank(lying, "liar.xlsx")
    assert (refused.value.part, refused.value.limit) == (SHEET, 1_000)


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="40000"><c r="ZZ40000"><v>1</v></c></row>',
        "<row r='1'><c><v>1</v></c></row><row r='1048576'><c><v>1</v></c></row>",
        "<row r='1'><c><v>1</v></c></row><row r='40000'>" + "<c><v>1</v></c>" * 100 + "</row>",
    ],
    ids=["far corner", "wide and long", "no references", "no references, wide"],
)
def test_cells_in_far_corners_are_refused_before_gigabytes_are_reserved(cells):
    with pytest.raises(TooLarge) as refused:
        read_bank(with_sheet(cells), "far.xlsx")
    assert refused.value.what in {"rows", "cells"}


def test_formatted_but_empty_cells_in_far_corners_are_harmless():
    row = "".join(
        f'<c r="{letter}1" t="inlineStr"><is><t>{name}</t></is></c>'
        for letter, name in zip("ABC", ("题干", "选项A", "答案"), strict=True)
    )
    data = with_sheet(f'<row r="1">{row}</row><row r="1048576"><c r="XFD1048576" s="0"/></row>')
    assert read_bank(data, "x.xlsx").report.rows == 0


def test_a_csv_with_too_many_cells_is_refused():
    with pytest.raises(TooLarge) as refused:
        read_bank(b"," * 2_000_001, "wide.csv")
    assert refused.value.what == "cells"


def test_a_csv_with_too_many_rows_is_refused():
    with pytest.raises(TooLarge) as refused:
        read_bank(b"a,b\n" * 50_001, "long.csv")
    assert refused.value.what == "rows"


def test_a_workbook_with_a_password_says_so():
    with pytest.raises(Encrypted):
        read_bank(xls([["a"]], password=True), "x.xls")
    with pytest.raises(Encrypted):
        read_bank(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "x.xlsx")
    at = central(GOOD, SHEET)
    with pytest.raises(Encrypted):
        read_bank(patched(GOOD, at + 8, b"\x01\x00"), "x.xlsx")


def other_zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return held.getvalue()


def bzipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("xl/workbook.xml", "<w/>")
    return held.getvalue()


def stored_with_wrong_size() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("xl/workbook.xml", "<w/>")
    data = held.getvalue()
    return patched(data, central(data, "xl/workbook.xml") + 24, struct.pack("<I", 99))


def broken_deflate() -> bytes:
    at = central(GOOD, SHEET)
    (start,) = struct.unpack("<I", GOOD[at + 42 : at + 46])
    return patched(GOOD, start + 30 + len(SHEET), b"\xff\xff\xff\xff")


def broken_local_header() -> bytes:
    at = central(GOOD, SHEET)
    (start,) = struct.unpack("<I", GOOD[at + 42 : at + 46])
    return patched(GOOD, start, b"????")


@pytest.mark.parametrize(
    "data",
    [
        GOOD[: len(GOOD) // 2],
        other_zip(),
        bzipped(),
        stored_with_wrong_size(),
        broken_deflate(),
        broken_local_header(),
        repacked(GOOD, **{"xl/workbook.xml": b"<not xml"}),
        repacked(GOOD, **{SHEET: None}),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"\x89PNG\r\n\x1a\n\x00\x00",
        "题干,答案\x00".encode(),
        b"\xff\xfe\x00",
        b"\x80\xff\xff\x80",
        b'"' + b"a" * 200_000,
        b"",
        b"%PDF-1.7 text only",
    ],
    ids=[
        "cut",
        "docx",
        "bzip2",
        "stored",
        "deflate",
        "local",
        "xml",
        "no sheet",
        "ole",
        "png",
        "nul",
        "utf16",
        "bytes",
        "csv",
        "empty",
        "pdf",
    ],
)
def test_what_is_no_workbook_is_refused_by_name(data):
    with pytest.raises(UnreadableFile) as refused:
        read_bank(data, "x.xlsx")
    assert "x.xlsx" in str(refused.value)


def test_damage_is_called_damage():
    for data in (broken_deflate(), broken_local_header(), stored_with_wrong_size()):
        with pytest.raises(NotAWorkbook, match="damaged"):
            OoxmlPackage.opened(data, "x.xlsx")


def test_macros_are_not_looked_at():
    data = repacked(GOOD, **{"xl/vbaProject.bin": b"Sub AutoOpen()"})
    assert read_bank(data, "x.xlsm").items == read_bank(csv_file([L9, *L9_ROWS]), "x.csv").items


@pytest.mark.parametrize(("letters", "number"), [("A", 0), ("Z", 25), ("AA", 26), ("XFD", 16_383)])
def test_column_letters_and_numbers(letters, number):
    assert column_number(letters.encode()) == number
    assert column_letters(number) == letters


def test_cells_read_as_a_person_reads_them():
    assert [cell_text(value) for value in ("x", 3.0, 0.5, True, False, 7)] == [
        "x",
        "3",
        "0.5",
        "TRUE",
        "FALSE",
        "7",
    ]


def test_a_sheet_knows_where_it_begins():
    (sheet,) = read_workbook(xlsx({"S": [[], ["", "", "x"]]}), "x.xlsx").sheets
    assert (sheet.first_row, sheet.first_column, sheet.rows) == (2, 2, [["x"]])

"""The ZIP package of an .xlsx file, checked for sizes, ratios and sheet areas before anything reads it."""

import io
import re
import zipfile
import zlib
from typing import Final, Self

from question_pools.errors import Encrypted, NotAWorkbook, TooLarge, ZipBomb

MAX_PARTS: Final = 5_000
"""Files inside one workbook; each picture is one."""

MAX_UNPACKED: Final = 200 * 1024 * 1024
"""Bytes that all parts together may unpack to."""

MAX_XML: Final = 64 * 1024 * 1024
"""Bytes that one XML part may unpack to: a sheet of 50,000 rows takes about 40 MB."""

MAX_RATIO: Final = 200
"""Unpacked bytes for each packed one, over a part larger than 1 MB: sheets of text reach about 20."""

_RATIO_FROM: Final = 1024 * 1024
_CHUNK: Final = 1024 * 1024
_LOCAL_HEADER: Final = 30
_ENCRYPTED_FLAG: Final = 1

_FILLED_CELL: Final = re.compile(rb"<(?:\w+:)?c(?:\s[^>]*)?(?<!/)>")
"""A cell that holds something: `<c r="B7" t="s">`, and not `<c r="B7" s="1"/>`."""

_PLACE: Final = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,9})["']""")
_ROW: Final = re.compile(rb"""<(?:\w+:)?row\s(?:[^>]*\s)?r\s*=\s*["'](\d{1,9})["']""")


class OoxmlPackage:
    """The parts of a workbook, each known to be no larger than it says."""

    def __init__(self, data: bytes, filename: str, archive: zipfile.ZipFile) -> None:
        self._data = data
        self._filename = filename
        self._archive = archive
        self._parts = {info.filename: info for info in archive.infolist()}

    @classmethod
    def opened(cls, data: bytes, filename: str, main: str = "xl/workbook.xml") -> Self:
        """The package that holds the part `main`, or ZipBomb, Encrypted, TooLarge or NotAWorkbook."""
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError) as wrong:
            raise NotAWorkbook(filename, str(wrong)) from wrong
        package = cls(data, filename, archive)
        package._check_directory()
        if main not in package._parts:
            raise NotAWorkbook(filename, f"a ZIP file without {main}")
        for info in archive.infolist():
            package._check_unpacks(info)
        return package

    def part(self, name: str) -> bytes | None:
        """The bytes of a part, or None where there is no such part."""
        info = self._parts.get(name)
        return None if info is None else self._archive.read(info)

    def _check_directory(self) -> None:
        """What the directory of the file says of itself, before anything is unpacked."""
        infos = self._archive.infolist()
        if len(infos) > MAX_PARTS:
            raise TooLarge(self._filename, what="parts", size=len(infos), limit=MAX_PARTS)
        unpacked = 0
        for info in infos:
            if info.flag_bits & _ENCRYPTED_FLAG:
                raise Encrypted(self._filename)
            unpacked += info.file_size
            if unpacked > MAX_UNPACKED:
                self._bomb(info, unpacked, MAX_UNPACKED)
            if info.filename.endswith((".xml", ".rels", ".vml")) and info.file_size > MAX_XML:
                self._bomb(info, info.file_size, MAX_XML)
            if info.file_size > _RATIO_FROM and info.file_size > MAX_RATIO * info.compress_size:
                self._bomb(info, info.file_size, MAX_RATIO * info.compress_size)

    def _bomb(self, info: zipfile.ZipInfo, unpacked: int, limit: int) -> None:
        raise ZipBomb(self._filename, part=info.filename, unpacked=unpacked, limit=limit)

    def _check_unpacks(self, info: zipfile.ZipInfo) -> None:
        """Unpack a part in pieces and throw them away: the directory may lie about the size."""
        start = self._content_start(info)
        packed = memoryview(self._data)[start : start + info.compress_size]
        if info.compress_type == zipfile.ZIP_STORED:
            if info.compress_size != info.file_size:
                raise NotAWorkbook(self._filename, f"{info.filename} is damaged")
            return
        if info.compress_type != zipfile.ZIP_DEFLATED:
            raise NotAWorkbook(self._filename, f"{info.filename} is packed in an unknown way")
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        size, rest = 0, bytes(packed)
        try:
            while rest and not unpacker.eof:
                size += len(unpacker.decompress(rest, _CHUNK))
                if size > info.file_size:
                    self._bomb(info, size, info.file_size)
                rest = unpacker.unconsumed_tail
        except zlib.error as wrong:
            raise NotAWorkbook(self._filename, f"{info.filename} is damaged") from wrong

    def _content_start(self, info: zipfile.ZipInfo) -> int:
        head = self._data[info.header_offset : info.header_offset + _LOCAL_HEADER]
        if not head.startswith(b"PK\x03\x04") or len(head) < _LOCAL_HEADER:
            raise NotAWorkbook(self._filename, f"{info.filename} is damaged")
        name_length = int.from_bytes(head[26:28], "little")
        extra_length = int.from_bytes(head[28:30], "little")
        return info.header_offset + _LOCAL_HEADER + name_length + extra_length

    def check_extent(self, *, max_rows: int, max_cells: int) -> None:
        """TooLarge where filled cells span too much: two cells in far corners cost gigabytes to read."""
        for name in self._parts:
            if not name.startswith("xl/") or name.startswith("xl/media/"):
                continue
            rows, columns = _extent(self.part(name) or b"")
            if rows > max_rows:
                raise TooLarge(self._filename, what="rows", size=rows, limit=max_rows)
            if rows * columns > max_cells:
                raise TooLarge(self._filename, what="cells", size=rows * columns, limit=max_cells)


def _extent(xml: bytes) -> tuple[int, int]:
    """Rows and columns that the filled cells of a sheet span."""
    rows: set[int] = set()
    columns: set[int] = set()
    unplaced = False
    for match in _FILLED_CELL.finditer(xml):
        placed = _PLACE.search(match[0])
        if placed is None:
            unplaced = True
        else:
            columns.add(column_number(placed[1]))
            rows.add(int(placed[2]))
    if unplaced:  # some writers leave the reference out: then the row says where it is
        rows |= {1} | {int(number) for number in _ROW.findall(xml)}
        columns |= {0, max(len(_FILLED_CELL.findall(row)) for row in xml.split(b"row")) - 1}
    if not rows:
        return 0, 0
    return max(rows) - min(rows) + 1, max(columns) - min(columns) + 1


def column_number(letters: bytes) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def column_letters(number: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_index(letters: str) -> int | None:
    """A → 0, Z → 25, AA → 26; None for what names no column."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            return None
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1 if number else None

"""Word documents (.docx): blocks 【试题类型】 … 【题目】 … 【答案】 become rows, tables become sheets."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Final

import msgspec

from question_pools.errors import NotAWorkbook
from question_pools.exchange.markup import Unsafe, walk
from question_pools.exchange.normalise import plain
from question_pools.exchange.package import OoxmlPackage
from question_pools.exchange.pictures import picture_from
from question_pools.exchange.sheets import Sheet, check_extent
from question_pools.exchange.vocabulary import ROLES, Role
from question_pools.items import Picture

DOCUMENT: Final = "word/document.xml"
_RELATIONS: Final = "word/_rels/document.xml.rels"

_TAG: Final = re.compile(r"【([^【】\n]{1,12})】[:：]?")
_KEY_IN_TEXT: Final = re.compile(r"(?:正确|标准|参考)?答案\s*[:：]\s*(?P<key>[^\n:：]{1,60})\s*$")
"""How a key is written whose 【答案】 was lost: at the very end of the block, behind the options."""

_FIELDS: Final = {
    Role.KIND: "试题类型",
    Role.STEM: "题目",
    Role.KEY: "答案",
    Role.OUTLINE: "大纲编号",
    Role.DIFFICULTY: "难度",
    Role.RATIONALE: "解析",
    Role.SCORE: "分值",
    Role.ID: "试题编号",
    Role.TOPIC: "知识点",
}


class Document(msgspec.Struct, frozen=True):
    """The blocks of a document as a sheet, its tables, and its pictures by the name that cells use."""

    sheet: Sheet
    tables: list[Sheet]
    pictures: dict[str, Picture]


def is_word(data: bytes) -> bool:
    """Whether a file is a Word document; whether it is a sound one shows when it is read."""
    return data.startswith(b"PK\x03\x04") and DOCUMENT.encode() in data and b"xl/workbook.xml" not in data


def read_word(data: bytes, filename: str) -> Document:
    """The blocks and tables in order. Raises TooLarge, ZipBomb, Encrypted or NotAWorkbook."""
    package = OoxmlPackage.opened(data, filename, DOCUMENT)
    try:
        words = _words(package.part(DOCUMENT) or b"")
        targets = _targets(package.part(_RELATIONS))
    except Unsafe as wrong:
        raise NotAWorkbook(filename, str(wrong)) from wrong
    blocks = list(_blocks("".join(words.parts)))
    check_extent(filename, rows=len(blocks), cells=len(blocks) * len(_FIELDS))
    rows = [[block.get(role, "") for role in _FIELDS] for block in blocks]
    fields = tuple(_FIELDS.values())
    sheet = Sheet("正文", [list(fields), *rows] if rows else [], first_row=0, first_column=0, fields=fields)
    held = {name: picture_from(package.part(target) or b"") for name, target in targets.items()}
    tables = [
        Sheet(f"表格 {number}", rows, first_row=1, first_column=0)
        for number, rows in enumerate(words.tables, 1)
    ]
    for one in tables:
        check_extent(filename, rows=len(one.rows), cells=sum(map(len, one.rows)))
    return Document(sheet, tables, {name: one for name, one in held.items() if one is not None})


class _Words:
    """What is collected on the way through a document."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.tables: list[list[list[str]]] = []
        self._in_text = False
        self._doubled = 0
        self._tables_around = 0
        self._table_from = 0
        self._cell_from = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Fallback" or self._doubled:
            self._doubled += 1  # the same content once more, for programs that are older
        elif name == "t":
            self._in_text = True
        elif name in ("tbl", "tr", "tc"):
            self._table(name)
        elif name in ("br", "cr"):
            self.parts.append("\n")
        elif name == "tab":
            self.parts.append(" ")
        elif name in ("blip", "imagedata"):
            named = attributes.get("embed") or attributes.get("id")
            self.parts.append(f'=DISPIMG("{named}",1)')

    def end(self, name: str) -> None:
        if self._doubled:
            self._doubled -= 1
        elif name == "t":
            self._in_text = False
        elif name == "p":
            self.parts.append("\n")
        elif name == "tbl":
            self._tables_around -= 1
            if self._tables_around == 0:
                self._leave_table()
        elif name == "tc" and self._tables_around == 1 and self.tables[-1]:
            self.tables[-1][-1].append("".join(self.parts[self._cell_from :]).strip())

    def _table(self, name: str) -> None:
        """A table within a cell is text of that cell."""
        if name == "tbl":
            self._tables_around += 1
            if self._tables_around == 1:
                self.tables.append([])
                self._table_from = len(self.parts)
        elif self._tables_around == 1 and name == "tr":
            self.tables[-1].append([])
        elif self._tables_around == 1:
            self._cell_from = len(self.parts)

    def _leave_table(self) -> None:
        """A table that lays out blocks is read as these; any other is no part of the running text."""
        if _tags("".join(self.parts[self._table_from :])):
            self.tables.pop()
        else:
            del self.parts[self._table_from :]

    def text(self, text: str) -> None:
        if self._in_text:
            self.parts.append(text)


def _words(xml: bytes) -> _Words:
    words = _Words()
    walk(xml, start=words.start, end=words.end, text=words.text)
    return words


def _targets(xml: bytes | None) -> dict[str, str]:
    """Picture parts by the id of their relationship; outside links are left out."""
    found: dict[str, str] = {}

    def start(_name: str, attributes: Mapping[str, str]) -> None:
        if attributes.get("Type", "").endswith("/image") and attributes.get("TargetMode") != "External":
            target = posixpath.join("/word", attributes.get("Target", ""))
            found[attributes.get("Id", "")] = posixpath.normpath(target)[1:]

    if xml is not None:
        walk(xml, start=start, end=lambda _: None, text=lambda _: None)
    return found


def _tags(text: str) -> list[re.Match[str]]:
    return [tag for tag in _TAG.finditer(text) if plain(tag[1]) in ROLES]


def _blocks(text: str) -> Iterator[dict[Role, str]]:
    """The blocks: line breaks may be missing, so only the tags tell where a part begins."""
    block: dict[Role, str] = {}
    tags = _tags(text)
    for tag, after in zip_longest(tags, tags[1:]):
        end = len(text) if after is None else after.start()
        role, said = ROLES[plain(tag[1])], text[tag.end() : end].strip()
        if role is Role.OPTIONS and Role.STEM in block:
            block[Role.STEM] += "\n" + said
            continue
        if role in block or (role is Role.KIND and Role.KEY in block):
            yield _with_key(block)
            block = {}
        block[role] = said
    if block:
        yield _with_key(block)


def _with_key(block: dict[Role, str]) -> dict[Role, str]:
    stem = block.get(Role.STEM, "")
    match = None if Role.KEY in block else _KEY_IN_TEXT.search(stem)
    return (
        block
        if match is None
        else block | {Role.STEM: stem[: match.start()].rstrip(), Role.KEY: match["key"]}
    )

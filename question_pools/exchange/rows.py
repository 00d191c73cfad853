"""Going through the rows of one sheet below its header."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from question_pools.exchange import normalise
from question_pools.exchange.header import Header
from question_pools.exchange.pictures import Anchored
from question_pools.exchange.reading import Found, read_row, row_text
from question_pools.exchange.report import Code, Problem, message
from question_pools.exchange.sheets import Sheet
from question_pools.exchange.vocabulary import Role
from question_pools.exchange.wording import cleaned
from question_pools.items import Item, Picture


class Row(msgspec.Struct, frozen=True):
    """What became of one row: an item, unless one of its problems rejects it."""

    sheet: str
    number: int
    item: Item | None
    problems: tuple[Problem, ...]
    has_own_id: bool
    """Whether the sheet gave the id, and it was not made from the wording."""
    id_column: str
    stem_column: str
    set_column: str
    set_id: str = ""
    """The item set the row says it belongs to, whether it gives an item or not."""


class SheetReader:
    """Reads one sheet; between rows it keeps the number that the row before began with."""

    def __init__(
        self, sheet: Sheet, header: Header, anchored: Iterable[Anchored], named: Mapping[str, Picture]
    ) -> None:
        self._sheet = sheet
        self._header = header
        self._named = named
        self._anchored: defaultdict[int, list[Anchored]] = defaultdict(list)
        for one in anchored:
            self._anchored[one.row].append(one)

    def rows(self) -> Iterator[Row]:
        """Every row that says anything of an item."""
        header, previous = self._header, None
        for index in range(header.row + 1, len(self._sheet.rows)):
            cells = self._sheet.rows[index]
            if self._says_nothing(cells) or tuple(cell.strip() for cell in cells) == header.titles:
                continue
            number = self._sheet.first_row + index
            row = row_text(header, cells, self._pictures(number), self._named)
            stem = row.text(Role.STEM)
            if row.column(Role.STEM) not in row.literal:
                stem, previous = normalise.without_number(stem, previous)
            item, found = read_row(row, stem)
            yield Row(
                sheet=self._sheet.name,
                number=number,
                item=item,
                problems=tuple(self._problem(number, one) for one in found),
                has_own_id=bool(row.text(Role.ID)),
                id_column=self._letters(row.column(Role.ID)),
                stem_column=self._letters(row.column(Role.STEM)),
                set_column=self._letters(row.column(Role.SET)),
                set_id=row.text(Role.SET),
            )

    def strays(self) -> list[Problem]:
        """Pictures that lie beside no item; asked for after the rows."""
        lost = ("图片不在任何题目的行内", "the picture lies in no row of an item")
        return [
            self._problem(one.row, Found(Code.IMAGE_MISSING, one.column - self._sheet.first_column, lost))
            for held in self._anchored.values()
            for one in held
        ]

    def _pictures(self, number: int) -> dict[int, list[Picture | None]]:
        held: defaultdict[int, list[Picture | None]] = defaultdict(list)
        for one in self._anchored.pop(number, []):
            held[one.column - self._sheet.first_column].append(one.picture)
        return dict(held)

    def _says_nothing(self, cells: Sequence[str]) -> bool:
        roles = self._header.roles
        columns = [roles[role] for role in (Role.KIND, Role.STEM, Role.KEY, Role.OPTIONS) if role in roles]
        columns += self._header.options.values()
        return not any(cleaned(cells[at]) for at in columns if at < len(cells))

    def _problem(self, number: int, found: Found) -> Problem:
        where = self._letters(found.column)
        return Problem(self._sheet.name, number, where, found.code, message(found.code, *found.facts))

    def _letters(self, column: int | None) -> str:
        return "" if column is None else self._sheet.column_name(column)

"""Taking in a bank: file → accepted items, pictures and a report; and what it would change in a pool."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import msgspec

from question_pools.errors import RowsRejected
from question_pools.exchange.beans import bean_sheets
from question_pools.exchange.likeness import NearDuplicate, near_duplicates
from question_pools.exchange.material import material_sheet, read_materials, sets_of
from question_pools.exchange.opening import headers, opened
from question_pools.exchange.pool_json import pictures_of, read_json
from question_pools.exchange.report import Code, Problem, Report, message
from question_pools.exchange.rows import Row, SheetReader
from question_pools.exchange.sheets import Sheet, check_size
from question_pools.exchange.wording import gist
from question_pools.items import Item, ItemId, ItemSet, Kind, Picture, Pool


class Import(msgspec.Struct, frozen=True):
    """What a file holds: the accepted items in file order, their pictures, and the report."""

    items: tuple[Item, ...]
    sets: tuple[ItemSet, ...]
    pictures: tuple[Picture, ...]
    report: Report
    cells: Mapping[tuple[str, int, str], str] = {}
    """What stands in the cells that problems name, by sheet, row and column as people see them."""

    def accept(self, *, valid_rows_only: bool = False) -> tuple[Item, ...]:
        """The items to take over; RowsRejected when some rows are wrong and all or nothing was asked for."""
        if self.report.rejected and not valid_rows_only:
            raise RowsRejected(rejected=self.report.rejected, accepted=self.report.accepted)
        return self.items


class Diff(msgspec.Struct, frozen=True):
    """What taking over an import changes in a pool."""

    added: tuple[Item, ...]
    changed: tuple[Item, ...]
    """As they will be."""
    unchanged: tuple[Item, ...]


def read_bank(
    data: bytes,
    filename: str,
    *,
    existing: Collection[Item] = (),
    mapping: Mapping[str, str] | None = None,
    header_row: int | None = None,
) -> Import:
    """Read .xlsx, .xls, .csv, .docx, JSON of other programs or pool JSON, told by content.

    Args:
        existing: items of the pool the bank would go to; stems that they have already are warned of.
        mapping: what columns hold where the header is unknown: column (its letter, or its title) → field
            (see `exchange.mapping`). Other columns are left out.
        header_row: number of the row with the titles where `mapping` names letters; None when there is none.

    Raises:
        TooLarge, ZipBomb, Encrypted, NotAWorkbook, NoHeader: the file cannot be taken in at all.
        BadMapping: the mapping contradicts itself or names columns that no sheet has.
        BadPool: pool JSON that is not sound.
    """
    check_size(data, filename)
    beans = bean_sheets(data)
    if beans == [] or (beans is None and data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")):
        return _from_json(data, filename)
    source = opened(data, filename, beans)
    found = headers(source, filename, mapping, header_row)
    material = material_sheet(source.sheets)
    looked_at = [sheet for sheet, _ in found] + ([] if material is None else [material[0]])
    anchored, named = source.pictures(looked_at, filename)
    materials = {} if material is None else read_materials(*material, anchored[material[0].name])
    readers = [SheetReader(sheet, header, anchored[sheet.name], named) for sheet, header in found]
    gathering = _Gathering(existing, materials)
    for reader in readers:
        for row in reader.rows():
            gathering.add(row)
        gathering.problems += reader.strays()
    gathering.near()
    held = {one.picture.sha256: one.picture for ones in anchored.values() for one in ones if one.picture}
    held |= {one.sha256: one for one in named.values()}
    sets = sets_of(materials, gathering.items)
    used = dict.fromkeys(picture for item in gathering.items for picture in pictures_of(item))
    used |= dict.fromkeys(picture for one in sets for picture in one.pictures)
    layout = "+".join(dict.fromkeys(header.layout for _, header in found))
    report = gathering.report(filename, layout)
    cells = _named_cells((sheet for sheet, _ in found), report.problems)
    return Import(tuple(gathering.items), sets, tuple(held[picture] for picture in used), report, cells)


def _named_cells(sheets: Iterable[Sheet], problems: Iterable[Problem]) -> dict[tuple[str, int, str], str]:
    by_name = {sheet.name: sheet for sheet in sheets}
    cells: dict[tuple[str, int, str], str] = {}
    for one in problems:
        sheet = by_name[one.sheet]
        row, column = one.row - sheet.first_row, sheet.column_at(one.column)
        if column is not None and 0 <= row < len(sheet.rows) and column < len(sheet.rows[row]):
            cells[one.sheet, one.row, one.column] = sheet.rows[row][column]
    return cells


class _Gathering:
    """The rows of all sheets of a file, with what only shows between rows: double ids and double stems."""

    def __init__(self, existing: Collection[Item], materials: Collection[str]) -> None:
        self._materials = materials
        self.items: list[Item] = []
        self.problems: list[Problem] = []
        self._rows = 0
        self._warned: set[ItemId] = set()
        self._existing = existing
        self._places: dict[ItemId, Row] = {}
        self._ids: dict[str, int] = {}
        self._stems: dict[str, tuple[str, int]] = {}
        self._known = {gist(item.stem): item.id for item in existing}

    def add(self, row: Row) -> None:
        """Take a row in."""
        self._rows += 1
        problems = list(row.problems)
        item = row.item
        if item is not None and item.set_id is not None and item.set_id not in self._materials:
            said = message(Code.SET, item.set_id)
            problems.append(Problem(row.sheet, row.number, row.set_column, Code.SET, said))
            item = None
        if item is not None:
            item, doubles = self._doubles(row, item)
            problems += doubles
        if item is not None:
            self._ids[item.id] = row.number
            self._places[item.id] = row
            self.items.append(item)
            if problems:
                self._warned.add(item.id)
        self.problems += problems

    def _doubles(self, row: Row, item: Item) -> tuple[Item | None, list[Problem]]:
        first = self._ids.get(item.id)
        if first is not None and row.has_own_id:
            said = message(Code.DUP_ID, item.id, first)
            return None, [Problem(row.sheet, row.number, row.id_column, Code.DUP_ID, said)]
        if first is not None:
            item = self._renamed(item)
        return item, self._same_stem(row, item)

    def _renamed(self, item: Item) -> Item:
        """The second of two rows with the same wording and no ids of their own."""
        number = 2
        while f"{item.id}-{number}" in self._ids:
            number += 1
        return msgspec.structs.replace(item, id=ItemId(f"{item.id}-{number}"))

    def _same_stem(self, row: Row, item: Item) -> list[Problem]:
        key = gist(item.stem)
        if not key:
            return []
        here = self._stems.setdefault(key, (row.sheet, row.number))
        known = self._known.get(key)
        if here != (row.sheet, row.number):
            facts = (f"“{here[0]}”第 {here[1]} 行", f"row {here[1]} of “{here[0]}”")
        elif known is not None and known != item.id:
            facts = _in_pool(known)
        else:
            return []
        said = message(Code.DUP_STEM, *facts)
        return [Problem(row.sheet, row.number, row.stem_column, Code.DUP_STEM, said)]

    def near(self) -> None:
        """Warn of each item that says nearly the same as one before it or as one of the pool."""
        known = [one for one in self._existing if one.id not in self._places]
        place = {item.id: at for at, item in enumerate(self.items)}
        closest: dict[ItemId, NearDuplicate] = {}
        for one in near_duplicates(self.items, [*self.items, *known]):
            mine = one.item.id
            before = place.get(one.other.id, -1) < place[mine]
            if before and (mine not in closest or closest[mine].likeness < one.likeness):
                closest[mine] = one
        for mine, one in closest.items():
            row, other = self._places[mine], self._places.get(one.other.id)
            facts = _in_pool(one.other.id) if other is None else _at(other)
            said = message(Code.NEAR_DUP, *facts, one.likeness // 10)
            self.problems.append(Problem(row.sheet, row.number, row.stem_column, Code.NEAR_DUP, said))
            self._warned.add(mine)

    def report(self, filename: str, layout: str) -> Report:
        """The report over all rows."""
        kinds = Counter(item.kind for item in self.items)
        return Report(
            file=filename,
            layout=layout,
            rows=self._rows,
            accepted=len(self.items),
            rejected=self._rows - len(self.items),
            warned=len(self._warned),
            by_kind={kind.value: kinds[kind] for kind in Kind},
            problems=tuple(self.problems),
        )


def _in_pool(held: ItemId) -> tuple[str, str]:
    return f"题库中的 {held} ", f"{held} in the pool"


def _at(row: Row) -> tuple[str, str]:
    return f"“{row.sheet}”第 {row.number} 行", f"row {row.number} of “{row.sheet}”"


def _from_json(data: bytes, filename: str) -> Import:
    pool, pictures = read_json(data)
    kinds = Counter(item.kind for item in pool.items)
    report = Report(
        file=filename,
        layout="JSON",
        rows=len(pool.items),
        accepted=len(pool.items),
        rejected=0,
        warned=0,
        by_kind={kind.value: kinds[kind] for kind in Kind},
        problems=(),
    )
    return Import(pool.items, pool.sets, pictures, report)


def diff(pool: Pool, taken: Import) -> Diff:
    """What the import would add, change and leave in the pool; salts do not count."""
    held = {item.id: _unsalted(item) for item in pool.items}
    added = tuple(item for item in taken.items if item.id not in held)
    known = [item for item in taken.items if item.id in held]
    changed = tuple(item for item in known if _unsalted(item) != held[item.id])
    unchanged = tuple(item for item in known if _unsalted(item) == held[item.id])
    return Diff(added, changed, unchanged)


def _unsalted(item: Item) -> Item:
    return msgspec.structs.replace(item, salt="")


def merged(pool: Pool, taken: Import) -> Pool:
    """The pool after taking the import over: changed items keep their place and salt, new ones come last."""
    new = {item.id: item for item in taken.items}
    salts = {item.id: item.salt for item in pool.items}
    kept = [
        msgspec.structs.replace(new[item.id], salt=item.salt) if item.id in new else item
        for item in pool.items
    ]
    added = [item for item in taken.items if item.id not in salts]
    sets = {one.id: one for one in (*pool.sets, *taken.sets)}
    return msgspec.structs.replace(pool, items=(*kept, *added), sets=tuple(sets.values()))

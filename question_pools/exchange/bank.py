"""Taking in a bank: file → accepted items, pictures and a report; and what it would change in a pool."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from question_pools.errors import RowsRejected
from question_pools.exchange.beans import bean_sheets
from question_pools.exchange.gathering import Gathering, Near, Place
from question_pools.exchange.mapping import ByHand
from question_pools.exchange.material import material_sheet, read_materials, sets_of
from question_pools.exchange.opening import headers, opened
from question_pools.exchange.pool_json import pictures_of, read_json
from question_pools.exchange.remarks import json_rows
from question_pools.exchange.report import Problem, Report
from question_pools.exchange.rows import SheetReader
from question_pools.exchange.sheets import Sheet, check_size
from question_pools.items import Item, ItemId, ItemSet, Picture, Pool


class Import(msgspec.Struct, frozen=True):
    """What a file holds: the accepted items in file order, their pictures, and the report."""

    items: tuple[Item, ...]
    sets: tuple[ItemSet, ...]
    pictures: tuple[Picture, ...]
    report: Report
    cells: Mapping[tuple[str, int, str], str] = {}
    """What stands in the cells that problems name, by sheet, row and column as people see them."""
    rows: Mapping[Place, tuple[tuple[str, str], ...]] = {}
    """The rows that problems name, by their place: column and cell of each that says something."""
    places: Mapping[ItemId, Place] = {}
    """Where the accepted items stand in the file."""
    near: Mapping[ItemId, Near] = {}
    """The other item of each that was warned of as a near duplicate."""

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
    by_hand: ByHand | None = None,
) -> Import:
    """Read .xlsx, .xls, .csv, .docx, JSON of other programs or pool JSON, told by content.

    Args:
        existing: items of the pool the bank would go to; stems that they have already are warned of.
        by_hand: what columns hold where the header is unknown.

    Raises:
        TooLarge, ZipBomb, Encrypted, OldWordFile, NotAWorkbook, NoHeader: the file cannot be taken in at all.
        BadMapping: the mapping contradicts itself or names columns that no sheet has.
        BadPool: pool JSON that is not sound.
    """
    check_size(data, filename)
    beans = bean_sheets(data)
    if beans == [] or (beans is None and data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")):
        return _from_json(data, filename, existing)
    source = opened(data, filename, beans)
    found = headers(source, filename, by_hand)
    material = material_sheet(source.sheets)
    looked_at = [sheet for sheet, _ in found] + ([] if material is None else [material[0]])
    anchored, named = source.pictures(looked_at, filename)
    materials = {} if material is None else read_materials(*material, anchored[material[0].name])
    readers = [SheetReader(sheet, header, anchored[sheet.name], named) for sheet, header in found]
    gathering = Gathering(existing, {one.id: one.order for one in materials.values()})
    for reader in readers:
        for row in reader.rows():
            gathering.add(row)
        gathering.problems += reader.strays()
    gathering.finish([sheet.name for sheet, _ in found])
    held = {one.picture.sha256: one.picture for ones in anchored.values() for one in ones if one.picture}
    held |= {one.sha256: one for one in named.values()}
    sets = sets_of(materials, gathering.items)
    used = dict.fromkeys(picture for item in gathering.items for picture in pictures_of(item))
    used |= dict.fromkeys(picture for one in sets for picture in one.pictures)
    layout = "+".join(dict.fromkeys(header.layout for _, header in found))
    report = gathering.report(filename, layout)
    rows = dict(_named_rows((held for held, _ in found), report.problems))
    return Import(
        items=tuple(gathering.items),
        sets=sets,
        pictures=tuple(held[picture] for picture in used),
        report=report,
        cells=_named_cells(rows, report.problems),
        rows=rows,
        places=gathering.places,
        near=gathering.near,
    )


def _named_rows(
    sheets: Iterable[Sheet], problems: Iterable[Problem]
) -> Iterator[tuple[Place, tuple[tuple[str, str], ...]]]:
    by_name = {sheet.name: sheet for sheet in sheets}
    for place in dict.fromkeys((one.sheet, one.row) for one in problems):
        sheet = by_name[place[0]]
        at = place[1] - sheet.first_row
        if 0 <= at < len(sheet.rows):
            cells = enumerate(sheet.rows[at])
            yield place, tuple((sheet.column_name(column), cell) for column, cell in cells if cell)


def _named_cells(
    rows: Mapping[Place, Iterable[tuple[str, str]]], problems: Iterable[Problem]
) -> dict[tuple[str, int, str], str]:
    cells: dict[tuple[str, int, str], str] = {}
    for one in problems:
        cell = dict(rows.get((one.sheet, one.row), ())).get(one.column)
        if cell is not None:
            cells[one.sheet, one.row, one.column] = cell
    return cells


def _from_json(data: bytes, filename: str, existing: Collection[Item]) -> Import:
    """A pool file is sound as a whole or refused; what it holds is remarked on as rows of a sheet are."""
    pool, pictures = read_json(data)
    gathering = Gathering(existing, {one.id: () for one in pool.sets})
    rows = list(json_rows(pool.items))
    for row in rows:
        gathering.add(row)
    gathering.finish(list(dict.fromkeys(row.sheet for row in rows)))
    report = gathering.report(filename, "JSON")
    told = {(one.sheet, one.row) for one in report.problems}
    return Import(
        items=pool.items,
        sets=pool.sets,
        pictures=pictures,
        report=report,
        cells={
            (row.sheet, row.number, row.stem_column): item.stem
            for row, item in zip(rows, pool.items, strict=True)
            if (row.sheet, row.number) in told
        },
        places=gathering.places,
        near=gathering.near,
    )


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
    """The pool after taking the import over: changed items keep their place and salt, new ones come last.

    An import takes nothing away: items of a set that the file does not name stay in it, behind the others.
    """
    new = {item.id: item for item in taken.items}
    salts = {item.id: item.salt for item in pool.items}
    kept = [
        msgspec.structs.replace(new[item.id], salt=item.salt) if item.id in new else item
        for item in pool.items
    ]
    added = [item for item in taken.items if item.id not in salts]
    in_set = {item.id: item.set_id for item in (*kept, *added)}
    sets = {one.id: one for one in pool.sets}
    for one in taken.sets:
        before = sets[one.id].items if one.id in sets else ()
        stay = tuple(item for item in before if item not in one.items and in_set.get(item) == one.id)
        sets[one.id] = msgspec.structs.replace(one, items=(*one.items, *stay))
    return msgspec.structs.replace(pool, items=(*kept, *added), sets=tuple(sets.values()))

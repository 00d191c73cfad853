"""Gathering the rows of a file: what only shows between rows, and between a file and the pool."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

import msgspec

from question_pools.exchange.likeness import closest, near_duplicates
from question_pools.exchange.report import Code, Problem, Report, message
from question_pools.exchange.rows import Row
from question_pools.exchange.wording import gist
from question_pools.items import Item, ItemId, Kind

Place = tuple[str, int]
"""Sheet and row, as a person sees them."""


class Near(msgspec.Struct, frozen=True):
    """What an item is a near duplicate of."""

    other: Item
    place: Place | None
    """Where the other stands in the file; None: in the pool."""
    likeness: int
    """In thousandths."""


class Gathering:
    """The rows of all sheets of a file: double ids and stems, near duplicates, sets that would lose items."""

    def __init__(self, existing: Collection[Item], materials: Mapping[str, Sequence[str]]) -> None:
        """Begin with the pool's items and the sets of the file, each with the items it lists, if it does."""
        self._materials = materials
        self.items: list[Item] = []
        self.problems: list[Problem] = []
        self.near: dict[ItemId, Near] = {}
        self._lost: defaultdict[str, list[Row]] = defaultdict(list)
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
        elif row.set_id in self._materials:
            self._lost[row.set_id].append(row)
        self.problems += problems

    def finish(self, sheets: Sequence[str]) -> None:
        """Look at the whole, then put the problems into the order of the sheets and rows."""
        self._leave_torn_sets()
        self._find_near()
        at = {name: number for number, name in enumerate(sheets)}
        self.problems.sort(key=lambda one: (at[one.sheet], one.row))

    @property
    def places(self) -> dict[ItemId, Place]:
        """Where the items stand in the file."""
        return {item.id: (row.sheet, row.number) for item in self.items for row in [self._places[item.id]]}

    def _leave_torn_sets(self) -> None:
        """A set comes whole or not at all: where a row of it is rejected the others are too."""
        torn = {name: _place_words(rows[0]) for name, rows in self._lost.items()}
        known = {item.id: item.set_id for item in (*self._existing, *self.items)}
        for name, order in self._materials.items():
            absent = [one for one in order if known.get(ItemId(one)) != name]
            if absent and name not in torn:
                torn[name] = (
                    f"清单里的 {absent[0]} 不在文件里",
                    f"{absent[0]}, which it lists, is not there",
                )
        for item in [one for one in self.items if one.set_id in torn]:
            row = self._places[item.id]
            said = message(Code.SET_TORN, item.set_id, *torn[item.set_id or ""])
            self.problems.append(Problem(row.sheet, row.number, row.set_column, Code.SET_TORN, said))
            self._warned.discard(item.id)
            self.items.remove(item)

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

    def _find_near(self) -> None:
        """Warn of each item that says nearly the same as one before it or as one of the pool."""
        known = [one for one in self._existing if one.id not in self._places]
        place = {item.id: at for at, item in enumerate(self.items)}
        pairs = near_duplicates(self.items, [*self.items, *known])
        earlier = [one for one in pairs if place.get(one.other.id, -1) < place[one.item.id]]
        for mine, one in closest(earlier).items():
            row, other = self._places[mine], self._places.get(one.other.id)
            facts = _in_pool(one.other.id) if other is None else _at(other)
            said = message(Code.NEAR_DUP, *facts, one.likeness // 10)
            self.problems.append(Problem(row.sheet, row.number, row.stem_column, Code.NEAR_DUP, said))
            self._warned.add(mine)
            where = None if other is None else (other.sheet, other.number)
            self.near[mine] = Near(one.other, where, one.likeness)

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


def _place_words(row: Row) -> tuple[str, str]:
    return f"第 {row.number} 行被拒绝", f"row {row.number} is rejected"

"""A whole pool as .xlsx, one column for each option (layout L9); `read_bank` gives the same items back.

What such a sheet has no place for gets columns of its own: 固定选项 (options that keep their place, 无 for
none), 共用材料编号 (the item set), and a second sheet with the shared materials. Salts are secrets of the
pool and stay there: importing into the pool keeps them.
"""

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]
from PIL import Image
from xlsxwriter.worksheet import Worksheet  # pyright: ignore[reportMissingTypeStubs]

from question_pools.errors import CannotExport, UnreadableFile
from question_pools.exchange import material
from question_pools.exchange.bank import read_bank
from question_pools.exchange.guard import guarded
from question_pools.exchange.normalise import label_of
from question_pools.exchange.pictures import named_pictures
from question_pools.exchange.pool_json import pictures_of
from question_pools.exchange.reading import NONE_PINNED
from question_pools.exchange.wording import cleaned, pinned_letters
from question_pools.items import JUDGE_TEXTS, Item, ItemSet, Kind, Option, Picture, Pool, letters

SHEET: Final = "题库"

_KINDS: Final = {Kind.SINGLE: "单选题", Kind.MULTI: "多选题", Kind.JUDGE: "判断题"}
_FIRST: Final = ("试题编号", "题型", "题干", "图片")
_LAST: Final = ("正确答案", "解析", "难度", "大纲编号", "来源", "固定选项", material.ID_TITLE)
_FEWEST_OPTIONS: Final = 4
_SHOWN_HEIGHT: Final = 96
"""Pixels to which pictures are scaled in the sheet; the file holds them whole."""

_CREATED: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""The same pool gives the same bytes whenever it is exported."""


def write_workbook(pool: Pool, pictures: Iterable[Picture] = ()) -> bytes:
    """The workbook of a pool. CannotExport names what would not come back as it is."""
    held = {one.sha256: one for one in pictures}
    faults = _picture_faults(pool, held)
    if faults:
        raise CannotExport(faults)
    data = _Writer(pool, held).data()
    faults = _lost(pool, data)
    if faults:
        raise CannotExport(faults)
    return data


def _picture_faults(pool: Pool, held: dict[str, Picture]) -> list[str]:
    named = [(f"item {one.id}", picture) for one in pool.items for picture in pictures_of(one)]
    named += [(f"set {one.id}", picture) for one in pool.sets for picture in one.pictures]
    faults = [f"{where}: picture {picture} is not there" for where, picture in named if picture not in held]
    return faults + [
        f"{where}: a workbook cannot show WebP pictures"
        for where, picture in named
        if picture in held and held[picture].mime == "image/webp"
    ]


def _lost(pool: Pool, data: bytes) -> list[str]:
    """What does not come back: the file is read as an import would read it."""
    try:
        taken = read_bank(data, f"{pool.code}.xlsx")
    except UnreadableFile as refused:
        return [str(refused)]
    back = {item.id: item for item in taken.items}
    faults = [
        f"item {one.id} cannot be held by a sheet"
        for one in pool.items
        if back.get(one.id) != msgspec.structs.replace(one, salt="")
    ]
    sets = {one.id: one for one in taken.sets}
    return faults + [
        f"set {one.id} cannot be held by a sheet" for one in pool.sets if sets.get(one.id) != one
    ]


class _Writer:
    """The two sheets of a workbook while they are written."""

    def __init__(self, pool: Pool, pictures: dict[str, Picture]) -> None:
        self._pool = pool
        self._pictures = pictures
        self._options = max([_FEWEST_OPTIONS, *(len(one.options) for one in pool.items)])

    def data(self) -> bytes:
        made = io.BytesIO()
        with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
            book.set_properties({"title": self._pool.title, "created": _CREATED})  # pyright: ignore[reportUnknownMemberType]
            self._items(book.add_worksheet(SHEET))  # pyright: ignore[reportUnknownMemberType]
            if self._pool.sets:
                self._sets(book.add_worksheet(material.SHEET))  # pyright: ignore[reportUnknownMemberType]
        return made.getvalue()

    def _items(self, sheet: Worksheet) -> None:
        names = [f"选项{chr(ord('A') + at)}" for at in range(self._options)]
        _row(sheet, 0, [*_FIRST, *names, *_LAST])
        sheet.freeze_panes(1, 0)
        sheet.set_column(2, 2, 60)
        for number, item in enumerate(self._pool.items, 1):
            judge = item.kind is Kind.JUDGE
            options = () if judge else item.options
            texts = [_option(one) for one in options] + [""] * (self._options - len(options))
            key = JUDGE_TEXTS[item.key.bit_length() - 1] if judge else letters(item.key)
            last = [_cell(item.rationale), str(item.difficulty), item.outline, _cell(item.source)]
            first = [_cell(item.id), _KINDS[item.kind], _stem(item.stem), ""]
            _row(sheet, number, [*first, *texts, key, *last, _pinned(options), _cell(item.set_id or "")])
            self._show(sheet, number, len(_FIRST) - 1, item.pictures)
            for at, one in enumerate(options, len(_FIRST)):
                self._show(sheet, number, at, () if one.picture is None else (one.picture,))

    def _sets(self, sheet: Worksheet) -> None:
        titles = [material.ID_TITLE, material.STEM_TITLE, material.ORDER_TITLE, material.PICTURE_TITLE]
        _row(sheet, 0, titles)
        sheet.set_column(1, 1, 80)
        for number, one in enumerate(self._pool.sets, 1):
            _row(sheet, number, [_cell(one.id), _cell(one.stem), _cell(_order(one, self._pool.items))])
            self._show(sheet, number, len(titles) - 1, one.pictures)

    def _show(self, sheet: Worksheet, row: int, column: int, pictures: Sequence[str]) -> None:
        for sha in pictures:
            data = io.BytesIO(self._pictures[sha].data)
            with Image.open(data) as image:
                scale = min(1.0, _SHOWN_HEIGHT / image.height)
            sheet.set_row_pixels(row, _SHOWN_HEIGHT)
            options = {"image_data": data, "x_scale": scale, "y_scale": scale}
            sheet.insert_image(row, column, sha, options)


def _row(sheet: Worksheet, number: int, cells: Iterable[str]) -> None:
    """Every cell as text: nothing is ever a formula, a number or a link."""
    for column, cell in enumerate(cells):
        sheet.write_string(number, column, cell)


def _cell(text: str) -> str:
    return guarded(text, tidied=cleaned(text) != text or bool(named_pictures(text)[1]))


def _stem(text: str) -> str:
    return guarded(text, tidied=True) if text[:1].isdigit() else _cell(text)


def _option(option: Option) -> str:
    return guarded(option.text, tidied=True) if label_of(option.text) else _cell(option.text)


def _pinned(options: Sequence[Option]) -> str:
    """Empty where the wording alone tells which options keep their place."""
    texts = {chr(ord("A") + at): one.text for at, one in enumerate(options)}
    pinned = frozenset(letter for letter, one in zip(texts, options, strict=True) if one.pinned)
    if pinned == pinned_letters(texts):
        return ""
    return "".join(sorted(pinned)) or NONE_PINNED


def _order(one: ItemSet, items: Iterable[Item]) -> str:
    in_file = tuple(item.id for item in items if item.set_id == one.id)
    return "" if in_file == one.items else "\n".join(one.items)

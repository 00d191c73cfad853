"""Item statistics, and the candidates that a ruling would move, as workbooks."""

import io
from typing import Any, Final

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from enrollment.identity import mask_name
from exam_api.usecases.preview_ruling import Way
from exam_api.usecases.sheet import Sheet, harmless, workbook
from exam_api.usecases.statistics import SessionStatistics
from exam_api.visible import Field, Sight

ITEM_HEADINGS: Final = (
    "题目编号", "题型", "题干", "见过的人", "未答", "难度 p", "点二列", "校正点二列", "D27", "删去后的 α",
    "中位用时（秒）", "标记",
)  # fmt: skip
"""Columns of the sheet of items."""

OPTION_HEADINGS: Final = (
    "题目编号",
    "选项",
    "内容",
    "是答案",
    "人数",
    "比例",
    "平均总分",
    "点二列",
    "形同虚设",
)
"""Columns of the sheet of options."""

MOVED_HEADINGS: Final = ("准考证号", "姓名", "原分", "新分", "原结果", "新结果", "变化")
"""Columns of the sheet of candidates."""

FLAGS: Final = {
    "few": "人数太少",
    "easy": "太易",
    "hard": "太难",
    "weak": "区分弱",
    "suspect_key": "疑似错答案",
    "idle_option": "有形同虚设的选项",
}
"""Flags as the sheet says them."""


def statistics_sheet(found: SessionStatistics) -> bytes:
    """Items and their options, two sheets."""
    out = io.BytesIO()
    book, heading = _book(out)
    items, options = (
        _sheet(book, heading, "题目", ITEM_HEADINGS),
        _sheet(book, heading, "选项", OPTION_HEADINGS),
    )
    at = 0
    for row, one in enumerate(found.figures.items, 1):
        item = found.items[one.version]
        seconds = None if one.median_ms is None else one.median_ms / 1000
        figures = (one.p, one.point_biserial, one.corrected, one.d27, one.alpha_without, seconds)
        flags = "、".join(FLAGS[flag] for flag in one.flags)
        _write(items, row, (item.id, item.kind.value, item.stem, one.seen, one.blank, *figures, flags))
        for option, its in zip(item.options, one.options, strict=True):
            at += 1
            mean = None if its.mean_total_centi is None else its.mean_total_centi / 100
            marks = ("是" if its.right else "", its.count, its.share, mean, its.point_biserial)
            letter = chr(ord("A") + its.option)
            _write(options, at, (item.id, letter, option.text, *marks, "是" if its.idle else ""))
    book.close()
    return out.getvalue()


def moved_sheet(way: Way, sight: Sight) -> bytes:
    """Everybody whose score one remedy would change, as far as somebody sees them."""
    verdict = {True: "合格", False: "不合格"}
    rows: list[list[str | float]] = []
    for one in way.moved if sight.may(Field.SCORE) else ():
        moved = one.moved
        turn = "" if not moved.flips else "变合格" if moved.passes_after else "变不合格"
        scores = [moved.before_centi / 100, moved.after_centi / 100]
        verdicts = [verdict[moved.passed_before], verdict[moved.passes_after]]
        own = one.named
        ticket_no = sight.text(Field.TICKET, own.ticket_no)
        name = sight.text(Field.NAME, own.name, mask_name(own.name))
        rows.append([ticket_no, name, *scores, *verdicts, turn])
    return workbook(Sheet(title="会变的成绩", heads=MOVED_HEADINGS, rows=rows, kept=2))


def _book(out: io.BytesIO) -> tuple[Any, Any]:
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    return book, book.add_format({"bold": True})  # pyright: ignore[reportUnknownMemberType]


def _sheet(book: Any, heading: Any, title: str, headings: tuple[str, ...]) -> Any:  # noqa: ANN401 - the library's
    sheet = book.add_worksheet(title)
    for column, text in enumerate(headings):
        sheet.write_string(0, column, text, heading)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(headings) - 1, 14)
    return sheet


def _write(sheet: Any, row: int, cells: tuple[str | int | float | None, ...]) -> None:  # noqa: ANN401 - as above
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            sheet.write_string(row, column, harmless(cell))
        elif cell is not None:
            sheet.write_number(row, column, cell)

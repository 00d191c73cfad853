"""Export as .xlsx: the import of an export is the pool, and no cell is ever run."""

from io import BytesIO

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from question_pools.errors import CannotExport
from question_pools.exchange.bank import read_bank
from question_pools.exchange.guard import guarded, unguarded
from question_pools.exchange.pictures import picture_from
from question_pools.exchange.workbook import write_workbook
from question_pools.items import Item, ItemId, ItemSet, Kind, Option, Picture, Pool, judge_options, salted
from tests.fixtures.pools.workbooks import L9, L9_ROWS, csv_file, picture, xlsx
from tests.unit.question_pools.builders import item, item_set, pool

GRAINS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "'",
    "\n",
    "1",
    "2.",
    "A.",
    "B、",
    "以上都对",
    "甲",
    "x",
    "**",
    "_x000D_",
    " ",
]
WORDS = st.one_of(
    st.lists(st.sampled_from(GRAINS), max_size=6).map("".join),
    st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=12),
)
SAID = WORDS.filter(str.strip)


@st.composite
def items(draw: st.DrawFn) -> Item:
    kind = draw(st.sampled_from(Kind))
    offered = tuple(
        Option(text, draw(st.booleans())) for text in draw(st.lists(SAID, min_size=2, max_size=8))
    )
    options = judge_options() if kind is Kind.JUDGE else offered
    key = 1 << draw(st.integers(0, len(options) - 1))
    if kind is Kind.MULTI:
        key |= draw(st.integers(1, (1 << len(options)) - 1))
    return Item(
        id=ItemId(draw(SAID)),
        kind=kind,
        stem=draw(SAID),
        options=options,
        key=key,
        rationale=draw(WORDS),
        difficulty=draw(st.integers(1, 5)),
        outline=draw(st.sampled_from(["", "1", "1.2", "12.1.1.99"])),
        source=draw(WORDS),
    )


@settings(max_examples=80)
@given(st.lists(items(), min_size=1, max_size=4, unique_by=lambda one: one.id))
def test_what_is_exported_and_imported_is_what_was_there(held):
    taken = read_bank(write_workbook(pool(*held)), "p.xlsx")
    assert taken.items == tuple(held)
    assert taken.report.layout == "L9"


def shown(colour: str) -> Picture:
    made = picture_from(picture(colour, size=(300, 200)))
    assert made is not None
    return made


def test_pictures_and_item_sets_come_back_in_their_order():
    red, blue, green = shown("red"), shown("blue"), shown("green")
    one, children = item_set("s1", 3)
    other, lone = item_set("=s2", 1)
    turned = msgspec.structs.replace(one, items=one.items[::-1], pictures=(green.sha256, red.sha256))
    offered = (Option("", picture=red.sha256), Option("乙", picture=blue.sha256), Option("以上都对"))
    pictured = item("p", stem="", offered=offered, pictures=(blue.sha256, red.sha256))
    held = pool(*children, pictured, *lone, sets=(other, turned))
    taken = read_bank(write_workbook(held, [red, blue, green]), "p.xlsx")
    assert (taken.items, taken.sets) == (held.items, held.sets)
    assert {kept.sha256: kept for kept in taken.pictures} == {
        kept.sha256: kept for kept in (red, blue, green)
    }


def test_the_same_pool_gives_the_same_bytes_and_salts_stay_in_the_pool():
    held = pool(item("a"), item("b", Kind.MULTI), item("c", Kind.JUDGE))
    hidden = salted(held, b"secret")
    assert write_workbook(hidden) == write_workbook(held)
    assert read_bank(write_workbook(hidden), "p.xlsx").items == held.items


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_with_what_a_spreadsheet_runs(lead):
    text = f"{lead}cmd|' /C calc'!A0"
    offered = (Option(text), Option("乙"))
    held = pool(item("a", stem=text, offered=offered, rationale=text, source=text))
    (sheet,) = [CalamineWorkbook.from_filelike(BytesIO(write_workbook(held))).get_sheet_by_index(0)]
    cells = [str(cell) for row in sheet.to_python() for cell in row]
    assert cells.count("'" + text) == 4
    assert not [cell for cell in cells if cell.startswith(lead)]


def test_guards_of_other_programs_are_undone_only_where_they_guard():
    rows = [("单选题", "'=1+1 等于？", "'-5℃", "'引'", "", "", "A", "", "", "", "")]
    (one,) = read_bank(csv_file([L9, *rows]), "x.csv").items
    assert (one.stem, [option.text for option in one.options]) == ("=1+1 等于？", ["-5℃", "'引'"])


def test_a_guard_is_undone_whatever_it_guards():
    for text in ("=1", "'", "''", "甲", ""):
        assert unguarded(guarded(text, tidied=True), always=True) == text


def test_rows_added_by_hand_to_an_export_are_tidied_as_everywhere():
    header = ("试题编号", *L9, "固定选项", "共用材料编号")
    row = ("n1", "单选题", "12.新的题？", "甲", "乙", "以上都对", "", "B", "", "", "", "", "", "m1")
    free = ("n2", "单选题", "新的题？", "甲", "乙", "以上都对", "", "B", "", "", "", "", "无", "")
    told = ("n3", "单选题", "又一题？", "甲", "乙", "以上都对", "", "B", "", "", "", "", "AC", "m2")
    materials = [
        ["共用材料编号", "共用材料"],
        ["m1", " 材料 "],
        ["", "无编号"],
        ["m1", "又一次"],
        ["m3", "无题"],
    ]
    taken = read_bank(xlsx({"题库": [header, row, free, told], "材料": materials}), "x.xlsx")
    assert [one.stem for one in taken.items] == ["新的题？", "新的题？"]
    assert [[option.pinned for option in one.options] for one in taken.items] == [
        [False, False, True],
        [False] * 3,
    ]
    assert taken.sets == (ItemSet("m1", "材料", (), (ItemId("n1"),)),)
    assert [(p.row, p.column, p.code.value) for p in taken.report.problems if p.code.rejects] == [
        (4, "N", "E_SET")
    ]


def test_what_a_sheet_cannot_hold_is_refused_by_name():
    one, children = item_set("s", 1)
    with pytest.raises(CannotExport) as refused:
        write_workbook(pool(item("a"), item("b", stem="长" * 40_000), item("c", stem="\ufffe")))
    assert refused.value.faults == tuple(f"item {name} cannot be held by a sheet" for name in "bc")
    with pytest.raises(CannotExport) as refused:
        write_workbook(pool(*children, sets=(msgspec.structs.replace(one, stem="\uffff"),)))
    assert refused.value.faults == ("set s cannot be held by a sheet",)


def test_pictures_that_are_missing_or_cannot_be_shown_are_refused():
    webp = picture_from(picture(kind="WEBP"))
    assert webp is not None
    one, children = item_set("s", 1)
    held = pool(
        item("a", pictures=(webp.sha256,)),
        *children,
        sets=(msgspec.structs.replace(one, pictures=("0" * 64,)),),
    )
    with pytest.raises(CannotExport) as refused:
        write_workbook(held, [webp])
    assert refused.value.faults == (
        f"set s: picture {'0' * 64} is not there",
        "item a: a workbook cannot show WebP pictures",
    )


def test_a_bank_of_another_program_can_be_exported():
    taken = read_bank(csv_file([L9, *L9_ROWS]), "x.csv")
    again = read_bank(write_workbook(Pool("p", "p", taken.items)), "p.xlsx")
    assert again.items == taken.items


def test_more_items_than_a_sheet_takes_are_refused(monkeypatch):
    monkeypatch.setattr("question_pools.exchange.sheets.MAX_ROWS", 3)
    with pytest.raises(CannotExport):
        write_workbook(pool(*(item(f"i{at}") for at in range(4))))

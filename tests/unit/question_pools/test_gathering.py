"""What shows between the rows of a file: their order in the report, torn sets, pool files remarked on."""

import msgspec
import pytest

from question_pools.errors import BadPool
from question_pools.exchange.bank import Import, merged, read_bank
from question_pools.exchange.pool_json import write_json
from question_pools.exchange.workbook import write_workbook
from question_pools.items import ItemId, Kind, Option, Pool
from question_pools.soundness import freeze
from tests.fixtures.pools.workbooks import L9, csv_file, xlsx
from tests.unit.question_pools.builders import item, item_set, pool

HEAD = ("试题编号", *L9, "共用材料编号")
SETS = [("共用材料编号", "共用材料", "题目顺序"), ("s", "一段材料", "")]
STEM = "脚手架连墙件必须随作业层的升高及时设置，其间距应当符合专项方案的要求"

ALIKE = tuple(Option(text) for text in ("随层", "完工后", "随意", "不设"))


def child(name: str, kind: str = "单选题", held: str = "s", key: str = "A") -> tuple[str, ...]:
    return (name, kind, f"问题 {name}？", "甲", "乙", "丙", "丁", key, "", "", "", "", held)


def bank(*rows: tuple[str, ...], sets: list[tuple[str, str, str]] = SETS) -> Import:
    return read_bank(xlsx({"题库": [HEAD, *rows], "共用材料": sets}), "x.xlsx")


def codes(taken: Import) -> list[tuple[int, str]]:
    return [(one.row, one.code.value) for one in taken.report.problems]


def test_a_set_of_which_a_row_is_rejected_is_refused_whole_and_says_which():
    taken = bank(child("a"), child("b", "计算题"), child("c"), child("d", held=""))
    assert codes(taken) == [(2, "E_SET_TORN"), (3, "E_TYPE"), (4, "E_SET_TORN")]
    assert ([one.id for one in taken.items], taken.sets) == (["d"], ())
    assert (taken.report.accepted, taken.report.rejected, taken.report.warned) == (1, 3, 0)
    assert "第 3 行" in taken.report.problems[0].message.zh
    assert "row 3" in taken.report.problems[0].message.en


def test_a_whole_set_is_taken():
    taken = bank(child("a"), child("b"))
    assert (codes(taken), taken.sets[0].items) == ([], ("a", "b"))


def test_a_set_that_lists_an_item_nobody_has_is_refused_whole():
    lists = [SETS[0], ("s", "一段材料", "b\na\nz")]
    taken = bank(child("a"), child("b"), sets=lists)
    assert codes(taken) == [(2, "E_SET_TORN"), (3, "E_SET_TORN")]
    assert "z" in taken.report.problems[0].message.zh


def test_an_import_takes_no_item_out_of_a_set_of_the_pool():
    one, children = item_set("s", 3)
    before = pool(*children, sets=(one,))
    first = msgspec.structs.replace(children[0], stem="另一个问题")
    shorter = msgspec.structs.replace(one, items=(first.id,), stem="新材料")
    taken = read_bank(write_json(Pool("p", "p", (first,), (shorter,))), "p.json", existing=children)
    after = merged(before, taken)
    assert after.sets == (msgspec.structs.replace(one, stem="新材料"),)
    assert freeze(after, 1).items[0].stem == "另一个问题"


def test_an_item_that_leaves_its_set_leaves_the_list_only_where_the_file_tells_the_set():
    one, children = item_set("s", 2)
    free = msgspec.structs.replace(children[1], set_id=None)
    shorter = msgspec.structs.replace(one, items=(children[0].id,))
    taken = read_bank(write_json(Pool("p", "p", (children[0], free), (shorter,))), "p.json")
    assert merged(pool(*children, sets=(one,)), taken).sets == (shorter,)
    silent = read_bank(write_json(Pool("p", "p", (free,))), "p.json")
    with pytest.raises(BadPool):
        freeze(merged(pool(*children, sets=(one,)), silent), 1)


def test_problems_come_in_the_order_of_sheets_and_rows():
    near = ("单选题", STEM, "随层", "完工后", "随意", "不设", "A", "", "", "", "")
    wrong = ("计算题", "几？", "甲", "乙", "", "", "A", "", "", "", "")
    again = ("单选题", STEM + "吗", "随层", "完工后", "随意", "不设", "A", "", "", "", "")
    data = xlsx({"乙": [L9, near, again, wrong], "甲": [L9, wrong, (*again[:1], STEM + "吗啊", *again[2:])]})
    taken = read_bank(data, "x.xlsx")
    assert [(one.sheet, one.row, one.code.value) for one in taken.report.problems] == [
        ("乙", 3, "W_NEAR_DUP"),
        ("乙", 4, "E_TYPE"),
        ("甲", 2, "E_TYPE"),
        ("甲", 3, "W_NEAR_DUP"),
    ]


def test_a_near_duplicate_comes_with_the_other_item_and_its_place():
    known = item("old", stem=STEM + "吗啊呀", offered=ALIKE)
    rows = [
        ("单选题", STEM + mark, "随层", "完工后", "随意", "不设", "A", "", "", "", "") for mark in ("", "吗")
    ]
    taken = read_bank(csv_file([L9, *rows]), "x.csv", existing=[known])
    first, second = taken.items
    assert (taken.near[first.id].other, taken.near[first.id].place) == (known, None)
    assert (taken.near[second.id].other, taken.near[second.id].place) == (first, ("x", 2))
    assert taken.places == {first.id: ("x", 2), second.id: ("x", 3)}
    assert dict(taken.rows["x", 2])["B"] == STEM


def test_a_pool_file_is_remarked_on_as_rows_are():
    same = (Option("甲"), Option("乙"), Option("甲"))
    held = [
        item("a", stem=STEM, offered=ALIKE),
        item("b", stem=STEM + "吗", offered=ALIKE),
        item("c", Kind.MULTI, stem="只有一个答案？", key=1),
        item("d", stem="如图所示，这是什么？", offered=same),
        item("e", stem=STEM),
    ]
    known = item("old", stem="只有一个答案？")
    taken = read_bank(write_json(pool(*held)), "p.json", existing=[known])
    assert [(one.row, one.column, one.code.value) for one in taken.report.problems] == [
        (2, "stem", "W_NEAR_DUP"),
        (3, "key", "W_MULTI_ONE_KEY"),
        (3, "stem", "W_DUP_STEM"),
        (4, "options", "W_DUP_OPTION"),
        (4, "stem", "W_IMAGE_MISSING"),
        (5, "stem", "W_DUP_STEM"),
    ]
    assert (taken.report.accepted, taken.report.warned) == (5, 4)
    assert taken.near[ItemId("b")].other == held[0]
    assert taken.cells["items", 2, "stem"] == STEM + "吗"


def test_a_workbook_and_a_pool_file_of_the_same_pool_say_the_same():
    one, children = item_set("s", 2)
    near = item("b", stem=STEM + "吗", offered=ALIKE)
    held = pool(item("a", stem=STEM, offered=ALIKE), near, *children, sets=(one,))
    sheet = read_bank(write_workbook(held), "p.xlsx")
    file = read_bank(write_json(held), "p.json")
    assert (sheet.items, sheet.sets) == (file.items, file.sets)
    assert [one.code for one in sheet.report.problems] == [one.code for one in file.report.problems]

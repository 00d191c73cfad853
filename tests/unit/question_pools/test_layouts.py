"""The less common layouts: templates, options in stems, look-up lists, JSON of other programs."""

import json

import pytest

from question_pools.errors import BadPool, NoHeader, TooLarge
from question_pools.exchange import sheets
from question_pools.exchange.bank import Import, read_bank
from question_pools.exchange.instem import split_stem
from question_pools.items import Kind
from tests.fixtures.pools.workbooks import csv_file, xls, xlsx

L1 = ("试题编号", "试题类型", "题目", "选项", "标准答案", "分数")
L2 = ("试题类型", "题目", "答案", "大纲编号", "难度")
L8 = ("id", "license", "subject", "question", "option1", "option2", "option3", "option4", "answer")


def codes(taken: Import) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code.value) for problem in taken.report.problems]


def texts(taken: Import) -> list[list[str]]:
    return [[option.text for option in one.options] for one in taken.items]


def test_layout_l1_leaves_single_or_multi_to_the_key_and_skips_the_sheet_that_explains():
    rows = [
        ("1001", "选择题", "施工前应当？", "A要求纠正;B继续施工;C上报；D拍照", "A", 2.0),
        ("1002", "选择题", "应当佩戴？", "A安全帽;B拖鞋;C安全带", "AC", 2.0),
        ("1003", "判断题", "酒后可以作业。", "A√;B×", "B", 1.0),
        ("1003", "判断题", "又是 1003。", "A√;B×", "A", 1.0),
    ]
    data = xlsx({"题库": [L1, *rows], "导入数据格式说明": [L1, *rows]})
    taken = read_bank(data, "l1.xlsx")
    assert (taken.report.layout, taken.report.rows) == ("L1", 4)
    assert [(one.id, one.kind, one.key) for one in taken.items] == [
        ("1001", Kind.SINGLE, 1),
        ("1002", Kind.MULTI, 0b101),
        ("1003", Kind.JUDGE, 2),
    ]
    assert texts(taken)[0] == ["要求纠正", "继续施工", "上报", "拍照"]
    assert codes(taken) == [(5, "A", "E_DUP_ID")]
    assert read_bank(xls([L1, *rows]), "l1.xls").items == taken.items


def test_layout_l2_has_the_options_inside_the_stem_cell():
    rows = [
        (
            "单选题",
            "我国安全生产的方针是(    )。\nA．责任重于泰山      B．质量第一\nC．管生产   D．安全第一",
            "D",
            "1.12.1.1",
            "中",
        ),
        ("多选题", "Ａ类人员应当( )。Ａ．交底 Ｂ．验收 Ｃ．饮酒", "AB", "1.2", "难"),
        ("判断题", "安全生产管理包括两个方面。\n A．正确    B．错误", "B", "1.3", "易"),
        ("判断题", "没有写出选项。", "A", "1.3", "易"),
        ("简答题", "任务是什么？", "略", "1.3", "易"),
        ("单选题", "没有选项？", "A", "1.3", "易"),
    ]
    taken = read_bank(xlsx({"试题导入模板": [L2, *rows], "填写说明": [["1、试题类型"]]}), "l2.xlsx")
    single, multi, judge, bare = taken.items
    assert taken.report.layout == "L2"
    assert (single.stem, single.key, single.outline) == ("我国安全生产的方针是( )。", 8, "1.12.1.1")
    assert texts(taken)[:2] == [["责任重于泰山", "质量第一", "管生产", "安全第一"], ["交底", "验收", "饮酒"]]
    assert (multi.stem, multi.key, multi.difficulty) == ("Ａ类人员应当( )。", 3, 5)
    assert (judge.stem, judge.key, bare.key) == ("安全生产管理包括两个方面。", 2, 1)
    assert codes(taken) == [(6, "A", "E_TYPE"), (7, "B", "E_NO_OPTIONS")]


@pytest.mark.parametrize(
    ("text", "stem", "options"),
    [
        ("甲？\nA.一\nB.二", "甲？", "A.一\nB.二"),
        ("A、B 两点之间应当( )\nA.一 B.二", "A、B 两点之间应当( )", "A.一 B.二"),
        ("A.一 B.二", "", "A.一 B.二"),
        ("甲（ ）A.一B.二", "甲（ ）", "A.一B.二"),
        ("只有A.一", "只有A.一", ""),
        ("型号BA.3与B.4", "型号BA.3与B.4", ""),
    ],
)
def test_a_stem_ends_where_its_options_begin(text, stem, options):
    assert split_stem(text) == (stem, options)


def test_layout_l5_is_refused_row_by_row_and_true_false_rows_are_taken():
    rows = [("安全帽的颜色？", "A.红色"), ("灭火器？", "B"), ("可以吸烟。", "错误"), ("答案在哪？", "")]
    taken = read_bank(xlsx({"题库": [("题干", "答案"), *rows]}), "l5.xlsx")
    assert taken.report.layout == "L5"
    assert [(one.kind, one.stem, one.key) for one in taken.items] == [(Kind.JUDGE, "可以吸烟。", 2)]
    assert codes(taken) == [
        (2, "B", "E_LOOKUP"),
        (3, "B", "E_LOOKUP"),
        (5, "B", "E_LOOKUP"),
        (5, "B", "E_KEY_EMPTY"),
    ]
    assert "A.红色" in taken.report.problems[0].message.zh


def test_layout_l7_is_a_list_of_beans_with_numbers_for_types():
    empty = {f"qu{letter}": "" for letter in "CDEF"}
    beans = [
        {"quType": 1, "quContent": "一？", "quA": "甲", "quB": "乙", **empty, "quAnswer": "B", "quLevel": 2},
        {
            "quType": 2,
            "quContent": "二？",
            "quA": "甲",
            "quB": "乙",
            **empty,
            "quAnswer": "AB",
            "quAnalyze": "解",
        },
        {"quType": "3", "quContent": "三。", "quA": None, "quAnswer": "对", "majorName": "锅炉"},
        {"quType": 0, "quContent": "四？", "quA": "甲", "quB": "乙", "quAnswer": "A"},
        {"quType": 1, "quContent": "五？", "quA": "甲", "quB": "乙", "quAnswer": "AB"},
    ]
    taken = read_bank(json.dumps({"code": 200, "data": {"rows": beans}}).encode(), "beans.json")
    single, multi, judge = taken.items
    assert (taken.report.layout, taken.report.rows) == ("L7", 5)
    assert (single.key, single.difficulty, multi.key, multi.rationale) == (2, 2, 3, "解")
    assert (judge.kind, judge.key, judge.source) == (Kind.JUDGE, 1, "锅炉")
    assert codes(taken) == [(4, "quType", "E_TYPE"), (5, "quAnswer", "E_SINGLE_MULTI_KEY")]
    assert taken.cells == {("JSON", 4, "quType"): "0", ("JSON", 5, "quAnswer"): "AB"}


def test_layout_l8_numbers_the_options_and_the_key_in_sheets_and_in_json():
    rows = [
        ("Q1", "기사", "1과목", "가?", "甲", "乙", "丙", "丁", 3.0),
        ("Q2", "기사", "1과목", "나?", "甲", "乙", "丙", "丁", "1, 4"),
        ("Q3", "기사", "1과목", "다?", "甲", "乙", "丙", "丁", 5.0),
        ("Q4", "기사", "1과목", "라?", "1", "3", "2", "4", 2.0),
        ("Q5", "기사", "1과목", "마?", "1", "2", "3", "4", 2.0),
        ("Q6", "기사", "1과목", "바?", "甲", "乙", "丙", "丁", "D"),
    ]
    taken = read_bank(xlsx({"S": [L8, *rows]}), "l8.xlsx")
    assert taken.report.layout == "L8"
    assert [(one.id, one.kind, one.key) for one in taken.items] == [
        ("Q1", Kind.SINGLE, 4),
        ("Q2", Kind.MULTI, 0b1001),
        ("Q5", Kind.SINGLE, 2),
        ("Q6", Kind.SINGLE, 8),
    ]
    assert codes(taken) == [(4, "I", "E_KEY_NOT_IN_OPTIONS"), (5, "I", "E_KEY_NOT_IN_OPTIONS")]
    questions = [
        {"id": r[0], "question": r[3], "options": list(r[4:8]), "answer": r[8], "tags": [1]} for r in rows
    ]
    data = json.dumps({"subjects": [{"id": 1, "name": "1과목", "questions": questions[:1]}]}).encode()
    (nested,) = read_bank(b"\xef\xbb\xbf" + data, "l8.json").items
    assert (nested.id, nested.key, nested.source, texts(taken)[0]) == (
        "Q1",
        4,
        "1과목",
        [option.text for option in nested.options],
    )


def test_json_in_which_nobody_finds_items_is_refused():
    with pytest.raises(NoHeader):
        read_bank(b'[{"a": 1}, 2]', "x.json")
    with pytest.raises(BadPool):
        read_bank(b'{"a": [1, 2]}', "x.json")
    with pytest.raises(BadPool):
        read_bank(b'{"a": ' * 20 + b'[{"question": "?", "answer": 1}]' + b"}" * 20, "x.json")
    with pytest.raises(BadPool):
        read_bank(b'{"a": ' * 100_000, "x.json")


def test_a_csv_may_begin_with_a_bracket():
    taken = read_bank(csv_file([["[题干]题干", "答案"], ["对吗", "对"]]), "x.csv")
    assert [one.kind for one in taken.items] == [Kind.JUDGE]


def test_json_with_a_field_of_its_own_for_each_object_does_not_grow_beyond_bounds(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_CELLS", 1_000)
    data = json.dumps([{f"f{at}": 1} for at in range(40)]).encode()
    with pytest.raises(TooLarge) as refused:
        read_bank(data, "x.json")
    assert refused.value.what == "cells"

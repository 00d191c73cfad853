"""Every layout in every kind of file that people keep it in: the same rows give the same items."""

import json
from collections.abc import Callable, Mapping, Sequence

import pytest

from question_pools.errors import NoHeader, OldWordFile
from question_pools.exchange.bank import Import, read_bank
from question_pools.items import Kind
from tests.fixtures.pools.documents import body, document, docx, paragraph, table
from tests.fixtures.pools.workbooks import L9, L9_ROWS, csv_file, xls, xlsx

Rows = Sequence[Sequence[str | float]]

LAYOUTS: Mapping[str, Rows] = {
    "L1": [
        ("试题编号", "试题类型", "题目", "选项", "标准答案", "分数"),
        ("1001", "选择题", "施工前应当？", "A要求纠正;B继续施工;C上报；D拍照", "A", "2"),
        ("1002", "选择题", "应当佩戴？", "A安全帽;B拖鞋;C安全带", "AC", "2"),
        ("1003", "判断题", "酒后可以作业。", "A√;B×", "B", "1"),
    ],
    "L2": [
        ("试题类型", "题目", "答案", "大纲编号", "难度"),
        ("单选题", "方针是( )。\nA．责任      B．质量\nC．生产   D．安全", "D", "1.12.1.1", "中"),
        ("多选题", "Ａ类人员应当( )。Ａ．交底 Ｂ．验收 Ｃ．饮酒", "AB", "1.2", "难"),
        ("判断题", "管理包括两个方面。\nA．正确    B．错误", "B", "1.3", "易"),
    ],
    "L4": [
        ("作业种类", "试题类型", "题目内容", "题目选项", "题目答案"),
        ("高处作业", "单选题", "1.高处作业是几米？", "**A.一米**B.两米**C.三米", "B"),
        ("高处作业", "多选题", "2.应当检查？", "**A.绳**B.带**C.花", "AB"),
        ("高处作业", "是非题", "3.可以不系安全带。", "**A.正确**B.错误", "B"),
    ],
    "L8": [
        ("id", "license", "subject", "question", "option1", "option2", "option3", "option4", "answer"),
        ("Q1", "기사", "1과목", "가?", "甲", "乙", "丙", "丁", "3"),
        ("Q2", "기사", "1과목", "나?", "甲", "乙", "丙", "丁", "1, 4"),
        ("Q3", "기사", "2과목", "다?", "甲", "乙", "丙", "丁", "1"),
    ],
    "L9": [L9, *L9_ROWS],
}


def as_json(rows: Rows) -> bytes:
    head, *rest = rows
    return json.dumps([dict(zip(map(str, head), row, strict=True)) for row in rest]).encode()


def as_word(rows: Rows) -> bytes:
    return docx(body([paragraph("题库"), table(rows), paragraph("完")]))


FILES: Mapping[str, Callable[[Rows], bytes]] = {
    "xlsx": lambda rows: xlsx({"题库": rows}),
    "xls": xls,
    "csv": csv_file,
    "json": as_json,
    "docx": as_word,
}


def codes(taken: Import) -> list[tuple[int, str]]:
    return [(problem.row, problem.code.value) for problem in taken.report.problems]


@pytest.mark.parametrize("suffix", FILES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_reads_the_same_in_every_kind_of_file(layout, suffix):
    rows = LAYOUTS[layout]
    taken = read_bank(FILES[suffix](rows), f"bank.{suffix}")
    plain = read_bank(csv_file(rows), "bank.csv")
    assert (taken.report.layout, taken.report.accepted, codes(taken)) == (layout, 3, [])
    assert taken.items == plain.items
    assert len({one.id for one in taken.items}) == 3


@pytest.mark.parametrize("suffix", FILES)
def test_a_look_up_list_is_refused_row_by_row_with_its_reason_in_every_kind_of_file(suffix):
    rows = [("题干", "答案"), ("安全帽的颜色？", "A.红色"), ("灭火器？", "B"), ("可以吸烟。", "错误")]
    taken = read_bank(FILES[suffix](rows), f"bank.{suffix}")
    first = 1 if suffix == "json" else 2
    assert (taken.report.layout, codes(taken)) == ("L5", [(first, "E_LOOKUP"), (first + 1, "E_LOOKUP")])
    assert [one.kind for one in taken.items] == [Kind.JUDGE]
    assert "没有选项" in taken.report.problems[0].message.zh


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "csv", "json", "docx"])
def test_beans_read_the_same_in_every_kind_of_file(suffix):
    fields = ("quType", "quContent", "quA", "quB", "quC", "quAnswer", "quAnalyze", "quLevel", "majorName")
    rows = [
        fields,
        ("单选题", "一？", "甲", "乙", "", "B", "", "2", "锅炉"),
        ("多选题", "二？", "甲", "乙", "丙", "AC", "解", "3", "锅炉"),
    ]
    taken = read_bank(FILES[suffix](rows), f"bank.{suffix}")
    assert (taken.report.layout, codes(taken)) == ("L7", [])
    assert [(one.key, one.difficulty, one.source) for one in taken.items] == [(2, 2, "锅炉"), (5, 3, "锅炉")]


def test_blocks_and_tables_of_one_document_are_both_read():
    blocks = ["【试题类型】单选题", "【题目】哪个？A.甲 B.乙", "【答案】A"]
    data = docx(body([*map(paragraph, blocks), table([L9, *L9_ROWS])]))
    taken = read_bank(data, "x.docx")
    assert (taken.report.layout, taken.report.accepted) == ("L3+L9", 4)


def test_a_table_that_lays_out_blocks_is_read_as_blocks():
    rows = [["【试题类型】", "单选题"], ["【题目】", "哪个？A.甲 B.乙"], ["【答案】", "A"]]
    taken = read_bank(docx(body([table(rows)])), "x.docx")
    assert (taken.report.layout, [one.key for one in taken.items]) == ("L3", [1])


def test_a_table_in_a_cell_is_text_of_that_cell():
    inner = table([["甲", "乙"]])
    outer = table([("题干", "选项A", "选项B", "答案"), ("戴什么？", "帽", "鞋", "A")])
    held = docx(body([outer.replace("戴什么？</w:t></w:r></w:p>", f"戴什么？</w:t></w:r></w:p>{inner}")]))
    (one,) = read_bank(held, "x.docx").items
    assert one.stem == "戴什么？\n甲\n乙"


def test_a_document_of_prose_is_shown_as_what_it_is():
    with pytest.raises(NoHeader) as refused:
        read_bank(document("通知", "明天考试"), "x.docx")
    assert refused.value.glances == ()


def wide(name: str) -> bytes:
    return (name + "\0").encode("utf-16-le")


def test_an_old_word_file_is_refused_with_what_to_do():
    data = xls([("题干", "答案")]).replace(
        "Workbook\0".encode("utf-16-le"), "WordDocument\0".encode("utf-16-le")
    )
    assert len(data) > 0
    with pytest.raises(OldWordFile) as refused:
        read_bank(data, "老题库.doc")
    assert "save it as .docx" in str(refused.value)


def test_a_sheet_with_a_header_nobody_knows_is_shown_with_its_first_rows():
    rows = [("标题", "", ""), ("问", "甲", "对的"), ("戴什么？" * 40, "帽", "A")]
    with pytest.raises(NoHeader) as refused:
        read_bank(xlsx({"一": rows, "空": []}), "x.xlsx")
    (glance,) = refused.value.glances
    assert (glance.sheet, glance.columns) == ("一", ("A", "B", "C"))
    assert [row.number for row in glance.rows] == [1, 2, 3]
    assert glance.rows[1].cells == ("问", "甲", "对的")
    assert len(glance.rows[2].cells[0]) == 60

"""Taking banks in: layouts, encodings, every problem code, doubles, and re-import."""

import msgspec
import pytest

from question_pools.errors import BadPool, NoHeader, RowsRejected
from question_pools.exchange.bank import Import, diff, merged, read_bank
from question_pools.exchange.package import column_index, column_letters
from question_pools.exchange.pool_json import write_json
from question_pools.exchange.report import Code, Problem, message
from question_pools.items import Kind, Pool, salted
from question_pools.soundness import pool_faults
from tests.fixtures.pools.workbooks import L4, L4_ROWS, L6, L6_ROWS, L9, L9_ROWS, csv_file, xls, xlsx
from tests.unit.question_pools.builders import item, item_set, pool

GOOD = ("单选题", "好题", "甲", "乙", "丙", "丁", "A", "", "", "", "")


def l9(*rows: tuple, header: tuple = L9) -> Import:
    return read_bank(csv_file([header, *rows]), "bank.csv")


def changed(**cells: object) -> tuple:
    """A good row of layout L9 with some cells changed."""
    return tuple(cells.get(name, value) for name, value in zip(L9, GOOD, strict=True))


def codes(taken: Import) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code.value) for problem in taken.report.problems]


def test_layout_l4_has_all_options_in_one_cell_and_numbers_before_stems():
    taken = read_bank(xlsx({"Sheet1": [L4, *L4_ROWS], "Sheet2": []}), "高处作业.xlsx")
    single, multi, first, second = taken.items
    assert taken.report == msgspec.structs.replace(
        taken.report, file="高处作业.xlsx", layout="L4", rows=4, accepted=4, rejected=0, warned=0, problems=()
    )
    assert taken.report.by_kind == {"single": 1, "multi": 1, "judge": 2}
    assert (single.stem, single.key, single.source) == ("安全带的正确用法是( )。", 0b10, "高处作业")
    assert [option.text for option in multi.options] == ["戴安全帽", "系安全带", "穿拖鞋"]
    assert (multi.kind, multi.key) == (Kind.MULTI, 0b11)
    assert (first.kind, first.key, second.kind, second.key) == (Kind.JUDGE, 1, Kind.JUDGE, 2)


def test_layout_l6_takes_the_type_from_the_key_and_keeps_label_and_outline():
    taken = read_bank(csv_file([L6, *L6_ROWS], "utf-8-sig"), "crac.csv")
    single, multi = taken.items
    assert (taken.report.layout, taken.report.rows) == ("L6", 2)
    assert (single.id, single.kind, single.key, single.outline) == ("MC1-0001", Kind.SINGLE, 1, "1.1.1")
    assert (multi.id, multi.kind, multi.key, multi.source) == ("MC2-0002", Kind.MULTI, 0b101, "K2, K3")


def test_layout_l9_has_a_column_for_each_option():
    taken = read_bank(xlsx({"题库": [L9, *L9_ROWS]}), "bank.xlsx")
    single, multi, judge = taken.items
    assert (taken.report.layout, taken.report.accepted) == ("L9", 3)
    assert (single.difficulty, single.outline, single.rationale) == (1, "1.2", "规范 6.4")
    assert [option.pinned for option in single.options] == [False, False, False, True]
    assert (multi.key, multi.difficulty) == (0b1011, 3)
    assert (judge.key, judge.rationale, judge.outline, judge.source) == (2, "不得悬空", "", "脚手架")
    assert pool_faults(taken.items, ()) == []


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("gbk", ","), ("gb18030", "\t"), ("utf-16", "\t")],
)
def test_a_csv_is_read_in_the_encodings_and_with_the_delimiters_that_excel_writes(encoding, delimiter):
    taken = read_bank(csv_file([L9, *L9_ROWS], encoding, delimiter), "bank.csv")
    assert taken.items == l9(*L9_ROWS).items
    assert len(taken.items) == 3


def test_an_old_xls_is_read_too():
    taken = read_bank(xls([L9, *L9_ROWS]), "bank.xls")
    assert taken.items == l9(*L9_ROWS).items
    assert taken.report.problems == ()


def test_a_header_is_found_below_a_title_and_beside_an_empty_column():
    rows = [["题库导入", ""], [], ["", *L4], ["", *L4_ROWS[0]]]
    taken = read_bank(xlsx({"Sheet1": rows}), "bank.xlsx")
    assert [one.key for one in taken.items] == [2]
    broken = [*rows, ["", "", "填空题", "五", "**A.甲**B.乙", "A"]]
    assert codes(read_bank(xlsx({"Sheet1": broken}), "bank.xlsx")) == [(5, "C", "E_TYPE")]


def test_header_words_may_carry_stars_and_notes():
    header = (
        "*题型（必填）",
        "题干：",
        "选项 A",
        "B选项",
        "option c",
        "选项4",
        "正确答案【多选用逗号】",
        "解析",
        "难 度",
        "分值",
        "知识点",
    )
    assert l9(GOOD, header=header).items == l9(GOOD).items


def test_a_header_is_looked_for_in_the_first_ten_rows_only():
    filler = [["说明"]] * 9
    assert len(read_bank(csv_file([*filler, L9, GOOD]), "x.csv").items) == 1
    with pytest.raises(NoHeader) as refused:
        read_bank(csv_file([*filler, ["说明"], L9, GOOD]), "x.csv")
    assert (refused.value.looked_at_rows, refused.value.sheets) == (10, ("x",))


def test_sheets_that_explain_and_hidden_sheets_are_left_out_and_sheets_without_header_too():
    rows = [L9, GOOD]
    data = xlsx({"题库": rows, "填写说明": rows, "藏": rows, "别的": [["无"]]}, hidden=["藏"])
    assert read_bank(data, "x.xlsx").report.rows == 1


def test_all_sheets_with_items_are_read_and_mixed_layouts_are_named():
    taken = read_bank(xlsx({"一": [L9, GOOD], "二": [L4, L4_ROWS[0]]}), "x.xlsx")
    assert (taken.report.layout, taken.report.rows) == ("L9+L4", 2)


def test_blank_rows_and_repeated_headers_are_no_items():
    taken = l9(GOOD, ("", " ") + ("",) * 9, L9, changed(题干="又一题"))
    assert (taken.report.rows, taken.report.accepted) == (2, 2)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"题型": "填空题"}, "A", "E_TYPE"),
        ({"题型": ""}, "A", "E_TYPE"),
        ({"题干": " "}, "B", "E_STEM_EMPTY"),
        ({"选项B": "", "选项C": "", "选项D": ""}, "C", "E_NO_OPTIONS"),
        ({"正确答案": ""}, "G", "E_KEY_EMPTY"),
        ({"题型": "判断题", "正确答案": ""}, "G", "E_KEY_EMPTY"),
        ({"正确答案": "E"}, "G", "E_KEY_NOT_IN_OPTIONS"),
        ({"正确答案": "1"}, "G", "E_KEY_NOT_IN_OPTIONS"),
        ({"选项C": "", "正确答案": "C"}, "G", "E_KEY_NOT_IN_OPTIONS"),
        ({"题型": "多选题", "正确答案": "AE"}, "G", "E_KEY_NOT_IN_OPTIONS"),
        ({"题型": "判断题", "正确答案": "C"}, "G", "E_KEY_NOT_IN_OPTIONS"),
        (
            {"题型": "判断题", "选项A": "可以", "选项B": "不可以", "选项C": "", "选项D": ""},
            "G",
            "E_KEY_NOT_IN_OPTIONS",
        ),
        ({"正确答案": "AB"}, "G", "E_SINGLE_MULTI_KEY"),
        (
            {"题型": "判断题", "选项A": "", "选项B": "", "选项C": "", "选项D": "", "正确答案": "AB"},
            "G",
            "E_SINGLE_MULTI_KEY",
        ),
        ({"知识点": "1.2.3.4.5"}, "K", "E_OUTLINE"),
        ({"知识点": "1.100"}, "K", "E_OUTLINE"),
        ({"分值": "两分"}, "J", "E_SCORE"),
        ({"分值": "0"}, "J", "E_SCORE"),
        ({"题干": "长" * 4_001}, "B", "E_TOO_LONG"),
        ({"选项B": "长" * 1_001}, "D", "E_TOO_LONG"),
        ({"解析": "长" * 8_001}, "H", "E_TOO_LONG"),
    ],
)
def test_a_bad_row_is_rejected_with_its_place_and_one_code(cells, column, code):
    taken = l9(
        GOOD, changed(题干="坏题") if "题干" not in cells else GOOD, changed(**{"题干": "第三题", **cells})
    )
    told = [problem for problem in codes(taken) if problem[2].startswith("E_")]
    assert told == [(4, column, code)]
    assert (taken.report.rows, taken.report.accepted, taken.report.rejected) == (3, 2, 1)


def test_column_letters_are_read_as_they_are_written():
    assert [column_index(column_letters(number)) for number in range(800)] == list(range(800))
    assert [column_index(letters) for letters in ("", "标", "a1")] == [None, None, None]


def test_the_cell_that_a_problem_names_is_told_as_it_stands():
    taken = l9(GOOD, changed(题干="第二题", 正确答案=" E "), changed(题干="第三题", 知识点="1.100"))
    assert taken.cells == {("bank", 3, "G"): " E ", ("bank", 4, "K"): "1.100"}


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"题型": "多选题"}, "G", "W_MULTI_ONE_KEY"),
        ({"题干": "如图所示，该标志的含义是？"}, "B", "W_IMAGE_MISSING"),
        ({"难度": "奇怪"}, "I", "W_DIFFICULTY"),
        ({"选项B": "甲"}, "C", "W_DUP_OPTION"),
    ],
)
def test_a_doubtful_row_is_accepted_with_a_warning(cells, column, code):
    taken = l9(changed(**cells))
    assert codes(taken) == [(2, column, code)]
    assert (taken.report.accepted, taken.report.warned, taken.report.rejected) == (1, 1, 0)


def test_each_code_says_something_in_both_languages_with_its_facts():
    for code in Code:
        said = message(code, "甲甲", "BB", "CC")
        assert said.zh != said.en
        assert "{" not in said.zh + said.en
    assert message(Code.TYPE, "填空题").zh == "题型“填空题”不是单选、多选或判断"


def test_a_row_may_have_several_problems_and_all_are_told():
    taken = l9(changed(题干="", 正确答案="", 分值="x", 知识点="1.0"))
    assert {code for _, _, code in codes(taken)} == {"E_KEY_EMPTY", "E_STEM_EMPTY", "E_OUTLINE", "E_SCORE"}


def test_ids_given_twice_are_refused_and_the_first_row_is_named():
    header = ("试题编号", *L9)
    taken = l9(("Q1", *GOOD), ("Q1", *changed(题干="二")), ("Q2", *changed(题干="三")), header=header)
    assert [one.id for one in taken.items] == ["Q1", "Q2"]
    assert codes(taken) == [(3, "A", "E_DUP_ID")]
    assert "2" in taken.report.problems[0].message.zh


def test_an_id_of_a_rejected_row_is_free_again():
    header = ("试题编号", *L9)
    taken = l9(("Q1", *changed(题型="?")), ("Q1", *GOOD), header=header)
    assert [one.id for one in taken.items] == ["Q1"]


def test_a_long_id_is_too_long():
    assert codes(l9(("Q" * 65, *GOOD), header=("编号", *L9))) == [(2, "A", "E_TOO_LONG")]


def test_the_same_stem_twice_is_warned_of_and_both_are_kept():
    taken = l9(GOOD, changed(选项D="戊"), changed(题干="（好）题。", 选项A="庚"))
    assert codes(taken) == [(3, "B", "W_DUP_STEM"), (4, "B", "W_DUP_STEM")]
    assert len({one.id for one in taken.items}) == 3


def test_the_same_row_twice_gets_ids_of_its_own_that_stay_the_same():
    taken = l9(GOOD, GOOD, GOOD)
    first = taken.items[0].id
    assert [one.id for one in taken.items] == [first, f"{first}-2", f"{first}-3"]
    assert l9(GOOD, GOOD, GOOD).items == taken.items


def test_a_stem_that_the_pool_has_under_another_id_is_warned_of():
    held = item("old", stem="好题")
    data = csv_file([L9, GOOD])
    taken = read_bank(data, "x.csv", existing=[held])
    assert codes(taken) == [(2, "B", "W_DUP_STEM")]
    assert "old" in taken.report.problems[0].message.en
    assert read_bank(data, "x.csv", existing=taken.items).report.problems == ()


def test_without_a_type_column_options_and_key_tell_the_kind():
    header = L9[1:]
    rows = [
        GOOD[1:],
        changed(题干="多", 正确答案="AC")[1:],
        changed(题干="判", 选项A="", 选项B="", 选项C="", 选项D="", 正确答案="√")[1:],
        changed(题干="反", 选项A="错误", 选项B="正确", 选项C="", 选项D="", 正确答案="A")[1:],
    ]
    taken = l9(*rows, header=header)
    assert [one.kind.value for one in taken.items] == ["single", "multi", "judge", "judge"]
    assert taken.items[3].key == 2


def test_a_type_that_leaves_the_choice_to_the_key_does_so():
    taken = l9(changed(题型="选择题"), changed(题型="选择题", 题干="二", 正确答案="AC"))
    assert [one.kind for one in taken.items] == [Kind.SINGLE, Kind.MULTI]


@pytest.mark.parametrize(
    ("options", "key", "mask"),
    [
        ("A.错误B.正确", "A", 2),
        ("A正确B错误", "B", 2),
        ("A√；B×", "A", 1),
        ("", "A", 1),
        ("", "错", 2),
        ("**A.对**B.错", "B", 2),
    ],
)
def test_a_true_false_row_is_read_in_any_dress(options, key, mask):
    taken = read_bank(csv_file([L4[1:], ("判断题", "题", options, key)]), "x.csv")
    assert [(one.key, one.kind) for one in taken.items] == [(mask, Kind.JUDGE)]
    assert taken.report.problems == ()


def test_a_mended_cell_is_told_with_what_was_read():
    taken = read_bank(csv_file([L4, ("x", "单选题", "题", "**A.甲B.乙**C.丙", "B")]), "x.csv")
    assert codes(taken) == [(2, "D", "W_OPTION_MARK")]
    assert "A.甲 B.乙 C.丙" in taken.report.problems[0].message.zh


def test_a_key_whose_letter_two_options_bear_is_refused():
    rows = [("x", "单选题", "题", "**A.4**B.6**B.10", "B"), ("x", "单选题", "题二", "**A.4**B.6**B.10", "A")]
    assert codes(read_bank(csv_file([L4, *rows]), "x.csv")) == [
        (2, "E", "E_KEY_NOT_IN_OPTIONS"),
        (3, "D", "W_OPTION_MARK"),
    ]


def test_a_key_may_repeat_the_words_of_an_option():
    assert l9(changed(正确答案="丙")).items[0].key == 0b100


def test_options_that_repeat_their_letter_lose_it():
    taken = l9(
        changed(选项A="A.甲", 选项B="B、乙", 选项C="C丙", 选项D=""),
        changed(题干="二", 选项A="A.甲", 选项B="B、乙", 选项C="", 选项D=""),
    )
    assert [option.text for option in taken.items[0].options] == ["A.甲", "B、乙", "C丙"]
    assert [option.text for option in taken.items[1].options] == ["甲", "乙"]


def test_a_cell_of_options_has_a_limit():
    taken = read_bank(csv_file([L4, ("x", "单选题", "题", "**A." + "甲" * 8_000 + "**B.乙", "A")]), "x.csv")
    assert (2, "D", "E_TOO_LONG") in codes(taken)


def test_numbers_and_formulas_count_with_their_value_and_formulas_are_never_run():
    row = ["单选题", "=1+1", 3.0, 0.25, True, "=cmd|' /C calc'!A0", "A", "", 2, 1.5, 1.2]
    taken = read_bank(xlsx({"S": [L9, row]}), "x.xlsx")
    (one,) = taken.items
    assert (one.stem, one.outline, one.difficulty) == ("0", "1.2", 2)  # the value stored beside the formula
    assert [option.text for option in one.options] == ["3", "0.25", "TRUE", "0"]


def test_an_outline_column_is_strict_about_words_and_a_topic_column_is_not():
    strict = l9((*GOOD[:-1], "脚手架"), header=(*L9[:-1], "大纲编号"))
    assert codes(strict) == [(2, "K", "E_OUTLINE")]
    assert l9(changed(知识点="脚手架")).items[0].source == "脚手架"


def test_all_or_nothing_unless_valid_rows_only_is_asked_for():
    taken = l9(GOOD, changed(题型="?"))
    with pytest.raises(RowsRejected) as refused:
        taken.accept()
    assert (refused.value.rejected, refused.value.accepted) == (1, 1)
    assert taken.accept(valid_rows_only=True) == taken.items
    assert l9(GOOD).accept() == l9(GOOD).items


def test_taking_the_same_file_twice_changes_nothing_even_with_salts():
    taken = l9(*L9_ROWS)
    once = salted(merged(Pool("p", "t", ()), taken), b"secret")
    again = diff(once, taken)
    assert (again.added, again.changed, len(again.unchanged)) == ((), (), 3)
    assert merged(once, taken) == once


def test_a_corrected_key_changes_its_item_and_a_new_row_is_added():
    before = merged(Pool("p", "t", ()), l9(GOOD, changed(题干="二")))
    taken = l9(changed(正确答案="B"), changed(题干="三"))
    found = diff(before, taken)
    assert ([one.key for one in found.changed], [one.stem for one in found.added]) == ([2], ["三"])
    after = merged(before, taken)
    assert [(one.stem, one.key) for one in after.items] == [("好题", 2), ("二", 1), ("三", 1)]


def test_pool_json_comes_in_through_the_same_door_with_its_sets():
    one, children = item_set("s", 2)
    data = b"\xef\xbb\xbf" + write_json(pool(*children, item("q"), sets=(one,)))
    taken = read_bank(data, "pool.json")
    assert (taken.report.layout, taken.report.rows, taken.report.accepted) == ("JSON", 3, 3)
    after = merged(Pool("p", "t", ()), taken)
    assert (after.items, after.sets) == (taken.items, (one,))
    with pytest.raises(BadPool):
        read_bank(b"{}", "pool.json")


def test_the_report_as_json_has_the_agreed_names():
    told = msgspec.to_builtins(l9(changed(题型="?")).report)
    assert list(told) == ["file", "layout", "rows", "accepted", "rejected", "warned", "by_kind", "problems"]
    assert list(told["problems"][0]) == ["sheet", "row", "column", "code", "message"]
    assert set(told["problems"][0]["message"]) == {"zh", "en"}
    assert isinstance(l9(changed(题型="?")).report.problems[0], Problem)

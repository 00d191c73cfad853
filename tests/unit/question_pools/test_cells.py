"""Reading single cells: options, types, keys, truth, numbers before stems, wording."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_pools.exchange import normalise
from question_pools.exchange.options import cut_options
from question_pools.exchange.wording import cleaned, derived_id, gist, pinned_letters
from question_pools.items import Kind, Option


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("**A.甲**B.乙**C.丙", {"A": "甲", "B": "乙", "C": "丙"}),
        ("**A甲**B乙", {"A": "甲", "B": "乙"}),
        ("**A:甲**B：乙**C、丙**D．丁", {"A": "甲", "B": "乙", "C": "丙", "D": "丁"}),
        ("**Ａ.甲**Ｂ.乙", {"A": "甲", "B": "乙"}),
        ("A.甲**B.乙", {"A": "甲", "B": "乙"}),
        ("** A. 甲 ** B. 乙 ", {"A": "甲", "B": "乙"}),
        ("A．甲 B．乙 C．丙", {"A": "甲", "B": "乙", "C": "丙"}),
        ("A、甲\nB、乙\n", {"A": "甲", "B": "乙"}),
        ("A)甲 B)乙", {"A": "甲", "B": "乙"}),
        ("A要求纠正;B停止作业;C报告", {"A": "要求纠正", "B": "停止作业", "C": "报告"}),
        ("A√；B×", {"A": "√", "B": "×"}),
        ("A甲\nB乙", {"A": "甲", "B": "乙"}),
        ("A.PVC管 B.UPS电源 C.A、B类", {"A": "PVC管", "B": "UPS电源", "C": "A、B类"}),
        ("", {}),
        ("没有标号", {}),
        ("**A.**B.乙", {"B": "乙"}),
    ],
)
def test_options_in_one_cell_are_cut_at_their_labels(text, options):
    cut = cut_options(text)
    assert (cut.options, cut.mended, cut.unsure) == (options, False, frozenset())


@pytest.mark.parametrize(
    ("text", "key", "options"),
    [
        ("**A.甲B.乙**C.丙", "A", {"A": "甲", "B": "乙", "C": "丙"}),
        ("**A.甲B.乙C.丙D.丁", "D", {"A": "甲", "B": "乙", "C": "丙", "D": "丁"}),
        ("**A.甲**B.乙C.丙", "C", {"A": "甲", "B": "乙", "C": "丙"}),
        ("**A.12**B.3**6C.50** D.24", "B", {"A": "12", "B": "36", "C": "50", "D": "24"}),
        ("**A.甲**C.丙**D.丁", "C", {"A": "甲", "C": "丙", "D": "丁"}),
        ("**A铺满**B间隙小于15**Cm**C严密", "AB", {"A": "铺满", "B": "间隙小于15cm", "C": "严密"}),
        ("**A.10**C.m**B.30**C.m", "A", {"A": "10cm", "B": "30cm"}),
        ("**A.符号“**A”**B.乙", "B", {"A": "符号“A”", "B": "乙"}),
        ("**A.甲**B.乙**C. **A.、**B.", "A", {"A": "甲", "B": "乙", "C": "A、B"}),
        ("**A.甲**B.乙**P型**C.丙", "A", {"A": "甲", "B": "乙P型", "C": "丙"}),
        ("正确**B.错误", "A", {"A": "正确", "B": "错误"}),
        ("A.甲；B、乙", "B", {"A": "甲", "B": "乙"}),
    ],
)
def test_lost_marks_are_mended_where_one_reading_fits_and_it_is_said(text, key, options):
    cut = cut_options(text, key)
    assert (cut.options, cut.mended) == (options, True)


@pytest.mark.parametrize(
    ("text", "key", "letters"),
    [
        ("**A.电动**B.比较.数字", "C", "AB"),  # no C anywhere
        ("**A.甲**B.乙C.丙或C.丁", "C", "AB"),  # two places for C
        ("**A.甲C.丙B.乙**D.丁", "A", "A"),  # the gap would have to be filled out of order
        ("**A.甲", "B", "A"),
    ],
)
def test_marks_are_not_mended_where_the_reading_is_open(text, key, letters):
    assert "".join(cut_options(text, key).options) == letters


def test_two_options_with_one_letter_leave_that_letter_unsure():
    cut = cut_options("**A.4**B.6**B.10", "B")
    assert cut.options == {"A": "4", "B": "6", "C": "10"}
    assert (cut.mended, cut.unsure) == (True, {"B"})


@given(st.lists(st.text("甲乙丙丁，。（）0123456789mkV", min_size=1), min_size=2, max_size=8))
def test_any_texts_written_with_marks_are_cut_apart_again(texts):
    letters = "ABCDEFGH"
    cell = "".join(f"**{letters[at]}.{text}" for at, text in enumerate(texts))
    assert list(cut_options(cell).options.values()) == texts


@given(st.text("*ABC.、；;\n 甲m1", max_size=40), st.sets(st.sampled_from("ABCDE")))
def test_no_cell_upsets_the_cutter_and_no_option_is_empty(text, key):
    assert all(held.strip() for held in cut_options(text, key).options.values())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("单选", Kind.SINGLE),
        ("单选题", Kind.SINGLE),
        ("single", Kind.SINGLE),
        ("【单选题】", Kind.SINGLE),
        ("多选", Kind.MULTI),
        ("多 选 题", Kind.MULTI),
        ("不定项", Kind.MULTI),
        ("MULTI", Kind.MULTI),
        ("判断", Kind.JUDGE),
        ("是非题", Kind.JUDGE),
        ("对错题", Kind.JUDGE),
        ("True/False", Kind.JUDGE),
        ("选择题", None),
    ],
)
def test_types_are_told_by_their_synonyms(text, kind):
    assert normalise.kind_of(text) is kind


@pytest.mark.parametrize("text", ["", "填空题", "简答题", "案例", "?"])
def test_other_types_are_unknown(text):
    with pytest.raises(normalise.UnknownKind):
        normalise.kind_of(text)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("A", "A"),
        (" b ", "B"),
        ("Ａ、Ｃ", "AC"),
        ("A,B，D", "ABD"),
        ("CAB", "ABC"),
        ("A B", "AB"),
        ("AA", "A"),
        ("【A】", "A"),
        ("答案：BC", "BC"),
        ("A;B；C", "ABC"),
        ("A和B", "AB"),
        ("", None),
        ("对", None),
        ("1", None),
        ("A1", None),
        ("、", None),
    ],
)
def test_keys_are_letters_each_once_and_in_order(text, letters):
    assert normalise.key_letters(text) == letters


@pytest.mark.parametrize(
    "text", ["√", "对", "正确", "T", "true", "TRUE", "Y", "是", "1", "（√）", "正确。", "✓", "Ｔ"]
)
def test_words_of_truth(text):
    assert normalise.truth(text) is True


@pytest.mark.parametrize(
    "text", ["×", "错", "错误", "F", "false", "FALSE", "N", "否", "0", "X", "不正确", "x"]
)
def test_words_of_falsehood(text):
    assert normalise.truth(text) is False


@pytest.mark.parametrize("text", ["", "A", "也许", "对错"])
def test_other_words_are_neither(text):
    assert normalise.truth(text) is None


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("易", 1),
        ("较易", 2),
        ("中", 3),
        ("中等", 3),
        ("较难", 4),
        ("难", 5),
        ("4", 4),
        ("２", 2),
        ("3级", 3),
        ("easy", 1),
        ("0", None),
        ("6", None),
        ("奇怪", None),
    ],
)
def test_difficulty_is_1_to_5(text, level):
    assert normalise.difficulty_of(text) == level


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("1", True),
        ("0.5", True),
        ("2分", True),
        ("100", True),
        ("1.25", True),
        ("0", False),
        ("-1", False),
        ("101", False),
        ("1.234", False),
        ("两分", False),
        ("1e1", False),
    ],
)
def test_a_score_is_above_0_and_up_to_100_with_two_decimals(text, good):
    assert normalise.is_score(text) is good


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.12.1.1", "1.12.1.1"),
        ("１．２", "1.2"),
        ("3", "3"),
        ("1.1.1.1.1", None),
        ("100", None),
        ("1.0", None),
    ],
)
def test_outline_codes_are_read_in_either_width(text, code):
    assert normalise.outline_of(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("1.2", True), ("1.x", True), ("12", True), ("脚手架", False), ("3级焊缝", False), ("", False)],
)
def test_a_topic_that_begins_like_a_code_is_meant_as_one(text, code):
    assert normalise.looks_like_code(text) is code


@pytest.mark.parametrize(
    ("stem", "previous", "rest", "number"),
    [
        ("1.安全带", None, "安全带", 1),
        ("12、安全带", 3, "安全带", 12),
        ("19..安全带", None, "安全带", 19),
        ("163. 安全带", None, "安全带", 163),
        ("3.5米以上", None, "3.5米以上", None),
        ("3.5米以上", 2, "5米以上", 3),
        ("4.3.5米以上", 3, "3.5米以上", 4),
        ("102附着式", 101, "附着式", 102),
        ("102附着式", None, "102附着式", None),
        ("2人以上", 7, "2人以上", None),
        ("10%以上", 9, "10%以上", None),
        ("安全带", 4, "安全带", None),
        ("2019年", 1, "2019年", None),
        ("12.", None, "12.", None),
    ],
)
def test_the_number_before_a_stem_is_taken_off_when_it_is_one(stem, previous, rest, number):
    assert normalise.without_number(stem, previous) == (rest, number)


@pytest.mark.parametrize(
    "text",
    [
        "以上都对",
        "以上均是",
        "上述三项",
        "以上皆不正确",
        "都不是",
        "三者均可",
        "全部正确",
        "两端都可",
        "All of the above",
        "none of these",
        "Both of the above",
        "all the above",
    ],
)
def test_an_option_that_speaks_of_the_others_is_pinned(text):
    assert pinned_letters({"A": "甲", "B": "乙", "C": "丙", "D": text}) == {"D"}


@pytest.mark.parametrize(
    "text",
    [
        "15瓦以上",
        "六级以上大风",
        "HF",
        "AGC",
        "均布荷载",
        "平均值",
        "GB 5725",
        "A、B类火灾",
        "全长",
        "A",
        "E和F",
        "C和D",
    ],
)
def test_an_option_that_stands_for_itself_is_not_pinned(text):
    assert pinned_letters({"A": "甲", "B": "乙", "C": "丙", "D": text}) == frozenset()


@pytest.mark.parametrize(
    ("text", "pinned"),
    [
        ("A和B", "ABD"),
        ("A、C", "ACD"),
        ("AB都对", "ABD"),
        ("同A", "AD"),
        ("选项B", "BD"),
        ("A+C", "ACD"),
        ("A and B", "ABD"),
        ("A、B、C", "D"),
        ("ABC均正确", "D"),
    ],
)
def test_options_named_by_letter_keep_their_place_too_unless_all_are_named(text, pinned):
    assert "".join(sorted(pinned_letters({"A": "甲", "B": "乙", "C": "丙", "D": text}))) == pinned


def test_text_is_cleaned_of_what_nobody_sees():
    assert cleaned("\ufeff a\u00a0\u3000b \r\n c\u200b\u202e_x000D_\r") == "a b\nc"


def test_the_gist_of_a_text_forgets_width_case_spaces_and_punctuation():
    assert gist("安全带（　）的用法。A") == gist("安全带()的用法 ａ")
    assert gist("？") == "?"


def test_an_id_made_from_wording_does_not_depend_on_width_or_spaces():
    one = derived_id(Kind.SINGLE, "甲 乙", [Option("一"), Option("2")])
    assert one == derived_id(Kind.SINGLE, " 甲  乙 ", [Option("一 "), Option("２")])
    others = {
        derived_id(Kind.MULTI, "甲 乙", [Option("一"), Option("2")]),
        derived_id(Kind.SINGLE, "甲 丙", [Option("一"), Option("2")]),
        derived_id(Kind.SINGLE, "甲 乙", [Option("2"), Option("一")]),
        derived_id(Kind.SINGLE, "甲 乙", [Option("一"), Option("2")], ["0" * 64]),
    }
    assert len(others | {one}) == 5

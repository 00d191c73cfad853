"""Rosters: which rows become entries and what is said of the others."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrollment.errors import RosterUnreadable
from enrollment.identity import check_character
from enrollment.roster import NAME_LENGTH_MAX, parse_roster

TODAY = date(2025, 6, 1)
HEADING = ("序号", "姓名", "身份证号", "手机号")
ZHANG = ("张三", "630102199001010013", "13800000000")
LI = ("李四", "632801198512310025", "13900000000")


def read(*people: tuple[object, ...], heading=HEADING, mobile_needed=True):
    rows = [heading, *((n, *person) for n, person in enumerate(people, 1))]
    return parse_roster(rows, today=TODAY, mobile_needed=mobile_needed)


def said(roster) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in roster.problems]


def test_sound_rows_become_entries_with_the_row_number_of_the_sheet() -> None:
    roster = read(ZHANG, LI)
    got = [(entry.row, entry.name, entry.identity.number, entry.mobile) for entry in roster.entries]
    assert got == [(2, *ZHANG), (3, *LI)]
    assert (roster.clean, roster.rows, roster.problems) == (True, 2, ())


@pytest.mark.parametrize(
    "heading",
    [
        ("no", "考生姓名", "身份证号码", "联系电话"),
        ("no", "姓 名", "证件号码（必填）", "*手机"),
        ("no", "姓名：", "公民身份号码", "移动电话(11位)"),
        ("no", "Name", "ID Number", "Phone"),
    ],
)
def test_headings_are_known_by_their_synonyms(heading) -> None:
    assert len(read(ZHANG, heading=heading).entries) == 1


@given(st.permutations(["姓名", "身份证号", "手机号", "工种", "单位"]), st.integers(0, 9))
def test_columns_may_stand_in_any_order_below_up_to_nine_rows_of_titles(order, above) -> None:
    person = dict(zip(["姓名", "身份证号", "手机号"], ZHANG, strict=True))
    rows = [["考生名册"]] * above + [order, [person.get(column, "架子工") for column in order]]
    (entry,) = parse_roster(rows, today=TODAY).entries
    assert (entry.row, entry.name) == (above + 2, "张三")


def test_a_heading_below_the_tenth_row_is_not_found() -> None:
    with pytest.raises(RosterUnreadable) as refused:
        parse_roster([["名册"]] * 10 + [HEADING, (1, *ZHANG)], today=TODAY)
    assert refused.value.missing == ("name", "identity", "mobile")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(RosterUnreadable) as refused:
        parse_roster([("姓名", "身份证号"), ZHANG], today=TODAY)
    assert refused.value.missing == ("mobile",)


def test_a_roster_that_needs_no_mobile_numbers_may_leave_them_out() -> None:
    without = parse_roster([("姓名", "身份证号"), ZHANG], today=TODAY, mobile_needed=False)
    empty = read((*ZHANG[:2], None), mobile_needed=False)
    assert [entry.mobile for entry in (*without.entries, *empty.entries)] == ["", ""]


def test_a_mobile_number_that_is_there_is_looked_at_even_where_none_is_needed() -> None:
    assert said(read((*ZHANG[:2], "12"), mobile_needed=False)) == [(2, "手机号", "E_MOBILE")]


def test_blank_rows_are_passed_over_and_do_not_shift_row_numbers() -> None:
    roster = parse_roster([HEADING, (), (None, "", " ", None), (1, *ZHANG)], today=TODAY)
    assert [entry.row for entry in roster.entries] == [4]
    assert roster.rows == 1


def test_a_sheet_read_from_a_later_row_counts_from_there() -> None:
    (entry,) = parse_roster([HEADING, (1, *ZHANG)], today=TODAY, first_row=5).entries
    assert entry.row == 6


@pytest.mark.parametrize(
    ("person", "problem"),
    [
        (("", *ZHANG[1:]), ("姓名", "E_NAME_EMPTY")),
        (("123", *ZHANG[1:]), ("姓名", "E_NAME")),
        (("张" * (NAME_LENGTH_MAX + 1), *ZHANG[1:]), ("姓名", "E_NAME")),
        (("张三", "", ZHANG[2]), ("身份证号", "E_IDENTITY")),
        (("张三", "630102199001010014", ZHANG[2]), ("身份证号", "E_IDENTITY")),
        (("张三", 630102199001010013, ZHANG[2]), ("身份证号", "E_IDENTITY_AS_NUMBER")),
        (("张三", 6.30102199001010e17, ZHANG[2]), ("身份证号", "E_IDENTITY_AS_NUMBER")),
        (("张三", "6.30102E+17", ZHANG[2]), ("身份证号", "E_IDENTITY_AS_NUMBER")),
        (("张三", ZHANG[1], None), ("手机号", "E_MOBILE_EMPTY")),
        (("张三", ZHANG[1], "12800000000"), ("手机号", "E_MOBILE")),
        (("张三", ZHANG[1]), ("手机号", "E_MOBILE_EMPTY")),
    ],
)
def test_a_bad_cell_names_its_row_column_and_code(person, problem) -> None:
    roster = read(LI, person)
    assert said(roster) == [(3, *problem)]
    assert [entry.name for entry in roster.entries] == ["李四"]
    assert not roster.clean


def test_every_bad_cell_of_a_row_is_named() -> None:
    codes = [code for _, _, code in said(read(("", "1", "2")))]
    assert codes == ["E_NAME_EMPTY", "E_IDENTITY", "E_MOBILE"]


@pytest.mark.parametrize("mobile", [13800000000, 13800000000.0, "138 0000 0000"])
def test_a_mobile_number_kept_as_a_number_is_read(mobile) -> None:
    assert read((*ZHANG[:2], mobile)).entries[0].mobile == "13800000000"


def test_a_repeated_row_counts_once_and_is_mentioned() -> None:
    roster = read(ZHANG, LI, ("张 三", *ZHANG[1:]))
    assert [entry.row for entry in roster.entries] == [2, 3]
    assert said(roster) == [(4, "身份证号", "W_DUP_ROW")]
    assert roster.clean


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (("王五", *ZHANG[1:]), ("姓名", "E_TWO_NAMES")),
        ((*ZHANG[:2], "13700000000"), ("手机号", "E_TWO_MOBILES")),
    ],
)
def test_rows_that_contradict_each_other_are_both_named_and_neither_is_taken(other, problem) -> None:
    roster = read(ZHANG, LI, other)
    assert said(roster) == [(2, *problem), (4, *problem)]
    assert [entry.name for entry in roster.entries] == ["李四"]


def test_two_people_with_one_mobile_number_are_mentioned_and_taken() -> None:
    roster = read(ZHANG, (*LI[:2], ZHANG[2]))
    assert said(roster) == [(3, "手机号", "W_MOBILE_SHARED")]
    assert len(roster.entries) == 2
    assert roster.clean


def test_people_without_mobile_numbers_share_none() -> None:
    assert read((*ZHANG[:2], ""), (*LI[:2], ""), mobile_needed=False).problems == ()


cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.sampled_from([*ZHANG, *LI])
)


@settings(max_examples=40)
@given(st.lists(st.lists(cells, max_size=5), max_size=5))
def test_every_row_becomes_an_entry_or_is_named(rows) -> None:
    roster = parse_roster([HEADING, *rows], today=TODAY)
    spoken_for = {entry.row for entry in roster.entries} | {problem.row for problem in roster.problems}
    assert len(spoken_for) == roster.rows


def identity(serial: int) -> str:
    body = f"63010219900101{serial:03d}"
    return body + check_character(body)


def test_no_message_repeats_a_number_from_the_sheet() -> None:
    roster = read(ZHANG, ("王五", *ZHANG[1:]), ("赵六", "630102199001010014", "12800000000"))
    told = " ".join(problem.zh + problem.en for problem in roster.problems)
    assert not any(secret in told for secret in ("63010219900101", "12800000000", "13800000000"))


def test_a_roster_of_a_whole_plan_is_read_entry_by_entry() -> None:
    people = [(f"考生{chr(0x4E00 + n)}", identity(n), f"1380000{n:04d}") for n in range(1, 500)]
    roster = read(*people)
    assert (len(roster.entries), roster.problems) == (499, ())

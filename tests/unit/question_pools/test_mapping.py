"""Mapping by hand: sheets whose header nobody knows are read as a person says."""

import pytest

from question_pools.errors import BadMapping, NoHeader
from question_pools.exchange.bank import read_bank
from question_pools.exchange.mapping import FIELDS, ByHand
from question_pools.items import Kind
from tests.fixtures.pools.workbooks import csv_file, xlsx

ODD = ("问", "一", "二", "三", "对的", "别的", "谁写的", "哪年")
ROWS = (
    ("戴什么？", "帽", "鞋", "带", "AC", "x", "王", "2020"),
    ("哪个高？", "甲", "乙", "", "B", "y", "李", "2021"),
)
BY_TITLE = {
    "问": "stem",
    "一": "option-a",
    "二": "option-b",
    "三": "option-c",
    "对的": "key",
    "谁写的": "source",
    "哪年": "source",
}
BY_LETTER = {
    "A": "stem",
    "b": "option-a",
    "C": "option-b",
    "D": "option-c",
    "E": "key",
    "G": "source",
    "H": "source",
}


def test_columns_are_named_by_their_titles_wherever_these_stand():
    data = xlsx({"一": [["标题"], ODD, *ROWS], "别的": [["无"]]})
    with pytest.raises(NoHeader):
        read_bank(data, "x.xlsx")
    multi, single = read_bank(data, "x.xlsx", by_hand=ByHand(BY_TITLE)).items
    assert (multi.kind, multi.key, multi.source) == (Kind.MULTI, 0b101, "王 / 2020")
    assert (single.kind, single.key, len(single.options)) == (Kind.SINGLE, 2, 2)


def test_columns_are_named_by_letters_with_and_without_a_row_of_titles():
    titled = read_bank(csv_file([["标题"], ODD, *ROWS]), "x.csv", by_hand=ByHand(BY_LETTER, 2))
    bare = read_bank(csv_file(ROWS), "x.csv", by_hand=ByHand(BY_LETTER))
    by_title = read_bank(csv_file([ODD, *ROWS]), "x.csv", by_hand=ByHand(BY_TITLE))
    assert titled.items == bare.items == by_title.items
    assert len(bare.items) == 2


def test_problems_name_the_columns_of_the_sheet():
    taken = read_bank(
        csv_file([("戴什么？", "帽", "鞋", "", "C", "", "", "")]), "x.csv", by_hand=ByHand(BY_LETTER)
    )
    assert [(one.row, one.column, one.code) for one in taken.report.problems] == [
        (1, "E", "E_KEY_NOT_IN_OPTIONS")
    ]


def test_fields_of_json_are_mapped_too():
    data = b'[{"wen": "\xe5\x8f\xaf\xe4\xbb\xa5\xe3\x80\x82", "da": "\xe5\xaf\xb9"}]'
    (one,) = read_bank(data, "x.json", by_hand=ByHand({"wen": "stem", "da": "key"})).items
    assert (one.kind, one.key) == (Kind.JUDGE, 1)


@pytest.mark.parametrize(
    ("mapping", "fault"),
    [
        ({"A": "stem"}, "no column is said to hold key"),
        ({"A": "stem", "B": "key", "C": "colour"}, "'colour' is no field"),
        ({"A": "stem", "B": "key", "C": "key"}, "2 columns are said to hold key"),
        ({"A": "stem", "Z": "key"}, "no sheet has the columns A, Z"),
        ({"A": "stem", "答": "key"}, "no sheet has the columns A, 答"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(mapping, fault):
    with pytest.raises(BadMapping) as refused:
        read_bank(csv_file(ROWS), "x.csv", by_hand=ByHand(mapping))
    assert refused.value.faults == (fault,)


def test_every_field_has_a_name_of_its_own():
    assert len(set(FIELDS)) == len(FIELDS)

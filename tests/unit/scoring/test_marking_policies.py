"""What one answer is worth under each policy."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.choice import ALL_OR_NOTHING, KNOWN, STEP_MAX_CENTI, STEPPED, Policy, Rule, mark, parse_policy
from scoring.errors import UnknownPolicy
from scoring.rounding import half_up

VECTORS = Path(__file__).parents[4] / "shared" / "data" / "domain_vectors.json"

POLICY_OF_COLUMN = {
    "ALL_OR_NOTHING": "all_or_nothing",
    "PARTIAL_PER_OPTION_0.5": "partial_per_option:50",
    "MINUS_PER_MISS_0.5": "minus_per_miss:50",
    "PROPORTIONAL": "proportional",
    "HALF_IF_SUBSET": "half_if_subset",
}

TWO_POINT_ROWS = [
    # key, answer, then the five policies in the order above, in 1/100 point
    ("AB", "AB", 200, 200, 200, 200, 200),
    ("AB", "A", 0, 50, 150, 100, 100),
    ("ABCD", "ABC", 0, 150, 150, 150, 100),
    ("ABCD", "A", 0, 50, 50, 50, 100),
    ("ABCDE", "ABCD", 0, 200, 150, 160, 100),
    ("ABCDE", "A", 0, 50, 0, 40, 100),
    ("ABC", "ABD", 0, 0, 0, 0, 0),
    ("ABC", "", 0, 0, 0, 0, 0),
    ("ABC", "A", 0, 50, 100, 67, 100),
    ("ABC", "AC", 0, 100, 150, 133, 100),
]


def mask(letters: str) -> int:
    return sum(1 << (ord(letter) - ord("A")) for letter in letters)


policies = st.one_of(
    st.sampled_from([Policy(rule) for rule in Rule if rule not in STEPPED]),
    st.builds(Policy, st.sampled_from(sorted(STEPPED)), st.integers(0, STEP_MAX_CENTI)),
)
keys = st.integers(1, 2**8 - 1)
answers = st.integers(0, 2**10 - 1)
worths = st.integers(0, 1000)


@pytest.mark.parametrize("row", TWO_POINT_ROWS, ids=lambda row: f"{row[0]}-{row[1] or 'blank'}")
def test_a_two_point_item_is_marked_as_the_table_of_the_rules_says(row) -> None:
    key, answer, *expected = row
    got = [
        mark(parse_policy(text), key=mask(key), picked=mask(answer), worth_centi=200)
        for text in POLICY_OF_COLUMN.values()
    ]
    assert got == expected


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared domain vectors are not beside this checkout")
def test_every_shared_vector_gives_its_mark() -> None:
    rows = json.loads(VECTORS.read_text("utf-8"))["scoring_full_2"]
    got = [
        {
            **row,
            **{
                column: Fraction(
                    mark(
                        parse_policy(text), key=mask(row["key"]), picked=mask(row["answer"]), worth_centi=200
                    ),
                    100,
                )
                for column, text in POLICY_OF_COLUMN.items()
            },
        }
        for row in rows
    ]
    exact = [{name: Fraction(str(v)) if name.isupper() else v for name, v in row.items()} for row in rows]
    assert got == exact


@given(policies, keys, answers, worths)
def test_a_mark_lies_between_nothing_and_the_items_worth(policy, key, picked, worth_centi) -> None:
    assert 0 <= mark(policy, key=key, picked=picked, worth_centi=worth_centi) <= worth_centi


@given(policies, keys, worths)
def test_blank_is_nothing_under_every_policy(policy, key, worth_centi) -> None:
    assert mark(policy, key=key, picked=0, worth_centi=worth_centi) == 0


@given(policies, keys, worths)
def test_the_exact_key_is_the_full_mark_under_every_policy(policy, key, worth_centi) -> None:
    assert mark(policy, key=key, picked=key, worth_centi=worth_centi) == worth_centi


@given(policies, keys, answers, worths)
def test_anything_wrong_among_the_picked_is_nothing(policy, key, picked, worth_centi) -> None:
    wrong = (picked & ~key) | 1 << key.bit_length()
    assert mark(policy, key=key, picked=picked | wrong, worth_centi=worth_centi) == 0


@given(policies, keys, answers, answers, worths)
def test_one_more_right_option_never_costs_a_mark(policy, key, some, more, worth_centi) -> None:
    fewer_picked, more_picked = key & some, key & (some | more)
    fewer = mark(policy, key=key, picked=fewer_picked, worth_centi=worth_centi)
    assert fewer <= mark(policy, key=key, picked=more_picked, worth_centi=worth_centi)


@given(policies, st.integers(0, 25), answers, worths)
def test_an_item_with_one_right_option_is_all_or_nothing_under_every_policy(
    policy, at, picked, worth_centi
) -> None:
    key = 1 << at
    expected = mark(ALL_OR_NOTHING, key=key, picked=picked, worth_centi=worth_centi)
    assert mark(policy, key=key, picked=picked, worth_centi=worth_centi) == expected


@given(policies, keys, answers, worths, st.permutations(range(10)))
def test_the_place_of_an_option_never_changes_the_mark(policy, key, picked, worth_centi, order) -> None:
    def moved(bits: int) -> int:
        return sum(1 << order[i] for i in range(10) if bits >> i & 1)

    before = mark(policy, key=key, picked=picked, worth_centi=worth_centi)
    assert mark(policy, key=moved(key), picked=moved(picked), worth_centi=worth_centi) == before


@given(st.integers(-(10**6), 10**6), st.integers(1, 1000))
def test_rounding_goes_to_the_nearest_hundredth_and_halves_go_up(numerator, denominator) -> None:
    exact = Fraction(numerator, denominator)
    assert Fraction(-1, 2) < half_up(exact) - exact <= Fraction(1, 2)


def test_half_of_a_quarter_point_is_thirteen_hundredths() -> None:
    assert mark(parse_policy("half_if_subset"), key=0b11, picked=0b01, worth_centi=25) == 13


@given(policies)
def test_a_policy_is_read_back_from_its_own_text(policy) -> None:
    assert parse_policy(str(policy)) == policy


def test_the_stored_names_of_the_rules_are_the_published_ones() -> None:
    published = {"all_or_nothing", "partial_per_option", "minus_per_miss", "proportional", "half_if_subset"}
    assert published == KNOWN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ALL_OR_NOTHING",
        "all_or_nothing:50",
        "all_or_nothing:0",
        "partial_per_option",
        "partial_per_option:",
        "partial_per_option:-1",
        "partial_per_option:0.5",
        "partial_per_option:050",
        "partial_per_option:٥٠",
        "partial_per_option:10001",
        "partial_per_option:" + "9" * 5000,
        "partial_per_option:50\n",
        "proportional:1",
        "generous",
    ],
)
def test_a_text_that_names_no_policy_is_refused_with_that_text(text) -> None:
    with pytest.raises(UnknownPolicy) as refused:
        parse_policy(text)
    assert refused.value.text == text

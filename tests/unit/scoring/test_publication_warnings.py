"""What a person is warned of before a paper is published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.choice import parse_policy
from scoring.publication import PublishedItem, warnings


def item(*, keys: int, policy: str, worth_centi: int = 200) -> PublishedItem:
    return PublishedItem("多选题", "M-17", "0f3a", (1 << keys) - 1, parse_policy(policy), worth_centi)


@given(st.integers(1, 10), st.integers(1, 200), st.integers(1, 400))
def test_the_partial_rule_is_warned_of_exactly_where_a_subset_reaches_the_full_mark(
    keys, step_centi, worth_centi
) -> None:
    found = warnings([item(keys=keys, policy=f"partial_per_option:{step_centi}", worth_centi=worth_centi)])
    assert bool(found) is (step_centi * (keys - 1) >= worth_centi)


def test_the_warning_names_section_item_version_and_how_many_options_suffice() -> None:
    (found,) = warnings([item(keys=5, policy="partial_per_option:50")])
    assert (found.code, found.section, found.item_id, found.version) == (
        "W_SUBSET_FULL",
        "多选题",
        "M-17",
        "0f3a",
    )
    assert (found.policy, found.keys, found.chosen, found.worth_centi) == (
        "partial_per_option:50",
        5,
        4,
        200,
    )
    assert "M-17" in found.zh
    assert "4 of 5" in found.en


@pytest.mark.parametrize("policy", ["all_or_nothing", "proportional", "half_if_subset", "minus_per_miss:50"])
def test_the_other_policies_leave_nothing_to_warn_of(policy) -> None:
    assert warnings([item(keys=keys, policy=policy) for keys in range(1, 9)]) == ()


def test_a_step_of_nothing_for_a_miss_is_warned_of() -> None:
    (found,) = warnings([item(keys=3, policy="minus_per_miss:0")])
    assert found.chosen == 1

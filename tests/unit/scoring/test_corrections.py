"""Rulings: what may be corrected, what stands, and that taking back restores every byte."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.choice import ALL_OR_NOTHING
from scoring.corrections import (
    Correction,
    KeyChanged,
    KeysAccepted,
    Ruling,
    Voided,
    VoidPolicy,
    check_correction,
    corrected,
    in_force,
    taken_back,
)
from scoring.errors import CorrectionNotSound
from scoring.paper import MarkPlan, MarkSection, MarkSlot
from scoring.rescore import placed, rescored

VERSIONS = ("v0", "v1", "v2", "v3")
PLAN = MarkPlan(
    slots=tuple(MarkSlot(1, ALL_OR_NOTHING, 150, 0) for _ in VERSIONS),
    sections=(MarkSection("单选"),),
    pass_centi=300,
)
correction = st.sampled_from(
    [KeyChanged(2), KeysAccepted((1, 2)), Voided(VoidPolicy.FULL_MARKS), Voided(VoidPolicy.REMOVE_RESCALE)]
)
some = st.dictionaries(st.sampled_from(VERSIONS[:3]), correction, min_size=1)


def score_bytes(history, picked) -> bytes:
    return msgspec.msgpack.encode(rescored(PLAN, picked, placed(VERSIONS, in_force(history))))


@given(first=some, second=some, picked=st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_taking_back_restores_every_byte_and_keeps_the_history(first, second, picked) -> None:
    one = corrected((), first, "第一次更正")
    two = corrected(one, second, "第二次更正")
    back = taken_back(two, "更正有误")
    assert score_bytes(back, picked) == score_bytes(one, picked)
    assert score_bytes(taken_back(back, "第一次也有误"), picked) == score_bytes((), picked)
    assert back[:2] == two


def test_the_later_ruling_on_an_item_counts() -> None:
    history = corrected((), {"v0": KeyChanged(2), "v1": KeyChanged(2)}, "错")
    history = corrected(history, {"v0": Voided(VoidPolicy.FULL_MARKS)}, "题也有误")
    assert in_force(history) == {"v0": Voided(VoidPolicy.FULL_MARKS), "v1": KeyChanged(2)}
    assert [ruling.number for ruling in history] == [1, 2]


def test_a_ruling_after_one_taken_back_stands() -> None:
    history = taken_back(corrected((), {"v0": KeyChanged(2)}, "错"), "没错")
    history = corrected(history, {"v1": KeyChanged(2)}, "是这题")
    assert in_force(history) == {"v1": KeyChanged(2)}
    assert in_force(taken_back(history, "也没错")) == {}


@given(some)
def test_a_ruling_is_read_back_as_it_was_written(corrections) -> None:
    history = taken_back(corrected((), corrections, "错"), "没错")
    assert msgspec.json.decode(msgspec.json.encode(history), type=tuple[Ruling, ...]) == history


def test_what_was_ruled_does_not_change_with_the_mapping_it_was_made_of() -> None:
    corrections: dict[str, Correction] = {"v0": KeyChanged(2)}
    history = corrected((), corrections, "错")
    corrections["v1"] = KeyChanged(2)
    assert in_force(history) == {"v0": KeyChanged(2)}


@pytest.mark.parametrize(
    ("unsound", "fact"),
    [
        (KeyChanged(0), "blank"),
        (KeyChanged(-1), "blank"),
        (KeysAccepted(()), "no key"),
        (KeysAccepted((1, 1)), "twice"),
        (KeysAccepted((1, 0)), "blank"),
        (KeyChanged(1 << 26), "does not offer"),
    ],
)
def test_a_correction_that_leaves_no_answer_right_is_refused(unsound, fact) -> None:
    with pytest.raises(CorrectionNotSound, match=fact):
        corrected((), {"v0": unsound}, "错")


@pytest.mark.parametrize("policy", VoidPolicy)
def test_a_void_needs_no_key(policy) -> None:
    check_correction(Voided(policy))


def test_a_key_names_only_options_of_its_item() -> None:
    check_correction(KeysAccepted((0b001, 0b111)), options=3)
    with pytest.raises(CorrectionNotSound, match="does not offer"):
        check_correction(KeysAccepted((0b001, 0b1000)), options=3)


def test_a_ruling_needs_something_to_correct_a_reason_and_something_to_take_back() -> None:
    with pytest.raises(CorrectionNotSound, match="nothing is corrected"):
        corrected((), {}, "错")
    with pytest.raises(CorrectionNotSound, match="without a reason"):
        corrected((), {"v0": KeyChanged(2)}, " ")
    with pytest.raises(CorrectionNotSound, match="no ruling stands") as refused:
        taken_back(taken_back(corrected((), {"v0": KeyChanged(2)}, "错"), "没错"), "再退")
    assert refused.value.fact

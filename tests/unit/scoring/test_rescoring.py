"""Marking anew under corrections: worked examples and laws."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.choice import ALL_OR_NOTHING, Policy, Rule, parse_policy
from scoring.corrections import Correction, KeyChanged, KeysAccepted, Voided, VoidPolicy
from scoring.errors import NothingLeft
from scoring.paper import MarkPart, MarkPlan, MarkSection, MarkSlot, score
from scoring.rescore import placed, rescored
from scoring.rounding import in_proportion

A, B, C, D = 1, 2, 4, 8
PARTIAL = parse_policy("partial_per_option:50")
FULL_MARKS = Voided(VoidPolicy.FULL_MARKS)
REMOVED = Voided(VoidPolicy.REMOVE_RESCALE)

PLAN = MarkPlan(
    slots=(
        MarkSlot(A, ALL_OR_NOTHING, 100, 0),
        MarkSlot(B, ALL_OR_NOTHING, 100, 0),
        MarkSlot(C, ALL_OR_NOTHING, 100, 0),
        MarkSlot(D, ALL_OR_NOTHING, 100, 0),
        MarkSlot(A | B | C, PARTIAL, 200, 1),
    ),
    sections=(MarkSection("单选"), MarkSection("多选")),
    pass_centi=360,
)
"""Four items of 1 point and one of 2: 6 points, 3.6 pass."""


def encoded(score_) -> bytes:
    return msgspec.msgpack.encode(score_)


@st.composite
def plans(draw) -> MarkPlan:
    sections = tuple(
        MarkSection(f"s{n}", part=draw(st.sampled_from(["", "p", "q"])))
        for n in range(draw(st.integers(1, 3)))
    )
    slot = st.builds(
        MarkSlot,
        key=st.integers(1, 15),
        policy=st.sampled_from([ALL_OR_NOTHING, PARTIAL, Policy(Rule.PROPORTIONAL)]),
        worth_centi=st.integers(0, 400),
        section=st.integers(0, len(sections) - 1),
    )
    return MarkPlan(
        slots=tuple(draw(st.lists(slot, min_size=1, max_size=10))),
        sections=sections,
        pass_centi=draw(st.integers(0, 1000)),
        parts=(MarkPart("p", draw(st.integers(0, 500)), "q"), MarkPart("q", draw(st.integers(0, 500)))),
    )


keys = st.integers(1, 15)
any_correction = st.one_of(
    st.builds(KeyChanged, keys),
    st.builds(KeysAccepted, st.lists(keys, min_size=1, max_size=3, unique=True).map(tuple)),
    st.sampled_from([FULL_MARKS, REMOVED]),
)


def papers_with(correction):
    """A plan, answers to it and corrections of some of its slots."""
    return plans().flatmap(
        lambda plan: st.tuples(
            st.just(plan),
            st.lists(st.integers(0, 31), min_size=len(plan.slots), max_size=len(plan.slots)),
            st.dictionaries(st.integers(0, len(plan.slots) - 1), correction, max_size=len(plan.slots)),
        )
    )


def or_nothing_left(plan: MarkPlan, picked: list[int], corrections: dict[int, Correction]):
    """The new score, or None where a section has points but none of its items is left."""
    gone = {place for place, one in corrections.items() if one == REMOVED}
    for number in range(len(plan.sections)):
        own = [place for place, slot in enumerate(plan.slots) if slot.section == number]
        left_centi = sum(plan.slots[place].worth_centi for place in own if place not in gone)
        if not left_centi and any(plan.slots[place].worth_centi for place in own):
            with pytest.raises(NothingLeft):
                rescored(plan, picked, corrections)
            return None
    return rescored(plan, picked, corrections)


def test_a_changed_key_takes_from_some_and_gives_to_others() -> None:
    corrections = {1: KeyChanged(C)}
    by_the_old = rescored(PLAN, [A, B, C, D, 0], corrections)
    by_the_new = rescored(PLAN, [A, C, C, D, 0], corrections)
    assert by_the_old.marks == (100, 0, 100, 100, 0)
    assert by_the_new.marks == (100, 100, 100, 100, 0)
    assert (by_the_old.sections[0].right, by_the_new.sections[0].right) == (3, 4)
    assert (by_the_old.passed, by_the_new.passed) == (False, True)


def test_several_keys_count_by_the_one_that_gives_most() -> None:
    corrections = {1: KeysAccepted((B, C)), 4: KeysAccepted((A | B | C, A | D))}
    by_the_second = rescored(PLAN, [0, C, 0, 0, A | D], corrections)
    assert by_the_second.marks == (0, 100, 0, 0, 200)
    assert [section.right for section in by_the_second.sections] == [1, 1]
    assert rescored(PLAN, [0, A, 0, 0, A | B], corrections).marks == (0, 0, 0, 0, 100)
    assert rescored(PLAN, [0, 0, 0, 0, D], corrections).marks == (0, 0, 0, 0, 50)


def test_full_marks_go_to_a_blank_answer_too() -> None:
    got = rescored(PLAN, [0, 0, 0, 0, 0], {1: FULL_MARKS})
    assert got.marks == (0, 100, 0, 0, 0)
    assert (got.sections[0].right, got.sections[0].count) == (1, 4)


def test_what_is_left_of_a_section_is_rescaled_to_its_full_points() -> None:
    got = rescored(PLAN, [A, B, C, 0, A | B], {3: REMOVED})
    assert got.marks == (134, 133, 133, 0, 100)
    assert got.sections[0] == msgspec.structs.replace(
        score(PLAN, [A, B, C, D, 0]).sections[0], right=3, count=3, score_centi=400
    )
    assert (got.total_centi, got.full_centi) == (500, 600)


def test_a_rescaled_section_is_rounded_once_and_its_marks_add_up() -> None:
    got = rescored(PLAN, [A, B, 0, D, 0], {3: REMOVED})
    # 200 of 300 is 266.67 of 400: 267, not twice 133.
    assert got.marks == (134, 133, 0, 0, 0)
    assert got.total_centi == 267


def test_corrections_of_one_section_work_together() -> None:
    got = rescored(PLAN, [A, C, 0, 0, 0], {1: KeyChanged(C), 2: FULL_MARKS, 3: REMOVED})
    assert got.marks == (134, 133, 133, 0, 0)


def test_a_section_of_which_nothing_is_left_is_refused() -> None:
    with pytest.raises(NothingLeft, match="多选") as refused:
        rescored(PLAN, [0] * 5, {4: REMOVED})
    assert refused.value.section == "多选"


def test_an_item_worth_nothing_can_be_removed_without_a_trace_in_the_points() -> None:
    plan = msgspec.structs.replace(PLAN, slots=(*PLAN.slots, MarkSlot(A, ALL_OR_NOTHING, 0, 1)))
    got = rescored(plan, [A, 0, 0, 0, A, A], {5: REMOVED})
    assert got.marks == score(plan, [A, 0, 0, 0, A, A]).marks
    assert got.sections[1].count == 1


def test_corrections_find_the_slots_that_hold_their_item() -> None:
    corrections = {"v2": FULL_MARKS, "v9": REMOVED}
    assert placed(["v1", "v2", "v3"], corrections) == {1: FULL_MARKS}
    assert placed(["v9", "v3", "v2"], corrections) == {0: REMOVED, 2: FULL_MARKS}
    assert placed(["v3"], corrections) == {}


@given(papers_with(any_correction))
def test_what_is_shown_adds_up_after_any_correction(case) -> None:
    plan, picked, corrections = case
    got = or_nothing_left(plan, picked, corrections)
    if got is None:
        return
    before = score(plan, picked)
    assert got.total_centi == sum(got.marks) == sum(section.score_centi for section in got.sections)
    assert got.full_centi == before.full_centi
    for number, section in enumerate(got.sections):
        own = [earned for slot, earned in zip(plan.slots, got.marks, strict=True) if slot.section == number]
        assert section.score_centi == sum(own)
        assert 0 <= section.score_centi <= section.full_centi == before.sections[number].full_centi
        assert 0 <= section.right <= section.count
    for part in got.parts:
        assert part.score_centi == sum(
            section.score_centi
            for section, of in zip(got.sections, plan.sections, strict=True)
            if of.part == part.name
        )
    assert got.passed == (got.total_centi >= plan.pass_centi and all(part.passed for part in got.parts))


@given(papers_with(st.just(FULL_MARKS)))
def test_full_marks_never_lower_anyone(case) -> None:
    plan, picked, corrections = case
    before, after = score(plan, picked), rescored(plan, picked, corrections)
    assert all(old <= new for old, new in zip(before.marks, after.marks, strict=True))
    assert all(old.right <= new.right for old, new in zip(before.sections, after.sections, strict=True))
    assert after.passed or not before.passed


@given(papers_with(st.just(None)), st.data())
def test_accepting_further_keys_never_lowers_anyone(case, data) -> None:
    plan, picked, places = case
    corrections = {
        place: KeysAccepted((plan.slots[place].key, *data.draw(st.lists(keys, max_size=2))))
        for place in places
    }
    before, after = score(plan, picked), rescored(plan, picked, corrections)
    assert all(old <= new for old, new in zip(before.marks, after.marks, strict=True))
    assert after.passed or not before.passed


@given(papers_with(st.just(REMOVED)))
def test_removing_keeps_nothing_and_everything(case) -> None:
    plan, _, corrections = case
    nothing = or_nothing_left(plan, [0] * len(plan.slots), corrections)
    everything = or_nothing_left(plan, [slot.key for slot in plan.slots], corrections)
    if nothing is not None:
        assert set(nothing.marks) == {0}
        assert everything.total_centi == everything.full_centi


@given(papers_with(st.just(REMOVED)), st.data())
def test_an_answer_to_a_removed_item_counts_for_nothing(case, data) -> None:
    plan, picked, corrections = case
    other = [
        data.draw(st.integers(0, 31)) if place in corrections else one for place, one in enumerate(picked)
    ]
    assert or_nothing_left(plan, picked, corrections) == or_nothing_left(plan, other, corrections)


@given(papers_with(st.sampled_from([FULL_MARKS, REMOVED])))
def test_a_section_without_a_corrected_item_is_untouched(case) -> None:
    plan, picked, corrections = case
    before, after = score(plan, picked), or_nothing_left(plan, picked, corrections)
    touched = {plan.slots[place].section for place in corrections}
    for number in set(range(len(plan.sections))) - touched:
        assert after is None or after.sections[number] == before.sections[number]


@given(papers_with(st.just(None)))
def test_a_correction_that_says_what_was_so_changes_no_byte(case) -> None:
    plan, picked, places = case
    before = encoded(score(plan, picked))
    assert encoded(rescored(plan, picked, {})) == before
    assert encoded(rescored(plan, picked, {at: KeyChanged(plan.slots[at].key) for at in places})) == before
    assert (
        encoded(rescored(plan, picked, {at: KeysAccepted((plan.slots[at].key,)) for at in places})) == before
    )


@given(papers_with(st.builds(KeyChanged, keys)))
def test_changed_keys_mark_as_if_they_had_been_so_from_the_start(case) -> None:
    plan, picked, corrections = case
    slots = tuple(
        msgspec.structs.replace(slot, key=corrections[at].key) if at in corrections else slot
        for at, slot in enumerate(plan.slots)
    )
    assert rescored(plan, picked, corrections) == score(msgspec.structs.replace(plan, slots=slots), picked)


@given(
    st.lists(st.integers(0, 10_000), max_size=40),
    st.integers(1, 10_000),
    st.integers(1, 10_000),
)
def test_scaled_amounts_add_up_and_stay_within_one_of_the_exact_value(amounts, to, of) -> None:
    got = in_proportion(amounts, to=to, of=of)
    whole = sum(amounts) * to
    assert abs(2 * (sum(got) * of - whole)) <= of
    assert all(abs(part * of - amount * to) < of for part, amount in zip(got, amounts, strict=True))
    assert all(part == 0 for part, amount in zip(got, amounts, strict=True) if amount == 0)


def test_left_over_hundredths_go_to_the_largest_remainders_and_the_first_of_equal_ones() -> None:
    assert in_proportion([100, 100, 100], to=400, of=300) == [134, 133, 133]
    assert in_proportion([1, 2, 2], to=1, of=2) == [1, 1, 1]
    assert in_proportion([10, 25, 30], to=101, of=100) == [10, 25, 31]

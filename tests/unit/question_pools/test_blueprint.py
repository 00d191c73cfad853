"""Blueprints: sound or not, and what a pool cannot fill, cell by cell."""

import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_pools.blueprint import Cell, Infeasible, check, demands, digest, faults, total_centi
from question_pools.errors import BadBlueprint
from question_pools.flow import Flow
from question_pools.items import Kind
from question_pools.setplan import SetPlan
from tests.unit.question_pools.builders import blueprint, item, item_set, many, pool, section


def test_full_marks_are_counts_times_points_and_nothing_else():
    made = blueprint(
        section(40), section(20, points_centi=200, kind=Kind.MULTI), section(40, points_centi=50)
    )
    assert total_centi(made) == 10_000


@given(st.integers(1, 5), st.integers(1, 5))
def test_difficulty_never_changes_what_a_paper_is_worth(first, second):
    made = blueprint(
        section(2, Cell(count=1, difficulty=first), Cell(count=1, difficulty=second), points_centi=150)
    )
    assert total_centi(made) == 300


def test_a_digest_changes_with_any_part_of_the_blueprint():
    one = blueprint(section(2))
    others = [blueprint(section(3)), blueprint(section(2, Cell(count=1))), blueprint(section(2, part="能力"))]
    assert len({digest(each) for each in [one, *others]}) == 4
    assert digest(one) == digest(blueprint(section(2)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (blueprint(), "no sections"),
        (blueprint(section(0)), "count 0"),
        (blueprint(section(501)), "count 501"),
        (blueprint(section(1, points_centi=0)), "worth something"),
        (blueprint(section(1, Cell(count=2))), "ask for more"),
        (blueprint(section(1, Cell(count=0))), "a cell asks for 0"),
        (blueprint(section(1, Cell(count=1, outline="x"))), "outline 'x'"),
        (blueprint(section(1, Cell(count=1, difficulty=0))), "difficulty 0"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_blueprint_that_contradicts_itself_is_refused(wrong, said):
    assert any(said in fault for fault in faults(wrong))
    with pytest.raises(BadBlueprint):
        check(wrong, pool(item("q")))


def test_what_cells_leave_open_is_a_cell_of_its_own():
    assert [one.cell.count for one in demands(blueprint(section(5, Cell(count=3, outline="1"))))] == [3, 2]


def test_an_empty_cell_is_named_with_what_is_wanted_and_what_is_there():
    made = blueprint(section(4, Cell(count=1, outline="1"), Cell(count=3, outline="2", difficulty=5)))
    held = pool(*many(9, outline="1.1"), item("x", outline="2.1", difficulty=5), item("y", outline="2.1"))
    (missing,) = check(made, held)
    assert missing == Infeasible(
        section=0, title="单项选择题", cell=made.sections[0].cells[1], wanted=3, available=1, at=1
    )


def test_an_outline_prefix_takes_whole_levels_only():
    assert check(blueprint(section(1, Cell(count=1, outline="1.2"))), pool(item("q", outline="1.20"))) != []


def test_kinds_are_kept_apart_and_children_of_sets_are_no_single_items():
    one, children = item_set("s", 3)
    held = pool(*children, *many(2, Kind.JUDGE), sets=(one,))
    assert [miss.available for miss in check(blueprint(section(1)), held)] == [0]
    assert check(blueprint(section(2, kind=Kind.JUDGE), section(3, kind=None)), held) == []


def test_cells_that_overlap_are_met_by_giving_the_scarce_items_to_the_cell_that_needs_them():
    # Taking the difficult items of part 1 for the first cell would starve the second.
    made = blueprint(section(4, Cell(count=2, outline="1"), Cell(count=2, difficulty=5)))
    held = pool(*many(2, outline="1.1", prefix="a"), *many(2, outline="1.2", difficulty=5, prefix="b"))
    assert check(made, held) == []


def test_two_sections_cannot_use_one_item_twice():
    made = blueprint(section(2), section(2))
    (missing,) = check(made, pool(*many(3)))
    assert (missing.section, missing.wanted, missing.available) == (1, 2, 1)


def brute_force(groups: dict[int, int], wants: dict[int, int]) -> bool:
    """Hall's condition over every set of wants."""
    for size in range(1, len(wants) + 1):
        for chosen in itertools.combinations(wants, size):
            reach = sum(count for mask, count in groups.items() if any(mask >> want & 1 for want in chosen))
            if reach < sum(wants[want] for want in chosen):
                return False
    return True


@given(
    st.dictionaries(st.integers(1, 31), st.integers(0, 4), max_size=8),
    st.dictionaries(st.integers(0, 4), st.integers(0, 5), min_size=1),
)
def test_a_flow_fills_all_wants_exactly_when_no_choice_of_them_lacks_items(groups, wants):
    flow = Flow(groups, wants)
    assert flow.complete() is brute_force(groups, wants)
    assert all(0 <= flow.filled(want) <= count for want, count in wants.items())


def test_item_sets_count_their_items_and_are_never_cut():
    held = [item_set(name, size) for name, size in [("a", 4), ("b", 4), ("c", 3)]]
    bank = pool(*(child for _, children in held for child in children), sets=tuple(one for one, _ in held))
    assert check(blueprint(section(8, kind=None)), bank) == []
    assert check(blueprint(section(7, kind=None)), bank) == []
    (missing,) = check(blueprint(section(6, kind=None)), bank)
    assert (missing.wanted, missing.available) == (6, 4)


def test_a_set_lies_in_a_cell_when_all_its_items_do():
    one, children = item_set("s", 2, outline="1.1")
    mixed = msgspec.structs.replace(children[1], outline="2.1")
    made = blueprint(section(2, Cell(count=2, outline="1"), kind=None))
    assert check(made, pool(*children, sets=(one,))) == []
    assert check(made, pool(children[0], mixed, sets=(one,))) != []


def can_fill(sets: list[tuple[int, int]], wants: tuple[int, ...]) -> bool:
    """Every way to give sets to cells, tried one by one."""
    reached = {(0,) * len(wants)}
    for size, mask in sets:
        reached |= {
            (*total[:at], total[at] + size, *total[at + 1 :])
            for total in reached
            for at in range(len(wants))
            if mask >> at & 1
        }
    return wants in reached


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 7)), max_size=7),
    st.tuples(*[st.integers(1, 6)] * 3),
)
def test_a_plan_of_sets_exists_exactly_when_trying_all_ways_finds_one(sets, wants):
    plan = SetPlan(sets, dict(enumerate(wants)))
    assert (plan.short() == {}) is can_fill(sets, wants)
    assert all(0 <= got < wants[cell] for cell, got in plan.short().items())


def test_too_many_entangled_cells_of_sets_are_refused_before_they_cost_a_machine():
    with pytest.raises(BadBlueprint, match="overlapping"):
        SetPlan([(1, 0b1111111)] * 50, dict.fromkeys(range(7), 20))

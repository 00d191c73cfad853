"""Repairs of a cell that a pool cannot fill: at most three, each of them cures."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from question_pools.blueprint import Cell, check, faults
from question_pools.repairs import OFFERED, Change, applied, repairs
from tests.unit.question_pools.builders import blueprint, item, many, section, version

BANK = version(
    *many(15, outline="3.4", difficulty=4, prefix="mid"),
    *many(4, outline="3.4", difficulty=5, prefix="hard"),
    *many(31, outline="3.1", difficulty=3, prefix="frame"),
)


def offered(made, bank=BANK):
    (short,) = check(made, bank)
    return {one.what: one for one in repairs(made, bank, short)}


def test_a_cell_of_the_picture_gets_its_three_repairs():
    made = blueprint(
        section(14, Cell(count=8, outline="3.1"), Cell(count=6, outline="3.4", difficulty=5), title="多选")
    )
    found = offered(made)
    assert list(found) == [Change.DIFFICULTY, Change.MOVE, Change.FEWER]
    wider = found[Change.DIFFICULTY]
    assert (wider.difficulty, wider.hardest, wider.there) == (4, 5, 19)
    moved = found[Change.MOVE]
    assert (moved.count, moved.other, moved.other_count, moved.there) == (4, 0, 10, 31)


def test_the_open_rest_of_a_section_can_only_be_shorter():
    found = offered(blueprint(section(60)))
    assert list(found) == [Change.FEWER]
    assert (found[Change.FEWER].at, found[Change.FEWER].section_count) == (None, 50)


def test_a_bound_on_shares_is_repaired_by_the_lowest_that_will_do():
    made = replace(blueprint(section(10, Cell(count=10, outline="3.4"))), share_percent=40)
    assert offered(made)[Change.SHARE].share_percent == 53  # 10 of 19


def test_an_empty_cell_may_go_altogether():
    made = blueprint(section(10, Cell(count=2, outline="9"), Cell(count=5, outline="3.1")))
    after = applied(made, offered(made)[Change.FEWER])
    assert [cell.outline for cell in after.sections[0].cells] == ["3.1"]
    assert check(after, BANK) == []


cells = st.lists(
    st.builds(
        Cell,
        count=st.integers(1, 5),
        outline=st.sampled_from(["", "1", "1.1", "1.2", "2", "9"]),
        difficulty=st.sampled_from([None, 1, 3]),
    ),
    min_size=1,
    max_size=4,
)
traits = st.tuples(st.sampled_from(["1.1", "1.2", "2.1"]), st.integers(1, 5))


@given(st.lists(traits, max_size=16), cells, st.sampled_from([None, 30, 80]), st.integers(0, 3))
@settings(max_examples=80, deadline=None)
def test_each_repair_cures_its_cell_and_leaves_a_sound_blueprint(held, wanted, percent, rest):
    bank = version(*(item(f"q{at}", outline=o, difficulty=d) for at, (o, d) in enumerate(held)))
    made = replace(
        blueprint(section(sum(cell.count for cell in wanted) + rest, *wanted)), share_percent=percent
    )
    for short in check(made, bank):
        found = repairs(made, bank, short)
        assert len(found) <= OFFERED
        for repair in found:
            after = applied(made, repair)
            assert faults(after) == []
            left = check(after, bank)
            assert repair.count == 0 or (short.section, short.at) not in {
                (one.section, one.at) for one in left
            }

"""Even shares: the highest share is as low as it can be, and whole numbers keep the fractions."""

from collections import Counter
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from question_pools.blueprint import Cell, check
from question_pools.chance import Chance
from question_pools.draw import DrawIndex
from question_pools.even import even
from question_pools.flow import Flow
from question_pools.items import version_of
from tests.unit.question_pools.builders import blueprint, item, item_set, many, section, version

supplies = st.dictionaries(st.integers(1, 15), st.integers(1, 9), min_size=1, max_size=8)
wants = st.dictionaries(st.integers(0, 3), st.integers(1, 9), min_size=1, max_size=4)


def fillable(supply, want):
    return Flow(supply, want).complete()


def pressure(supply, want):
    """The highest share there must be: for every choice of cells, what they ask over what they can take."""
    choices = [set(some) for n in range(1, len(want) + 1) for some in combinations(want, n)]
    return max(
        Fraction(
            sum(want[d] for d in some),
            sum(size for mask, size in supply.items() if any(mask >> d & 1 for d in some)),
        )
        for some in choices
    )


@given(supplies, wants)
@settings(max_examples=80)
def test_the_highest_share_is_as_low_as_any_choice_of_cells_allows(supply, want):
    assume(fillable(supply, want))
    blocks = even(supply, want)
    assert blocks[0].share == pressure(supply, want)
    assert [block.share for block in blocks] == sorted((block.share for block in blocks), reverse=True)
    assert sorted(d for block in blocks for d in block.cells) == sorted(want)


@given(supplies, wants, st.binary(max_size=8))
@settings(max_examples=80)
def test_rounded_numbers_fill_every_cell_and_take_no_more_than_there_is(supply, want, seed):
    assume(fillable(supply, want))
    for block in even(supply, want):
        taken = block.rounded(Chance(seed))
        for d in block.cells:
            assert sum(count for (_, to), count in taken.items() if to == d) == want[d]
        for mask in block.groups:
            exact = block.share * supply[mask]
            given_out = sum(count for (of, _), count in taken.items() if of == mask)
            assert exact.__floor__() <= given_out <= exact.__ceil__() <= supply[mask]


CROSSING = replace(
    blueprint(section(9, Cell(count=9, outline="1")), section(7, Cell(count=7, difficulty=5))),
    share_percent=60,
)
BANK = version(
    *many(9, prefix="a", outline="1.1", difficulty=2),
    *many(14, prefix="b", outline="1.2", difficulty=5),
    *many(6, prefix="c", outline="2.1", difficulty=5),
)


def test_every_item_of_a_crossing_block_is_drawn_as_often_as_its_share_says():
    index = DrawIndex(BANK, CROSSING)
    counts = Counter(slot.version for n in range(4_000) for slot in index.draw(n.to_bytes(4, "big")).slots)
    share = 16 / 29
    # Binomial spread of 4,000 draws is 0.008: five of them.
    assert all(abs(counts[version_of(one)] / 4_000 - share) < 0.04 for one in BANK.items)


@given(st.integers(1, 100), st.integers(1, 12), st.integers(1, 30))
def test_a_bound_on_the_share_is_met_exactly_or_refused(percent, count, size):
    assume(count <= size)
    made = replace(blueprint(section(count)), share_percent=percent)
    short = check(made, version(*many(size)))
    assert bool(short) == (count * 100 > percent * size)
    assert all(one.share_percent == percent and one.available < count for one in short)


def test_a_bound_names_the_narrow_cell_only():
    made = replace(
        blueprint(section(6, Cell(count=4, outline="1"), Cell(count=2, outline="2"))), share_percent=50
    )
    (short,) = check(made, version(*many(6, outline="1", prefix="a"), *many(9, outline="2", prefix="b")))
    assert (short.at, short.wanted, short.available, short.share_percent) == (0, 4, 3, 50)


def test_item_sets_beyond_the_share_are_told():
    sets = [item_set(f"s{n}", 2) for n in range(3)]
    held = version(*(child for _, children in sets for child in children), sets=tuple(one for one, _ in sets))
    made = blueprint(section(2, kind=None))
    assert check(replace(made, share_percent=34), held) == []
    assert [one.share_percent for one in check(replace(made, share_percent=33), held)] == [33]


@pytest.mark.parametrize("seed", [b"", b"x", b"seed"])
def test_an_even_draw_is_the_same_again(seed):
    assert DrawIndex(BANK, CROSSING).draw(seed) == DrawIndex(BANK, CROSSING).draw(seed)


def test_an_inner_cell_presses_on_its_own_items_first():
    made = replace(blueprint(section(12, Cell(count=2, outline="1"))), share_percent=50)
    index = DrawIndex(version(*many(10, outline="1", prefix="a"), *many(90, prefix="b")), made)
    assert len({slot.version for slot in index.draw(b"s").slots}) == 12
    one = item("lonely", outline="9")
    assert check(replace(made, share_percent=1), version(one, *many(9)))[0].share_percent is None

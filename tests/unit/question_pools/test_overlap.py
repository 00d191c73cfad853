"""What a second paper has in common with the one before, and items that rest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from question_pools.blueprint import Blueprint, Cell, check, digest
from question_pools.draw import DrawIndex, Paper, drawn_again
from question_pools.errors import OverlapNotMet
from question_pools.items import Kind, PoolVersion, version_of
from question_pools.rest import resting
from tests.unit.question_pools.builders import blueprint, item, item_set, many, section, version

SETS = [item_set(f"s{n}", 2, outline="1.1") for n in range(8)]
BANK = version(
    *many(16, prefix="a", outline="1.1", difficulty=2),
    *many(16, prefix="b", outline="1.2", difficulty=5),
    *many(16, prefix="c", outline="2.1", difficulty=5),
    *many(8, Kind.MULTI, prefix="m", outline="1.3"),
    *(child for _, children in SETS for child in children),
    sets=tuple(one for one, _ in SETS),
)
EXAM = blueprint(
    section(8, Cell(count=4, outline="1"), Cell(count=2, outline="1.1")),
    section(3, kind=Kind.MULTI),
    section(4, kind=None),
)
CROSSING = blueprint(section(14, Cell(count=7, outline="1"), Cell(count=7, difficulty=5)))
seeds = st.binary(min_size=1, max_size=8)


def places(paper: Paper, held: PoolVersion) -> tuple[int, ...]:
    place = {version_of(one): at for at, one in enumerate(held.items)}
    return tuple(sorted(place[slot.version] for slot in paper.slots))


def common(paper: Paper, before: tuple[int, ...], held: PoolVersion) -> int:
    return len(set(places(paper, held)) & set(before))


@pytest.mark.parametrize(
    "made", [EXAM, CROSSING, replace(EXAM, share_percent=60), replace(CROSSING, share_percent=60)]
)
@given(seed=seeds, first=seeds, percent=st.sampled_from([0, 10, 20, 50, 100]))
@settings(max_examples=25, deadline=None)
def test_a_second_paper_keeps_the_bound_and_comes_out_the_same_again(
    made: Blueprint, seed: bytes, first: bytes, percent: int
):
    made = replace(made, overlap_percent=percent)
    index = DrawIndex(BANK, made)
    before = places(index.draw(first), BANK)
    paper = index.draw(seed, before)
    assert len({slot.version for slot in paper.slots}) == len(before)
    assert common(paper, before, BANK) <= len(before) * percent // 100
    assert paper.avoided == before
    assert drawn_again(BANK, made, paper) == paper


traits = st.tuples(st.sampled_from(["1.1", "1.2", "2.1"]), st.sampled_from([1, 2]))
cells = st.lists(
    st.builds(
        Cell,
        count=st.integers(1, 2),
        outline=st.sampled_from(["", "1", "1.1", "2"]),
        difficulty=st.sampled_from([None, 1]),
    ),
    min_size=1,
    max_size=3,
)


@given(st.lists(traits, min_size=2, max_size=9), cells, st.data())
@settings(max_examples=120, deadline=None)
def test_a_paper_is_refused_only_where_no_choice_of_items_keeps_the_bound(held, wanted, data):
    bank = version(*(item(f"q{at}", outline=o, difficulty=d) for at, (o, d) in enumerate(held)))
    made = replace(blueprint(section(sum(cell.count for cell in wanted), *wanted)), overlap_percent=0)
    if check(made, bank):
        return
    before = tuple(sorted(data.draw(st.sets(st.integers(0, len(held) - 1)))))
    least = next(
        n
        for n in range(len(held) + 1)
        if any(not check(made, version(*chosen)) for chosen in _kept(bank, before, n))
    )
    index = DrawIndex(bank, made)
    if least == 0:
        assert common(index.draw(b"s", before), before, bank) == 0
        return
    with pytest.raises(OverlapNotMet) as refused:
        index.draw(b"s", before)
    assert (refused.value.least, refused.value.most) == (least, 0)


def _kept(bank: PoolVersion, before: tuple[int, ...], count: int):
    """All pools that keep `count` of the old items."""
    for mask in range(1 << len(before)):
        if mask.bit_count() == count:
            gone = {one for at, one in enumerate(before) if not mask >> at & 1}
            yield [one for at, one in enumerate(bank.items) if at not in gone]


def test_the_least_overlap_of_item_sets_counts_their_items():
    sets = [item_set("s1", 3), item_set("s2", 2), item_set("s3", 2), item_set("s4", 1)]
    held = version(*(child for _, children in sets for child in children), sets=tuple(one for one, _ in sets))
    made = replace(blueprint(section(4, kind=None)), overlap_percent=25)
    index = DrawIndex(held, made)
    # Old are s1 and s2 (places 0 to 4): 4 items without s1 need s2 and s3; with s1 they need s4.
    with pytest.raises(OverlapNotMet) as refused:
        index.draw(b"s", (0, 1, 2, 3, 4))
    assert refused.value.least == 2
    assert index.draw(b"s", (0,)).slots == index.draw(b"s").slots


def test_nothing_changes_for_people_without_a_paper_before():
    index = DrawIndex(BANK, EXAM)
    assert index.draw(b"seed", ()) == index.draw(b"seed")
    assert digest(EXAM) == digest(replace(EXAM, overlap_percent=20, rest_days=90))
    assert digest(EXAM) != digest(replace(EXAM, overlap_percent=21))


@given(st.dictionaries(st.sampled_from([one.id for one in BANK.items]), st.integers(0, 9)), seeds)
@settings(max_examples=60, deadline=None)
def test_resting_items_are_not_drawn_and_never_make_a_paper_impossible(drawn, seed):
    made = replace(EXAM, rest_papers=4)
    rested = resting(BANK, made, drawn)
    worn = {at for at, one in enumerate(BANK.items) if drawn.get(one.id, 0) > 4}
    siblings = {at for at, one in enumerate(BANK.items) if one.set_id is not None}
    assert set(rested) <= worn | siblings
    paper = DrawIndex(BANK, made, rested).draw(seed)
    assert not set(rested) & set(places(paper, BANK))
    assert drawn_again(BANK, made, paper) == paper


def test_where_all_are_worn_those_least_drawn_come_back():
    bank = version(*many(5), *many(3, Kind.JUDGE, prefix="j"))
    made = replace(blueprint(section(2), section(1, kind=Kind.JUDGE)), rest_papers=0)
    rested = resting(bank, made, {"i0": 9, "i1": 1, "i2": 8, "i3": 2, "i4": 7, "j0": 3})
    assert rested == (0, 2, 4, 5)


def test_without_a_limit_nothing_rests():
    assert resting(BANK, EXAM, dict.fromkeys((one.id for one in BANK.items), 99)) == ()

"""A draw: the laws of a paper, its golden vector and its evenness."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_pools.blueprint import Blueprint, Cell, check, demands, digest
from question_pools.draw import DrawIndex, Paper, draw, paper_digest
from question_pools.errors import BadBlueprint, BlueprintNotMet
from question_pools.items import Item, Kind, Option, PoolVersion, is_under, version_of
from tests.unit.question_pools.builders import blueprint, item, item_set, many, section, version

CHI_SQUARE_999_19 = 43.8
"""99.9 % point of the chi-square distribution with 19 degrees of freedom."""

SETS = [item_set("s1", 3, outline="1.1"), item_set("s2", 2, outline="1.2"), item_set("s3", 2, outline="2.1")]
BANK = version(
    *many(12, prefix="a", outline="1.1", difficulty=2),
    *many(12, prefix="b", outline="1.2", difficulty=5),
    *many(12, prefix="c", outline="2.1", difficulty=5),
    *many(8, Kind.MULTI, prefix="m", options=6, outline="1.3"),
    *many(8, Kind.JUDGE, prefix="j"),
    *(child for _, children in SETS for child in children),
    item(
        "pin",
        offered=(Option("甲"), Option("乙"), Option("丙"), Option("以上都对", pinned=True)),
        outline="3",
    ),
    sets=tuple(one for one, _ in SETS),
)
BY_VERSION: dict[str, Item] = {version_of(each): each for each in BANK.items}

EXAM = blueprint(
    section(10, Cell(count=4, outline="1"), Cell(count=2, outline="1.1"), Cell(count=1, outline="3")),
    section(4, kind=Kind.MULTI, points_centi=200),
    section(5, kind=Kind.JUDGE),
    section(5, Cell(count=3, outline="1.1"), kind=None),
)
CROSSING = blueprint(section(20, Cell(count=9, outline="1"), Cell(count=11, difficulty=5)))


def items_of(paper: Paper) -> list[Item]:
    return [BY_VERSION[slot.version] for slot in paper.slots]


def assert_lawful(paper: Paper, made: Blueprint, held: PoolVersion) -> None:
    """Everything that holds of any paper."""
    items = items_of(paper)
    assert (paper.pool_digest, paper.blueprint_digest) == (held.digest, digest(made))
    assert len({one.id for one in items}) == len(items)
    assert [slot.section for slot in paper.slots] == sorted(slot.section for slot in paper.slots)
    for slot, one in zip(paper.slots, items, strict=True):
        assert sorted(slot.order) == list(range(len(one.options)))
        assert slot.set_id == one.set_id
        if one.kind is Kind.JUDGE:
            assert slot.order == (0, 1)
        assert all(slot.order[at] == at for at, option in enumerate(one.options) if option.pinned)
    for number, part in enumerate(made.sections):
        chosen = [one for slot, one in zip(paper.slots, items, strict=True) if slot.section == number]
        assert len(chosen) == part.count
        assert all(one.kind is part.kind and one.set_id is None for one in chosen) or part.kind is None
    sets = {one.id: one.items for one in held.sets}
    runs: dict[str, list[str]] = {}
    for before, one in zip([None, *items], items, strict=False):
        if one.set_id is not None:
            assert one.set_id not in runs or (before is not None and before.set_id == one.set_id)
            runs.setdefault(one.set_id, []).append(one.id)
    assert all(tuple(run) == sets[name] for name, run in runs.items())


@given(st.binary(min_size=1, max_size=40))
@settings(max_examples=60)
def test_every_paper_keeps_the_laws_and_meets_each_cell(seed):
    paper = INDEX.draw(seed)
    assert_lawful(paper, EXAM, BANK)
    singles = [one for one in items_of(paper) if one.kind is Kind.SINGLE and one.set_id is None]
    assert sum(is_under(one.outline, "1.1") for one in singles) >= 2
    assert sum(is_under(one.outline, "1") for one in singles) >= 6
    assert sum(one.id == "pin" for one in singles) == 1
    assert paper.seed == seed.hex()


@given(st.binary(max_size=8))
@settings(max_examples=60)
def test_cells_that_cross_are_met_exactly_to_the_last_item(seed):
    paper = CROSSED.draw(seed)
    assert_lawful(paper, CROSSING, BANK)
    only_first = sum(one.outline == "1.1" for one in items_of(paper))
    only_second = sum(one.outline == "2.1" for one in items_of(paper))
    assert only_first <= 9
    assert only_second <= 11


def test_a_tight_pool_is_still_drawn_when_a_careless_order_would_fail():
    held = version(*many(2, outline="1.1", prefix="x"), *many(2, outline="1.2", difficulty=5, prefix="y"))
    made = blueprint(section(4, Cell(count=2, outline="1"), Cell(count=2, difficulty=5)))
    index = DrawIndex(held, made)
    assert all(len(index.draw(bytes([seed])).slots) == 4 for seed in range(100))


def test_cells_that_cross_in_a_tight_pool_are_met_by_looking_ahead():
    # The first cell must leave at least one of the two shared items to the second.
    shared = many(2, outline="1.1", difficulty=5, prefix="y")
    held = version(item("x", outline="1.1"), *shared, item("z", outline="2.1", difficulty=5))
    made = blueprint(section(2, Cell(count=2, outline="1")), section(2, Cell(count=2, difficulty=5)))
    index = DrawIndex(held, made)
    for seed in range(60):
        slots = index.draw(bytes([seed])).slots
        assert len({slot.version for slot in slots}) == 4


def test_sets_that_serve_two_cells_go_to_either():
    held = [item_set(name, 2, outline="1.1", difficulty=5) for name in "abc"]
    bank = version(*(child for _, children in held for child in children), sets=tuple(one for one, _ in held))
    first, second = Cell(count=2, outline="1"), Cell(count=2, difficulty=5)
    index = DrawIndex(bank, blueprint(section(2, first, kind=None), section(2, second, kind=None)))
    seen = {tuple(slot.set_id for slot in index.draw(bytes([seed])).slots[::2]) for seed in range(100)}
    assert seen == {(x, y) for x in "abc" for y in "abc" if x != y}


cells = st.lists(
    st.builds(
        Cell,
        count=st.integers(1, 3),
        outline=st.sampled_from(["", "1", "1.1", "1.2", "2", "2.1"]),
        difficulty=st.sampled_from([None, 1, 2]),
    ),
    max_size=4,
)
traits = st.tuples(st.sampled_from(["1.1", "1.2", "2.1", "2.2"]), st.sampled_from([1, 2]))


@given(st.lists(traits, max_size=14), cells, cells, st.binary(max_size=4))
@settings(max_examples=120)
def test_a_blueprint_is_refused_or_every_cell_gets_its_count(held, first, second, seed):
    bank = version(*(item(f"q{at}", outline=o, difficulty=d) for at, (o, d) in enumerate(held)))
    sections = [section(sum(cell.count for cell in each), *each) for each in (first, second) if each]
    if not sections:
        return
    made = blueprint(*sections)
    if check(made, bank):
        with pytest.raises(BlueprintNotMet) as refused:
            draw(bank, made, seed)
        assert refused.value.missing == tuple(check(made, bank))
        return
    paper = draw(bank, made, seed)
    by_version = {version_of(one): one for one in bank.items}
    items = [by_version[slot.version] for slot in paper.slots]
    assert len({one.id for one in items}) == len(items)
    assert can_be_dealt(
        items, [(one.cell, paper_section(paper, one.section, items)) for one in demands(made)]
    )


def paper_section(paper: Paper, number: int, items: list[Item]) -> list[Item]:
    return [one for slot, one in zip(paper.slots, items, strict=True) if slot.section == number]


def can_be_dealt(items: list[Item], wanted: list[tuple[Cell, list[Item]]]) -> bool:
    """Whether the items of a paper can be dealt to its cells with none left over (augmenting paths)."""
    places = [(cell, {one.id for one in own}) for cell, own in wanted for _ in range(cell.count)]
    fits = {
        one.id: [
            at
            for at, (cell, own) in enumerate(places)
            if one.id in own
            and is_under(one.outline, cell.outline)
            and cell.difficulty in (None, one.difficulty)
        ]
        for one in items
    }
    taken: dict[int, str] = {}

    def seat(name: str, seen: set[int]) -> bool:
        for at in fits[name]:
            if at not in seen:
                seen.add(at)
                if at not in taken or seat(taken[at], seen):
                    taken[at] = name
                    return True
        return False

    return len(places) == len(items) and all(seat(one.id, set()) for one in items)


def test_the_same_seed_gives_the_same_paper_and_another_seed_another():
    again = DrawIndex(BANK, EXAM).draw(b"seed")
    assert msgspec.json.encode(INDEX.draw(b"seed")) == msgspec.json.encode(again)
    assert draw(BANK, EXAM, b"seed") == again
    assert INDEX.draw(b"seee").slots != again.slots


def test_another_pool_version_or_blueprint_gives_another_paper_from_the_same_seed():
    more = version(*BANK.items, item("new"), sets=BANK.sets)
    renamed = msgspec.structs.replace(EXAM, id="other")
    papers = [INDEX.draw(b"s"), draw(more, EXAM, b"s"), draw(BANK, renamed, b"s")]
    assert len({paper.slots for paper in papers}) == 3


def test_a_draw_never_changes():
    """A golden vector: what was drawn years ago can be drawn again."""
    paper = INDEX.draw(bytes(range(32)))
    assert paper_digest(paper).hex() == "381bdc112326036c652c986a74267e7a3631d9a36d0b6d7558cc9b67e381207b"
    assert (
        paper_digest(CROSSED.draw(b"golden")).hex()
        == "ee2f0a8f1c21c4f2bbe6c4bde42dee9f555cdacaed4bdc60be0811a09eef9f9e"
    )


def test_the_digest_of_a_paper_changes_with_anything_a_candidate_would_notice():
    paper = INDEX.draw(b"seed")
    first, second, *rest = paper.slots
    others = [
        (second, first, *rest),
        (msgspec.structs.replace(first, order=first.order[::-1]), second, *rest),
        (msgspec.structs.replace(first, section=3), second, *rest),
        (msgspec.structs.replace(first, set_id="x"), second, *rest),
        (msgspec.structs.replace(first, version="0" * 32), second, *rest),
    ]
    digests = {paper_digest(msgspec.structs.replace(paper, slots=slots)) for slots in others}
    assert len(digests | {paper_digest(paper)}) == 6
    assert len(paper_digest(paper)) == 32


def test_every_item_of_a_cell_is_as_likely_and_in_every_place():
    index = DrawIndex(version(*many(20)), blueprint(section(5)))
    names = {version_of(one): one.id for one in many(20)}
    chosen: Counter[str] = Counter()
    first: Counter[str] = Counter()
    runs = 2_000
    for seed in range(runs):
        slots = index.draw(seed.to_bytes(4, "big")).slots
        chosen.update(names[slot.version] for slot in slots)
        first[names[slots[0].version]] += 1
    expected = runs * 5 / 20
    spread = sum((count - expected) ** 2 for count in chosen.values()) / (expected * (1 - 5 / 20)) * 19 / 20
    assert spread < CHI_SQUARE_999_19
    assert sum((count - runs / 20) ** 2 for count in first.values()) / (runs / 20) < CHI_SQUARE_999_19


def test_the_right_option_stands_in_every_place_as_often():
    index = DrawIndex(version(*many(10)), blueprint(section(10)))
    places: Counter[int] = Counter()
    for seed in range(400):
        places.update(slot.order.index(0) for slot in index.draw(seed.to_bytes(4, "big")).slots)
    assert (
        sum((count - 1_000) ** 2 for count in places.values()) / 1_000 < 16.3
    )  # 99.9 %, 3 degrees of freedom


def test_every_choice_of_sets_is_as_likely():
    held = [item_set(name, 2) for name in "abcdef"]
    bank = version(*(child for _, children in held for child in children), sets=tuple(one for one, _ in held))
    index = DrawIndex(bank, blueprint(section(6, kind=None)))
    chosen = Counter(
        frozenset(slot.set_id for slot in index.draw(seed.to_bytes(4, "big")).slots) for seed in range(4_000)
    )
    assert len(chosen) == 20
    assert sum((count - 200) ** 2 for count in chosen.values()) / 200 < CHI_SQUARE_999_19


def test_without_shuffling_items_and_options_keep_the_order_of_the_pool():
    made = blueprint(section(12, shuffle_items=False, shuffle_options=False))
    paper = draw(version(*many(12)), made, b"x")
    assert [slot.version for slot in paper.slots] == [version_of(one) for one in many(12)]
    assert {slot.order for slot in paper.slots} == {(0, 1, 2, 3)}


def test_a_blueprint_that_cannot_be_met_or_contradicts_itself_makes_no_index():
    with pytest.raises(BlueprintNotMet):
        DrawIndex(BANK, blueprint(section(100)))
    with pytest.raises(BadBlueprint):
        DrawIndex(BANK, blueprint())


INDEX = DrawIndex(BANK, EXAM)
CROSSED = DrawIndex(BANK, CROSSING)

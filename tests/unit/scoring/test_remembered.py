"""Scores by what answers earned before: the same as working the whole paper out."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from exam_api.attempt.deadline import Navigation
from exam_api.usecases.shelf import Layout, Marking
from question_pools.blueprint import Blueprint, Section
from question_pools.items import Kind
from question_pools.publish import KeyBook
from scoring.choice import parse_policy
from scoring.paper import MarkPart, MarkSlot, score
from scoring.remembered import ANSWERS_KEPT, ItemMarks

POLICIES = ("all_or_nothing", "partial_per_option:50", "minus_per_miss:60", "proportional", "half_if_subset")
VERSIONS = [bytes([number]) * 16 for number in range(1, 9)]


@st.composite
def markings(draw) -> Marking:
    book = KeyBook(
        digest="",
        keys={version.hex(): draw(st.integers(1, 31)) for version in VERSIONS},
        kinds={version.hex(): draw(st.sampled_from([Kind.SINGLE, Kind.MULTI])) for version in VERSIONS},
    )
    section = st.builds(
        Section,
        title=st.sampled_from("ABC"),
        kind=st.none(),
        count=st.just(1),
        points_centi=st.integers(0, 333),
        policy=st.sampled_from(POLICIES),
        part=st.sampled_from(["", "p", "q"]),
    )
    sections = tuple(draw(st.lists(section, min_size=1, max_size=4)))
    parts = (MarkPart("p", draw(st.integers(0, 500)), prerequisite="q"), MarkPart("q", 100))
    return Marking(
        book=book, blueprint=Blueprint("b", "b", sections), pass_centi=draw(st.integers(0, 999)), parts=parts
    )


@st.composite
def layouts(draw, marking: Marking) -> Layout:
    last = len(marking.blueprint.sections) - 1
    slots = draw(st.lists(st.tuples(st.integers(0, last), st.sampled_from(VERSIONS)), max_size=12))
    if draw(st.booleans()):
        slots.sort(key=lambda slot: slot[0])
    return Layout(
        session_id=UUID(int=1),
        navigation=Navigation.FREE,
        versions=tuple(version for _, version in slots),
        sections=tuple(section for section, _ in slots),
        options=(5,) * len(slots),
        one_only=(False,) * len(slots),
    )


@given(st.data())
def test_a_score_by_remembered_marks_is_the_score_of_the_plan(data) -> None:
    marking = data.draw(markings())
    for _ in range(3):  # what one paper left behind serves the next
        layout = data.draw(layouts(marking))
        count = len(layout.versions)
        picked = data.draw(st.lists(st.integers(0, 63), min_size=count, max_size=count))
        assert marking.score_of(layout, picked) == score(marking.plan_of(layout), picked)


def test_of_one_item_only_so_many_answers_are_remembered_and_the_others_are_marked_all_the_same() -> None:
    policy = parse_policy("partial_per_option:50")
    marks = ItemMarks(MarkSlot(key=(1 << 12) - 1, policy=policy, worth_centi=400, section=0))
    earned = [marks[picked] for picked in range(2 * ANSWERS_KEPT)]
    assert earned == [min(400, 50 * picked.bit_count()) for picked in range(2 * ANSWERS_KEPT)]
    assert len(marks) == ANSWERS_KEPT

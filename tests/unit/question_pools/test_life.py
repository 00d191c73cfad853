"""The life of items: who may do what when, and what a published version takes."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_pools.errors import NotYourPart, OwnWording, PoolsError, ReasonMissing, StepDoesNotFit
from question_pools.items import Item, ItemId, ItemSet, Kind, judge_options, version_of
from question_pools.life import (
    Hand,
    Life,
    Publishable,
    State,
    Step,
    publishable,
    set_life_id,
    set_version,
    standing,
    stepped,
    vouched,
    worded,
)

AUTHOR = Hand("staff:author", writes=True, judges=False)
REVIEWER = Hand("staff:reviewer", writes=False, judges=True)
OFFICER = Hand("staff:officer", writes=True, judges=True)
WHY = "法规已修订"


def written(by: Hand = AUTHOR) -> Life:
    return worded(None, "q1", "a" * 32, by.name, 1)


def approved() -> Life:
    return stepped(stepped(written(), Step.REVIEW, REVIEWER, 2), Step.APPROVE, REVIEWER, 3)


def test_a_wording_becomes_drawn_by_review_and_approval() -> None:
    life = written()
    assert (life.state, life.drawn) == (State.DRAFT, None)
    life = stepped(life, Step.REVIEW, REVIEWER, 2)
    assert (life.state, life.drawn) == (State.REVIEWED, None)
    life = stepped(life, Step.APPROVE, REVIEWER, 3)
    assert (life.state, life.drawn) == (State.APPROVED, life.newest)
    assert (life.newest.reviewer, life.newest.approver, life.newest.approved_ms) == (
        REVIEWER.name,
        REVIEWER.name,
        3,
    )


@pytest.mark.parametrize("step", [Step.REVIEW, Step.APPROVE])
def test_nobody_judges_their_own_wording(step: Step) -> None:
    life = written(OFFICER)
    if step is Step.APPROVE:
        life = stepped(life, Step.REVIEW, REVIEWER, 2)
    with pytest.raises(OwnWording):
        stepped(life, step, OFFICER, 3)


def test_an_author_judges_nothing() -> None:
    for step in Step:
        with pytest.raises(NotYourPart):
            stepped(approved(), step, AUTHOR, 4, WHY)


def test_an_author_may_withdraw_what_was_never_approved() -> None:
    assert stepped(written(), Step.RETIRE, AUTHOR, 2, WHY).state is State.RETIRED
    with pytest.raises(NotYourPart):
        stepped(written(OFFICER), Step.RETIRE, AUTHOR, 2, WHY)


def test_a_new_wording_is_a_draft_and_the_approved_one_goes_on_being_drawn() -> None:
    life = worded(approved(), "q1", "b" * 32, AUTHOR.name, 4)
    assert (life.state, life.newest.number) == (State.DRAFT, 2)
    assert life.drawn is not None
    assert life.drawn.version == "a" * 32


def test_a_wording_that_comes_back_is_as_far_as_it_was() -> None:
    life = worded(worded(approved(), "q1", "b" * 32, AUTHOR.name, 4), "q1", "a" * 32, OFFICER.name, 5)
    assert (life.state, len(life.wordings), life.newest.author) == (State.APPROVED, 2, AUTHOR.name)


def test_what_is_retired_is_not_drawn_and_comes_back_to_be_approved_anew() -> None:
    life = stepped(approved(), Step.RETIRE, REVIEWER, 4, WHY)
    assert (life.state, life.drawn) == (State.RETIRED, None)
    assert life.retired is not None
    assert life.retired.reason == WHY
    back = stepped(life, Step.RESTORE, REVIEWER, 5, WHY)
    assert (back.state, back.drawn, back.newest.approver) == (State.REVIEWED, None, "")


def test_steps_that_take_something_away_say_why() -> None:
    with pytest.raises(ReasonMissing):
        stepped(approved(), Step.RETIRE, REVIEWER, 4, " ")


def test_vouching_needs_another_name_and_leaves_retired_ones() -> None:
    assert vouched(written(), "system:second", 2).state is State.APPROVED
    with pytest.raises(OwnWording):
        vouched(written(), AUTHOR.name, 2)
    gone = stepped(approved(), Step.RETIRE, REVIEWER, 4, WHY)
    assert vouched(gone, "system:second", 5) == gone


@given(
    st.lists(
        st.tuples(st.sampled_from([*Step, None]), st.sampled_from([AUTHOR, REVIEWER, OFFICER])), max_size=30
    )
)
def test_whatever_is_tried_nothing_is_drawn_that_its_author_approved(
    tries: list[tuple[Step | None, Hand]],
) -> None:
    life = written()
    for n, (step, hand) in enumerate(tries):
        if step is None:
            life = worded(life, "q1", f"{n % 4:032x}", hand.name, n)
            continue
        try:
            life = stepped(life, step, hand, n + 1, WHY)
        except PoolsError as refusal:
            assert isinstance(refusal, NotYourPart | OwnWording | StepDoesNotFit | ReasonMissing)  # noqa: PT017 - each try
    drawn = life.drawn
    if drawn is not None:
        assert drawn.approver
        assert drawn.author not in {drawn.approver, drawn.reviewer}
        assert life.retired is None


def judge(item_id: str, stem: str = "可以。", set_id: str | None = None) -> Item:
    return Item(ItemId(item_id), Kind.JUDGE, stem, judge_options(), 1, set_id=set_id)


def lives_of(items: list[Item], sets: list[ItemSet], ready: set[str]) -> dict[str, Life]:
    """Lives of a working copy; those in `ready` are approved."""
    made = {item.id: worded(None, item.id, version_of(item), "staff:author", 1) for item in items} | {
        set_life_id(one.id): worded(None, set_life_id(one.id), set_version(one), "staff:author", 1)
        for one in sets
    }
    return {held: vouched(life, "s", 2) if held in ready else life for held, life in made.items()}


def taken(items: list[Item], sets: list[ItemSet], ready: set[str]) -> Publishable:
    lives = lives_of(items, sets, ready)
    by_version = {version_of(item): item for item in items}
    return publishable(lives, lives, by_version, {set_version(one): one for one in sets})


def test_only_what_is_approved_is_published_and_the_rest_is_counted() -> None:
    items = [judge("a"), judge("b"), judge("c")]
    chosen = taken(items, [], {"a", "c"})
    assert ([item.id for item in chosen.items], chosen.left_out) == (["a", "c"], 1)


@pytest.mark.parametrize("missing", ["m1", "m2", "set:m"])
def test_a_set_is_published_only_whole(missing: str) -> None:
    items = [judge("a"), judge("m1", set_id="m"), judge("m2", set_id="m")]
    one = ItemSet("m", "材料", (), (ItemId("m1"), ItemId("m2")))
    ready = {"a", "m1", "m2", "set:m"}
    assert len(taken(items, [one], ready).items) == 3
    chosen = taken(items, [one], ready - {missing})
    assert ([item.id for item in chosen.items], chosen.sets) == (["a"], ())


def test_standing_counts_by_state() -> None:
    lives = [written(), approved(), stepped(approved(), Step.RETIRE, REVIEWER, 4, WHY)]
    held = standing(lives)
    assert msgspec.structs.astuple(held) == (1, 0, 1, 1)

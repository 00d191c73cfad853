"""The life of an item: whose wording may be asked, who may say so, and what a published version takes."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from question_pools.errors import NotYourPart, OwnWording, ReasonMissing, StepDoesNotFit
from question_pools.items import SET_PREFIX, VERSION_HEX, Item, ItemId, ItemSet, canonical, sha256_hex


class State(StrEnum):
    """Stored values: never renamed."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    RETIRED = "retired"


class Step(StrEnum):
    """What people do to an item besides writing it."""

    REVIEW = "review"
    APPROVE = "approve"
    SEND_BACK = "send-back"
    RETIRE = "retire"
    RESTORE = "restore"


REASONED: Final = frozenset({Step.SEND_BACK, Step.RETIRE, Step.RESTORE})
"""Steps that say why."""

REASON_MIN: Final = 2
"""Characters of the shortest reason."""


class Hand(msgspec.Struct, frozen=True):
    """Who takes a step, and what their role lets them."""

    name: str
    """As the audit names people."""
    writes: bool
    judges: bool


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """One wording of an item and how far it came; it is never retired by itself, its item is."""

    version: str
    number: int
    """From 1, in the order of writing."""
    state: State
    author: str
    made_ms: int
    reviewer: str = ""
    reviewed_ms: int = 0
    approver: str = ""
    approved_ms: int = 0


class Retirement(msgspec.Struct, frozen=True):
    """Why an item is asked no more."""

    by: str
    at_ms: int
    reason: str


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """An item (or the material of a set) in one pool: its wordings, and which one is worked on."""

    item_id: str
    wordings: tuple[Wording, ...]
    """Oldest first."""
    working: str
    """Version of the wording that the working copy holds."""
    retired: Retirement | None = None

    @property
    def newest(self) -> Wording:
        """The wording that is worked on."""
        return next(one for one in self.wordings if one.version == self.working)

    @property
    def state(self) -> State:
        """How far the item came with its newest wording."""
        return State.RETIRED if self.retired else self.newest.state

    @property
    def drawn(self) -> Wording | None:
        """The wording that the next published version holds: the newest approved one."""
        if self.retired:
            return None
        if self.newest.state is State.APPROVED:
            return self.newest
        return next((one for one in reversed(self.wordings) if one.state is State.APPROVED), None)


def set_version(one: ItemSet) -> str:
    """The immutable id of a set's material and order, as `version_of` for an item."""
    return sha256_hex(canonical(one))[:VERSION_HEX]


def set_life_id(set_id: str) -> str:
    """Under which id the life of a set's material is kept."""
    return SET_PREFIX + set_id


def worded(life: Life | None, item_id: str, version: str, author: str, at_ms: int) -> Life:
    """The life after somebody wrote a wording; one that was there before comes back as far as it was."""
    wordings = () if life is None else life.wordings
    if life is None or all(one.version != version for one in wordings):
        number = max((one.number for one in wordings), default=0) + 1
        fresh = Wording(version=version, number=number, state=State.DRAFT, author=author, made_ms=at_ms)
        wordings = (*wordings, fresh)
    retired = None if life is None else life.retired
    return Life(item_id=item_id, wordings=wordings, working=version, retired=retired)


_FROM: Final[Mapping[Step, frozenset[State]]] = {
    Step.REVIEW: frozenset({State.DRAFT}),
    Step.APPROVE: frozenset({State.REVIEWED}),
    Step.SEND_BACK: frozenset({State.REVIEWED}),
    Step.RETIRE: frozenset({State.DRAFT, State.REVIEWED, State.APPROVED}),
    Step.RESTORE: frozenset({State.RETIRED}),
}
"""In which states a step can be taken."""


def stepped(life: Life, step: Step, hand: Hand, at_ms: int, reason: str = "") -> Life:
    """The life after a step.

    Raises:
        NotYourPart: the role does not take this step.
        StepDoesNotFit: not in this state.
        OwnWording: nobody reviews or approves what they wrote.
        ReasonMissing: this step says why.
    """
    _check(life, step, hand, reason)
    newest = life.newest
    match step:
        case Step.REVIEW:
            return _with(life, _reviewed(newest, hand.name, at_ms))
        case Step.APPROVE:
            return _with(life, _approved(newest, hand.name, at_ms))
        case Step.SEND_BACK:
            return _with(life, _draft(newest))
        case Step.RETIRE:
            return msgspec.structs.replace(life, retired=Retirement(hand.name, at_ms, reason.strip()))
        case Step.RESTORE:
            return _restored(life)


def _check(life: Life, step: Step, hand: Hand, reason: str) -> None:
    newest = life.newest
    own = newest.author == hand.name
    withdraws = step is Step.RETIRE and own and hand.writes and life.drawn is None
    if not (hand.judges or withdraws):
        raise NotYourPart(step)
    if life.state not in _FROM[step]:
        raise StepDoesNotFit(life.item_id, state=life.state, step=step)
    if own and step in {Step.REVIEW, Step.APPROVE}:
        raise OwnWording(life.item_id)
    if step in REASONED and len(reason.strip()) < REASON_MIN:
        raise ReasonMissing(step)


def vouched(life: Life, name: str, at_ms: int) -> Life:
    """The life after the system took an item over as approved, in another name than its author's.

    Raises OwnWording.
    """
    newest = life.newest
    if newest.author == name:
        raise OwnWording(life.item_id)
    if life.retired or newest.state is State.APPROVED:
        return life
    return _with(life, _approved(_reviewed(newest, name, at_ms), name, at_ms))


def _reviewed(one: Wording, name: str, at_ms: int) -> Wording:
    return msgspec.structs.replace(one, state=State.REVIEWED, reviewer=name, reviewed_ms=at_ms)


def _approved(one: Wording, name: str, at_ms: int) -> Wording:
    return msgspec.structs.replace(one, state=State.APPROVED, approver=name, approved_ms=at_ms)


def _draft(one: Wording) -> Wording:
    return msgspec.structs.replace(one, state=State.DRAFT, reviewer="", reviewed_ms=0)


def _with(life: Life, changed: Wording) -> Life:
    wordings = tuple(changed if one.version == changed.version else one for one in life.wordings)
    return msgspec.structs.replace(life, wordings=wordings)


def _restored(life: Life) -> Life:
    """Back in work: whatever had been approved must be approved anew before it is drawn again."""
    wordings = tuple(
        msgspec.structs.replace(one, state=State.REVIEWED, approver="", approved_ms=0)
        if one.state is State.APPROVED
        else one
        for one in life.wordings
    )
    return msgspec.structs.replace(life, wordings=wordings, retired=None)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How many items stand where; the material of sets is counted too."""

    drafts: int = 0
    reviewed: int = 0
    approved: int = 0
    retired: int = 0


class Publishable(msgspec.Struct, frozen=True):
    """What a published version takes of a working copy."""

    items: tuple[Item, ...]
    sets: tuple[ItemSet, ...]
    left_out: int
    """Items of the working copy that are not in it."""


def standing(lives: Iterable[Life]) -> Standing:
    """Count lives by state."""
    states = [life.state for life in lives]
    return Standing(
        drafts=states.count(State.DRAFT),
        reviewed=states.count(State.REVIEWED),
        approved=states.count(State.APPROVED),
        retired=states.count(State.RETIRED),
    )


def publishable(
    order: Iterable[str],
    lives: Mapping[str, Life],
    items: Mapping[str, Item],
    sets: Mapping[str, ItemSet],
) -> Publishable:
    """The newest approved wording of every item, and the sets whose material and items are all approved.

    Args:
        order: life ids (items and sets) in the order of the working copy.
        lives: by life id.
        items: wordings by version, at least every approved one.
        sets: materials by version, at least every approved one.
    """
    ids = list(order)
    drawn = {held: found.version for held in ids if (found := lives[held].drawn) is not None}
    chosen = {held: items[version] for held, version in drawn.items() if version in items}
    whole = [sets[version] for version in drawn.values() if version in sets]
    kept = tuple(
        one for one in whole if all(child in chosen and chosen[child].set_id == one.id for child in one.items)
    )
    in_sets: frozenset[ItemId] = frozenset(child for one in kept for child in one.items)
    taken = tuple(item for held, item in chosen.items() if item.set_id is None or ItemId(held) in in_sets)
    asked = sum(1 for held in ids if not held.startswith(SET_PREFIX))
    return Publishable(items=taken, sets=kept, left_out=asked - len(taken))

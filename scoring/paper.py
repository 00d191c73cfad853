"""The score of one paper: by slot, section and part, and whether it is a pass."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from scoring.choice import Policy, mark
from scoring.errors import PlanNotSound


class MarkSlot(msgspec.Struct, frozen=True):
    """What marking needs to know of one slot of a paper."""

    key: int
    policy: Policy
    worth_centi: int
    section: int
    """Index into the plan's sections."""


class MarkSection(msgspec.Struct, frozen=True):
    """A section as it is shown with the score; `part` is the name of its part, or empty."""

    title: str
    part: str = ""


class MarkPart(msgspec.Struct, frozen=True):
    """A part with its own pass mark; it is passed only where its prerequisite is passed too."""

    name: str
    pass_centi: int
    prerequisite: str | None = None


class MarkPlan(msgspec.Struct, frozen=True):
    """All that is needed to mark one candidate's paper. It holds keys: never send it to a candidate."""

    slots: tuple[MarkSlot, ...]
    sections: tuple[MarkSection, ...]
    pass_centi: int
    parts: tuple[MarkPart, ...] = ()


class SectionScore(msgspec.Struct, frozen=True):
    """What a section brought; `right` counts the slots that were answered exactly."""

    title: str
    score_centi: int
    full_centi: int
    right: int
    count: int


class PartScore(msgspec.Struct, frozen=True):
    """What a part brought and whether it counts as passed."""

    name: str
    score_centi: int
    full_centi: int
    pass_centi: int
    passed: bool


class PaperScore(msgspec.Struct, frozen=True):
    """The score of a paper; sections and parts are integer sums of `marks`, so what is shown adds up."""

    total_centi: int
    full_centi: int
    passed: bool
    sections: tuple[SectionScore, ...]
    parts: tuple[PartScore, ...]
    marks: tuple[int, ...]


def score(plan: MarkPlan, picked: Sequence[int]) -> PaperScore:
    """Mark a whole paper; `picked` holds one bit mask per slot, 0 where nothing was answered.

    Raises PlanNotSound: `picked` is not as long as the paper, or the plan contradicts itself.
    Source: docs/marking.md §3 and §4.
    """
    if len(picked) != len(plan.slots):
        raise PlanNotSound(f"{len(picked)} answers for {len(plan.slots)} slots")
    sums = [[0, 0, 0, 0] for _ in plan.sections]
    marks: list[int] = []
    for slot, answer in zip(plan.slots, picked, strict=True):
        key = slot.key
        worth_centi = slot.worth_centi
        right = answer == key and answer != 0
        if right:
            earned = worth_centi
        elif answer == 0 or answer & ~key:
            earned = 0
        else:
            earned = _remembered(slot.policy, key, answer, worth_centi)
        marks.append(earned)
        held = sums[slot.section]
        held[0] += earned
        held[1] += worth_centi
        held[2] += right
        held[3] += 1
    sections = tuple(
        SectionScore(section.title, *held) for section, held in zip(plan.sections, sums, strict=True)
    )
    return summed(plan, sections, marks)


def summed(plan: MarkPlan, sections: tuple[SectionScore, ...], marks: Sequence[int]) -> PaperScore:
    """Draw parts, total and pass from sections that are already the sums of their marks.

    Source: docs/marking.md §4.
    """
    parts = _parts(plan, sections) if plan.parts else ()
    total_centi = sum(marks)
    passed = total_centi >= plan.pass_centi and all(part.passed for part in parts)
    full_centi = sum(section.full_centi for section in sections)
    return PaperScore(total_centi, full_centi, passed, sections, parts, tuple(marks))


def check_plan(plan: MarkPlan) -> None:
    """See that a plan can be scored: done once when it is made, so that `score` need not.

    Raises PlanNotSound.
    """
    names = [part.name for part in plan.parts]
    if len(set(names)) != len(names):
        raise PlanNotSound("two parts bear one name")
    for slot in plan.slots:
        if not 0 <= slot.section < len(plan.sections):
            raise PlanNotSound(f"no section {slot.section}")
        if slot.key <= 0 or slot.worth_centi < 0:
            raise PlanNotSound("a slot without a key or with negative points")
    for section in plan.sections:
        if section.part and section.part not in names:
            raise PlanNotSound(f"no part {section.part!r}")
    _in_order(plan.parts)


REMEMBERED: Final = 65_536
"""How many (policy, key, answer, worth) are remembered per process: some 12 MB when full."""


@lru_cache(maxsize=REMEMBERED)
def _remembered(policy: Policy, key: int, picked: int, worth_centi: int) -> int:
    return mark(policy, key=key, picked=picked, worth_centi=worth_centi)


def _parts(plan: MarkPlan, sections: Sequence[SectionScore]) -> tuple[PartScore, ...]:
    passed: dict[str, bool] = {}
    scores: dict[str, PartScore] = {}
    for part in _in_order(plan.parts):
        own = [
            score for section, score in zip(plan.sections, sections, strict=True) if section.part == part.name
        ]
        score_centi = sum(section.score_centi for section in own)
        free = part.prerequisite is None or passed[part.prerequisite]
        passed[part.name] = free and score_centi >= part.pass_centi
        scores[part.name] = PartScore(
            name=part.name,
            score_centi=score_centi,
            full_centi=sum(section.full_centi for section in own),
            pass_centi=part.pass_centi,
            passed=passed[part.name],
        )
    return tuple(scores[part.name] for part in plan.parts)


@lru_cache(maxsize=256)
def _in_order(parts: tuple[MarkPart, ...]) -> tuple[MarkPart, ...]:
    """Give the parts with every prerequisite before what needs it."""
    ordered: list[MarkPart] = []
    waiting = list(parts)
    while waiting:
        known: set[str | None] = {None, *(part.name for part in ordered)}
        ready = [part for part in waiting if part.prerequisite in known]
        if not ready:
            raise PlanNotSound("the prerequisites of the parts run in a circle or name no part")
        ordered += ready
        waiting = [part for part in waiting if part.prerequisite not in known]
    return tuple(ordered)

"""Marks of items that many papers share: what an answer earned once is looked up from then on."""

from collections.abc import Sequence
from operator import eq, getitem
from typing import Final, NamedTuple

from scoring.choice import mark
from scoring.errors import PlanNotSound
from scoring.paper import MarkSlot, SectionScore

ANSWERS_KEPT: Final = 256
"""Answers of one item that are remembered: eight options have no more."""


class ItemMarks(dict[int, int]):
    """What each answer to an item earns, in 1/100 point; worked out at the first asking."""

    __slots__ = ("key", "slot")

    def __init__(self, slot: MarkSlot) -> None:
        super().__init__()
        self.slot = slot
        self.key = slot.key

    def __missing__(self, picked: int) -> int:
        slot = self.slot
        earned = mark(slot.policy, key=slot.key, picked=picked, worth_centi=slot.worth_centi)
        if len(self) < ANSWERS_KEPT:
            self[picked] = earned
        return earned


class SectionMarks(NamedTuple):
    """A section of a paper with what its slots earned."""

    score: SectionScore
    marks: Sequence[int]


def mark_section(
    title: str, items: Sequence[ItemMarks], picked: Sequence[int], *, worth_centi: int
) -> SectionMarks:
    """Mark slots that are worth the same; equal to what `scoring.paper.score` makes of the section.

    Raises PlanNotSound: there are not as many answers as slots.
    """
    if len(items) != len(picked):
        raise PlanNotSound(f"{len(picked)} answers for {len(items)} slots")
    marks = list(map(getitem, items, picked))
    right = sum(map(eq, [one.key for one in items], picked))
    count = len(items)
    return SectionMarks(SectionScore(title, sum(marks), worth_centi * count, right, count), marks)

"""Marking a paper anew under corrections: pure, so a preview is what applying it gives."""

from collections.abc import Mapping, Sequence

import msgspec

from scoring.choice import mark
from scoring.corrections import Correction, Voided, VoidPolicy, accepted
from scoring.errors import NothingLeft
from scoring.paper import MarkPlan, MarkSlot, PaperScore, SectionScore, score, summed
from scoring.rounding import in_proportion


def placed(versions: Sequence[str], corrections: Mapping[str, Correction]) -> dict[int, Correction]:
    """Find the slots of one paper that hold a corrected item version."""
    return {place: corrections[version] for place, version in enumerate(versions) if version in corrections}


def rescored(plan: MarkPlan, picked: Sequence[int], corrections: Mapping[int, Correction]) -> PaperScore:
    """Mark a whole paper under corrections by slot; without any this is `score`.

    Raises NothingLeft, PlanNotSound.
    Source: docs/marking.md §8.
    """
    return adjusted(plan, picked, score(plan, picked), corrections)


def adjusted(
    plan: MarkPlan, picked: Sequence[int], uncorrected: PaperScore, corrections: Mapping[int, Correction]
) -> PaperScore:
    """Do what `rescored` does where `score(plan, picked)` is at hand: only what is touched is redone.

    Raises NothingLeft.
    """
    if not corrections:
        return uncorrected
    marks = list(uncorrected.marks)
    sections = list(uncorrected.sections)
    removed: dict[int, set[int]] = {}
    for place, correction in corrections.items():
        slot = plan.slots[place]
        answer = _answer(slot, picked[place], correction)
        marks[place] = answer.earned_centi
        if answer.removed:
            removed.setdefault(slot.section, set()).add(place)
        held = sections[slot.section]
        sections[slot.section] = msgspec.structs.replace(
            held,
            right=held.right + answer.right - (picked[place] == slot.key),
            count=held.count - answer.removed,
        )
    for section, places in removed.items():
        _rescale(plan, sections[section], section, places, marks)
    for section in {plan.slots[place].section for place in corrections}:
        sections[section] = msgspec.structs.replace(
            sections[section],
            score_centi=sum(
                earned for slot, earned in zip(plan.slots, marks, strict=True) if slot.section == section
            ),
        )
    return summed(plan, tuple(sections), marks)


class _Answer(msgspec.Struct, frozen=True):
    """What one answer is under a correction."""

    earned_centi: int
    right: bool
    removed: bool = False


def _answer(slot: MarkSlot, picked: int, correction: Correction) -> _Answer:
    if isinstance(correction, Voided):
        if correction.policy is VoidPolicy.FULL_MARKS:
            return _Answer(slot.worth_centi, right=True)
        return _Answer(0, right=False, removed=True)
    keys = accepted(correction)
    return _Answer(
        max(mark(slot.policy, key=key, picked=picked, worth_centi=slot.worth_centi) for key in keys),
        right=picked in keys,
    )


def _rescale(plan: MarkPlan, held: SectionScore, section: int, removed: set[int], marks: list[int]) -> None:
    """Scale the marks that are left of a section to the section's full points."""
    rest = [
        place for place, slot in enumerate(plan.slots) if slot.section == section and place not in removed
    ]
    left_centi = sum(plan.slots[place].worth_centi for place in rest)
    if left_centi == held.full_centi:
        return
    if not left_centi:
        raise NothingLeft(held.title)
    scaled = in_proportion([marks[place] for place in rest], to=held.full_centi, of=left_centi)
    for place, earned in zip(rest, scaled, strict=True):
        marks[place] = earned

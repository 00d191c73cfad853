"""Whom a correction moves: totals and passes before and after, for many papers and several ways at once."""

from collections.abc import Hashable, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

import msgspec

from scoring.corrections import Correction, KeyChanged, KeysAccepted, Voided, VoidPolicy
from scoring.errors import NothingLeft
from scoring.paper import MarkPlan, PaperScore, score
from scoring.rescore import adjusted, placed

Way = TypeVar("Way", bound=Hashable)


class Attempted(msgspec.Struct, frozen=True):
    """One finished attempt as the record holds it."""

    attempt_id: str
    versions: tuple[str, ...]
    """By slot the item version."""
    plan: MarkPlan
    picked: tuple[int, ...]
    stands: PaperScore
    """The score that stands now."""


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What one candidate had and would have."""

    attempt_id: str
    saw: bool
    """The paper holds a corrected item."""
    before_centi: int
    after_centi: int
    passed_before: bool
    passes_after: bool

    @property
    def flips(self) -> bool:
        """The pass is won or lost."""
        return self.passed_before is not self.passes_after


class Radius(msgspec.Struct, frozen=True, kw_only=True):
    """All candidates of a session under one way of correcting, in the order given."""

    moved: tuple[Moved, ...]
    impossible: tuple[str, ...]
    """Attempts that this way leaves without points in a section; with any, it cannot be applied."""

    @property
    def saw(self) -> int:
        """How many papers hold a corrected item."""
        return sum(one.saw for one in self.moved)

    @property
    def changed(self) -> tuple[Moved, ...]:
        """Those whose total changes."""
        return tuple(one for one in self.moved if one.before_centi != one.after_centi)

    @property
    def won(self) -> tuple[Moved, ...]:
        """Those who would pass now."""
        return tuple(one for one in self.moved if one.flips and one.passes_after)

    @property
    def lost(self) -> tuple[Moved, ...]:
        """Those who would no longer pass."""
        return tuple(one for one in self.moved if one.flips and one.passed_before)


class Remedy(StrEnum):
    """The ways of dealing with one faulty item. Stored values: never renamed, never translated."""

    NEW_KEY = "new_key"
    ACCEPT_SEVERAL = "accept_several"
    FULL_MARKS = "full_marks"
    REMOVE_RESCALE = "remove_rescale"


class Fault(msgspec.Struct, frozen=True):
    """An item version found wrong; `new_key` None where no answer to it is right."""

    version: str
    key: int
    new_key: int | None = None


def remedies(fault: Fault) -> dict[Remedy, Correction]:
    """Give what can be done about a fault; without a new key only the two ways of voiding."""
    voids: dict[Remedy, Correction] = {
        Remedy.FULL_MARKS: Voided(VoidPolicy.FULL_MARKS),
        Remedy.REMOVE_RESCALE: Voided(VoidPolicy.REMOVE_RESCALE),
    }
    if fault.new_key is None:
        return voids
    keyed: dict[Remedy, Correction] = {
        Remedy.NEW_KEY: KeyChanged(fault.new_key),
        Remedy.ACCEPT_SEVERAL: KeysAccepted((fault.key, fault.new_key)),
    }
    return keyed | voids


def side_by_side(
    attempts: Iterable[Attempted], fault: Fault, standing: Mapping[str, Correction]
) -> dict[Remedy, Radius]:
    """Show every remedy of a fault beside the others, on top of the corrections that stand already."""
    return radii(
        attempts,
        {remedy: {**standing, fault.version: correction} for remedy, correction in remedies(fault).items()},
    )


def radii(attempts: Iterable[Attempted], ways: Mapping[Way, Mapping[str, Correction]]) -> dict[Way, Radius]:
    """Mark every attempt under each set of corrections, in one pass: attempts may come from a stream.

    Raises PlanNotSound.
    """
    moved: dict[Way, list[Moved]] = {way: [] for way in ways}
    impossible: dict[Way, list[str]] = {way: [] for way in ways}
    for one in attempts:
        uncorrected = score(one.plan, one.picked)
        for way, corrections in ways.items():
            held = placed(one.versions, corrections)
            try:
                after = adjusted(one.plan, one.picked, uncorrected, held)
            except NothingLeft:
                impossible[way].append(one.attempt_id)
                continue
            moved[way].append(
                Moved(
                    attempt_id=one.attempt_id,
                    saw=bool(held),
                    before_centi=one.stands.total_centi,
                    after_centi=after.total_centi,
                    passed_before=one.stands.passed,
                    passes_after=after.passed,
                )
            )
    return {way: Radius(moved=tuple(moved[way]), impossible=tuple(impossible[way])) for way in ways}

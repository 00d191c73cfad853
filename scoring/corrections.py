"""What can be done about an item found wrong after the exam, and which corrections are in force."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from question_pools.items import MAX_OPTIONS
from scoring.errors import CorrectionNotSound


class VoidPolicy(StrEnum):
    """What becomes of the points of a voided item. Stored values: never renamed, never translated."""

    FULL_MARKS = "full_marks"
    """All who saw it get its full points, whatever they answered."""
    REMOVE_RESCALE = "remove_rescale"
    """It is taken out; the rest of its section is rescaled to the section's full points."""


class KeyChanged(msgspec.Struct, frozen=True, tag="key_changed"):
    """The item is sound, its key was wrong."""

    key: int


class KeysAccepted(msgspec.Struct, frozen=True, tag="keys_accepted"):
    """Any of several answers is right; a partly right answer counts by the key that gives it most."""

    keys: tuple[int, ...]


class Voided(msgspec.Struct, frozen=True, tag="voided"):
    """The item is unsound."""

    policy: VoidPolicy


Correction = KeyChanged | KeysAccepted | Voided
"""What is done about one item version. Stored by its tag: never renamed."""


class Ruling(msgspec.Struct, frozen=True):
    """One decision about a finished session: it corrects items, or takes an earlier ruling back."""

    number: int
    reason: str
    corrections: Mapping[str, Correction]
    """By item version; empty where it takes a ruling back."""
    takes_back: int | None = None
    """Number of the ruling that no longer stands."""


def accepted(correction: KeyChanged | KeysAccepted) -> tuple[int, ...]:
    """Give the keys any of which is right."""
    return (correction.key,) if isinstance(correction, KeyChanged) else correction.keys


def check_correction(correction: Correction, *, options: int = MAX_OPTIONS) -> None:
    """See that a correction leaves some answer right that an item of so many options can be given.

    Raises CorrectionNotSound.
    """
    if isinstance(correction, Voided):
        return
    keys = accepted(correction)
    if not keys or len(set(keys)) != len(keys):
        raise CorrectionNotSound("no key is accepted, or one is named twice")
    if min(keys) <= 0:
        raise CorrectionNotSound("a blank answer cannot be a key")
    if max(keys) >> options:
        raise CorrectionNotSound("a key names an option that the item does not offer")


def corrected(
    history: Sequence[Ruling], corrections: Mapping[str, Correction], reason: str
) -> tuple[Ruling, ...]:
    """Append a ruling that corrects items; what stood before stays in the history.

    Raises CorrectionNotSound.
    """
    if not corrections:
        raise CorrectionNotSound("nothing is corrected")
    for correction in corrections.values():
        check_correction(correction)
    return _appended(history, Ruling(len(history) + 1, reason, dict(corrections)))


def taken_back(history: Sequence[Ruling], reason: str) -> tuple[Ruling, ...]:
    """Append a ruling by which the newest one that stands no longer does.

    Raises CorrectionNotSound: none stands.
    """
    standing = _standing(history)
    if not standing:
        raise CorrectionNotSound("no ruling stands that could be taken back")
    return _appended(history, Ruling(len(history) + 1, reason, {}, standing[-1].number))


def in_force(history: Sequence[Ruling]) -> dict[str, Correction]:
    """Give the corrections by which the session is marked now; on one item the later ruling counts."""
    together: dict[str, Correction] = {}
    for ruling in _standing(history):
        together |= ruling.corrections
    return together


def _appended(history: Sequence[Ruling], ruling: Ruling) -> tuple[Ruling, ...]:
    if not ruling.reason.strip():
        raise CorrectionNotSound("a ruling without a reason")
    return (*history, ruling)


def _standing(history: Sequence[Ruling]) -> list[Ruling]:
    standing: list[Ruling] = []
    for ruling in history:
        if ruling.takes_back is None:
            standing.append(ruling)
        else:
            standing = [one for one in standing if one.number != ruling.takes_back]
    return standing

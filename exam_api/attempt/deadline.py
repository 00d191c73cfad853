"""The time of an attempt: when one may enter, how long one may work, what still counts. Instants are ms."""

from collections.abc import Sequence
from enum import StrEnum, unique
from fractions import Fraction
from typing import Final

import msgspec

GRACE_MS: Final = 5_000
"""How long after the deadline an op still counts: one slow mobile round trip. Server clock only."""

MASK_BYTES: Final = 4
"""Bytes of one slot's mask in the answers."""


@unique
class Navigation(StrEnum):
    """Which way through the paper. Stored values."""

    FREE = "free"
    FORWARD = "forward"
    """Items that were left behind stay as they are."""


class Refusal(msgspec.Struct, frozen=True):
    """A no as a value: pages translate the code, `until_ms` lets them count down."""

    code: str
    until_ms: int = 0
    """Instant from which (too early) or since which (too late) it is so; 0 where time has no part."""


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """What one candidate is granted beyond the session's length."""

    extra: Fraction = Fraction(0)
    """Share of the length that is added: 1/4 = a quarter more."""
    breaks_ms: int = 0


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """The instants of one sitting as they bind one candidate."""

    opens_ms: int
    latest_entry_ms: int
    closes_ms: int


class Shifts(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger adds to one's own end. Granted by people or the server, so it may pass the close."""

    extended_ms: int = 0
    paused_ms: int = 0
    """Length of finished pauses."""
    credited_ms: int = 0
    """Time in which the service itself did not answer."""


def working_ms(length_ms: int, allowances: Sequence[Allowance]) -> int:
    """Working time with all allowances: shares add up, are taken of the length, and end on a whole ms."""
    share = sum((allowance.extra for allowance in allowances), Fraction(1))
    breaks = sum(allowance.breaks_ms for allowance in allowances)
    return length_ms * share.numerator // share.denominator + breaks


def own_end_ms(*, started_ms: int, working_ms: int, closes_ms: int) -> int:
    """The end given at the start: one's own working time, cut by the hard close."""
    return min(started_ms + working_ms, closes_ms)


def deadline_ms(own_end_ms: int, shifts: Shifts) -> int:
    """The effective end."""
    return own_end_ms + shifts.extended_ms + shifts.paused_ms + shifts.credited_ms


def remaining_ms(*, deadline_ms: int, paused_since_ms: int, now_ms: int) -> int:
    """What is left on the clock, never below 0; stands still during a pause (0: none runs)."""
    return max(0, deadline_ms - (paused_since_ms or now_ms))


def counts(*, deadline_ms: int, arrived_ms: int) -> bool:
    """Whether an op counts that the server has since `arrived_ms`: before deadline + grace."""
    return arrived_ms < deadline_ms + GRACE_MS


def is_over(*, deadline_ms: int, now_ms: int) -> bool:
    """Whether the server hands in what it holds: the grace has passed too."""
    return deadline_ms + GRACE_MS < now_ms


def entry(window: Window, *, now_ms: int) -> Refusal | None:
    """May one start now? From the opening to the latest entry, both included, never at or after the close."""
    if now_ms < window.opens_ms:
        return Refusal("not-yet-open", window.opens_ms)
    if now_ms > window.latest_entry_ms:
        return Refusal("too-late-to-enter", window.latest_entry_ms)
    if now_ms >= window.closes_ms:
        return Refusal("too-late-to-enter", window.closes_ms)
    return None


def hand_in(*, started_ms: int, earliest_after_ms: int, now_ms: int) -> Refusal | None:
    """May one hand in now? From `earliest_after_ms` after one's own start on."""
    from_ms = started_ms + earliest_after_ms
    return Refusal("too-early", from_ms) if now_ms < from_ms else None


def furthest_slot(answers: bytes) -> int:
    """The last slot that bears an answer, -1 when none does; `answers` are 4-byte masks."""
    return (len(answers.rstrip(b"\0")) + MASK_BYTES - 1) // MASK_BYTES - 1


def answering(navigation: Navigation, *, slot: int, slots: int, furthest: int) -> Refusal | None:
    """May this slot be answered? Forward-only: not once a later one was; the one one stands on may change."""
    if not 0 <= slot < slots:
        return Refusal("no-such-slot")
    if navigation is Navigation.FORWARD and slot < furthest:
        return Refusal("slot-left-behind")
    return None

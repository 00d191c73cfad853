"""Doing the same for many: one that breaks or is away keeps no other from it, and is told at the end."""

from collections.abc import Awaitable, Sequence
from typing import TypeVar

from exam_api.errors import AwayError, LiveAway

T = TypeVar("T")


async def sparing(broken: list[Exception], call: Awaitable[T]) -> T | None:
    """What the call gives; what it raises goes to the broken ones.

    Raises AwayError: the others would only meet the same.
    """
    try:
        return await call
    except AwayError:
        raise
    except Exception as wrong:  # noqa: BLE001 - whatever it is, it is the fault of this one
        broken.append(wrong)
        return None


async def passing(away: list[LiveAway], call: Awaitable[T]) -> T | None:
    """What the call gives; None where a node of the live state is away, which goes to the away ones."""
    try:
        return await call
    except LiveAway as silent:
        away.append(silent)
        return None


def tell(broken: Sequence[Exception]) -> None:
    """Raise what broke, in one ExceptionGroup; nothing when nothing did."""
    if broken:
        raise ExceptionGroup(f"{len(broken)} of many broke", broken)


def tell_away(away: Sequence[LiveAway]) -> None:
    """Raise the first; nothing when nobody was away."""
    if away:
        raise away[0]

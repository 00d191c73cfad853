"""Many calls on one lane, a bounded number of them under way at a time."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Final, TypeVar

AT_ONCE: Final = 128
"""Calls that a listing or an arming has under way together: short enough to let others through."""

T = TypeVar("T")


async def together(calls: Iterable[Awaitable[T]]) -> list[T]:
    """The answers of all calls, in their order."""
    answers: list[T] = []
    some: list[Awaitable[T]] = []
    for call in calls:
        some.append(call)
        if len(some) == AT_ONCE:
            answers += await asyncio.gather(*some)
            some = []
    return answers + await asyncio.gather(*some)

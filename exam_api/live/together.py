"""Many calls on one lane, a bounded number of them under way at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

from exam_api.errors import LiveAway

AT_ONCE: Final = 128
"""Calls that a listing or an arming has under way together: short enough to let others through."""

T = TypeVar("T")


async def together(calls: Iterable[Awaitable[T]]) -> list[T]:
    """The answers of all calls, in their order."""
    answers: list[T] = []
    for some in _parts(calls):
        answers += await asyncio.gather(*some)
    return answers


async def put_all(calls: Iterable[Awaitable[object]]) -> None:
    """Make all calls: one that is refused keeps no other from being made. Raises the first refusal then."""
    refused: list[BaseException] = []
    for some in _parts(calls):
        told = await asyncio.gather(*some, return_exceptions=True)
        refused += [answer for answer in told if isinstance(answer, BaseException)]
    if refused:
        raise refused[0]


async def of_nodes_there(calls: Iterable[Callable[[], Awaitable[T]]]) -> list[T | LiveAway]:
    """The answers of a few calls in their order; `LiveAway` in the place of one whose node is away.

    Raises LiveAway when none is answered.
    """
    told = await asyncio.gather(*(_begun(call) for call in calls), return_exceptions=True)
    answers: list[T | LiveAway] = []
    for answer in told:
        if isinstance(answer, BaseException) and not isinstance(answer, LiveAway):
            raise answer
        answers.append(answer)
    if answers and all(isinstance(answer, LiveAway) for answer in answers):
        raise LiveAway
    return answers


def _parts(calls: Iterable[Awaitable[T]]) -> Iterator[list[Awaitable[T]]]:
    waiting = iter(calls)
    while some := list(islice(waiting, AT_ONCE)):
        yield some


def _begun(call: Callable[[], Awaitable[T]]) -> Awaitable[T]:
    """The call under way; a lane without its node refuses at once instead."""
    try:
        return call()
    except LiveAway as away:
        refused: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        refused.set_exception(away)
        return refused

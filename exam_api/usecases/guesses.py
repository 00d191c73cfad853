"""Guesses are counted before they are tried: however many come at once, no more than the limit are."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from exam_api.accounts.errors import NoSecondFactor
from exam_api.errors import AwayError
from exam_api.ports import Limit, Logins
from exam_api.usecases.errors import TooManyFailures


@asynccontextmanager
async def counted(logins: Logins, *marks: tuple[Limit, bytes]) -> AsyncGenerator[None, None]:
    """Try a guess that counts as wrong under each limit and key until it is known to be right.

    To look first and to count what was wrong would let through whatever comes between the two. It is not
    taken back for a caller who does not wait for the answer: who leaves early would guess for nothing.

    Raises TooManyFailures, with nothing tried and nothing counted under the other keys.
    """
    for at, (limit, key) in enumerate(marks):
        if await logins.over_limit(limit.kind, key, limit=limit.most, window_ms=limit.window_ms):
            await _take_back(logins, marks[:at])
            raise TooManyFailures(wait_ms=limit.window_ms)
    try:
        yield
    except (AwayError, NoSecondFactor):  # it was not tried
        await _take_back(logins, marks)
        raise
    await _take_back(logins, marks)


async def _take_back(logins: Logins, marks: tuple[tuple[Limit, bytes], ...]) -> None:
    for limit, key in marks:
        await logins.take_back(limit.kind, key)

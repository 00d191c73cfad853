"""Running one act on the wired parts, for commands that need database or Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from exam_api.cli.given import refuse, settings
from exam_api.errors import AwayError
from exam_api.wiring import Wired, open_parts

T = TypeVar("T")


def run_on_parts(act: Callable[[Wired], Awaitable[T]]) -> T:
    """Do it, or end with the sentence that says what does not answer."""
    found = settings()

    async def whole() -> T:
        async with open_parts(found) as wired:
            return await act(wired)

    try:
        return asyncio.run(whole())
    except AwayError as away:
        refuse(f"数据库或 Redis 没有应答，`kaowu doctor` 可查明原因。\n{away}: `kaowu doctor` says more.")

"""The right to rehearse: one rehearsal at a time, and one that has lost it ends."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from exam_api.errors import AwayError
from exam_api.rehearsal.plan import RehearsalRefused
from exam_api.rehearsal_ports import RIGHT_S, ShadowLive

HOLD_EVERY_S: Final = 1.5
"""How often the right to rehearse is renewed."""

TURN_S: Final = RIGHT_S + 4.0
"""How long one waits for the right of a rehearsal that died to run out."""

PAUSE_S: Final = 0.1


class Right:
    """Held for as long as is known here, on the loop's clock."""

    def __init__(self, until_s: float) -> None:
        self._until_s = until_s
        self._block: asyncio.Timeout | None = None

    @asynccontextmanager
    async def needed(self) -> AsyncGenerator[None, None]:
        """Break the block off when the right is lost: others take the rows away by then.

        Raises RehearsalRefused.
        """
        block = self._block = asyncio.timeout_at(self._until_s)
        try:
            async with block:
                yield
        except TimeoutError:
            if not block.expired():
                raise
            raise RehearsalRefused(
                "彩排权已失效：Redis 长时间没有应答或机器过载，其他进程可能已视其为中断。已中止，没有结论。",
                "the right to rehearse was lost: Redis did not answer for long or this machine is too busy, "
                "so others may have taken the rehearsal for dead. It was broken off without a verdict",
            ) from None
        finally:
            self._block = None

    def holds(self, until_s: float) -> None:
        """It is known to be held until then."""
        self._until_s = until_s
        if self._block is not None and not self._block.expired():
            self._block.reschedule(until_s)


@asynccontextmanager
async def right_to_rehearse(shadow_id: UUID, live: ShadowLive) -> AsyncGenerator[Right, None]:
    """Hold it while the block runs; that of a rehearsal that died runs out soon.

    Raises RehearsalRefused, LiveAway.
    """
    try:
        async with asyncio.timeout(TURN_S):
            while not await live.hold(shadow_id):  # noqa: ASYNC110 - another process lets go of it
                await asyncio.sleep(PAUSE_S)
    except TimeoutError:
        raise RehearsalRefused(
            "另一场彩排正在进行，或其残留正在清除：请一分钟后再试。",
            "another rehearsal is under way, or what one left is being taken out: try again in a minute",
        ) from None
    right = Right(asyncio.get_running_loop().time() + RIGHT_S)
    holding = asyncio.create_task(_keep_holding(shadow_id, live, right))
    try:
        yield right
    finally:
        holding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await holding
        await live.release(shadow_id)


async def _keep_holding(shadow_id: UUID, live: ShadowLive, right: Right) -> None:
    """Where nobody answers nothing is known anew, and the right runs out."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(HOLD_EVERY_S)
        asked_s = loop.time()
        with contextlib.suppress(AwayError):
            right.holds(asked_s + RIGHT_S if await live.hold(shadow_id) else asked_s)

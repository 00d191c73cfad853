"""What an API process keeps open and does beside its requests."""

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from typing import Any

from sqlalchemy import text

from exam_api.attempt.receipt import public_bytes
from exam_api.console_ports import SigningKey
from exam_api.errors import AwayError, LiveAway, RecordAway
from exam_api.http.show_paper import prepare_items
from exam_api.http.wall import Wall
from exam_api.jobs.beat import keep_beating
from exam_api.jobs.trail import keep_trail
from exam_api.jobs.warm import keep_warm
from exam_api.live.watch import Watch
from exam_api.ports import Sms
from exam_api.snapshot_ports import Segments
from exam_api.store.signing_keys import SigningKeyStore
from exam_api.store.trail import TrailStore
from exam_api.usecases.parts import ExamParts
from exam_api.wiring.ground import Ground

RETRY_S = 0.5
"""Pause between two attempts to open what does not answer at the start."""


class Running:
    """What an API process keeps open."""

    def __init__(  # noqa: PLR0913 - what is opened and let go
        self,
        exam: ExamParts,
        *,
        ground: Ground,
        watch: Watch,
        wall: Wall,
        trail: TrailStore,
        segments: Segments,
        sms: Sms,
    ) -> None:
        self._exam = exam
        self._lane = ground.lane
        self._database = ground.database
        self._signing_keys = SigningKeyStore(ground.database)
        self._watch = watch
        self._wall = wall
        self._trail = trail
        self._segments = segments
        self._sms = sms
        self._later = ground.later
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect and begin to beat; what is away at the start is tried again beside the requests."""
        with contextlib.suppress(LiveAway):
            await self._lane.open()
        jobs = (
            self._open_watch(),
            self._publish_key(),
            keep_beating(self._exam.live, self._exam.clock),
            keep_warm(self._exam.armory, self._exam.shelf, prepare_items),
            keep_trail(self._trail.flush),
        )
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self) -> None:
        """Let everything go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._wall.close()
        await asyncio.to_thread(self._segments.close)
        await self._later.finish()  # a code that was promised is still sent
        with contextlib.suppress(RecordAway):
            await self._trail.flush()
        await self._sms.close()
        await self._watch.close()
        await self._lane.close()
        await self._database.close()

    async def ready(self) -> Mapping[str, bool]:
        """Whether live state and record answer."""
        return {"live": await _answers(self._ask_live()), "record": await _answers(self._ask_record())}

    async def _ask_live(self) -> None:
        await self._lane.command("PING")

    async def _ask_record(self) -> None:
        async with self._database.reading() as connection:
            await connection.execute(text("select 1"))

    async def _open_watch(self) -> None:
        while True:
            try:
                await self._watch.open()
            except LiveAway:
                await asyncio.sleep(RETRY_S)
            else:
                return

    async def _publish_key(self) -> None:
        """Keep the signing key's public half on record: receipts are checked after it is retired too."""
        key = SigningKey(
            id=self._exam.key_id,
            public_key=public_bytes(self._exam.signing_key),
            since_ms=self._exam.clock.now_ms(),
        )
        while True:
            try:
                await self._signing_keys.keep(key)
            except RecordAway:
                await asyncio.sleep(RETRY_S * 10)
            else:
                return


async def _answers(asked: Coroutine[Any, Any, None]) -> bool:
    try:
        await asked
    except AwayError:
        return False
    return True

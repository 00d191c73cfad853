"""The worker: a handful of loops, each doing one job turn after turn until it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Final

import structlog

from exam_api.attempt import chain
from exam_api.attempt.model import SHARDS
from exam_api.audit_ports import Seals
from exam_api.errors import AwayError, LiveAway, ShardUnready
from exam_api.jobs.measure import count_drained, show_away
from exam_api.ports import Log
from exam_api.record import LogEntry
from exam_api.usecases.arm_session import arm_due
from exam_api.usecases.expire import expire_shard, finish_shard
from exam_api.usecases.fair_time import judge_rooms
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.reconcile import reconcile
from exam_api.usecases.sparing import sparing, tell, tell_away
from exam_api.usecases.unjudged import Unjudged

ARM_EVERY_S: Final = 2.0
"""Seconds between two looks for sessions to arm: one small query."""

EXPIRE_EVERY_S: Final = 0.5
"""Seconds between two rounds over the 64 deadline indexes; the grace is 5 s, so nobody waits long."""

FAIR_EVERY_S: Final = 2.0
"""Seconds between two looks at the rooms: silence shows 2 s after a deadline, expiry comes 5 s after it."""

DRAIN_IDLE_S: Final = 0.2
"""Pause of the drain when a round found nothing."""

DRAIN_GATHER_S: Final = 0.4
"""Pause when it found something: each round asks all 64 shards, so it lets entries gather."""

RECONCILE_EVERY_S: Final = 0.2
"""Seconds between two looks whether a shard's node was restarted; its shards answer 503 meanwhile."""

SEAL_EVERY_S: Final = 60.0
"""Seconds between two looks whether a day of the audit is over: signed a minute after midnight."""

DRAIN_COUNT: Final = 250
"""Log entries taken from one shard in one go: 16,000 in memory at most, whatever waits after an outage."""

DRAIN_TOGETHER: Final = 4_000
"""Log entries and answers in them written in one transaction, at most one shard more."""

SHARDS_AT_ONCE: Final = 8
"""Shards that are looked at side by side: questions share a write, attempts under way stay within bounds."""

AWAY_S: Final = 1.0
"""Pause after something did not answer."""

_log = structlog.stdlib.get_logger("kaowu.worker")


class Worker:
    """All jobs of one process. Several may run beside each other: every turn is safe to repeat."""

    def __init__(self, parts: ExamParts, log: Log, seals: Seals) -> None:
        self._parts = parts
        self._stream = log
        self._seals = seals
        self._stop = asyncio.Event()
        self._away: list[int] = []
        """Shards whose node was away at the last look."""
        self._unjudged = Unjudged()

    def stop(self) -> None:
        """Let every loop finish its turn and end."""
        self._stop.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._forever("reconcile", self.reconcile_turn, RECONCILE_EVERY_S))
            loops.create_task(self._forever("arm", self.arm_turn, ARM_EVERY_S))
            loops.create_task(self._forever("expire", self.expire_turn, EXPIRE_EVERY_S))
            loops.create_task(self._forever("finish", self.finish_turn, EXPIRE_EVERY_S))
            loops.create_task(self._forever("fair", self.fair_turn, FAIR_EVERY_S))
            loops.create_task(self._forever("drain", self.drain_turn, DRAIN_IDLE_S, DRAIN_GATHER_S))
            loops.create_task(self._forever("seal", self.seal_turn, SEAL_EVERY_S))

    async def reconcile_turn(self) -> bool:
        shards = await self._parts.live.unready()
        if shards:
            looked_at = await reconcile(shards, self._parts)
            _log.info("shards.reconciled", shards=len(shards), attempts=looked_at)
        return False

    async def arm_turn(self) -> bool:
        for session_id in await arm_due(self._parts):
            _log.info("session.armed", session=str(session_id))
        return False

    async def expire_turn(self) -> bool:
        """Close and score. Without the record: a database that hangs must not keep attempts open."""
        try:
            closed, away = await self._each_ready(partial(expire_shard, unjudged=self._unjudged))
        except LiveAway:
            self._tell_away(list(range(SHARDS)))  # raised only where no node at all answers
            raise
        self._tell_away(away)
        if closed:
            _log.info("attempts.closed", attempts=closed)
        return closed > 0

    async def fair_turn(self) -> bool:
        """Hold expiry where a room may have lost time, give back what it lost."""
        given = await judge_rooms(self._parts, self._unjudged)
        if given:
            _log.info("time.given", attempts=given)
        return False

    async def finish_turn(self) -> bool:
        finished, _ = await self._each_ready(finish_shard)
        if finished:
            _log.info("attempts.finished", attempts=finished)
        return False

    async def seal_turn(self) -> bool:
        """Sign the days of the audit that are over."""
        signed = await self._seals.close_days(self._parts.clock.now_ms())
        if signed:
            _log.info("audit.sealed", days=signed)
        return False

    async def drain_turn(self) -> bool:
        """Move log entries into the record, then acknowledge them: after a crash between they come again."""
        try:
            return await self._drain_all()
        except AwayError:
            # Later entries must not overtake what was read: the record would seem further than it is.
            self._stream.left(range(SHARDS))
            raise

    async def _drain_all(self) -> bool:
        broken: list[Exception] = []
        together, alone = await self._stream.read_together(count=DRAIN_COUNT)
        away: list[LiveAway] = []
        reads = (sparing(broken, self._read(shard, away)) for shard in alone)
        # All to their end: one still under way would take back what `left` says, and lose what it brings.
        brought = await asyncio.gather(*reads, return_exceptions=True)
        found = [(shard, entries) for shard, entries in together if entries]
        for shard, entries in zip(alone, brought, strict=True):
            if isinstance(entries, BaseException):
                raise entries
            if entries:
                found.append((shard, entries))
        for part in _in_parts(found, DRAIN_TOGETHER):
            await sparing(broken, self._drain(part, broken))
        tell(broken)
        if not together and len(away) == len(alone):
            tell_away(away)
        return bool(found)

    async def _read(self, shard: int, away: list[LiveAway]) -> Sequence[LogEntry]:
        """A shard by itself. What a node that is away was asked for comes first when it is back."""
        try:
            return await self._stream.read(shard, count=DRAIN_COUNT)
        except LiveAway as silent:
            self._stream.left([shard])
            away.append(silent)
            return ()

    async def _drain(
        self, together: Sequence[tuple[int, Sequence[LogEntry]]], broken: list[Exception]
    ) -> None:
        """Write the shards in one transaction; where it fails, each in its own, so that one holds up none."""
        try:
            await self._parts.record.write_log([entry for _, entries in together for entry in entries])
        except AwayError:
            raise
        except Exception:
            if len(together) == 1:
                self._stream.left([together[0][0]])  # as in `drain_turn`
                raise
            for one in together:
                await sparing(broken, self._drain([one], broken))
            return
        for _, entries in together:
            count_drained(entries)
        await self._stream.done_together(
            [(shard, [entry.id for entry in entries]) for shard, entries in together]
        )

    async def _each_ready(self, do: Callable[[int, ExamParts], Awaitable[int]]) -> tuple[int, list[int]]:
        """Do it to every shard that serves. Returns to how many attempts it was done, and which were away."""
        broken: list[Exception] = []
        away: list[int] = []

        async def do_to(shard: int) -> int:
            try:
                return await do(shard, self._parts)
            except ShardUnready:
                return 0  # restarted just now: its turn comes when it is reconciled
            except LiveAway:
                away.append(shard)
                return 0

        unready = set(await self._parts.live.unready())
        ready = [shard for shard in range(SHARDS) if shard not in unready]
        done = 0
        for first in range(0, len(ready), SHARDS_AT_ONCE):
            some = ready[first : first + SHARDS_AT_ONCE]
            counts = await asyncio.gather(*(sparing(broken, do_to(shard)) for shard in some))
            done += sum(each or 0 for each in counts)
        tell(broken)
        return done, sorted(away)

    def _tell_away(self, away: list[int]) -> None:
        """Name the shards that are held up, once; the others go on."""
        if away == self._away:
            return
        if away:
            _log.warning("shards.away", shards=away)
        else:
            _log.info("shards.back", shards=self._away)
        self._away = away
        show_away(len(away))

    async def _forever(
        self, name: str, turn: Callable[[], Awaitable[bool]], every_s: float, busy_s: float = 0.001
    ) -> None:
        """Turn after turn, `busy_s` apart while there is something to do, else `every_s`."""
        while not self._stop.is_set():
            pause_s = every_s
            try:
                if await turn():
                    pause_s = busy_s
            except AwayError as away:
                _log.warning("job.waits", job=name, why=str(away))
                pause_s = AWAY_S
            except Exception:  # noqa: BLE001 - the next turn comes all the same
                _log.exception("job.failed", job=name)
                pause_s = AWAY_S
            try:
                await asyncio.wait_for(self._stop.wait(), timeout=pause_s)
            except TimeoutError:
                continue


def _in_parts(
    found: Sequence[tuple[int, Sequence[LogEntry]]], most: int
) -> Iterator[list[tuple[int, Sequence[LogEntry]]]]:
    """Shards in groups of some `most` entries and answers: after an outage one entry may hold 300."""
    part: list[tuple[int, Sequence[LogEntry]]] = []
    held = 0
    for shard, entries in found:
        part.append((shard, entries))
        held += sum(1 + len(entry.data) // chain.OP_BYTES for entry in entries)
        if held >= most:
            yield part
            part, held = [], 0
    if part:
        yield part

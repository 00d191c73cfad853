"""A replica that was behind takes over: what was acknowledged in the last second must hold."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from exam_api.attempt.model import LiveAttempt, State
from tools.chaos.crowd import RECOVERY_S, Crowd
from tools.chaos.line import Mode
from tools.chaos.network import CALM
from tools.chaos.phone import Phone
from tools.chaos.servers import Killable, eventually, redis_says

LAST_SECOND: Final = 20
"""Hand-ins that are acknowledged right before the failover."""

MOVED_S: Final = 0.4
"""Between the last acknowledgement and the kill: a running worker has moved the log by then."""

_STAFF_REASON: Final = "网络故障演练"


class Failover:
    """One failover."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd

    async def run(self) -> None:
        """A replica that was behind takes over; what was acknowledged in the last second must hold."""
        replica, folder = await self._replica()
        socket = self._crowd.folder / "replica.sock"
        extended, paused, moved, *finishing = self._crowd.dice.sample(self._crowd.writing(), 3 + LAST_SECOND)
        for phone in finishing:
            phone.network.weather = CALM
        moved.break_down()
        await asyncio.sleep(1.5)
        if self._crowd.plan.worker_dead:
            self._crowd.servers.worker.kill()  # what it had not moved yet is in the dying node alone
        redis_says(socket, "REPLICAOF", "NO", "ONE")
        await asyncio.sleep(1.0)
        began = time.monotonic()
        second, before = await self._last_second(extended, paused, moved, finishing)
        self._crowd.say(
            f"failover: acts and {LAST_SECOND} hand-ins were acknowledged in {time.monotonic() - began:.2f} s"
        )
        await asyncio.sleep(MOVED_S)
        self._crowd.servers.redis.kill()
        await asyncio.sleep(0.3)
        removed = await self._crowd.removed(socket)
        self._crowd.told.removed.append(("promoted replica that was behind", removed))
        self._crowd.say(f"promoted replica: {removed} acknowledged ops were not in it")
        self._promote(replica, folder, socket)
        if self._crowd.plan.worker_dead:
            self._crowd.servers.worker.start()
        await self._crowd.recovered("failover")
        moved.come_back()
        await self._holds(before, extended, paused, moved, second, finishing)

    async def _replica(self) -> tuple[Killable, Path]:
        """A replica that has caught up."""
        servers, socket = self._crowd.servers, self._crowd.folder / "replica.sock"
        folder = self._crowd.folder / "replica"
        folder.mkdir()
        at = ("--port", "0", "--replicaof", "127.0.0.1", str(servers.redis_port))
        replica = servers.redis_on(folder, socket, *at)
        replica.name, replica.log = "replica", self._crowd.folder / "replica.log"
        servers.others.append(replica)
        redis_says(
            servers.socket, "CONFIG", "SET", "repl-diskless-sync-delay", 0
        )  # no other one is waited for
        replica.start()
        await servers.redis_answers(socket)

        async def linked() -> bool:
            told = await asyncio.to_thread(redis_says, socket, "INFO", "replication")
            return "'master_link_status': 'up'" in str(told)

        if not await eventually(linked, within_s=RECOVERY_S):
            self._crowd.broke("the replica never caught up")
        return replica, folder

    async def _last_second(
        self, extended: Phone, paused: Phone, moved: Phone, finishing: Sequence[Phone]
    ) -> tuple[Phone, dict[UUID, LiveAttempt]]:
        """An extension, a pause, a takeover and the hand-ins, all acknowledged when this returns."""
        for phone in finishing:
            phone.tap()
            phone.tap()
            phone.hand_in()
        second = self._crowd.phone(moved.taken.attempt_id, moved.taken)
        second.network.weather = CALM

        async def move() -> None:
            told = await self._crowd.staff(moved, "takeover-code", None)
            await second.enter(takeover_code=told["code"])

        async with asyncio.timeout(RECOVERY_S):
            await asyncio.gather(
                self._crowd.staff(extended, "extend", {"minutes": 10, "reason": _STAFF_REASON}),
                self._crowd.staff(paused, "pause", {"reason": _STAFF_REASON}),
                move(),
                *(phone.done.wait() for phone in finishing),
            )
        kept: dict[UUID, LiveAttempt] = {}
        for phone in (extended, paused, moved):
            live = await self._crowd.wired.exam.live.find(phone.taken.attempt_id)
            if live is not None:
                kept[phone.taken.attempt_id] = live
        return second, kept

    def _promote(self, replica: Killable, folder: Path, socket: Path) -> None:
        servers = self._crowd.servers
        socket.rename(servers.socket)
        servers.redis, servers.redis_folder, self._crowd.sizes.folder = replica, folder, folder

    async def _holds(  # noqa: PLR0913, PLR0917 - what was done, and to whom
        self,
        before: dict[UUID, LiveAttempt],
        extended: Phone,
        paused: Phone,
        moved: Phone,
        second: Phone,
        finishing: Sequence[Phone],
    ) -> None:
        self._crowd.first_phones.append(moved)
        self._crowd.phones = [second if phone is moved else phone for phone in self._crowd.phones]
        self._crowd.let_live(second, every_s=self._crowd.every_s)
        await asyncio.sleep(3.0)
        live = self._crowd.wired.exam.live
        found = [await live.find(phone.taken.attempt_id) for phone in (extended, paused, moved)]
        if not all(found) or len(before) != len(found):
            self._crowd.broke("failover: an attempt is gone")
            return
        long, still, taken = (one for one in found if one is not None)
        facts = {
            "extension": long.deadline_ms >= before[extended.taken.attempt_id].deadline_ms,
            "pause": still.state is State.PAUSED,
            "takeover": taken.fence >= before[moved.taken.attempt_id].fence,
            "the old phone's ops kept beside": await eventually(
                lambda: _all_beside(moved), within_s=RECOVERY_S
            ),
        }
        for phone in finishing:
            own = await live.find(phone.taken.attempt_id)
            told = phone.handed.result.closed_ms if phone.handed else 0
            if own is None or own.state is not State.CLOSED or own.closed_ms != told:
                facts["hand-ins"] = False
        await self._crowd.staff(paused, "resume", {"reason": _STAFF_REASON})
        paused.kick(0.0)
        failed = [name for name, held in facts.items() if not held]
        if failed:
            self._crowd.broke(f"failover: did not hold: {', '.join(failed)}")
            return
        self._crowd.show(
            "a Redis Cluster master",
            f"a promoted replica that was behind: extension, pause, takeover, {len(finishing)} hand-ins hold "
            "(slots over several masters: `make cluster`)",
        )
        self._crowd.show(
            "phone", f"taken over with a code; {_unapplied(moved)} unsent ops of the old phone kept beside"
        )


async def _all_beside(phone: Phone) -> bool:
    """Whether a phone knows that another one writes, and has said everything all the same."""
    line = phone.line
    return line is not None and line.mode is Mode.SIDE and not line.waiting()


def _unapplied(phone: Phone) -> int:
    return len(phone.line.unapplied()) if phone.line else 0

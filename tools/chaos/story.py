"""What happens: candidates answer, and one thing after the other dies below them."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from sqlalchemy import text

from exam_api.attempt.model import State
from tools.bench.camera import a_picture
from tools.bench.ground import Ground
from tools.chaos.crowd import HAND_IN_S, RECOVERY_S, Crowd
from tools.chaos.failover import Failover
from tools.chaos.network import CALM, Network, NoAnswer
from tools.chaos.phone import Phone
from tools.chaos.power import cut, newest_file
from tools.chaos.servers import Killable, eventually

PICTURES: Final = 20
"""Phones that send one while the worker is dead."""

_PICTURES: Final = text("select count(*) from snapshot")


class Story(Crowd):
    """One run: `Plan.steps` names its methods."""

    async def run(self) -> None:
        """Everything in order, then all hand in and the log is drained."""
        self.begin(self.sizes.watch())
        try:
            await self.enter()
            for name in self.plan.steps:
                step: Callable[[], Coroutine[Any, Any, None]] = getattr(self, name)
                await step()
                await self.recovered(name)
                await asyncio.sleep(self.plan.calm_s)
            await self.all_hand_in()
            async with asyncio.timeout(HAND_IN_S):
                await Ground(self.wired).drained()
            await self.see_results()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for phone in self.everybody:
                phone.network.close()
            await asyncio.sleep(0.1)  # the loop lets the connections go

    async def late(self) -> None:
        """Phones have no network when their time runs out; they come back with what was answered since."""
        self.late_phones = [self.phone(one) for one in self.laid.short_people]
        for phone in self.late_phones:
            self.let_live(phone, every_s=0.7)
        await asyncio.gather(*(phone.entered.wait() for phone in self.late_phones))
        await asyncio.sleep(4.0)
        gone = self.late_phones[::2]
        for phone in gone:
            phone.break_down()
        closed = await eventually(
            lambda: self.states(self.laid.short_people, State.CLOSED),
            within_s=self.plan.short_ms / 1000 + 30,
        )
        for phone in gone:
            phone.come_back()
        done = await self.done(self.late_phones, within_s=60)
        late = [phone.handed.result.late_ops for phone in gone if phone.handed]
        row = "network of a phone, back after the deadline"
        if closed and done and late and all(late):
            self.show(
                row, f"{len(gone)} phones handed in by the server, {sum(late)} later ops kept and shown"
            )
        else:
            self.broke(f"{row}: closed {closed}, done {done}, late ops {late}")

    async def phones_without_network(self) -> None:
        """A tenth of the phones has no network for a while and keeps answering."""
        gone = self.dice.sample(self.writing(), max(1, len(self.writing()) // 10))
        for phone in gone:
            phone.break_down()
        await asyncio.sleep(self.plan.away_s / 2)
        waiting = sum(len(phone.line.waiting()) for phone in gone if phone.line)
        for phone in gone:
            phone.come_back()
        merged = await eventually(lambda: _caught_up(gone), within_s=RECOVERY_S)
        if merged and waiting:
            self.show(
                "network of a phone, back before the deadline",
                f"{len(gone)} phones merged {waiting} unsynced ops",
            )
        else:
            self.broke(f"phones without network: merged {merged}, waiting {waiting}")

    async def api_dies(self) -> None:
        """One API process, then the other."""
        for server in self.servers.apis[: self.plan.apis_die]:
            server.kill()
            await asyncio.sleep(2.0)
            if not await self.is_heard():
                self.broke(f"{server.name} died and nobody was answered by the other")
            server.start()
            await self.servers.apis_answer()
        self.show("one API process", f"{self.plan.apis_die} killed in turn, the other answered meanwhile")

    async def worker_dies(self) -> None:
        """The worker, and what it was writing."""
        self.servers.worker.kill()
        beside = Network(self.servers.ports, CALM, self.dice, self.tally)
        sent = 0
        for number, phone in enumerate(self.writing()[:PICTURES]):
            with contextlib.suppress(NoAnswer):
                sent += await phone.send_picture(a_picture(number), beside)
        beside.close()
        await asyncio.sleep(2.0)
        self.servers.worker.start()
        self.say("worker killed and started again")

        async def all_there() -> bool:
            async with self.wired.database.reading() as connection:
                return (await connection.execute(_PICTURES)).scalar_one() >= sent

        row = "analysis workers"
        if sent and await eventually(all_there, within_s=RECOVERY_S):
            self.show(
                row, f"{sent} pictures were taken in while the worker was dead and queued for the record"
            )
        else:
            self.broke(f"{row}: {sent} pictures were taken in, not all are on record")

    async def redis_dies(self) -> None:
        """Killed, started on all that it wrote."""
        await self._restart_redis("Redis killed", seconds=0.0)
        self.show("Redis process, restarted from its append-only file", "killed -9, started on its file")

    async def power_loss(self) -> None:
        """Redis comes back without its last seconds; the last time API and worker went with it."""
        for seconds in self.plan.cuts_s:
            everything = seconds == self.plan.cuts_s[-1]
            what = f"cut of {seconds:g} s" + (", API and worker killed too" if everything else "")
            others = [*self.servers.apis, self.servers.worker] if everything else []
            if everything:
                self.servers.worker.kill()  # so the last starts are in Redis alone
                await self.start_the_others()
            removed = await self._restart_redis(what, seconds=seconds, others=others)
            self.told.removed.append((what, removed))
            await self.recovered(what)
            await asyncio.sleep(self.plan.calm_s)

    async def database_away(self) -> None:
        """No database for a while; some hand in meanwhile."""
        if self.servers.database is None:
            return
        self.servers.database.kill()
        self.say("database killed")
        await asyncio.sleep(2.0)
        some = self.dice.sample(self.writing(), min(5, len(self.writing()) // 4))
        for phone in some:
            phone.hand_in()
        await asyncio.sleep(self.plan.away_s)
        scored = [phone for phone in some if phone.handed is not None]
        early = sum(out.durable for phone in scored for out in phone.taken.hand_ins)
        self.servers.database.start()
        await self.servers.database_answers()
        durable = await self.done(some, within_s=HAND_IN_S)
        row = "database for 10 min"
        seen = f"{self.plan.away_s:g} s: {len(scored)} of {len(some)} hand-ins scored at once, durable later"
        if scored and not early and durable:
            self.show(row, seen)
        else:
            self.broke(f"{row}: {seen}; told durable meanwhile {early}, durable in the end {durable}")

    async def disk_full(self) -> None:
        """Redis may not write for a while."""
        path = newest_file(self.servers.redis_folder)
        if path is None:
            return
        before = self.refusals()
        self.servers.allow_redis_to_write(path.stat().st_size)
        await asyncio.sleep(self.plan.disk_full_s)
        refused = self.refusals() - before
        self.servers.allow_redis_to_write(None)
        if refused:
            self.show(
                "disk full",
                f"{self.plan.disk_full_s:g} s: {refused} calls refused with 503, the phones kept the ops",
            )
        else:
            self.broke("disk full: nothing was refused")

    async def failover(self) -> None:
        """A replica that was behind takes over."""
        await Failover(self).run()

    async def _restart_redis(self, what: str, *, seconds: float, others: Sequence[Killable] = ()) -> int:
        """Kill it, take the last seconds from its file, start it; how many acknowledged ops it has lost."""
        servers = self.servers
        killed_at = time.monotonic()
        servers.redis.kill()
        for server in others:
            server.kill()
        gone = cut(self.sizes, seconds=seconds, killed_at=killed_at) if seconds else 0
        await asyncio.sleep(0.3)  # replies that were under way still reach their phones
        probe = self.folder / "probe.sock"
        servers.redis = servers.redis_on(servers.redis_folder, probe)
        servers.redis.start()
        await servers.redis_answers(probe)
        removed = await self.removed(probe)
        probe.rename(servers.socket)
        for server in others:
            server.start()
        self.say(f"{what}: {gone} bytes gone, {removed} acknowledged ops were no longer in Redis")
        return removed


async def _caught_up(phones: Sequence[Phone]) -> bool:
    return all(phone.line is not None and len(phone.line.waiting()) < 20 for phone in phones)  # noqa: PLR2004

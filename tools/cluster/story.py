"""The story of a run: candidates sit their exam while one thing after the other dies."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from tools.cluster.engines import MASTERS, PRIMARY, PostgresPair, RedisNodes
from tools.cluster.machines import Machines
from tools.cluster.sitter import Sitter, Wait

PACE_S: Final = 0.8
"""Pause between two answers of one candidate: 100 items in 80 s."""

HURRIED_PACE_S: Final = 0.35
"""Every fifth candidate is done when the database dies, and hands in just then."""

HURRIED_EVERY: Final = 5

PROMOTE_AFTER_S: Final = 3.0
"""How long the operator of this story takes to run the promotion script."""

API_BACK_AFTER_S: Final = 6.0

MASTER_BACK_AFTER_S: Final = 14.0

CUT_S: Final = 8.0


class Fault(msgspec.Struct):
    """What was done, when, and until when it counts."""

    name: str
    began: float
    mended: float = 0.0


class Cost(msgspec.Struct, frozen=True):
    """What one fault cost the candidates."""

    name: str
    mended_s: float
    """Until whatever died was replaced or back."""
    calls: int
    failed: int
    """Attempts of a call without an answer, or with 5xx; each was made again."""
    longest_s: float
    """The longest that any answer or hand-in waited for its receipt."""
    slower: int
    """Calls that waited longer than a second."""


class Story:
    """Faults in turn, each with time to mend."""

    def __init__(
        self, machines: Machines, nodes: RedisNodes, pair: PostgresPair, say: Callable[[str], None]
    ) -> None:
        self._machines = machines
        self._nodes = nodes
        self._pair = pair
        self._say = say
        self.faults: list[Fault] = []
        self.database_is_down = asyncio.Event()

    async def tell(self) -> None:
        """All of it. About 75 s."""
        await asyncio.sleep(8)
        await self._kill_master()
        await asyncio.sleep(4)
        await self._kill_api()
        await asyncio.sleep(6)
        await self._kill_primary()
        await asyncio.sleep(6)
        await self._cut_api()

    async def sit(self, sitters: Sequence[Sitter]) -> None:
        """Everybody answers and hands in, while the story is told. Raises Refused."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.tell())
                for number, sitter in enumerate(sitters):
                    group.create_task(self._sit_one(sitter, hurried=number % HURRIED_EVERY == 0))
        except ExceptionGroup as several:
            raise several.exceptions[0] from several  # one is enough to end the run

    async def _sit_one(self, sitter: Sitter, *, hurried: bool) -> None:
        await sitter.answer(pace_s=HURRIED_PACE_S if hurried else PACE_S)
        if hurried:
            await self.database_is_down.wait()
        await sitter.hand_in()

    async def _kill_master(self) -> None:
        name = self._nodes.a_master()
        fault = self._begin(f"kill -9 Redis master {name}")
        self._machines.kill(name)
        await asyncio.sleep(MASTER_BACK_AFTER_S)
        self._machines.restart(name)
        while await asyncio.to_thread(self._nodes.replicas_that_follow) < MASTERS:  # noqa: ASYNC110 - the other side is a process
            await asyncio.sleep(0.2)
        self._mended(fault, "back as a replica")

    async def _kill_api(self) -> None:
        fault = self._begin("kill -9 API node api1")
        self._machines.kill("api1")
        await asyncio.sleep(API_BACK_AFTER_S)
        self._machines.restart("api1")
        self._mended(fault, "started again")

    async def _kill_primary(self) -> None:
        fault = self._begin(f"kill -9 PostgreSQL primary {PRIMARY}")
        self._machines.kill(PRIMARY)
        self.database_is_down.set()
        await asyncio.sleep(PROMOTE_AFTER_S)
        await asyncio.to_thread(self._pair.promote)
        self._mended(fault, "standby promoted by deploy/postgresql/promote.sh")

    async def _cut_api(self) -> None:
        fault = self._begin("cut API node api2 off the network")
        self._machines.net.cut("api2")
        await asyncio.sleep(CUT_S)
        self._machines.net.join("api2")
        self._mended(fault, "joined again")

    def _begin(self, name: str) -> Fault:
        fault = Fault(name, asyncio.get_running_loop().time())
        self.faults.append(fault)
        self._say(f"{name} …")
        return fault

    def _mended(self, fault: Fault, how: str) -> None:
        fault.mended = asyncio.get_running_loop().time()
        self._say(f"  {how} after {fault.mended - fault.began:.1f} s")


def costs(faults: Sequence[Fault], waits: Sequence[Wait]) -> list[Cost]:
    """What each fault cost: calls that ended between it and the next one."""
    ends = [fault.began for fault in faults[1:]] + [float("inf")]
    found: list[Cost] = []
    for fault, end in zip(faults, ends, strict=True):
        own = [wait for wait in waits if wait.ended >= fault.began and wait.began < end]
        found.append(
            Cost(
                name=fault.name,
                mended_s=fault.mended - fault.began,
                calls=sum(wait.kind != "durable" for wait in own),
                failed=sum(wait.failures for wait in own),
                longest_s=max((wait.seconds for wait in own), default=0.0),
                slower=sum(wait.seconds > 1 for wait in own),
            )
        )
    return found

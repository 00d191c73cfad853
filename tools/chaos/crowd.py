"""The candidates of a chaos run, whom they ask, and what is told about it."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from exam_api.attempt.model import State
from exam_api.errors import AwayError
from exam_api.live.attempts import RedisLive
from exam_api.live.redis_lane import RedisLane
from exam_api.wiring import Wired
from tools.chaos.ground import Laid
from tools.chaos.network import CALM, Network, NoAnswer, Tally, Weather, body_of
from tools.chaos.phone import BUSY_S, Phone
from tools.chaos.power import Sizes
from tools.chaos.servers import Servers, eventually
from tools.chaos.taken import Problem, Taken

RECOVERY_S: Final = 60.0
"""How long the service may take until phones are answered again."""

TRIES: Final = 5
"""How often a result is asked for: calls get lost."""

AT_ONCE: Final = 20
"""Results asked for side by side."""

HAND_IN_S: Final = 90.0
"""How long it may take until every hand-in is durable."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything."""

    candidates: int
    weather: Weather = Weather(loss=0.05, jitter_s=0.2)
    taps_a_second: float = 300.0
    """By all candidates together: a cut of half a second must remove a hundred ops."""
    calm_s: float = 5.0
    """Between two mishaps."""
    steps: tuple[str, ...]
    """Names of `Story` methods, in order."""
    starters: int
    """Candidates who start right before the last cut."""
    apis_die: int = 2
    """Killed one after the other."""
    cuts_s: tuple[float, ...]
    away_s: float
    """How long the database and some phones are away."""
    disk_full_s: float
    shows: tuple[str, ...]
    """Rows of the failure table that it must have shown."""
    short_people: int
    short_ms: int
    worker_dead: bool = True
    """Whether the worker is dead at the failover: what it had not moved is gone then."""


@dataclass
class Told:
    """What came of a run besides the record."""

    removed: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """What was cut, and how many acknowledged ops it took."""
    shown: dict[str, str] = field(default_factory=dict[str, str])
    """By row of DESIGN.md §6: what was seen."""
    lost_starts: int = 0
    """Starts that a cut took back."""
    broken: list[str] = field(default_factory=list[str])


class Crowd:
    """Everybody in one run."""

    def __init__(
        self, servers: Servers, wired: Wired, laid: Laid, plan: Plan, *, say: Callable[[str], None]
    ) -> None:
        self.plan = plan
        self.told = Told()
        self.tally = Tally()
        self.phones: list[Phone] = []
        self.late_phones: list[Phone] = []
        self.servers = servers
        self.wired = wired
        self.laid = laid
        self.say = say
        self.dice = random.Random(20_261)  # noqa: S311 - a run that can be told again
        self.sizes = Sizes(servers.redis_folder)
        self._tasks: set[asyncio.Task[None]] = set()
        self.first_phones: list[Phone] = []
        """Phones that another one took over from."""

    @property
    def takens(self) -> list[Taken]:
        """What each candidate can show."""
        return list({phone.taken.attempt_id: phone.taken for phone in self.everybody}.values())

    @property
    def everybody(self) -> list[Phone]:
        """Every phone that there was."""
        return [*self.phones, *self.first_phones, *self.late_phones]

    @property
    def folder(self) -> Path:
        """Where everything lies."""
        return self.servers.folder

    @property
    def every_s(self) -> float:
        return self.plan.candidates / self.plan.taps_a_second

    def phone(self, attempt_id: UUID, taken: Taken | None = None) -> Phone:
        dice = random.Random(self.dice.random())  # noqa: S311 - as above
        network = Network(self.servers.ports, self.plan.weather, dice, self.tally)
        return Phone(taken or Taken(attempt_id), self.laid.logins[attempt_id], network, dice)

    def let_live(self, phone: Phone, *, every_s: float, opens_in_s: float = 0.0) -> None:
        self.begin(phone.live(opens_in_s=opens_in_s))
        self.begin(phone.keep_tapping(every_s))

    def begin(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (wrong := task.exception()) is not None:
            self.broke(f"a phone gave up: {wrong!r}")

    async def enter(self) -> None:
        self.phones = [self.phone(one) for one in self.laid.main_people]
        opens_in_s = (self.laid.opens_ms - self.wired.exam.clock.now_ms()) / 1000
        begin = self.phones[self.plan.starters :]
        for number, phone in enumerate(begin):
            # All tap within a second of the opening.
            self.let_live(phone, every_s=self.every_s, opens_in_s=opens_in_s + number / len(begin))
        async with asyncio.timeout(RECOVERY_S):
            await asyncio.gather(*(phone.entered.wait() for phone in begin))
        self.say(f"{len(begin)} candidates have started, {self.sealed_starts} from a sealed paper")
        if not self.sealed_starts:
            self.broke("no paper lay sealed on its phone before the start")
        await asyncio.sleep(self.plan.calm_s)

    async def start_the_others(self) -> None:
        """Those who come last start, all at once."""
        late = self.phones[: self.plan.starters]
        for phone in late:
            phone.network.weather = CALM
            self.let_live(phone, every_s=self.every_s)
        async with asyncio.timeout(RECOVERY_S):
            await asyncio.gather(*(phone.entered.wait() for phone in late))

    async def all_hand_in(self) -> None:
        for phone in self.phones:
            phone.hand_in()
            await asyncio.sleep(0.01)
        if not await self.done(self.phones, within_s=HAND_IN_S):
            left = [phone for phone in self.phones if not phone.done.is_set()]
            self.broke(f"{len(left)} hand-ins never became durable: {left[0].taken.refusals}")
        await asyncio.sleep(1.0)
        self.say("all have handed in")

    async def done(self, phones: Sequence[Phone], *, within_s: float) -> bool:
        async def all_done() -> bool:
            return all(phone.done.is_set() for phone in phones)

        return await eventually(all_done, within_s=within_s)

    def writing(self) -> list[Phone]:
        return [phone for phone in self.phones if phone.is_open]

    async def states(self, attempts: Sequence[UUID], state: State) -> bool:
        found = [await self.wired.exam.live.find(one) for one in attempts]
        return all(one is not None and one.state is state for one in found)

    async def is_heard(self) -> bool:
        since = time.monotonic() - 1.5
        return any(phone.heard_at > since for phone in self.phones)

    async def recovered(self, after: str) -> None:
        """Wait until every shard serves and nearly every phone is answered again."""
        began = time.monotonic()

        async def answered() -> bool:
            try:
                unready = await self.wired.exam.live.unready()
            except AwayError:
                return False
            running = [phone for phone in self.writing() if not phone.network.offline]
            heard = sum(phone.heard_at > began for phone in running)
            return not unready and heard >= 0.95 * len(running)

        if await eventually(answered, within_s=RECOVERY_S):
            self.say(f"after {after}: answered again, {time.monotonic() - began:.1f} s")
        else:
            self.broke(f"after {after}: not answered again within {RECOVERY_S:g} s")

    @property
    def sealed_starts(self) -> int:
        """Candidates whose paper lay on the phone before the start."""
        return sum(taken.sealed_starts > 0 for taken in self.takens)

    async def see_results(self) -> None:
        """All look at their result once more, as 我的考试 shows it."""
        at_once = asyncio.Semaphore(AT_ONCE)

        async def see(phone: Phone) -> None:
            for _ in range(TRIES):
                async with at_once:
                    with contextlib.suppress(NoAnswer, Problem):
                        phone.taken.result_page = await phone.see_result()
                        return
                await asyncio.sleep(BUSY_S)

        await asyncio.gather(*(see(phone) for phone in self.phones + self.late_phones))

    def refusals(self) -> int:
        return sum(taken.refusals.get("live-away", 0) for taken in self.takens)

    async def removed(self, socket: Path) -> int:
        """Acknowledged ops that a Redis does not hold which serves nobody yet."""
        lane = RedisLane(f"unix://{socket}")
        await lane.open()
        live, removed = RedisLive(lane), 0
        try:
            for phone in self.phones:
                found = await live.find(phone.taken.attempt_id)
                gone = found is None or found.state is State.READY
                self.told.lost_starts += phone.entered.is_set() and gone
            for taken in self.takens:
                found = await live.find(taken.attempt_id)
                for fence, acked in taken.acked.items():
                    if found is None or found.fence < fence:
                        removed += acked
                    elif found.fence == fence:
                        removed += max(0, acked - found.seq)
        finally:
            await lane.close()
        return removed

    async def staff(self, phone: Phone, word: str, body: dict[str, Any] | None) -> dict[str, Any]:
        """One act of the invigilator. Raises Problem, NoAnswer."""
        network = Network(self.servers.ports, CALM, self.dice, self.tally)
        path = f"/api/sessions/{self.laid.main}/attempts/{phone.taken.attempt_id}/{word}"
        told = msgspec.json.encode(body or {})
        try:
            reply = await network.ask(path, told, cookie=self.laid.staff)
        except NoAnswer:  # one of the processes may be dead: the other is asked
            reply = await network.ask(path, told, cookie=self.laid.staff)
        finally:
            network.close()
        if reply.status != HTTPStatus.OK:
            raise Problem(reply)
        return msgspec.json.decode(body_of(reply), type=dict[str, Any])

    def show(self, row: str, seen: str) -> None:
        self.told.shown[row] = seen
        self.say(f"{row}: {seen}")

    def broke(self, what: str) -> None:
        self.told.broken.append(what)
        self.say(f"BROKEN {what}")

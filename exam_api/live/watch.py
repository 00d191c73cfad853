"""Reading all 64 logs for those who watch: the live wall by session, running pages by attempt.

One blocking XREAD gives every new entry once to this process. After it has brought something it rests: Redis
pays for each time that it wakes somebody who waits for 64 streams. A node of a cluster refuses a question
about logs in several slots (CROSSSLOT), so there each log is asked by itself and nobody waits in Redis.

Each watched session has a ring and a counter of its own; an event's id is `epoch.counter`. An id of another
epoch, or one that left the ring, means: take the snapshot again. Entries are seen in the order of their
shard's log, not of the whole house.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec
import structlog

from exam_api.errors import LiveAway
from exam_api.live.cluster_lane import open_lane
from exam_api.live.keys import OF_SHARD
from exam_api.live.log import MARGIN_MS
from exam_api.live.replies import log_entry
from exam_api.record import LogEntry, LogKind

RING: Final = 2_000
"""Events of a session that a page can be away for; about a minute of a session of 2,000."""

BEHIND_MAX: Final = 4_000
"""Events that wait for one slow page; beyond it the page takes the snapshot again."""

IDLE_S: Final = 600.0
"""How long a ring stays after its last page has gone."""

REST_S: Final = 0.1
"""How long nothing is asked for after something came: under load ten readings a second, not thousands."""

POLL_S: Final = 0.25
"""How long nothing is asked for on a cluster where nothing came: 64 short questions each time."""

NUDGING: Final = frozenset({LogKind.FACT, LogKind.SIDE, LogKind.CLOSE, LogKind.FENCE})
"""Entries after which the candidate's page should sync."""

_NUDGING: Final = frozenset(kind.value.encode() for kind in NUDGING)
_LOGS: Final = tuple(shard.log for shard in OF_SHARD)
_SHARD_OF_LOG: Final = {name: shard for shard, name in enumerate(_LOGS)}
_BLOCK_MS: Final = 2_000
_COUNT: Final = 1_000
_PAUSE_S: Final = 0.2
_log = structlog.stdlib.get_logger("kaowu.watch")

_Read: TypeAlias = tuple[bytes, Sequence[tuple[bytes, Sequence[bytes]]]]
"""The new entries of one log."""


class Seen(msgspec.Struct, frozen=True):
    """One event as a session's pages see it."""

    id: str
    """`epoch.counter`; the counter goes up by one in the session."""
    entry: LogEntry


class Batch(msgspec.Struct, frozen=True):
    """What came since the last one."""

    events: Sequence[Seen]
    again: bool
    """The page missed events: tell it to take the snapshot again; `events` come after that."""
    last_id: str
    """Id after this batch, also when it is empty."""


class _Ring:
    """The latest events of one session, and who listens."""

    def __init__(self, counter: int) -> None:
        self.counter = counter
        self.kept: deque[Seen] = deque(maxlen=RING)
        self.pages: set[Subscription] = set()
        self.left_at = 0.0


class Subscription:
    """One page's view of a session. Close it when the page goes."""

    def __init__(self, watch: "Watch", session_id: UUID) -> None:
        self.session_id = session_id
        self._watch = watch
        self._waiting: list[Seen] = []
        self._again = False
        self._rang = asyncio.Event()

    async def next(self, timeout_s: float | None = None) -> Batch:
        """Everything that came since the last call; waits for the first, at most so long."""
        if not self._waiting and not self._again:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._rang.wait(), timeout_s)
        self._rang.clear()
        events, self._waiting = self._waiting, []
        again, self._again = self._again, False
        last_id = events[-1].id if events else self._watch.last_id(self.session_id)
        return Batch(events, again, last_id)

    def close(self) -> None:
        self._watch.leave(self)

    def give(self, seen: Seen) -> None:
        """Hand over one event; for `Watch`."""
        if len(self._waiting) >= BEHIND_MAX:
            self.lose()
        self._waiting.append(seen)
        self._rang.set()

    def lose(self) -> None:
        """What waited is worth nothing any more; for `Watch`."""
        self._waiting.clear()
        self._again = True
        self._rang.set()


class Nudge:
    """Tells one running page that something waits for it. Close it when the page goes."""

    def __init__(self, watch: "Watch", attempt_id: UUID) -> None:
        self.attempt_id = attempt_id
        self._watch = watch
        self._rang = asyncio.Event()

    async def wait(self, timeout_s: float | None = None) -> bool:
        """True when the page should sync, False after the time is up."""
        try:
            await asyncio.wait_for(self._rang.wait(), timeout_s)
        except TimeoutError:
            return False
        self._rang.clear()
        return True

    def ring(self) -> None:
        """For `Watch`."""
        self._rang.set()

    def close(self) -> None:
        self._watch.hush(self)


class Watch:
    """The reader of one process. Fails silent: while Redis is away nothing comes, then all or `again`."""

    def __init__(self, url: str, *, epoch: str) -> None:
        """`epoch`: random, without a dot; another one for every start of the process."""
        self._lane = open_lane(url, deadline_s=_BLOCK_MS / 1000 + 5)
        self._epoch = epoch
        self._generation = 0
        self._nodes: Sequence[Sequence[bytes]] = []
        """Names of the logs, one group for each node."""
        self._run_ids: list[bytes] = []
        """Of each group's node, when reading began."""
        self._after: dict[bytes, bytes] = {}
        """Id of the last entry read, by log."""
        self._read_at: list[float] = []
        """When each group was read last."""
        self._rings: dict[bytes, _Ring] = {}
        """By session, as its 16 bytes stand in the log."""
        self._floor = 0
        """Counters up to here were given in rings that are forgotten: new rings begin above."""
        self._nudges: dict[bytes, set[Nudge]] = {}
        """By attempt, likewise."""
        self._reader: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect and read from now on.

        Raises:
            LiveAway: when Redis does not answer; opening again is right.
        """
        await self._lane.open()
        await self._begin()
        if self._reader is None:
            self._reader = asyncio.create_task(self._follow(), name="watch")

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
            self._reader = None
        await self._lane.close()

    def subscribe(self, session_id: UUID, *, after: str | None = None) -> Subscription:
        """See a session's events from now on, or from the one after the id `after` on.

        An id that cannot be resumed gives `again` in the first batch. A new page subscribes first and takes
        its snapshot then: what it sees twice changes nothing, what lies between is not missed.
        """
        ring = self._rings.get(session_id.bytes)
        if ring is None:
            ring = self._rings[session_id.bytes] = _Ring(self._floor + 1)
        page = Subscription(self, session_id)
        ring.pages.add(page)
        if after is not None:
            missed = self._missed(ring, after)
            if missed is None:
                page.lose()
            else:
                for seen in missed:
                    page.give(seen)
        return page

    def leave(self, page: Subscription) -> None:
        """See `Subscription.close`."""
        ring = self._rings.get(page.session_id.bytes)
        if ring is not None:
            ring.pages.discard(page)
            ring.left_at = asyncio.get_running_loop().time()

    def nudge(self, attempt_id: UUID) -> Nudge:
        """Be told when something waits for a running page."""
        made = Nudge(self, attempt_id)
        self._nudges.setdefault(attempt_id.bytes, set()).add(made)
        return made

    def hush(self, nudge: Nudge) -> None:
        """See `Nudge.close`."""
        waiting = self._nudges.get(nudge.attempt_id.bytes, set())
        waiting.discard(nudge)
        if not waiting:
            self._nudges.pop(nudge.attempt_id.bytes, None)

    def last_id(self, session_id: UUID) -> str:
        """Id of the session's latest event, or of the place before its first."""
        ring = self._rings.get(session_id.bytes)
        return self._id(ring.counter if ring else self._floor)

    def _id(self, counter: int) -> str:
        return f"{self._epoch}{self._generation}.{counter}"

    def _missed(self, ring: _Ring, after: str) -> Sequence[Seen] | None:
        """Events after that id; None when it cannot be resumed."""
        epoch, _, counter = after.rpartition(".")
        if epoch != f"{self._epoch}{self._generation}" or not counter.isascii() or not counter.isdigit():
            return None
        count = ring.counter - int(counter)
        if not 0 <= count <= len(ring.kept):
            return None
        return list(ring.kept)[len(ring.kept) - count :]

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                if self._is_broken(loop.time()):
                    await self._begin()
                await self._read_all()
            except LiveAway:
                await asyncio.sleep(_PAUSE_S)
            except Exception as wrong:  # noqa: BLE001 - one bad entry must not blind every wall and page
                _log.warning("watch.failed", why=type(wrong).__name__)
                self._run_ids = []  # begin anew: pages take the snapshot again
                await asyncio.sleep(_PAUSE_S)

    async def _read_all(self) -> None:
        """Read every node's logs until one of the nodes fails or is no longer the one to read from."""
        readers = [asyncio.create_task(self._read(group)) for group in range(len(self._nodes))]
        try:
            done, _ = await asyncio.wait(readers, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
        for reader in done:
            reader.result()

    async def _read(self, group: int) -> None:
        loop, names = asyncio.get_running_loop(), self._nodes[group]
        while not self._is_broken(loop.time()):
            reply = await (self._ask_each(names) if self._lane.apart else self._wait_for(names))
            self._read_at[group] = loop.time()
            for name, entries in reply:
                self._take(name, entries)
            self._forget_idle(loop.time())
            if reply and all(len(entries) < _COUNT for _, entries in reply):
                await asyncio.sleep(REST_S)
            elif not reply and self._lane.apart:
                await asyncio.sleep(POLL_S)

    async def _wait_for(self, names: Sequence[bytes]) -> Sequence[_Read]:
        """What came to any of the logs, as soon as something comes; empty when nothing did for long."""
        after = [self._after[name] for name in names]
        words = ("XREAD", "COUNT", _COUNT, "BLOCK", _BLOCK_MS, "STREAMS", *names, *after)
        return await self._lane.command(*words) or ()

    async def _ask_each(self, names: Sequence[bytes]) -> Sequence[_Read]:
        """What came to each of the logs until now."""
        asked = [
            self._lane.command("XREAD", "COUNT", _COUNT, "STREAMS", name, self._after[name]) for name in names
        ]
        return [read for reply in await asyncio.gather(*asked) for read in reply or ()]

    def _is_broken(self, now_s: float) -> bool:
        """Another node or another life of it, or away so long that entries may have been trimmed."""
        nodes = self._lane.by_node(_LOGS)
        return (
            nodes != self._nodes
            or [self._lane.run_id_of(names[0]) for names in nodes] != self._run_ids
            or now_s - min(self._read_at) > MARGIN_MS / 2_000
        )

    async def _begin(self) -> None:
        """Read from now on; whoever watched before has missed something."""
        nodes = self._lane.by_node(_LOGS)
        run_ids = [self._lane.run_id_of(names[0]) for names in nodes]
        asked = [self._lane.command("XREVRANGE", name, "+", "-", "COUNT", 1) for name in _LOGS]
        last: list[list[Any]] = await asyncio.gather(*asked)
        self._after = {
            name: entries[0][0] if entries else b"0-0" for name, entries in zip(_LOGS, last, strict=True)
        }
        self._nodes, self._run_ids = nodes, run_ids
        self._read_at = [asyncio.get_running_loop().time()] * len(nodes)
        self._generation += 1
        for ring in self._rings.values():
            ring.kept.clear()
            for page in ring.pages:
                page.lose()
        for waiting in self._nudges.values():
            for nudge in waiting:
                nudge.ring()
        _log.info("watch.begun", generation=self._generation)

    def _take(self, name: bytes, entries: Sequence[tuple[bytes, Sequence[bytes]]]) -> None:
        self._after[name] = entries[-1][0]
        shard = _SHARD_OF_LOG[name]
        for entry_id, flat in entries:
            ring = self._rings.get(flat[5])
            if ring is not None:
                ring.counter += 1
                seen = Seen(self._id(ring.counter), log_entry(shard, entry_id, flat))
                ring.kept.append(seen)
                for page in ring.pages:
                    page.give(seen)
            if flat[1] in _NUDGING:
                for nudge in self._nudges.get(flat[3], ()):
                    nudge.ring()

    def _forget_idle(self, now_s: float) -> None:
        idle = [
            each for each, ring in self._rings.items() if not ring.pages and now_s - ring.left_at > IDLE_S
        ]
        for session_id in idle:
            self._floor = max(self._floor, self._rings.pop(session_id).counter)

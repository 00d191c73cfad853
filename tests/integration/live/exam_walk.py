"""Devices over a bad network on a Redis that forgets, as a machine that Hypothesis or a seeded walk drives.

Lost requests, lost replies, duplicates, calls that arrive out of order, takeovers on and off record,
rollbacks of Redis with `restore` from a record that lags behind, the end of time. `teardown` lets every
device resend and then looks for each single op.

Left out: a takeover that neither Redis nor the database remembers while a third device takes over. Two
devices then bear one fence; the chain tells them apart, one is refused with FORK and opens its own fence.
"""

import asyncio
from collections import Counter
from typing import ClassVar
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from exam_api.attempt.chain import OP_BYTES, pack_all, replay, unpack
from exam_api.attempt.model import (
    SHARDS,
    CloseKind,
    Fact,
    FactKind,
    LiveAttempt,
    State,
    SyncAsk,
    SyncTook,
    Took,
)
from exam_api.live.attempts import RedisLive
from exam_api.live.redis_lane import RedisLane
from tests.integration.live.conftest import Entry, log_of, running
from tests.integration.live.page import MINUTE, NOW, SLOTS, Page, armed, masks_of

DEADLINE = NOW + 60 * MINUTE
AFTER = DEADLINE + 10 * MINUTE
OPS_KINDS = {"ops", "side", "late", "late-refused"}
ROUNDS_MAX = 6


class Device(Page):
    """A page that knows what it was told last and keeps every op."""

    def __init__(self, attempt_id: UUID, fence: int) -> None:
        super().__init__(attempt_id, fence)
        self.told = 0
        """Highest seq that a reply acknowledged."""


class Exam(RuleBasedStateMachine):
    """One attempt, several devices, one network."""

    loop: asyncio.Runner
    lane: RedisLane
    visited: ClassVar[Counter[str]]
    """What the walks came upon, over all of them."""

    devices = Bundle("devices")

    @initialize(target=devices)
    def begin(self) -> Device:
        self.attempt_id = uuid4()
        self.live = RedisLive(self.lane)
        self.now = NOW + 1_000
        self.delayed: list[SyncAsk] = []
        self.facts: list[Fact] = []
        self.record: dict[tuple[int, int], tuple[str, bytes]] = {}
        self.closed_on_record = False
        self.kept: dict[bytes, bytes] = {}
        self.everyone: list[Device] = []
        self._run(self._armed())
        self.keep_copy()
        return self._joined(1)

    @property
    def has_time(self) -> bool:
        return self.now < DEADLINE

    # --- what people do ---

    @rule(
        device=devices,
        picked=st.lists(st.tuples(st.integers(0, SLOTS - 1), st.integers(1, 31)), min_size=1, max_size=3),
        sent=st.booleans(),
    )
    def answer(self, device: Device, picked: list[tuple[int, int]], *, sent: bool) -> None:
        for slot, mask in picked:
            device.answer(slot, mask)
        if sent:
            self._hear(device, self._sync(device.ask(device.told)))

    @precondition(lambda self: len(self.everyone) < 4 and self.now < DEADLINE)
    @rule(target=devices, recorded=st.booleans())
    def take_over(self, *, recorded: bool) -> Device:
        """The fact is on record first, then the fence is opened; without a database it is only opened."""
        newest = max(self.everyone, key=lambda device: device.fence)
        if newest.fence > self._find().fence:
            self._hear(newest, self._sync(newest.ask(newest.told)))
        held = self._find()
        fact = Fact(
            id=uuid4(),
            attempt_id=self.attempt_id,
            kind=FactKind.TAKEOVER,
            at_ms=self.now,
            actor="candidate",
            fence=held.fence + 1,
        )
        if recorded:
            self.facts.append(fact)
        opened = self._run(
            self.live.open_fence(
                self.attempt_id,
                seen_fence=held.fence,
                now_ms=self.now,
                storage_key=f"k{held.fence + 1}",
                source="s",
            )
        )
        assert opened.fence == held.fence + 1
        return self._joined(opened.fence)

    # --- what the network does ---

    @rule(
        device=devices,
        back=st.integers(0, 3),
        fate=st.sampled_from(["", "", "", "twice", "no-reply", "lost"]),
    )
    def send(self, device: Device, back: int, fate: str) -> None:
        """From what was acknowledged, or a little before as another tab of the same browser would."""
        ask = device.ask(max(0, device.told - back), now_ms=self.now)
        if fate == "lost":
            return
        took = self._sync(ask)
        if fate == "twice":
            again = self._sync(ask)
            assert (again.seq, again.kept_seq) == (took.seq, took.kept_seq)
        if fate != "no-reply":
            self._hear(device, took)

    @rule(device=devices)
    def send_slowly(self, device: Device) -> None:
        """It will arrive some time, perhaps after later ones."""
        self.delayed.append(device.ask(device.told))

    @precondition(lambda self: self.delayed)
    @rule(which=st.integers(0, 99))
    def arrive(self, which: int) -> None:
        self._sync(self.delayed.pop(which % len(self.delayed)))

    # --- what machines do ---

    @rule()
    def drain(self) -> None:
        """The record reads the log up to now."""
        for entry in self._run(log_of(self.lane, self.attempt_id)):
            self._on_record(entry)

    @rule()
    def keep_copy(self) -> None:
        """A copy of everything in Redis, to fall back to."""
        self.kept = self._run(self._dumped())

    @rule(drained=st.booleans())
    def roll_back(self, *, drained: bool) -> None:
        """Redis forgets what came after the copy; the shard is reconciled before it serves again."""
        if drained:
            self.drain()
        self._run(self._restored())
        self._reconcile()

    @precondition(lambda self: self.now < DEADLINE)
    @rule()
    def time_is_up(self) -> None:
        self.now = AFTER

    @precondition(lambda self: self.now > DEADLINE)
    @rule()
    def expire(self) -> None:
        self._run(
            self.live.close(
                self.attempt_id, kind=CloseKind.TIME, now_ms=self.now, fence=None, due_before_ms=self.now
            )
        )

    # --- what must hold ---

    @invariant()
    def the_held_head_is_the_one_the_device_computed(self) -> None:
        held = self._find()
        for device in self.everyone:
            if device.fence == held.fence and held.seq:
                assert held.head == device.heads[held.seq]

    def teardown(self) -> None:
        if not getattr(self, "everyone", None):
            return
        for device in self.everyone:
            self._settle(device)
        self.drain()
        held = self._find()
        for device in self.everyone:
            for seq, raw in enumerate(device.ops, start=1):
                assert (device.fence, seq) in self.record, f"op {seq} of fence {device.fence} is nowhere"
                assert self.record[device.fence, seq][1] == raw
        self._answers_are_the_writers(held)
        self._beside_is_beside(held)

    def _answers_are_the_writers(self, held: LiveAttempt) -> None:
        writer = next(device for device in self.everyone if device.fence == held.fence)
        own = masks_of(replay(writer.packed(0, held.seq), slots=SLOTS))
        touched = {one.op.slot for one in unpack(writer.packed(0, held.seq))}
        assert {slot: masks_of(held.answers).get(slot) for slot in touched} == {
            slot: own.get(slot) for slot in touched
        }
        if held.state is State.RUNNING and self.now < DEADLINE:
            assert held.seq == writer.seq

    def _beside_is_beside(self, held: LiveAttempt) -> None:
        """No op of an older device counts because it came late, and nothing stands twice beside."""
        for packed in (
            self._run(self.live.side(self.attempt_id)),
            self._run(self.live.late(self.attempt_id)),
        ):
            placed = [(one.fence, one.op.seq) for one in unpack(packed)]
            assert len(placed) == len(set(placed))
        late = unpack(self._run(self.live.late(self.attempt_id)))
        assert all(one.op.seq > held.seq for one in late if one.fence == held.fence)

    # --- how ---

    def _settle(self, device: Device) -> None:
        for _ in range(ROUNDS_MAX):
            took = self._sync(device.ask(device.told, now_ms=self.now))
            self._hear(device, took)
            if took.kept_seq == device.seq and took.took is not Took.BEHIND:
                return
        pytest.fail(f"fence {device.fence} never settles: {took}")

    def _hear(self, device: Device, took: SyncTook) -> None:
        assert took.took is not Took.FORK
        device.told = took.kept_seq
        if took.fence == device.fence and took.took is Took.OK and took.seq:
            assert took.head == device.heads[took.seq]

    def _joined(self, fence: int) -> Device:
        device = Device(self.attempt_id, fence)
        self.everyone.append(device)
        return device

    def _sync(self, ask: SyncAsk) -> SyncTook:
        before = self._find()
        took = self._run(self.live.sync(msgspec.structs.replace(ask, now_ms=self.now)))
        self.visited[took.took] += 1
        self.visited["token-ahead"] += ask.fence > before.fence
        return took

    def _find(self) -> LiveAttempt:
        found = self._run(self.live.find(self.attempt_id))
        assert found is not None
        return found

    def _on_record(self, entry: Entry) -> None:
        if entry.kind == "close":
            self.closed_on_record = True
        if entry.kind in OPS_KINDS:
            for place, one in enumerate(unpack(entry.data)):
                raw = entry.data[place * OP_BYTES : (place + 1) * OP_BYTES]
                key = one.fence, one.op.seq
                before = self.record.get(key)
                assert before is None or before[1] == raw
                if before is None or before[0] != "ops":
                    self.record[key] = entry.kind, raw

    def _reconcile(self) -> None:
        """As `usecases.reconcile`: what the record holds under the highest fence of any fact, then facts."""
        fence = max([fact.fence for fact in self.facts] + [fence for fence, _ in self.record] + [1])
        held = [raw for _key, (kind, raw) in sorted(self.record.items()) if kind == "ops"]
        own = [one.op for one in unpack(b"".join(held)) if one.fence == fence]
        device = next(each for each in self.everyone if each.fence == fence)
        known = LiveAttempt(
            armed=msgspec.structs.replace(armed(self.attempt_id), paper=b""),
            state=State.CLOSED if self.closed_on_record else State.RUNNING,
            fence=fence,
            seq=len(own),
            head=device.heads[len(own)] if own else b"",
            storage_key="",
            answers=replay(b"".join(held), slots=SLOTS),
            started_ms=NOW,
            deadline_ms=DEADLINE,
            paused_ms=0,
            closed_ms=self.now if self.closed_on_record else 0,
            close_kind=CloseKind.TIME if self.closed_on_record else None,
            last_seen_ms=0,
            late_ops=0,
            side_ops=0,
            result=b"",
            durable=False,
        )
        assert pack_all(own, fence) == device.packed(0, len(own))
        before = self._find()
        self.visited["fence-ahead"] += fence > before.fence
        self.visited["seq-ahead"] += fence == before.fence and len(own) > before.seq
        self._run(self.live.restore(known))
        for fact in self.facts:
            self._run(self.live.apply(fact))

    async def _armed(self) -> None:
        await self.lane.command("FLUSHALL")
        await self.live.unready()
        for shard in range(SHARDS):
            await self.live.reconciled(shard)
        await running(self.live, self.attempt_id)

    async def _dumped(self) -> dict[bytes, bytes]:
        keys = await self.lane.command("KEYS", "*")
        return dict(
            zip(keys, await asyncio.gather(*(self.lane.command("DUMP", key) for key in keys)), strict=True)
        )

    async def _restored(self) -> None:
        await self.lane.command("FLUSHALL")
        await asyncio.gather(*(self.lane.command("RESTORE", key, 0, dump) for key, dump in self.kept.items()))

    def _run(self, what):
        return self.loop.run(what)

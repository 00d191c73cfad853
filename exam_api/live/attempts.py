"""The running attempts in Redis: every call is one script on one shard."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid5

import msgspec

from exam_api.attempt.errors import AttemptNotFound
from exam_api.attempt.glance import Glance
from exam_api.attempt.model import (
    SHARDS,
    ArmedAttempt,
    CloseKind,
    Fact,
    FactKind,
    LiveAttempt,
    State,
    SyncAsk,
    SyncTook,
    shard_of,
)
from exam_api.attempt.place import Said
from exam_api.attempt.states import fits
from exam_api.errors import LiveAway
from exam_api.live import keys, replies, scripts
from exam_api.live.kept import SETTLED_WITHIN_MS, KeptResults
from exam_api.live.lane import Lane, Word, number, word
from exam_api.live.starts import Seen
from exam_api.live.together import of_nodes_there, put_all, together
from exam_api.live.whole import glance_at_session, look_at_session, look_at_those_there
from exam_api.ports import Live
from exam_api.record import LogKind

EVENTS_BYTES_MAX: Final = 4_096
"""Behaviour events of one sync; a page that has more sends them with the next."""

_ARM: Final = scripts.ALL["arm"]
_LOOK: Final = scripts.ALL["look"]
_START: Final = scripts.ALL["start"]
_OPEN_FENCE: Final = scripts.ALL["open_fence"]
_SYNC: Final = scripts.ALL["sync"]
_SYNC_WORDS: Final = 1 + 8 + 9
"""How many keys, the keys, the arguments."""
_SYNC_SAID: Final = b"%b$%d\r\n%b\r\n%b%b$%d\r\n%b\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n%b%b%b"
"""Those words in one go: most of them known before, three of bytes with their lengths."""
_CLOSE: Final = scripts.ALL["close"]
_FACT: Final = scripts.ALL["fact"]
_DUE: Final = scripts.ALL["due"]
_BEAT: Final = scripts.ALL["beat"]
_RECONCILED: Final = scripts.ALL["reconciled"]
_RESTORE: Final = scripts.ALL["restore"]

_SILENT: Final = frozenset({FactKind.TAKEOVER, FactKind.TAKEOVER_CODE})
"""Facts that the page learns in another way, by the higher fence, or not at all."""


def _states(kind: FactKind) -> str:
    return f" {' '.join(state for state in State if fits(state, kind))} "


_FITS: Final = {kind: _states(kind) for kind in FactKind}
"""The states that each fact fits, as fact.lua wants them."""


class RedisLive(KeptResults, Live):
    """`Live` on Redis. Fails closed."""

    def __init__(self, lane: Lane, seen: Seen | None = None) -> None:
        """`seen`: told what is armed of every attempt that is looked at while it is ready."""
        super().__init__(lane)
        self._seen = seen or Seen()
        self._unready_under: dict[int, bytes] = {}
        """Run id under which a shard was found unready; empty when it changed before `reconciled` came."""

    async def arm(self, attempts: Sequence[ArmedAttempt]) -> None:
        """As the port says; a paper that was lost is put again."""
        await put_all(self._arm(armed) for armed in attempts)

    async def find(self, attempt_id: UUID) -> LiveAttempt | None:
        """Also on a shard that is not reconciled."""
        own = keys.of_attempt(attempt_id)
        found = replies.live_attempt(await self._lane.run(_LOOK, (own.attempt, own.answers), ()))
        if found is not None:
            self._seen.attempt(found)
        return found

    async def paper(self, attempt_id: UUID) -> bytes | None:
        return await self._lane.command("GET", keys.of_attempt(attempt_id).paper)

    async def start(
        self, attempt_id: UUID, *, now_ms: int, deadline_ms: int, storage_key: str, source: str
    ) -> LiveAttempt:
        """As the port says.

        Raises:
            AttemptNotFound: when it was never armed.
        """
        own, shard = keys.of_attempt(attempt_id), keys.OF_SHARD[shard_of(attempt_id)]
        reply = await self._lane.run(
            _START,
            (own.attempt, own.answers, shard.log, shard.deadlines, shard.shard),
            (self._lane.run_id_of(shard.shard), now_ms, deadline_ms, storage_key, source),
        )
        return _there(attempt_id, reply)

    async def open_fence(
        self, attempt_id: UUID, *, seen_fence: int, now_ms: int, storage_key: str, source: str
    ) -> LiveAttempt:
        """As the port says.

        Raises:
            AttemptNotFound: when it was never armed.
        """
        own, shard = keys.of_attempt(attempt_id), keys.OF_SHARD[shard_of(attempt_id)]
        reply = await self._lane.run(
            _OPEN_FENCE,
            (own.attempt, own.answers, shard.log, shard.shard),
            (self._lane.run_id_of(shard.shard), seen_fence, now_ms, storage_key, source),
        )
        return _there(attempt_id, reply)

    async def ask_takeover(self, attempt: LiveAttempt, *, event: str, now_ms: int) -> None:
        """As the port says; in the form in which pages report their own events."""
        own = keys.of_attempt(attempt.armed.attempt_id)
        await self._lane.command("HSET", own.attempt, "asked", now_ms)
        said = msgspec.json.encode([{"kind": event, "clientMs": now_ms, "ms": 0}])
        await self._say(attempt, LogKind.EVENTS, said, now_ms)

    async def consent(self, attempt: LiveAttempt, *, choice: str, text_version: str, now_ms: int) -> None:
        agreed = msgspec.json.encode({"choice": choice, "text_version": text_version})
        await self._say(attempt, LogKind.CONSENT, agreed, now_ms)

    async def sync(self, ask: SyncAsk) -> SyncTook:
        """As the port says; events beyond 4 KB are refused by a ValueError."""
        if len(ask.events) > EVENTS_BYTES_MAX:
            raise ValueError(f"{len(ask.events)} bytes of events")
        key, said = keys.of_sync(ask.attempt_id)
        run_id, ops, heads, events = self._lane.run_id_of(key), ask.ops, ask.heads, ask.events
        numbers = (number(ask.fence), number(ask.base))
        told = (len(ops), ops, len(heads), heads, len(events), events)
        rest = (number(ask.ack_command), word(ask.now_ms), word(ask.source))
        said = _SYNC_SAID % (said, len(run_id), run_id, *numbers, *told, *rest)
        return replies.sync_took(await self._lane.run_said(_SYNC, key, _SYNC_WORDS, said))

    async def side(self, attempt_id: UUID) -> bytes:
        return await self._lane.command("GET", keys.of_attempt(attempt_id).side) or b""

    async def late(self, attempt_id: UUID) -> bytes:
        return await self._lane.command("GET", keys.of_attempt(attempt_id).late) or b""

    async def close(
        self,
        attempt_id: UUID,
        *,
        kind: CloseKind,
        now_ms: int,
        fence: int | None,
        due_before_ms: int | None = None,
    ) -> LiveAttempt:
        """As the port says.

        Raises:
            AttemptNotFound: when it was never armed.
        """
        which = (kind.value, now_ms, _or_empty(fence), _or_empty(due_before_ms), b"", b"", 0)
        return await self._close(attempt_id, which)

    async def close_as_said(self, attempt_id: UUID, *, now_ms: int, fence: int, said: Said) -> LiveAttempt:
        """As the port says.

        Raises:
            AttemptNotFound: when it was never armed.
        """
        which = (CloseKind.MANUAL.value, now_ms, fence, b"", said.seq, said.head, SETTLED_WITHIN_MS)
        return await self._close(attempt_id, which)

    async def apply(self, fact: Fact) -> bool:
        """As the port says; also on a shard that is not reconciled, since `reconcile` does it."""
        own, shard = keys.of_attempt(fact.attempt_id), keys.OF_SHARD[shard_of(fact.attempt_id)]
        told = b""
        if fact.kind not in _SILENT and fact.ms >= 0:
            told = replies.command(fact.kind.value, at_ms=fact.at_ms, text=fact.text, ms=fact.ms)
        applied = await self._lane.run(
            _FACT,
            (own.attempt, own.commands, own.facts, shard.log, shard.deadlines, shard.undurable),
            (
                fact.id.bytes,
                fact.kind.value,
                fact.at_ms,
                fact.ms,
                fact.fence,
                msgspec.json.encode(fact),
                _FITS[fact.kind],
                told,
            ),
        )
        return applied == 1

    async def due(self, shard: int, *, before_ms: int, limit: int) -> Sequence[UUID]:
        """As the port says; none while a gap of the service waits to be credited."""
        own = keys.OF_SHARD[shard]
        reply = await self._lane.run(
            _DUE, (own.deadlines, own.shard), (self._lane.run_id_of(own.shard), before_ms, limit)
        )
        return replies.ids(reply)

    async def beat(self, now_ms: int) -> int:
        """As the port says; shards that are not reconciled, or whose node is away, are passed over."""
        gaps = await of_nodes_there(
            partial(self._beat, shard, now_ms, credited_from=b"") for shard in range(SHARDS)
        )
        credited = 0
        for shard, gap in enumerate(gaps):
            if gap and not isinstance(gap, LiveAway):
                credited += await self._credit(shard, from_ms=int(gap[0]), to_ms=int(gap[1]))
                await self._beat(shard, now_ms, credited_from=gap[0])
        return credited

    async def of_session(self, session_id: UUID) -> Sequence[LiveAttempt]:
        return await look_at_session(session_id, self._lane)

    async def there_of_session(self, session_id: UUID) -> tuple[Sequence[LiveAttempt], bool]:
        return await look_at_those_there(session_id, self._lane)

    async def glances(self, session_id: UUID) -> Mapping[UUID, Glance]:
        return await glance_at_session(session_id, self._lane)

    async def unready(self) -> Sequence[int]:
        """As the port says. Remembers the run id: `reconciled` is about the one that was seen here."""
        run_ids = [self._lane.run_id_of(own.shard) for own in keys.OF_SHARD]
        held = await of_nodes_there(
            partial(self._lane.command, "HGET", own.shard, "run") for own in keys.OF_SHARD
        )
        found = [
            shard
            for shard, under in enumerate(held)
            if under != run_ids[shard] and not isinstance(under, LiveAway)
        ]
        for shard in found:
            run_id = run_ids[shard]
            same = self._unready_under.get(shard, run_id) == run_id
            self._unready_under[shard] = run_id if same else b""
        return found

    async def reconciled(self, shard: int) -> None:
        """As the port says; a restart since `unready` was asked leaves it unready, to be reconciled again."""
        own = keys.OF_SHARD[shard].shard
        run_id = self._unready_under.pop(shard, self._lane.run_id_of(own))
        if run_id:
            await self._lane.run(_RECONCILED, (own,), (run_id,))

    async def restore(self, attempt: LiveAttempt) -> None:
        """As the port says. `deadline_ms` is the one of the start: facts, applied after, shift it."""
        armed = attempt.armed
        own, shard = keys.of_attempt(armed.attempt_id), keys.OF_SHARD[shard_of(armed.attempt_id)]
        index = keys.session_index(armed.session_id, shard_of(armed.attempt_id))
        await self._lane.run(
            _RESTORE,
            (own.attempt, own.answers, index, shard.deadlines, shard.undurable),
            (
                armed.attempt_id.bytes,
                armed.session_id.bytes,
                replies.meta(armed),
                armed.slots,
                int(armed.late_hold),
                armed.earliest_hand_in_ms,
                armed.closes_ms + keys.KEPT_AFTER_CLOSE_MS,
                attempt.state.value,
                attempt.fence,
                attempt.seq,
                attempt.head,
                attempt.storage_key,
                attempt.answers,
                attempt.started_ms,
                attempt.deadline_ms,
                attempt.closed_ms,
                attempt.close_kind.value if attempt.close_kind else "",
                attempt.result,
                int(attempt.durable),
                attempt.late_ops,
                attempt.side_ops,
                attempt.paused_ms,
            ),
        )

    async def _close(self, attempt_id: UUID, which: Sequence[Word]) -> LiveAttempt:
        own, shard = keys.of_attempt(attempt_id), keys.OF_SHARD[shard_of(attempt_id)]
        reply = await self._lane.run(
            _CLOSE,
            (own.attempt, own.answers, shard.log, shard.deadlines, shard.undurable, shard.shard),
            (self._lane.run_id_of(shard.shard), *which),
        )
        return _there(attempt_id, reply)

    async def _say(self, attempt: LiveAttempt, kind: LogKind, data: bytes, now_ms: int) -> None:
        armed = attempt.armed
        fields = ("k", kind.value, "a", armed.attempt_id.bytes, "s", armed.session_id.bytes)
        fields += ("t", now_ms, "f", attempt.fence, "b", 0, "d", data)
        await self._lane.command("XADD", keys.OF_SHARD[shard_of(armed.attempt_id)].log, "*", *fields)

    async def _arm(self, armed: ArmedAttempt) -> None:
        own = keys.of_attempt(armed.attempt_id)
        index = keys.session_index(armed.session_id, shard_of(armed.attempt_id))
        await self._lane.run(
            _ARM,
            (own.attempt, own.paper, index),
            (
                armed.attempt_id.bytes,
                armed.session_id.bytes,
                replies.meta(armed),
                armed.paper,
                armed.slots,
                int(armed.late_hold),
                armed.earliest_hand_in_ms,
                armed.closes_ms + keys.KEPT_AFTER_CLOSE_MS,
            ),
        )

    async def _beat(self, shard: int, now_ms: int, *, credited_from: bytes) -> Sequence[bytes]:
        own = keys.OF_SHARD[shard].shard
        return await self._lane.run(_BEAT, (own,), (self._lane.run_id_of(own), now_ms, credited_from))

    async def _credit(self, shard: int, *, from_ms: int, to_ms: int) -> int:
        """Give each running attempt of the shard the gap back, or what of it lies after its start.

        The facts' ids follow from attempt and gap: two that credit the same gap apply it once.
        """
        raws = await self._lane.command("ZRANGE", keys.OF_SHARD[shard].deadlines, 0, -1)
        attempt_ids = replies.ids(raws)
        starts = await together(
            self._lane.command("HGET", keys.of_attempt(attempt_id).attempt, "start")
            for attempt_id in attempt_ids
        )
        facts = (
            Fact(
                id=uuid5(attempt_id, f"credit:{from_ms}"),
                attempt_id=attempt_id,
                kind=FactKind.CREDIT,
                at_ms=to_ms,
                actor="system",
                reason="service",
                ms=to_ms - max(from_ms, int(start)),
            )
            for attempt_id, start in zip(attempt_ids, starts, strict=True)
            if start is not None and int(start) < to_ms
        )
        return sum(await together(self.apply(fact) for fact in facts))


def _there(attempt_id: UUID, reply: Sequence[Any]) -> LiveAttempt:
    found = replies.live_attempt(reply)
    if found is None:
        raise AttemptNotFound(attempt_id)
    return found


def _or_empty(number: int | None) -> str | int:
    return "" if number is None else number

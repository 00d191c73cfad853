"""From the replies of the scripts to the structs of the rules."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import msgspec

from exam_api.attempt.model import (
    ArmedAttempt,
    CloseKind,
    Command,
    LiveAttempt,
    State,
    SyncTook,
    Took,
)
from exam_api.record import LogEntry, LogKind

_STATES: Final = {state.value.encode(): state for state in State}
_TOOK: Final = {took.value.encode(): took for took in Took}
_KINDS: Final = {kind.value.encode(): kind for kind in CloseKind}
_LOG_KINDS: Final = {kind.value.encode(): kind for kind in LogKind}
_META: Final = lru_cache(maxsize=4_096)(msgspec.msgpack.Decoder(ArmedAttempt).decode)
"""What is armed hardly ever changes, and one call may see it twice; kept for those that are busy now."""
_COMMANDS_FROM: Final = 14


class _Told(msgspec.Struct):
    """A command as scripts keep it: its number is its place in the list."""

    kind: str
    at_ms: int
    text: str = ""
    ms: int = 0


_COMMAND: Final = msgspec.json.Decoder(_Told)


def meta(armed: ArmedAttempt) -> bytes:
    """What is kept of the armed facts beside the paper."""
    return msgspec.msgpack.encode(msgspec.structs.replace(armed, paper=b""))


def command(kind: str, *, at_ms: int, text: str = "", ms: int = 0) -> bytes:
    """A command as scripts keep it."""
    return msgspec.json.encode(_Told(kind, at_ms, text, ms))


def live_attempt(reply: Sequence[Any]) -> LiveAttempt | None:
    """From what `view` in the scripts tells; None for an attempt that is not there."""
    held: Sequence[Any] = reply[0]
    if held[0] is None:
        return None
    packed, state, fence, seq, head, storage_key, started, deadline, paused, closed, kind, *others = held
    seen, late, side, asked, result, durable, receipt, hold, hand_in = others
    return LiveAttempt(
        armed=_META(packed),
        state=_STATES[state],
        fence=int(fence),
        seq=int(seq),
        head=head,
        storage_key=storage_key.decode(),
        answers=reply[1],
        started_ms=int(started),
        deadline_ms=int(deadline),
        paused_ms=int(paused),
        closed_ms=int(closed),
        close_kind=_KINDS.get(kind),
        last_seen_ms=int(seen),
        late_ops=int(late),
        side_ops=int(side),
        takeover_asked_ms=int(asked or 0),
        result=result,
        durable=durable == b"1",
        receipt=(receipt or b"").decode(),
        hold_ms=int(hold or 0),
        hand_in_ms=int(hand_in),
    )


def sync_took(reply: Sequence[Any]) -> SyncTook:
    """From what sync.lua returns."""
    return SyncTook(
        took=_TOOK[reply[0]],
        state=_STATES[reply[1]],
        fence=reply[2],
        seq=reply[3],
        head=reply[4],
        deadline_ms=reply[5],
        paused_ms=reply[6],
        side_ops=reply[7],
        late_ops=reply[8],
        closed_ms=reply[9],
        durable=reply[10] == 1,
        kept_seq=reply[11],
        held_before=reply[12],
        commands=_commands(reply) if len(reply) > _COMMANDS_FROM else (),
    )


def _commands(reply: Sequence[Any]) -> tuple[Command, ...]:
    told = enumerate(map(_COMMAND.decode, reply[_COMMANDS_FROM:]), start=reply[13] + 1)
    return tuple(Command(no=no, kind=one.kind, at_ms=one.at_ms, text=one.text, ms=one.ms) for no, one in told)


def ids(reply: Sequence[bytes]) -> tuple[UUID, ...]:
    """From 16-byte ids."""
    return tuple(UUID(bytes=raw) for raw in reply)


def log_entry(shard: int, entry_id: bytes, flat: Sequence[bytes]) -> LogEntry:
    """From one entry of a stream; fields stand in the order in which scripts write them."""
    _k, kind, _a, attempt, _s, session, _t, at_ms, _f, fence, _b, base, _d, data = flat
    return LogEntry(
        id=entry_id.decode(),
        shard=shard,
        kind=_LOG_KINDS[kind],
        attempt_id=UUID(bytes=attempt),
        session_id=UUID(bytes=session),
        at_ms=int(at_ms),
        fence=int(fence),
        base=int(base),
        data=data,
    )

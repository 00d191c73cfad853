"""Sorting a batch of log entries into rows. Nothing a device can send may make the drain stumble."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec

from exam_api.attempt import chain
from exam_api.attempt.model import Fact
from exam_api.record import LogEntry, LogKind
from exam_api.snapshot_ports import Kept
from exam_api.store.mirror import KEY_MAX, Mirror
from exam_api.store.snapshots import snapshot_row

T = TypeVar("T")

U64: Final = 1 << 64
"""The device's clock is a u64 in the canonical bytes; columns are signed and keep the same bits."""

_HOW: Final = {LogKind.OPS: "held", LogKind.SIDE: "side", LogKind.LATE: "late"}

_SERVER_MADE: Final = frozenset({LogKind.FACT, LogKind.RESULT})
"""Entries that do not tell when the candidate was last seen."""


class _Opened(msgspec.Struct):
    """What START and FENCE entries say."""

    deadline_ms: int = 0
    storage_key: str = ""


class _Closed(msgspec.Struct):
    """What a CLOSE entry says."""

    kind: str = ""


class _Consent(msgspec.Struct):
    """What CONSENT entries say."""

    choice: str
    text_version: str


class Drained(msgspec.Struct):
    """Rows by table."""

    ops: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    mirrors: dict[UUID, Mirror] = {}
    facts: dict[UUID, Fact] = {}
    consents: list[dict[str, Any]] = []
    snapshots: list[dict[str, Any]] = []
    late: set[UUID] = set()
    """Attempts with late ops in this batch."""
    counted: set[UUID] = set()
    """Attempts with ops in this batch that count."""


def drained(entries: Sequence[LogEntry]) -> Drained:
    """Sort entries into rows; what cannot be read is kept as an event with the bytes as they came."""
    found = Drained()
    for entry in entries:
        if entry.kind is LogKind.UNKNOWN:  # it may name no attempt at all
            found.events.append(_event(entry))
            continue
        mirror = found.mirrors.get(entry.attempt_id)
        if mirror is None:
            mirror = found.mirrors[entry.attempt_id] = Mirror(entry.attempt_id, entry.session_id)
        if entry.kind not in _SERVER_MADE:
            mirror.seen_ms = max(mirror.seen_ms, entry.at_ms)
        if not (_took_ops(entry, found, mirror) or _took_snapshot(entry, found)):
            found.events.append(_event(entry))
            _look(entry, found, mirror)
    return found


def as_they_came(entries: Sequence[LogEntry]) -> Drained:
    """Entries that the tables refuse, as events with the bytes as they came."""
    return Drained(events=[_event(entry) for entry in entries])


def fact_row(fact: Fact) -> dict[str, Any]:
    """The ledger row of a fact."""
    return {
        "id": fact.id,
        "attempt_id": fact.attempt_id,
        "kind": fact.kind.value,
        "at_ms": fact.at_ms,
        "actor": _plain(fact.actor)[:64],
        "reason": _plain(fact.reason),
        "ms": fact.ms,
        "message": _plain(fact.text),
        "fence": fact.fence,
    }


def op_rows(attempt_id: UUID, packed: bytes, *, how: str, at_ms: int) -> list[dict[str, Any]]:
    """The rows of canonical ops.

    Raises:
        ValueError: when they are cut.
    """
    return [
        {
            "attempt_id": attempt_id,
            "fence": fence,
            "seq": seq,
            "how": how,
            "kind": kind,
            "slot": slot,
            "version": version,
            "mask": mask,
            "client_ms": client_ms - U64 if client_ms >= U64 // 2 else client_ms,
            "at_ms": at_ms,
        }
        for fence, seq, kind, slot, version, mask, client_ms in chain.fields(packed)
    ]


def _took_ops(entry: LogEntry, found: Drained, mirror: Mirror) -> bool:
    if entry.kind not in _HOW:
        return False
    try:
        rows = op_rows(entry.attempt_id, entry.data, how=_HOW[entry.kind], at_ms=entry.at_ms)
    except ValueError:
        return False
    found.ops += rows
    if entry.kind is LogKind.LATE and rows:
        found.late.add(entry.attempt_id)
    if entry.kind is LogKind.OPS and rows:
        mirror.reach(rows[-1]["fence"], rows[-1]["seq"])
        found.counted.add(entry.attempt_id)
    return True


def _took_snapshot(entry: LogEntry, found: Drained) -> bool:
    """A picture has a row of its own; it is no event besides."""
    kept = _read(entry.data, Kept) if entry.kind is LogKind.SNAPSHOT else None
    if kept is None:
        return False
    found.snapshots.append(snapshot_row(kept))
    return True


def _look(entry: LogEntry, found: Drained, mirror: Mirror) -> None:
    if entry.kind in {LogKind.START, LogKind.FENCE}:
        opened = _read(entry.data, _Opened) or _Opened()
        mirror.reach(entry.fence, 0)
        mirror.hold_key(entry.fence, _plain(opened.storage_key)[:KEY_MAX])
        if entry.kind is LogKind.START and not mirror.started_ms:
            mirror.started_ms, mirror.deadline_ms = entry.at_ms, opened.deadline_ms
    elif entry.kind is LogKind.CLOSE and not mirror.closed_ms:
        closed = _read(entry.data, _Closed) or _Closed()
        mirror.closed_ms, mirror.close_kind = entry.at_ms, _plain(closed.kind)[:16]
    elif entry.kind is LogKind.CONSENT:
        agreed = _read(entry.data, _Consent)
        if agreed is not None:
            found.consents.append(
                {
                    "attempt_id": entry.attempt_id,
                    "at_ms": entry.at_ms,
                    "choice": _plain(agreed.choice),
                    "text_version": _plain(agreed.text_version),
                }
            )
    elif entry.kind is LogKind.FACT:
        fact = _read(entry.data, Fact)
        if fact is not None:
            found.facts[fact.id] = fact


def _event(entry: LogEntry) -> dict[str, Any]:
    return {
        "attempt_id": entry.attempt_id,
        "entry": entry.id,
        "session_id": entry.session_id,
        "kind": entry.kind.value,
        "at_ms": entry.at_ms,
        "fence": entry.fence,
        "body": entry.data,
    }


def _plain(text: str) -> str:
    return text.replace("\0", "")  # PostgreSQL's text cannot hold it


def _read(data: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None

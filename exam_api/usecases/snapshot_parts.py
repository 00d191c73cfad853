"""What the use cases about camera snapshots are given, and what a process remembers of attempts."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import msgspec

from exam_api.ports import Clock, Sealer
from exam_api.snapshot_ports import Segments, SnapshotGate, Snapshots

REMEMBERED_MAX: Final = 32_768
"""Attempts whose answer a process keeps, some 300 bytes each; of more the oldest is asked for again."""

YES_FOR_MS: Final = 10 * 60_000
"""A consent that stands is asked for again after this; one taken back is known at once by the live state."""

NO_FOR_MS: Final = 2_000
"""A consent that is not there is asked for again after this."""


class Remembered(msgspec.Struct):
    """What the record said of an attempt, and how its last picture fared in this process."""

    key: bytes
    """Empty: no consent."""
    until_ms: int
    session_id: UUID | None = None
    """None: no picture has passed here, or the last one did not."""
    at_ms: int = 0
    digest: bytes = b""
    """Of the last picture that passed."""

    def passed(self, session_id: UUID, *, at_ms: int, digest: bytes) -> None:
        """A picture was kept."""
        self.session_id, self.at_ms, self.digest = session_id, at_ms, digest

    def goes_on(self, *, now_ms: int, gap_ms: int, digest: bytes) -> UUID | None:
        """The session, where the next picture is to be kept as far as anybody can tell here."""
        if digest == self.digest or now_ms - self.at_ms < gap_ms:
            return None
        return self.session_id


class Memory:
    """Keys and consents of attempts that sent pictures to this process."""

    def __init__(self) -> None:
        self._held: OrderedDict[UUID, Remembered] = OrderedDict()

    def find(self, attempt_id: UUID, *, now_ms: int) -> Remembered | None:
        """What is known and still good."""
        held = self._held.get(attempt_id)
        return held if held is not None and now_ms < held.until_ms else None

    def put(self, attempt_id: UUID, key: bytes, *, now_ms: int) -> Remembered:
        """Remember the answer."""
        held = Remembered(key, now_ms + (YES_FOR_MS if key else NO_FOR_MS))
        self._held[attempt_id] = held
        self._held.move_to_end(attempt_id)
        if len(self._held) > REMEMBERED_MAX:
            self._held.popitem(last=False)
        return held

    def forget(self, attempt_id: UUID) -> None:
        """Ask anew at the next picture."""
        self._held.pop(attempt_id, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotParts:
    """Ports of snapshots. Made by `wiring`."""

    clock: Clock
    segments: Segments
    gate: SnapshotGate
    record: Snapshots
    sealer: Sealer
    new_key: Callable[[], bytes]
    """32 random bytes."""
    chance: Callable[[], float]
    """In [0, 1), from a source that nobody can foresee."""
    memory: Memory = field(default_factory=Memory)

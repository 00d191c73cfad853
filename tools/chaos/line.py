"""The line of ops between a device and the server: the rules of web/kit/outbox/line.ts, written once more.

Not the page's own code in Node: the driver kills, counts and judges in one process, and a second writing of
the rules finds what the first one takes for granted. The page's code has walks of its own
(web/kit/outbox/*.test.ts).
"""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt import chain
from exam_api.attempt.model import Op, OpKind
from exam_api.http.wire_attempt import OpIn, SyncOut

BATCH: Final = 300
"""Ops that fit into one call (the wire's bound)."""

NO_VERSION: Final = "0" * 32
"""Item version of a hand-in."""


class Mode(StrEnum):
    """What may be done here; the words of line.ts."""

    OPEN = "open"
    SIDE = "side"
    LATE = "late"
    LATE_REFUSED = "late-refused"
    FORK = "fork"


class KeptOp(msgspec.Struct, frozen=True):
    """An op as the device keeps it."""

    seq: int
    kind: int
    slot: int
    version: str
    mask: int
    client_ms: int
    head: str
    """Chain head after this op."""


class Held(msgspec.Struct, frozen=True):
    """A place in the chain."""

    seq: int
    head: str | None
    """None at 0."""


class Range(msgspec.Struct, frozen=True):
    """What is sent next."""

    base: int
    base_head: str | None
    ops: list[OpIn]


class Line:
    """One fence's ops of one device, kept until the hand-in is durable."""

    def __init__(self, attempt_id: UUID, fence: int, origin: Held) -> None:
        self.attempt_id = attempt_id
        self.fence = fence
        self.origin = origin
        self.ops: list[KeptOp] = []
        self.held = origin.seq
        """Highest seq that the server says it holds; it may go back, then all after it is sent again."""
        self.beside = 0
        """Highest seq that the server has logged beside the attempt (side or late)."""
        self.mode = Mode.OPEN

    @property
    def top(self) -> int:
        return self.origin.seq + len(self.ops)

    def head_at(self, seq: int) -> str | None:
        """The head at a seq; None at 0. Raises KeyError where this device does not know it."""
        if seq == self.origin.seq:
            return self.origin.head
        if not self.origin.seq < seq <= self.top:
            raise KeyError(seq)
        return self.ops[seq - self.origin.seq - 1].head

    def append(self, kind: OpKind, slot: int, version: str, mask: int, client_ms: int) -> KeptOp:
        """The next op, with its head."""
        seq = self.top + 1
        packed = chain.pack(Op(seq, kind, slot, bytes.fromhex(version), mask, client_ms), self.fence)
        before = self.head_at(self.top)
        known = bytes.fromhex(before) if before else chain.first_head(self.attempt_id, self.fence)
        head = sha256(known + packed).hexdigest()
        op = KeptOp(seq, int(kind), slot, version, mask, client_ms, head)
        self.ops.append(op)
        return op

    @property
    def base(self) -> int:
        """Where the next range begins."""
        floor = self.origin.seq if self.mode is Mode.SIDE else self.held
        return max(floor, self.beside)

    def waiting(self) -> Sequence[KeptOp]:
        """Ops that the server has neither applied nor logged beside."""
        return self.ops[max(0, self.base - self.origin.seq) :]

    def unapplied(self) -> Sequence[KeptOp]:
        """Ops that the server has not applied."""
        return self.ops[max(0, self.held - self.origin.seq) :]

    def next_range(self) -> Range:
        """What waits, on the base that the server is known to hold. Empty = heartbeat."""
        start = max(0, self.base - self.origin.seq)
        ops = [
            OpIn(
                seq=op.seq,
                kind=op.kind,
                slot=op.slot,
                version=op.version,
                mask=op.mask,
                client_ms=op.client_ms,
            )
            for op in self.ops[start : start + BATCH]
        ]
        return Range(self.base, self.head_at(self.base), ops)

    def answered(self, out: SyncOut) -> bool:
        """Take the server's answer; whether to speak again at once."""
        if out.took == "side" or out.fence > self.fence:
            return self._answered_beside(out)
        if out.took in {"late", "late-refused"}:
            before = self.beside
            self.mode, self.beside = Mode(out.took), out.kept_seq
            self._settle(out.seq, out.head)
            return bool(self.waiting()) and self.beside != before
        before = (self.held, self.beside)
        if out.took == "behind":
            self.beside = 0
        if not self._settle(out.seq, out.head):
            self.mode = Mode.FORK
            return False
        return (self.held, self.beside) != before and bool(self.waiting())

    def refused_by(self, slug: str, number: int | None) -> bool:
        """Take a refusal that concerns the line; whether to speak again at once."""
        if slug in {"fork", "bad-op"}:
            self.mode = Mode.FORK
        elif slug == "not-writing":
            self.mode, self.beside = Mode.SIDE, self.origin.seq
            return True
        elif slug == "behind":
            seq, before = number or 0, self.held
            if not self.origin.seq <= seq <= self.top:
                self.mode = Mode.FORK
                return False
            self.held, self.beside = seq, 0
            return seq != before
        elif slug == "verdict-awaited" and self.mode is Mode.LATE:
            self.mode = Mode.OPEN
        return False

    def resume(self, held: Held) -> None:
        """Go on under the same fence, checked against what the server holds."""
        if held.seq > self.top:
            self.origin, self.ops, self.held, self.beside = held, [], held.seq, 0
        elif not self._settle(held.seq, held.head):
            self.mode = Mode.FORK
            return
        self.mode = Mode.OPEN

    def _answered_beside(self, out: SyncOut) -> bool:
        if self.mode is not Mode.SIDE:
            # The first that is heard of it: all ops of this fence are sent once more.
            self.mode, self.beside = Mode.SIDE, self.origin.seq
            return bool(self.unapplied())
        before = self.beside
        if out.took == "side":
            self.beside = max(self.origin.seq, out.kept_seq)
        return bool(self.waiting()) and self.beside != before

    def _settle(self, seq: int, head: str | None) -> bool:
        """Believe what the server holds; False when its head is none of ours."""
        if not self.origin.seq <= seq <= self.top:
            return False
        if head is not None and seq > 0 and self.head_at(seq) != head:
            return False
        self.held = seq
        return True

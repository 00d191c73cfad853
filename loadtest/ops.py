"""Ops and their chain as a phone computes them: written on its own, held to tests/golden/chain.json."""

from collections.abc import Sequence
from hashlib import sha256
from struct import Struct
from typing import Any, Final, NamedTuple
from uuid import UUID

ANSWER: Final = 1
HAND_IN: Final = 2

MOST: Final = 300
"""Ops that one call may carry."""

NO_VERSION: Final = bytes(16)
"""What stands for the item's version in an op that is about no item."""

_OP: Final = Struct(">IIBH16sIQ")
_FENCE: Final = Struct(">I")


class Op(NamedTuple):
    """One thing the candidate did."""

    seq: int
    kind: int
    slot: int
    version: bytes
    mask: int
    client_ms: int


def packed(op: Op, fence: int) -> bytes:
    """The 39 bytes that are hashed."""
    return _OP.pack(fence, op.seq, op.kind, op.slot, op.version, op.mask, op.client_ms)


def first_head(attempt_id: UUID, fence: int) -> bytes:
    """The head before the first op."""
    return sha256(b"kaowu-chain-1" + attempt_id.bytes + _FENCE.pack(fence)).digest()


def next_head(head: bytes, op: Op, fence: int) -> bytes:
    """The head after one more op."""
    return sha256(head + packed(op, fence)).digest()


class Outbox:
    """All that one page ever did under its fence, with the head after each op."""

    def __init__(self, attempt_id: UUID, fence: int) -> None:
        self.fence = fence
        self.ops: list[Op] = []
        self._heads = [first_head(attempt_id, fence)]

    def add(self, kind: int, slot: int, version: bytes, mask: int, client_ms: int) -> None:
        """Append one op."""
        op = Op(len(self.ops) + 1, kind, slot, version, mask, client_ms)
        self.ops.append(op)
        self._heads.append(next_head(self._heads[-1], op, self.fence))

    def head_at(self, seq: int) -> str | None:
        """The head after `seq` ops, as the wire has it; None at the beginning."""
        return self._heads[seq].hex() if 0 < seq < len(self._heads) else None

    def range_from(self, base: int) -> dict[str, Any]:
        """What a call says that begins after `base`."""
        return {
            "base": base,
            "baseHead": self.head_at(base),
            "ops": shown(self.ops[base : base + MOST]),
        }


def shown(ops: Sequence[Op]) -> list[dict[str, Any]]:
    """Ops as the wire has them."""
    return [
        {
            "seq": op.seq,
            "kind": op.kind,
            "slot": op.slot,
            "version": op.version.hex(),
            "mask": op.mask,
            "clientMs": op.client_ms,
        }
        for op in ops
    ]

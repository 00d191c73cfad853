"""Ops as canonical bytes, and the chain of hashes that binds them: the phone and the server compute the same.

One op is 39 bytes, big endian: fence u32 · seq u32 · kind u8 · slot u16 · version 16 bytes · mask u32 ·
client ms u64. h_0 = SHA-256("kaowu-chain-1" ‖ attempt 16 bytes ‖ fence u32), h_i = SHA-256(h_{i-1} ‖ op_i).
No server time is inside, so a resend gives the same head. Vectors: tests/golden/chain.json.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from struct import Struct, unpack_from
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt.errors import BadOp
from exam_api.attempt.model import Op, OpKind

HEAD_BYTES: Final = 32
"""Length of a head."""

_OP: Final = Struct(">IIBH16sIQ")
_FENCE: Final = Struct(">I")
_DOMAIN: Final = b"kaowu-chain-1"
_ANSWERS_DOMAIN: Final = b"kaowu-answers-1"

OP_BYTES: Final = _OP.size
"""Length of one canonical op: 39."""

_KINDS: Final = frozenset(OpKind)


class FencedOp(msgspec.Struct, frozen=True):
    """An op with the fence it was made under: (attempt, fence, seq) is its key everywhere."""

    fence: int
    op: Op


def pack(op: Op, fence: int) -> bytes:
    """The canonical bytes of one op."""
    return _OP.pack(fence, op.seq, op.kind, op.slot, op.version, op.mask, op.client_ms)


def pack_all(ops: Iterable[Op], fence: int) -> bytes:
    """The canonical bytes of several ops, one after the other."""
    return b"".join([pack(op, fence) for op in ops])


def unpack(packed: bytes) -> tuple[FencedOp, ...]:
    """The ops of canonical bytes, as they stand in the log, the record and the live state.

    Raises:
        ValueError: when the length is no multiple of 39.
    """
    return tuple(
        FencedOp(fence, Op(seq, kind, slot, version, mask, client_ms))
        for fence, seq, kind, slot, version, mask, client_ms in fields(packed)
    )


def fields(packed: bytes) -> Iterator[tuple[int, int, int, int, bytes, int, int]]:
    """Fence, seq, kind, slot, version, mask and the client's instant of each op.

    Raises:
        ValueError: when the length is no multiple of 39.
    """
    if len(packed) % OP_BYTES:
        raise ValueError(f"{len(packed)} bytes are no whole number of ops")
    return _OP.iter_unpack(packed)


def check(packed: bytes, *, fence: int, base: int) -> None:
    """Make sure that the ops are base+1, base+2, … under that fence and of a known kind.

    Raises:
        BadOp: naming the first that is not.
    """
    for number, (op_fence, seq, kind, *_rest) in enumerate(_OP.iter_unpack(packed), start=base + 1):
        if op_fence != fence:
            raise BadOp(seq=seq, reason=f"made under fence {op_fence}, sent under {fence}")
        if seq != number:
            raise BadOp(seq=seq, reason=f"stands where {number} is due")
        if kind not in _KINDS:
            raise BadOp(seq=seq, reason=f"kind {kind} is unknown")


def first_head(attempt_id: UUID, fence: int) -> bytes:
    """The head before the first op of a fence."""
    return sha256(_DOMAIN + attempt_id.bytes + _FENCE.pack(fence)).digest()


def heads(attempt_id: UUID, *, fence: int, base: int, base_head: bytes, ops: bytes) -> bytes:
    """The n+1 heads of `base`, base+1, … base+n, concatenated: what `SyncAsk.heads` wants.

    Args:
        base_head: the caller's claim of the head at `base`; at base 0 it is computed, whatever is claimed.
        ops: n canonical ops.

    Raises:
        BadOp: when a base above 0 comes without a head.
    """
    head = first_head(attempt_id, fence) if base == 0 else base_head
    if len(head) != HEAD_BYTES:
        raise BadOp(seq=base, reason="the base comes without its head")
    if len(ops) == OP_BYTES:  # as nearly always
        return head + sha256(head + ops).digest()
    chain = [head]
    for at in range(0, len(ops), OP_BYTES):
        head = sha256(head + ops[at : at + OP_BYTES]).digest()
        chain.append(head)
    return b"".join(chain)


def answers_digest(attempt_id: UUID, answers: bytes, slots: int) -> bytes:
    """SHA-256 over what is scored: attempt, number of slots, one 4-byte mask a slot (missing ones are 0)."""
    full = answers[: slots * 4].ljust(slots * 4, b"\0")
    return sha256(_ANSWERS_DOMAIN + attempt_id.bytes + _FENCE.pack(slots) + full).digest()


def masks(answers: bytes, slots: int) -> tuple[int, ...]:
    """The masks of all slots, untouched ones as 0."""
    return unpack_from(f">{slots}I", answers.ljust(slots * 4, b"\0"))


def replay(packed: bytes, *, answers: bytes = b"", slots: int) -> bytes:
    """The answers after the ops, in the order given, on top of `answers`; ops beyond the paper do nothing."""
    held = bytearray(answers[: slots * 4].ljust(slots * 4, b"\0"))
    for _fence, _seq, kind, slot, _version, mask, _client_ms in _OP.iter_unpack(packed):
        if kind == OpKind.ANSWER and slot < slots:
            held[slot * 4 : slot * 4 + 4] = _FENCE.pack(mask)
    return bytes(held)

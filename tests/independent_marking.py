"""What an exam's record must say, worked out a second time from docs alone: imports nothing of the house.

Marks after docs/marking.md §1-§3, the chain of ops after docs/adr/0004, with the standard library only.
Whoever doubts the service's own code compares it with these hundred lines.
"""

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID


class RecordedOp(NamedTuple):
    """One op as the record holds it."""

    fence: int
    seq: int
    kind: int
    slot: int
    version: bytes
    mask: int
    client_ms: int


def canonical(op: RecordedOp) -> bytes:
    """39 bytes, big endian: fence u32, seq u32, kind u8, slot u16, version, mask u32, client ms u64."""
    fields = (op.fence, op.seq, op.kind, op.slot, op.version, op.mask, op.client_ms % (1 << 64))
    return struct.pack(">IIBH16sIQ", *fields)


def head_after(attempt: UUID, fence: int, ops: Iterable[RecordedOp]) -> str:
    """The chain's head after these ops of one fence, from its first one on."""
    head = hashlib.sha256(b"kaowu-chain-1" + attempt.bytes + struct.pack(">I", fence)).digest()
    for op in ops:
        head = hashlib.sha256(head + canonical(op)).digest()
    return head.hex()


def answers_after(ops: Iterable[RecordedOp], slots: int) -> list[int]:
    """What was chosen in the end, by slot, one fence after the other."""
    masks = [0] * slots
    for op in sorted(ops, key=lambda one: (one.fence, one.seq)):
        if op.kind == 1 and op.slot < slots:
            masks[op.slot] = op.mask
    return masks


def digest_of(attempt: UUID, masks: Sequence[int]) -> str:
    """What a hand-in receipt says of the answers."""
    packed = b"".join(struct.pack(">I", mask) for mask in masks)
    return hashlib.sha256(
        b"kaowu-answers-1" + attempt.bytes + struct.pack(">I", len(masks)) + packed
    ).hexdigest()


def score_centi(
    paper: Mapping[str, Any], masks: Sequence[int], right: Mapping[tuple[str, str], frozenset[str]]
) -> int:
    """The total of a paper as its candidate was shown it.

    Args:
        paper: the JSON that the start call gave.
        masks: what was chosen, by slot.
        right: by kind and stem, the texts of the right options.
    """
    items: list[dict[str, Any]] = paper["items"]
    total = 0
    for item in items:
        slot: int = item["slot"]
        total += _item_centi(paper, item, masks[slot], right)
    return total


def _item_centi(
    paper: Mapping[str, Any],
    item: Mapping[str, Any],
    mask: int,
    right: Mapping[tuple[str, str], frozenset[str]],
) -> int:
    section = paper["sections"][item["section"]]
    worth: int = section["pointsCenti"]
    keys = right[item["kind"], item["stem"]]
    shown = {option["bit"]: option["text"] for option in item["options"]}
    picked = [bit for bit in range(26) if mask >> bit & 1]
    if not picked or any(bit not in shown or shown[bit] not in keys for bit in picked):
        return 0
    if len(picked) == len(keys):
        return worth
    if item["kind"] != "multi":
        return 0
    return _incomplete(section["policy"], worth, len(picked), len(keys))


def _incomplete(policy: str, worth: int, chosen: int, keys: int) -> int:
    """An answer without a wrong option that is not whole, rounded half up."""
    name, _, x = policy.partition(":")
    if name == "partial_per_option":
        return min(worth, int(x) * chosen)
    if name == "minus_per_miss":
        return max(0, worth - int(x) * (keys - chosen))
    if name == "proportional":
        return _half_up(Fraction(worth * chosen, keys))
    if name == "half_if_subset":
        return _half_up(Fraction(worth, 2))
    if name == "all_or_nothing":
        return 0
    raise ValueError(policy)


def _half_up(exact: Fraction) -> int:
    return int((exact * 2 + 1) // 2)

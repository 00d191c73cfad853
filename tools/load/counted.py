"""After a run: everything that was acknowledged is looked up in the record, op by op."""

import random
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt import chain
from exam_api.attempt.receipt import ReceiptRefused, verify
from exam_api.record import HeldAttempt
from loadtest.book import Kept

RECEIPTS: Final = 100
"""Hand-in receipts that are drawn at random and verified."""


class Counted(msgspec.Struct, kw_only=True):
    """What was told and what was found."""

    started: int = 0
    ops_told: int = 0
    ops_lost: int = 0
    """Acknowledged ops that are not on record, in their place."""
    other_heads: int = 0
    """Attempts whose recorded ops give another chain than the page's."""
    handed_in: int = 0
    starts_lost: int = 0
    results_lost: int = 0
    doubled: int = 0
    wrong_replies: int = 0
    pictures_told: int = 0
    pictures_lost: int = 0
    """Camera pictures that were taken in and are not on record."""
    receipts_checked: int = 0
    receipts_false: int = 0

    @property
    def lost(self) -> int:
        """Anything that was told and is not so."""
        return (
            self.ops_lost
            + self.other_heads
            + self.starts_lost
            + self.results_lost
            + self.doubled
            + self.pictures_lost
            + self.wrong_replies
            + self.receipts_false
        )


def count(
    kept: Sequence[Kept], held: Mapping[UUID, HeldAttempt], keys: Mapping[str, bytes], *, seed: int
) -> Counted:
    """Compare what the pages were told with the record."""
    counted = Counted()
    for one in kept:
        counted.wrong_replies += one.wrong
        counted.pictures_told += one.pictures
        if one.started_s < 0:
            continue
        counted.started += 1
        found = held.get(one.attempt_id)
        counted.starts_lost += found is None or found.started_ms <= 0
        counted.ops_told += one.seq
        if found is None:
            counted.ops_lost += one.seq
            continue
        _count_ops(one, found, counted)
        if one.receipt:
            counted.handed_in += 1
            counted.results_lost += found.result is None
    _check_receipts([one for one in kept if one.receipt], keys, counted, seed=seed)
    return counted


def _count_ops(one: Kept, found: HeldAttempt, counted: Counted) -> None:
    own = [fenced.op for fenced in chain.unpack(found.ops) if fenced.fence == one.fence]
    by_seq = {op.seq: op for op in own}
    counted.doubled += len(own) - len(by_seq)
    told = [by_seq[seq] for seq in range(1, one.seq + 1) if seq in by_seq]
    counted.ops_lost += one.seq - len(told)
    packed = chain.pack_all(told, one.fence)
    heads = chain.heads(one.attempt_id, fence=one.fence, base=0, base_head=b"", ops=packed)
    counted.other_heads += one.seq > 0 and heads[-chain.HEAD_BYTES :].hex() != one.head


def _check_receipts(
    handed: Sequence[Kept], keys: Mapping[str, bytes], counted: Counted, *, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - which receipts are looked at is no secret
    for one in chance.sample(handed, min(RECEIPTS, len(handed))):
        counted.receipts_checked += 1
        try:
            told = verify(one.receipt, keys)
        except ReceiptRefused:
            counted.receipts_false += 1
            continue
        counted.receipts_false += told.head != one.head

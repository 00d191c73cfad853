"""What must hold afterwards: each acknowledged answer is on record, in order, once; receipts are true."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from exam_api.attempt import chain
from exam_api.attempt.receipt import ReceiptRefused, Said, is_sync_mac, public_bytes, verify
from exam_api.record import HeldAttempt
from exam_api.usecases.parts import ExamParts
from tools.cluster.sitter import Sitter


class Proof(msgspec.Struct, frozen=True):
    """Counts; everything but the first three must be zero."""

    attempts: int
    ops: int
    """Ops whose receipt a candidate holds."""
    receipts: int
    lost: int
    """Of them not on record."""
    disordered: int
    """Attempts whose record has a seq twice, out of turn, or with another answer than was given."""
    not_handed_in: int
    """Attempts without a durable result."""
    false_receipts: int

    @property
    def holds(self) -> bool:
        """Whether nothing was lost."""
        return self.ops > 0 and not (
            self.lost or self.disordered or self.not_handed_in or self.false_receipts
        )


def prove(sitters: Sequence[Sitter], held: Mapping[UUID, HeldAttempt], exam: ExamParts) -> Proof:
    """Compare what candidates were promised with what is on record."""
    lost = disordered = unhanded = false = receipts = 0
    keys = {exam.key_id: public_bytes(exam.signing_key)}
    for sitter in sitters:
        own = held.get(sitter.candidate.attempt_id)
        stored = [one.op for one in chain.unpack(own.ops)] if own is not None else []
        said = sitter.candidate.ops
        lost += max(0, sitter.promised - len(stored))
        disordered += list(stored) != list(said[: len(stored)])
        unhanded += own is None or own.result is None or sitter.handed is None or not sitter.handed.durable
        receipts += len(sitter.receipts) + 1
        false += sum(not _is_true(sitter, at, exam) for at in range(len(sitter.receipts)))
        false += not _is_true_hand_in(sitter, keys)
    return Proof(
        attempts=len(sitters),
        ops=sum(sitter.promised for sitter in sitters),
        receipts=receipts,
        lost=lost,
        disordered=disordered,
        not_handed_in=unhanded,
        false_receipts=false,
    )


def _is_true(sitter: Sitter, at: int, exam: ExamParts) -> bool:
    told = sitter.receipts[at]
    said = Said(
        sitter.candidate.attempt_id, told.fence, told.seq, bytes.fromhex(told.head or ""), told.server_ms
    )
    mac = urlsafe_b64decode(told.mac + "=" * (-len(told.mac) % 4))
    return is_sync_mac(mac, exam.mac_key, said) and told.head == sitter.candidate.head_at(told.seq)


def _is_true_hand_in(sitter: Sitter, keys: Mapping[str, bytes]) -> bool:
    if sitter.handed is None:
        return False
    try:
        told = verify(sitter.handed.receipt, keys)
    except ReceiptRefused:
        return False
    is_whole = told.head == sitter.candidate.head_at(told.seq)
    return is_whole and told.answers_digest == sitter.candidate.answers_digest

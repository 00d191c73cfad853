"""What must be so after the chaos: the record holds every acknowledged op once, in order, and nothing else.

Chain, answers and scores are worked out by tests/independent_marking.py, which knows nothing of the house.
"""

from base64 import urlsafe_b64decode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from exam_api.attempt.receipt import Receipt, ReceiptRefused, is_sync_mac, public_bytes, verify
from exam_api.wiring import Wired
from tests.independent_marking import RecordedOp, answers_after, digest_of, head_after, score_centi
from tools.chaos.ground import Laid
from tools.chaos.taken import Taken

ALTERED: Final = 5
"""Attempts of which ops are altered."""

ALTERED_OPS: Final = 100
"""Ops of each line that are altered, spread evenly: each costs the whole chain."""

_SHOWN: Final = 5
"""Faults of one kind that are told one by one."""

_OPS: Final = text(
    "select attempt_id, how, fence, seq, kind, slot, version, mask, client_ms from op order by fence, seq"
)
_RUNS: Final = text("select attempt_id, run, total_centi, answers_digest, late_ops from score_run")
_LATE: Final = text("select attempt_id, ops, state from late_request")


class Run(msgspec.Struct, frozen=True):
    """A score as the record holds it."""

    run: int
    total_centi: int
    answers_digest: str
    late_ops: int


@dataclass
class Recorded:
    """The record, read with plain SQL."""

    held: dict[UUID, list[RecordedOp]] = field(default_factory=lambda: defaultdict(list))
    side: dict[UUID, list[RecordedOp]] = field(default_factory=lambda: defaultdict(list))
    late: dict[UUID, list[RecordedOp]] = field(default_factory=lambda: defaultdict(list))
    runs: dict[UUID, list[Run]] = field(default_factory=lambda: defaultdict(list))
    requests: dict[UUID, str] = field(default_factory=dict[UUID, str])


@dataclass
class Proof:
    """What was found."""

    ops: int = 0
    receipts: int = 0
    acknowledged: int = 0
    beside: int = 0
    """Acknowledged ops of a device that another one took over from, that came back beside the attempt."""
    results: int = 0
    """Attempts whose one result is right in every way."""
    altered: int = 0
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def found(self) -> int:
        """How many faults."""
        return sum(map(len, self.faults.values()))

    def lines(self) -> list[str]:
        """The faults, some of each kind."""
        return [
            f"{kind}: {len(found)} ({'; '.join(found[:_SHOWN])})"
            for kind, found in self.faults.items()
            if found
        ]


async def read(wired: Wired) -> Recorded:
    """Everything of ops, scores and late requests."""
    found = Recorded()
    async with wired.database.reading() as connection:
        for attempt, how, *values in await connection.execute(_OPS):
            fence, seq, kind, slot, version, mask, client_ms = values
            op = RecordedOp(fence, seq, kind, slot, bytes(version), mask, client_ms)
            {"held": found.held, "side": found.side, "late": found.late}[how][_uuid(attempt)].append(op)
        for attempt, run, total, digest, late_ops in await connection.execute(_RUNS):
            found.runs[_uuid(attempt)].append(Run(run, total, bytes(digest).hex(), late_ops))
        for attempt, _ops, state in await connection.execute(_LATE):
            found.requests[_uuid(attempt)] = state
    return found


def prove(recorded: Recorded, takens: Sequence[Taken], laid: Laid, wired: Wired) -> Proof:
    """Compare what candidates can show with what the record holds."""
    proof = Proof()
    for taken in takens:
        ops_are_there(taken, recorded, proof)
        _receipts_are_true(taken, wired, proof)
        if taken.paper is not None and taken.hand_ins:
            before = proof.found
            _score_is_right(taken, recorded, laid, wired, proof)
            proof.results += proof.found == before
    _altered_ops_are_noticed(takens, recorded, proof)
    return proof


def ops_are_there(taken: Taken, recorded: Recorded, proof: Proof) -> None:
    """Every acknowledged op is held under its number; what is held has no gap, no double, no stranger."""
    held = {(op.fence, op.seq): op for op in recorded.held[taken.attempt_id]}
    side = {(op.fence, op.seq): op for op in recorded.side[taken.attempt_id]}
    if len(held) != len(recorded.held[taken.attempt_id]):
        proof.faults["held twice"].append(str(taken.attempt_id))
    last = max(taken.lines, default=0)
    for fence, line in taken.lines.items():
        made = {
            op.seq: RecordedOp(
                fence, op.seq, op.kind, op.slot, bytes.fromhex(op.version), op.mask, op.client_ms
            )
            for op in line
        }
        proof.ops += len(made)
        acked = taken.acked.get(fence, 0)
        proof.acknowledged += acked
        for seq in range(1, acked + 1):
            if held.get((fence, seq)) == made.get(seq):
                continue
            if fence < last and side.get((fence, seq)) == made.get(seq):
                proof.beside += 1
            else:
                proof.faults["acknowledged op lost"].append(f"{taken.attempt_id} fence {fence} seq {seq}")
        numbers = sorted(seq for own, seq in held if own == fence)
        if numbers != list(range(1, len(numbers) + 1)):
            proof.faults["gap in what is held"].append(f"{taken.attempt_id} fence {fence}")
        strange = [seq for seq in numbers if held[fence, seq] != made.get(seq)]
        proof.faults["held, but never made"] += [f"{taken.attempt_id} {fence}/{seq}" for seq in strange]


def _receipts_are_true(taken: Taken, wired: Wired, proof: Proof) -> None:
    for said, mac in taken.macs:
        proof.receipts += 1
        raw = urlsafe_b64decode(mac + "=" * (-len(mac) % 4))
        if not is_sync_mac(raw, wired.exam.mac_key, said):
            proof.faults["receipt not ours"].append(f"{said.attempt_id} {said.fence}/{said.seq}")
    if taken.false_heads:
        proof.faults["head is not the phone's"].append(f"{taken.attempt_id}: {taken.false_heads}")
    if taken.forks:
        proof.faults["fork"].append(str(taken.attempt_id))


def _score_is_right(taken: Taken, recorded: Recorded, laid: Laid, wired: Wired, proof: Proof) -> None:
    """One result: as marked independently, as the candidate was shown it, as it was signed."""
    attempt_id = taken.attempt_id
    runs = recorded.runs[attempt_id]
    if [run.run for run in runs] != [1]:
        proof.faults["not one result"].append(f"{attempt_id}: {len(runs)}")
        return
    held = recorded.held[attempt_id]
    paper: Mapping[str, Any] = msgspec.to_builtins(taken.paper)
    masks = answers_after(held, len(paper["items"]))
    centi = score_centi(paper, masks, laid.right)
    if taken.result_page is None:
        proof.faults["result never shown again"].append(str(attempt_id))
    told = {out.result.score_centi for out in taken.hand_ins}
    if told | {runs[0].total_centi} != {centi}:
        proof.faults["score differs"].append(
            f"{attempt_id}: {centi}, told {told}, held {runs[0].total_centi}"
        )
    keys = {wired.exam.key_id: public_bytes(wired.exam.signing_key)}
    stated: Receipt | None = None
    for out in (*taken.hand_ins, *([taken.result_page] if taken.result_page else ())):
        proof.receipts += 1
        try:
            receipt = verify(out.receipt, keys)
        except ReceiptRefused:
            proof.faults["hand-in receipt not genuine"].append(str(attempt_id))
            continue
        if stated is not None and receipt != stated:
            proof.faults["durable result changed"].append(str(attempt_id))
        stated = receipt if out.durable else None
        line = [op for op in held if op.fence == receipt.fence and op.seq <= receipt.seq]
        head = head_after(attempt_id, receipt.fence, line) if line else ""
        if (receipt.head, receipt.seq) != (head, len(line)):
            proof.faults["head is not the record's"].append(f"{attempt_id} {receipt.fence}/{receipt.seq}")
        digests = {receipt.answers_digest, runs[0].answers_digest, digest_of(attempt_id, masks)}
        if len(digests) != 1:
            proof.faults["answers differ"].append(str(attempt_id))
        if receipt.score_centi != centi:
            proof.faults["signed score differs"].append(str(attempt_id))


def _altered_ops_are_noticed(takens: Sequence[Taken], recorded: Recorded, proof: Proof) -> None:
    """Change any field of an op: the chain no longer ends in the head of the phone."""
    for taken in takens[:ALTERED]:
        for fence, line in taken.lines.items():
            ops = [op for op in recorded.held[taken.attempt_id] if op.fence == fence]
            if not ops or len(ops) > len(line):
                continue
            head = line[len(ops) - 1].head
            if head_after(taken.attempt_id, fence, ops) != head:
                proof.faults["chain is not the phone's"].append(f"{taken.attempt_id} {fence}")
            for at in range(0, len(ops), max(1, len(ops) // ALTERED_OPS)):
                op = ops[at]
                field_no = proof.altered % 4
                changed = op._replace(
                    **(
                        {"mask": op.mask ^ 1},
                        {"slot": op.slot + 1},
                        {"client_ms": op.client_ms + 1},
                        {"version": bytes(16)},
                    )[field_no]
                )
                if changed == op:
                    continue
                proof.altered += 1
                if head_after(taken.attempt_id, fence, [*ops[:at], changed, *ops[at + 1 :]]) == head:
                    proof.faults["altered op believed"].append(f"{taken.attempt_id} {fence}/{op.seq}")


def _uuid(raw: object) -> UUID:
    """As PostgreSQL gives it, and as SQLite keeps it."""
    return raw if isinstance(raw, UUID) else UUID(str(raw))

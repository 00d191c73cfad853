"""Things for store tests: results, log entries, sessions, people."""

import hashlib
import json
from collections.abc import Iterable
from uuid import UUID, uuid4

import msgspec

from exam_api.attempt import chain
from exam_api.attempt.model import CloseKind, Fact, FactKind, Op, OpKind
from exam_api.record import LogEntry, LogKind, Result
from scoring.paper import PaperScore, PartScore, SectionScore

NOON_MS = 1_800_000_000_000


def a_result(attempt_id: UUID | None = None, **given: object) -> Result:
    score = PaperScore(
        total_centi=133,
        full_centi=400,
        passed=False,
        sections=(SectionScore("单选题", 100, 200, 1, 2), SectionScore("多选题", 33, 200, 0, 1)),
        parts=(PartScore("安全", 133, 400, 240, passed=False),),
        marks=(100, 0, 33),
    )
    result = Result(
        attempt_id=attempt_id or uuid4(),
        session_id=uuid4(),
        institution_id=uuid4(),
        run=1,
        cause="hand-in",
        score=score,
        answers=bytes(range(12)),
        answers_digest=hashlib.sha256(b"answers").digest(),
        fence=1,
        seq=3,
        head=hashlib.sha256(b"head").digest(),
        started_ms=NOON_MS,
        closed_ms=NOON_MS + 60_000,
        close_kind=CloseKind.MANUAL,
        late_ops=0,
        scored_ms=NOON_MS + 60_010,
    )
    return msgspec.structs.replace(result, **given)


def an_op(seq: int, *, mask: int = 1, slot: int = 0, client_ms: int = NOON_MS) -> Op:
    return Op(seq, OpKind.ANSWER, slot, b"v" * 16, mask, client_ms)


class Story:
    """The log of one attempt, entry by entry."""

    def __init__(self, session_id: UUID | None = None) -> None:
        self.attempt_id = uuid4()
        self.session_id = session_id or uuid4()
        self.entries: list[LogEntry] = []

    def add(self, kind: LogKind, data: bytes = b"", *, fence: int = 1, base: int = 0) -> "Story":
        at_ms = NOON_MS + 1_000 * len(self.entries)
        entry = LogEntry(
            id=f"{at_ms}-{len(self.entries)}",
            shard=0,
            kind=kind,
            attempt_id=self.attempt_id,
            session_id=self.session_id,
            at_ms=at_ms,
            fence=fence,
            base=base,
            data=data,
        )
        self.entries.append(entry)
        return self

    def started(self, *, deadline_ms: int = NOON_MS + 3_600_000, storage_key: str = "k1") -> "Story":
        body = {"deadline_ms": deadline_ms, "storage_key": storage_key}
        return self.add(LogKind.START, json.dumps(body).encode())

    def taken_over(self, *, fence: int, storage_key: str) -> "Story":
        return self.add(LogKind.FENCE, json.dumps({"storage_key": storage_key}).encode(), fence=fence)

    def ops(self, ops: Iterable[Op], *, fence: int = 1, kind: LogKind = LogKind.OPS) -> "Story":
        held = list(ops)
        return self.add(kind, chain.pack_all(held, fence), fence=fence, base=held[0].seq - 1)

    def closed(self, kind: CloseKind = CloseKind.MANUAL) -> "Story":
        return self.add(LogKind.CLOSE, json.dumps({"kind": kind.value}).encode())

    def fact(self, fact: Fact) -> "Story":
        return self.add(LogKind.FACT, msgspec.json.encode(fact))


def a_fact(attempt_id: UUID, **given: object) -> Fact:
    fact = Fact(
        id=uuid4(),
        attempt_id=attempt_id,
        kind=FactKind.EXTEND,
        at_ms=NOON_MS,
        actor=f"staff:{uuid4()}",
        reason="停电五分钟",
        ms=300_000,
    )
    return msgspec.structs.replace(fact, **given)

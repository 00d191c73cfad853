"""Tables of the exam's record: attempts, ops, events, facts, score runs, late requests.

None of them refers to a registration by a foreign key: after the restore of an older backup the record of a
running exam must still find its place.
"""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlmodel import Field

from exam_api.store.tables.row import Row


class AttemptRow(Row, table=True):
    """Mirror of a live attempt for lists; raised by the drain, never lowered."""

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    started_ms: int = Field(default=0, sa_type=BigInteger)
    deadline_ms: int = Field(default=0, sa_type=BigInteger)
    """As given at the start; facts shift it."""
    storage_key: str = Field(default="", max_length=128)
    """Of the device that opened `fence`."""
    closed_ms: int = Field(default=0, sa_type=BigInteger)
    close_kind: str = Field(default="", max_length=16)
    """Empty until closed."""
    fence: int = Field(default=0, sa_type=BigInteger)
    seq: int = Field(default=0, sa_type=BigInteger)
    """Highest held seq under `fence`."""
    seen_ms: int = Field(default=0, sa_type=BigInteger)
    """Instant of the latest entry of the log."""


class OpRow(Row, table=True):
    """One recorded answer change. Append-only."""

    __table_args__ = (CheckConstraint("how in ('held', 'side', 'late')", name="how_known"),)
    attempt_id: UUID = Field(primary_key=True)
    fence: int = Field(primary_key=True, sa_type=BigInteger)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    """u32 in the canonical bytes, as `fence` and `mask`."""
    how: str = Field(primary_key=True, max_length=8)
    """`held` counts; `side` came under an older fence; `late` came after the deadline."""
    kind: int
    slot: int
    version: bytes
    """Item version, 16 bytes."""
    mask: int = Field(sa_type=BigInteger)
    client_ms: int = Field(sa_type=BigInteger)
    """The device's claim: a u64, kept as the signed number of the same bits."""
    at_ms: int = Field(sa_type=BigInteger)
    """When the server had it."""


class EventRow(Row, table=True):
    """One entry of the log that is no op: start, behaviour, fence, fork, close, fact. Append-only."""

    __table_args__ = (Index(None, "session_id", "at_ms"),)
    attempt_id: UUID = Field(primary_key=True)
    entry: str = Field(primary_key=True, max_length=40)
    """Id in the shard's stream."""
    session_id: UUID
    kind: str = Field(max_length=16)
    at_ms: int = Field(sa_type=BigInteger)
    fence: int = Field(sa_type=BigInteger)
    body: bytes
    """JSON of the entry, or empty; canonical ops for a fork."""


class FactRow(Row, table=True):
    """A ledger entry made by staff or by the server. Append-only."""

    __table_args__ = (Index(None, "attempt_id"), Index(None, "at_ms"))
    id: UUID = Field(primary_key=True)
    attempt_id: UUID
    kind: str = Field(max_length=24)
    at_ms: int = Field(sa_type=BigInteger)
    actor: str = Field(max_length=64)
    reason: str = Field(sa_type=Text)
    ms: int = Field(sa_type=BigInteger)
    message: str = Field(sa_type=Text)
    fence: int


class ScoreRunRow(Row, table=True):
    """One score of one attempt. Append-only: a later run stands beside the earlier one."""

    __table_args__ = (
        Index(None, "session_id"),
        CheckConstraint("run >= 1", name="run_from_one"),
        CheckConstraint("total_centi between 0 and full_centi", name="total_within_full"),
    )
    attempt_id: UUID = Field(primary_key=True)
    run: int = Field(primary_key=True)
    session_id: UUID
    institution_id: UUID
    cause: str = Field(max_length=24)
    total_centi: int
    full_centi: int
    passed: bool
    score: str = Field(sa_type=Text)
    """JSON of `scoring.paper.PaperScore`."""
    answers: bytes
    answers_digest: bytes
    fence: int
    seq: int
    head: bytes
    started_ms: int = Field(sa_type=BigInteger)
    closed_ms: int = Field(sa_type=BigInteger)
    close_kind: str = Field(max_length=16)
    late_ops: int
    scored_ms: int = Field(sa_type=BigInteger)
    ruling: int | None = None
    """Number, in its session, of the newest ruling it was made under."""


class LateRequestRow(Row, table=True):
    """Late ops that wait for, or got, a department officer's decision."""

    __table_args__ = (
        Index(
            "ix_late_request_open", "first_ms",
            postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'"),
        ),
        Index(None, "session_id"),
        CheckConstraint("state in ('open', 'accepted', 'declined')", name="state_known"),
        CheckConstraint("(state = 'open') = (decided_by is null)", name="decided_by_someone"),
    )  # fmt: skip
    attempt_id: UUID = Field(primary_key=True)
    session_id: UUID
    institution_id: UUID
    ops: int
    first_ms: int = Field(sa_type=BigInteger)
    state: str = Field(default="open", max_length=16)
    decided_by: UUID | None = None
    decided_ms: int = Field(default=0, sa_type=BigInteger)
    reason: str = Field(default="", sa_type=Text)
